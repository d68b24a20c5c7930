"""Run openapi-generator on a copy of the contract that contains everything the templates print.

Its own interpretation of schemas is not used. The templates print `x-model` and `x-operation`, so that only
`schemas.py` and `operations.py` decide what the contract means.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import media
import names
from annotations import Annotation, names_in, quoted, with_builtins
from classes import Class, Member
from document import Document
from examples import Examples, Model
from operations import Argument, Operation, Operations
from phrases import (
    answer_source,
    cell,
    circles,
    encoded_path,
    errors_source,
    escaped,
    explained,
    linked,
    linked_returns,
    notes,
    parameter,
    returns,
    schema_of,
    sentence,
)
from schemas import Schemas


def run(contract: Path, templates: Path, scratch: Path) -> None:
    """Have openapi-generator fill the templates. Exits where it fails."""
    command = [
        # Beside the interpreter, whether or not its environment is activated.
        str(Path(sys.executable).with_name("openapi-generator-cli")),
        *("generate", "--generator-name", "python", "--input-spec", str(contract), "--skip-validate-spec"),
        *("--template-dir", str(templates), "--config", str(templates / "config.yaml"), "--output", str(scratch)),
    ]
    # The run is too short for Java's optimizing compiler to pay off.
    environment = {"JAVA_OPTS": "-XX:TieredStopAtLevel=1", **os.environ}
    finished = subprocess.run(command, capture_output=True, text=True, check=False, env=environment)
    if finished.returncode:
        sys.exit(f"openapi-generator failed:\n{finished.stdout}{finished.stderr}")


class Input:
    """The document for openapi-generator.

    Args:
        document: The contract.
        schemas, operations: Its schemas and operations.
    """

    def __init__(self, document: Document, schemas: Schemas, operations: Operations) -> None:
        self.document = document
        self.schemas = schemas
        self.operations = operations
        self.params = self._reached_from_arguments()
        self.circles = circles({name: self._used(made) for name, made in schemas.classes.items()})
        of_component = {made.place[-1]: made for made in schemas.classes.values() if len(made.place) == 3}
        self.examples = Examples(
            document.schemas,
            {
                name: Model(made.name, {each.wire: each.name for each in made.members}, made.schema)
                for name, made in of_component.items()
            },
        )

    def text(self) -> str:
        """Return the document as JSON."""
        content = self.document.content
        paths = {
            f"/{number:05}": {
                each.method.lower(): {
                    "operationId": each.name,
                    "tags": each.tags,
                    "responses": {"200": {"description": ""}},
                    "security": [{name: []} for name in each.security],
                    "x-operation": self._operation(each),
                }
            }
            for number, each in enumerate(self.operations.found)
        }
        schemas = {
            made.name: {"type": "object", "properties": {"x": {"type": "string"}}, "x-model": self._model(made)}
            for _, made in sorted(self.schemas.classes.items())
        }
        # What openapi-generator reads into a name is not wanted.
        schemas = {f"Schema{number:05}": schema for number, schema in enumerate(schemas.values())}
        return json.dumps(
            {
                "openapi": "3.0.3",
                "info": content.get("info", {}),
                "servers": content.get("servers") or [{"url": "/"}],
                "paths": paths,
                "components": {"schemas": schemas, "securitySchemes": self.operations.schemes},
            }
        )

    # Models

    def _model(self, made: Class) -> dict[str, Any]:
        used = sorted(self._used(made) - {made.name})
        circle = self.circles[made.name]
        imports = {name: f"from gravscale.models.{names.snake_case(name)} import {name}" for name in used}
        others = sorted(self._used_by_params(made) - set(used) - {made.name}) if made.name in self.params else []
        homes = {name: names.snake_case(self.schemas.home(name)) for name in others}
        return {
            "name": made.name,
            "params_name": self.schemas.params_of(made.name) if made.kind == "model" else "",
            "description": sentence(made.schema.get("description"), made.name),
            f"is_{made.kind}": True,
            "imports": [text for name, text in imports.items() if name not in circle],
            "postponed": [text for name, text in imports.items() if name in circle],
            "is_circular": len(circle) > 1 or made.name in used,
            "for_types": [f"from gravscale.models.{home} import {name}" for name, home in homes.items()],
            "has_others": bool(others),
            "base": "Model" if made.additional is None else "OpenModel",
            "fields": self._fields(made),
            "params": self._params(made) if made.name in self.params else [],
            "has_params": made.name in self.params,
            "enum_type": type((made.schema.get("enum") or [""])[0]).__name__,
            "members": _members(made.schema.get("enum") or []) if made.kind == "enum" else [],
            "alternatives": self._alternatives(made),
            "rows": self._rows(made),
            "example": repr(json.dumps(self.examples.value(made.schema))),
            "value": repr(self.examples.value(made.schema)),
            "text": " ".join(str(made.schema.get("description") or "").split()),
        }

    def _fields(self, made: Class) -> list[dict[str, str]]:
        fields = []
        hidden: set[str] = set()
        every = {each.name for each in made.members}
        for each in made.members:
            hidden.add(each.name)
            settings = [] if each.wire == each.name else [f"alias={quoted(each.wire)}"]
            settings += [each.type.constraints] if each.type.constraints and each.is_in_answers else []
            text = _field_type(each)
            if settings:
                text = f"Annotated[{text}, Field({', '.join(settings)})]"
            fields.append(
                {
                    "name": each.name,
                    "annotation": with_builtins(text, every & hidden),
                    "default": _default(each),
                    "doc": escaped(str(each.schema.get("description") or "")),
                }
            )
        if made.additional is not None:
            type_ = f"dict[str, {made.additional.or_none().model}]"
            fields.append(
                {
                    "name": "additional_properties",
                    "annotation": with_builtins(type_, every),
                    "default": " = Field(default_factory=dict)",
                }
            )
        return fields

    def _params(self, made: Class) -> list[dict[str, str]]:
        every = {each.name for each in made.members}
        annotated = [(each, with_builtins(self.argument(each.type.or_none()), every)) for each in made.members]
        return [
            {"name": each.name, "annotation": text if each.required else f"NotRequired[{text}]"}
            for each, text in annotated
        ]

    def _alternatives(self, made: Class) -> str:
        texts = [
            f"Annotated[{each.or_none().model}, Field({each.constraints})]"
            if each.constraints
            else each.or_none().model
            for each in made.alternatives
        ]
        if made.tags is None:
            return " | ".join(texts)
        wire, name, values = made.tags
        tagged = " | ".join(f'Annotated[{text}, Tag("{text}")]' for text in texts)
        pairs = ", ".join(f"{quoted(value)}: {quoted(class_name)}" for value, class_name in values.items())
        return f"Annotated[{tagged}, by_property({quoted(wire)}, {quoted(name)}, {{{pairs}}})]"

    def _rows(self, made: Class) -> list[str]:
        if made.kind == "union":
            types = " or ".join(linked(each) for each in made.alternatives)
            return [f"**actual_instance** | {types} | the value itself | "]
        return [
            f"**{each.name}** | {linked(each.type)} | {cell(each.schema.get('description'))} | "
            f"{notes(required=each.required, schema=each.schema)}"
            for each in made.members
        ]

    def _used(self, made: Class) -> set[str]:
        of = [each.type for each in made.members] + made.alternatives + ([made.additional] if made.additional else [])
        return {name for type_ in of for name in type_.classes}

    def _used_by_params(self, made: Class) -> set[str]:
        text = " ".join(self.argument(each.type) for each in made.members)
        return self._classes_in(text) - {self.schemas.params_of(made.name)}

    def _classes_in(self, text: str) -> set[str]:
        return {name for name in names_in(text) if self.schemas.home(name)}

    # Arguments

    def argument(self, type_: Annotation, within: tuple[str, ...] = ()) -> str:
        """Return the annotation of an argument. What is one of several types is taken without the union's class too."""

        def alternatives(found: re.Match[str]) -> str:
            name = found[1]
            if name not in self.schemas.classes:
                return found[0]
            if name in within:
                return "Mapping[str, object]"
            texts = [self.argument(each.or_none(), (*within, name)) for each in self.schemas.classes[name].alternatives]
            return " | ".join(dict.fromkeys(part for part in texts if part != name))

        return re.sub(r"⟨(\w+)⟩", alternatives, type_.argument)

    def _reached_from_arguments(self) -> set[str]:
        left = [name for each in self.operations.found for argument in each.arguments for name in argument.type.classes]
        reached: set[str] = set()
        while left:
            name = left.pop()
            if name not in reached:
                reached.add(name)
                left += self._used(self.schemas.classes[name])
        return {name for name in reached if self.schemas.classes[name].kind == "model"}

    # Operations

    def _operation(self, found: Operation) -> dict[str, Any]:
        answer = returns(found)
        annotated = [(each, self._signature(each)) for each in found.arguments]
        every = {each.name for each in self.operations.found if set(each.tags) & set(found.tags)}
        signature = "".join(f"{each.name}: {text}, " for each, text in annotated)
        used = self._classes_in(" ".join([answer, *(text for _, text in annotated)]))
        summary = " ".join(str(found.content.get("summary") or "").split())
        description = " ".join(str(found.content.get("description") or "").split())
        return {
            "name": found.name,
            "id": found.content.get("operationId") or found.name,
            "constant": found.name.upper(),
            "method": found.method,
            "path": quoted(encoded_path(found.path)),
            "bare_path": found.path,
            "imports": [{"name": name} for name in sorted(used)],
            "parameters": [with_builtins(parameter(each), every) for each in found.arguments],
            "security": "".join(f"{quoted(name)}, " for name in found.security),
            "has_security": bool(found.security),
            "accept": "" if found.produces in ([], [media.JSON]) else f"accept={quoted(', '.join(found.produces))},",
            "deprecated": found.content.get("deprecated") is True,
            "answer": with_builtins(answer_source(found), every),
            "errors": with_builtins(errors_source(found), every),
            "signature": with_builtins(signature, every),
            "call": "".join(f", {each.name}" for each in found.arguments),
            "returns": with_builtins(answer, every),
            "linked_returns": linked_returns(found, answer),
            "summary": sentence(summary, found.name),
            "title": cell(summary),
            "page_title": summary,
            "has_notes": bool(description),
            "notes": escaped(description),
            "page_notes": str(found.content.get("description") or ""),
            "arguments": [{"name": each.name, "text": escaped(explained(each))} for each in found.arguments],
            "page_call": ", ".join(
                f"{each.name}: {linked(each.type).replace('** or **', ' | ').replace('**', '')}"
                f"{'' if each.required else ' | None = None'}"
                for each in found.arguments
            ),
            "rows": [self._row(each) for each in found.arguments],
            "has_rows": bool(found.arguments),
            "examples": [
                text
                for each in found.arguments
                if (text := self.examples.argument(each.name, each.schema, required=each.required))
            ],
            "consumes": ", ".join(found.consumes) or "Not defined",
            "produces": ", ".join(found.produces) or "Not defined",
            "responses": [f"| **{status}** | {cell(text)} | - |" for status, text in found.responses],
        }

    def _signature(self, each: Argument) -> str:
        text = self.argument(each.type)
        if each.required or each.type.kind == "any":
            return text if each.required else f"{text} = None"
        return f"{text} | None = None"

    def _row(self, each: Argument) -> str:
        text = notes(required=each.required, schema=schema_of(each))
        return f"**{each.name}** | {linked(each.type)} | {cell(each.description)} | {text}"


