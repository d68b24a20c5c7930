"""Convert the operations of the contract to methods."""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from typing import Any

import annotations as types
import media
import names
import security
from annotations import Annotation
from document import METHODS, Document
from faults import Place
from schemas import Schemas
from tags import Tags

# How parameters are written (OpenAPI 3.1, section 4.8.12.2). Other styles are not supported.
_STYLES = {"path": "simple", "query": "form", "header": "simple", "cookie": "form"}
_CLASSES = {"path": "Path", "query": "Query", "header": "Header", "cookie": "Cookie"}
_COMPOUND = ("list", "dict", "model", "union", "any")


@dataclass
class Argument:
    """An argument of a method."""

    name: str
    wire: str
    place: str
    type: Annotation
    required: bool
    schema: Any
    description: str = ""
    options: str = ""


@dataclass
class Operation:
    """An operation.

    Attributes:
        answers: The types of answers by status or by status and media type, with the type for any other 2xx first.
        errors: The types of other answers.
    """

    name: str
    method: str
    path: str
    tags: list[str]
    content: dict[str, Any]
    arguments: list[Argument] = field(default_factory=list)
    security: list[str] = field(default_factory=list)
    answers: dict[Any, Annotation | None] = field(default_factory=dict)
    errors: dict[Any, Annotation] = field(default_factory=dict)
    produces: list[str] = field(default_factory=list)
    consumes: list[str] = field(default_factory=list)
    responses: list[tuple[str, str]] = field(default_factory=list)