def _field_type(each: Member) -> str:
    if each.type.kind == "any":
        return each.type.model
    if not each.is_in_answers:
        inner = each.type.model
        if each.type.constraints:
            inner = f"Annotated[{inner}, Field({each.type.constraints})]"
        return f"RequiredInRequests[{inner}]" if each.required else f"Omissible[{inner}]"
    if each.required:
        return each.type.or_none().model
    if each.type.kind == "literal" and each.type.nullable and each.default is None:
        return f"OmittedUnlessGiven[{each.type.model}]"
    if each.type.nullable or each.default is not None:
        return f"{each.type.model} | None"
    return f"Omissible[{each.type.model}]"


def _default(each: Member) -> str:
    if each.required and each.is_in_answers:
        return ""
    default = each.default or "None"
    if default.startswith("lambda: "):
        return f" = Field(default_factory={default})"
    if default in ("[]", "{}"):
        return f" = Field(default_factory={'list' if default == '[]' else 'dict'})"
    return f" = Field(default_factory=lambda: {default})" if default[0] in "[{" else f" = {default}"


def _members(values: list[Any]) -> list[dict[str, str]]:
    # What an enum has by itself, and str too.
    taken = {name for kind in (str, int) for name in dir(kind)} | {"name", "value", "mro", "from_json"}
    scope = names.Scope(taken)
    return [{"name": scope.claim(names.member(value)), "value": quoted(value)} for value in values]