class Operations:
    """The operations of the contract.

    Args:
        document: The contract.
        schemas: Its schemas.
        tags: Its tags.
    """

    def __init__(self, document: Document, schemas: Schemas, tags: Tags) -> None:
        self.document = document
        self.faults = document.faults
        self.schemas = schemas
        self.tags = tags
        self.schemes = security.schemes(document)
        self.found: list[Operation] = []
        security.check_servers(document)
        self._scope = names.Scope({"api_client", "builtins", "times", "re"})
        for path, item, place in document.paths():
            self._read_path(path, item, place)

    def _read_path(self, path: str, item: dict[str, Any], place: Place) -> None:
        if not path.startswith("/") or "?" in path or "#" in path:
            self.faults.add(place, "expected a path that starts with a slash and has no query")
        for method, content in item.items():
            if method in METHODS:
                where = (*place, method)
                if "servers" in item:
                    self.faults.add((*place, "servers"), "servers of a path are not supported")
                if "servers" in content:
                    self.faults.add((*where, "servers"), "servers of an operation are not supported")
                self._read_operation(path, method, content, where, item.get("parameters", []), place)
            elif method in ("trace", "query", "additionalOperations"):
                self.faults.add((*place, method), f"the method {method} is not supported")

    def _read_operation(
        self, path: str, method: str, content: dict[str, Any], place: Place, shared: list[Any], path_place: Place
    ) -> None:
        wanted = content.get("operationId") or f"{re.sub(r'[^A-Za-z0-9]+', '_', path).strip('_')}_{method}"
        name = self._scope.claim(names.operation(wanted), "_with_http_info", "_without_preload_content")
        tags = self.tags.of(content)
        found = Operation(name, method.upper(), path, tags, content)
        hint = names.camel_case(name)
        scope = names.Scope({"self", "options"})
        parameters: dict[tuple[str, str], tuple[Any, Place, Place]] = {}
        for parts, where in ((shared, path_place), (content.get("parameters", []), place)):
            for number, part in enumerate(parts):
                resolved, at = self.document.resolve(part, (*where, "parameters", str(number)))
                key = resolved.get("in", ""), resolved.get("name", "")
                if key in parameters and parameters[key][2] == where:
                    self.faults.add((*where, "parameters", str(number)), f"{key[1]} occurs twice in the {key[0]}")
                parameters[key] = resolved, at, where
        for resolved, at, _ in parameters.values():
            self._read_parameter(found, scope, resolved, at, hint)
        in_path = set(re.findall(r"{([^{}]*)}", path))
        for wire in in_path ^ {each.wire for each in found.arguments if each.place == "path"}:
            self.faults.add(place, f"{wire!r} must be both in the path and among its parameters")
        if "requestBody" in content:
            self._read_body(found, scope, *self.document.resolve(content["requestBody"], (*place, "requestBody")), hint)
        for each in found.arguments:
            self.schemas.leave_out(each.type, "readOnly")
        found.arguments.sort(key=lambda argument: not argument.required)
        found.security = security.alternatives(self.document, self.schemes, content, place)
        self._read_answers(found, content.get("responses", {}), (*place, "responses"), hint)
        self.found.append(found)

    def _read_parameter(self, found: Operation, scope: names.Scope, part: Any, place: Place, hint: str) -> None:
        where, wire = part.get("in"), part.get("name")
        if where not in _STYLES or not isinstance(wire, str):
            self.faults.add(place, "expected a parameter with a name, in the path, query, header or cookie")
            return
        if where in ("header", "cookie") and not security.TOKEN.fullmatch(wire):
            self.faults.add((*place, "name"), f"{wire!r} can't be the name of a {where} (RFC 9110, section 5.6.2)")
        if "content" in part:
            self.faults.add((*place, "content"), f"{wire}: a parameter with content is not supported")
            return
        if part.get("style", _STYLES[where]) != _STYLES[where]:
            self.faults.add((*place, "style"), f"{wire}: the style {part['style']} in the {where} is not supported")
        if part.get("allowReserved"):
            self.faults.add((*place, "allowReserved"), f"{wire}: reserved characters are always encoded")
        schema = part.get("schema", {})
        type_ = self.schemas.annotation(schema, (*place, "schema"), f"{hint}{names.camel_case(wire)}Parameter")
        self._check_kind(type_, (*place, "schema"), where, wire)
        type_ = _as_text(type_)
        explode = part.get("explode", _STYLES[where] == "form")
        options = "" if explode or where != "query" or type_.kind not in _COMPOUND else ", explode=False"
        # A path parameter is always required (OpenAPI 3.1, section 4.8.12.1).
        required = part.get("required") is True or where == "path"
        found.arguments.append(
            Argument(
                scope.claim(_argument_name(wire)),
                wire,
                where,
                type_,
                required,
                part,
                part.get("description", ""),
                options,
            )
        )

    def _check_kind(self, type_: Annotation, place: Place, where: str, wire: str) -> None:
        allowed = {"query": ("list", "dict", "model", "union", "any"), "cookie": ("union", "any")}
        if type_.kind in _COMPOUND and type_.kind not in allowed.get(where, ("list", "union", "any")):
            what = {"list": "a list", "dict": "an object", "model": "an object"}[type_.kind]
            self.faults.add(place, f"{wire}: {what} in the {where} is not supported")
        if type_.kind == "list" and re.search(r"list\[(list|dict)\[", type_.model):
            self.faults.add(place, f"{wire}: lists of lists or objects in the {where} are not supported")
        if type_.kind == "list" and any(self.schemas.kind_of(name) == "model" for name in type_.classes):
            self.faults.add(place, f"{wire}: lists of objects in the {where} are not supported")
        if self._is_nested(type_):
            self.faults.add(place, f"{wire}: lists and objects within an object in the {where} are not supported")

    def _is_nested(self, type_: Annotation) -> bool:
        if type_.kind == "model":
            members = (each for name in type_.classes for each in self.schemas.classes[name].members)
            return any(each.type.kind in ("list", "dict", "model") for each in members)
        of_models = any(self.schemas.kind_of(name) == "model" for name in type_.classes)
        return type_.kind == "dict" and (of_models or type_.model.startswith(("dict[str, list[", "dict[str, dict[")))

    def _read_body(self, found: Operation, scope: names.Scope, body: Any, place: Place, hint: str) -> None:
        contents = body.get("content", {})
        if not contents:
            return
        sent = media.in_order(contents)[0]
        found.consumes = [sent]
        content, where = contents[sent], (*place, "content", sent)
        is_form = media.is_form(sent)
        if "encoding" in content and is_form:
            styles = {str(each.get("style")) for each in content["encoding"].values() if "style" in each}
            fields = ", ".join(content["encoding"])
            self.faults.add(
                (*where, "encoding"),
                f"{fields}: the encoding of a field is not supported {' '.join(sorted(styles))}".rstrip(),
            )
        schema = content.get("schema")
        required = body.get("required") is True
        description = body.get("description", "")
        if schema is None:
            type_ = types.ANY if media.is_json(sent) else types.FILE
            option = media.content_type(sent, type_)
            name = scope.claim("body")
            found.arguments.append(Argument(name, name, "body", type_, required, {}, description, option))
            return
        fields = self.schemas.properties(schema, (*where, "schema")) if is_form else None
        if fields is not None:
            for wire, (part, at, is_required) in fields.items():
                type_ = self.schemas.annotation(part, at, f"{hint}{names.camel_case(wire)}Parameter")
                if type_.kind == "list" and type_.model.startswith("list[list["):
                    self.faults.add(at, f"{wire}: lists of lists in a form are not supported")
                if media.bare(sent) == media.URLENCODED:
                    type_ = _as_text(type_)
                text = part.get("description", "") if isinstance(part, dict) else ""
                found.arguments.append(
                    Argument(
                        scope.claim(_argument_name(wire)),
                        wire,
                        "form",
                        type_,
                        is_required and required,
                        part,
                        text,
                        media.content_type(sent, type_),
                    )
                )
            return
        type_ = self.schemas.annotation(schema, (*where, "schema"), f"{hint}Request")
        if is_form and type_.kind == "any":
            type_ = types.ANY.within("dict[str, {}]", "dict")
        if (
            not media.is_json(sent)
            and type_.kind not in ("str", "file", "bytes", "any")
            and not (is_form and type_.kind == "dict")
        ):
            self.faults.add(where, f"a body of type {type_.plain} can't be written as {sent}")
        name = scope.claim(_body_name(type_))
        option = media.content_type(sent, type_)
        found.arguments.append(Argument(name, name, "body", type_, required, content, description, option))

    def _read_answers(self, found: Operation, responses: dict[str, Any], place: Place, hint: str) -> None:
        responses = {status: part for status, part in responses.items() if not status.startswith("x-")}
        succeeds = [status for status in responses if status.startswith("2")]
        if not succeeds and "default" in responses:
            succeeds = ["default"]
        produces: dict[str, None] = {}
        for status, part in responses.items():
            if not re.fullmatch("[1-5](XX|[0-9]{2})|default", status):
                self.faults.add((*place, status), "expected a status such as 200, a range such as 2XX, or default")
                continue
            part, where = self.document.resolve(part, (*place, status))
            found.responses.append((status, part.get("description", "")))
            # An answer to HEAD has no content (RFC 9110, section 9.3.2).
            contents = part.get("content", {}) if found.method != "HEAD" else {}
            by_media = self._read_content(contents, (*where, "content"), f"{hint}{_word(status)}Response")
            key: Any = int(status) if status.isdigit() else status
            produces |= dict.fromkeys(by_media)
            if status not in succeeds:
                first = next(iter(by_media.values()), None)
                if first is not None:
                    found.errors[key] = first
                continue
            default = next(iter(by_media.values()), None)
            found.answers[key] = default
            for name, type_ in by_media.items():
                if type_ != default:
                    found.answers[key, name] = type_
        for answer in found.answers.values():
            if answer is not None:
                self.schemas.leave_out(answer, "writeOnly")
        found.produces = list(produces)

    def _read_content(self, contents: dict[str, Any], place: Place, hint: str) -> dict[str, Annotation]:
        """Return the types of an answer by media type, with JSON first."""
        by_media: dict[str, Annotation] = {}
        for name in media.in_order(contents):
            content = contents[name]
            if "schema" not in content:
                type_ = types.ANY if media.is_json(name) else types.BYTES
            else:
                type_ = self.schemas.annotation(content["schema"], (*place, name, "schema"), hint)
                type_ = _as_answer(type_.or_none())
            if not media.can_answer(name, type_):
                if any(map(media.is_json, contents)):
                    continue
                self.faults.add((*place, name), f"an answer of type {type_.plain} can't be read from {name}")
            by_media[media.bare(name)] = type_
        return by_media


def _as_text(type_: Annotation) -> Annotation:
    if type_.kind == "file":
        return replace(types.TEXT, nullable=type_.nullable)
    if type_.kind == "list" and type_.strict.startswith("list[File"):
        return replace(types.TEXT.within("list[{}]", "list"), constraints=type_.constraints, nullable=type_.nullable)
    return type_


def _as_answer(type_: Annotation) -> Annotation:
    if type_.kind == "file":
        return types.BYTES
    if type_.kind == "str":
        # Text that is not JSON is returned unchanged.
        return types.simple(type_.plain, kind="str")
    # Enum classes accept unknown values themselves. For other enums, any value is valid.
    model = re.sub(r"Open\[(\w+), \w+\]", r"\1", type_.model)
    model = re.sub(r"Open\[Literal\[.*?\], (\w+)\]", r"\1", model)
    return replace(type_, model=re.sub(r"Open\[(Literal\[.*?\]), (\w+ \| \w+)\]", r"\1 | \2", model))


def _word(status: str) -> str:
    return status.capitalize() if status == "default" else status


def _argument_name(wire: str) -> str:
    name = names.variable(wire)
    return f"var_{name}" if name == "options" else name


def _body_name(type_: Annotation) -> str:
    if type_.kind in ("model", "union", "enum") or (type_.kind == "list" and len(type_.classes) == 1):
        return names.snake_case(next(iter(type_.classes)))
    return (
        "body" if type_.kind in ("str", "int", "float", "bool", "file", "bytes", "any", "literal") else "request_body"
    )
