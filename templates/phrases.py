"""Pieces of source and of pages that the templates print unchanged."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

from annotations import Annotation, quoted, replace_names
from operations import Argument, Operation

# The characters that a path may contain (RFC 3986, section 3.3), and the percent sign of encoded ones.
_SAFE = "/:@!$&'()*+,;=~%"


def parameter(each: Argument) -> str:
    kind = {"body": "Body", "form": "Form"}.get(each.place, each.place.capitalize())
    wire = "" if each.wire == each.name or each.place == "body" else f", wire={quoted(each.wire)}"
    required = "" if each.required else ", required=False"
    constraints = f", {each.type.constraints}" if each.type.constraints else ""
    strict = each.type.or_none().strict if each.place == "body" else each.type.strict
    type_ = on_need(strict, each.type.classes)
    return f"{kind}({quoted(each.name)}, {type_}{wire}{each.options}{required}{constraints}),"


def on_need(text: str, classes: frozenset[str]) -> str:
    """Return the source of a type whose models are loaded when they are needed, so that a call loads no others."""
    return f"lambda: {replace_names(text, classes, 'models.{}'.format)}" if classes else text


def answer_source(found: Operation) -> str:
    if len(found.answers) < 2:
        only = next(iter(found.answers.values()), None)
        return "" if only is None else f"answer={on_need(only.model, only.classes)},"
    return f"answers={_by_status(found.answers)},"


def errors_source(found: Operation) -> str:
    return f"errors={_by_status(found.errors)}," if found.errors else ""


def _by_status(types: Mapping[Any, Annotation | None]) -> str:
    texts = [f"{_answer_key(key)}: {'None' if type_ is None else type_.model}" for key, type_ in types.items()]
    classes = frozenset(name for type_ in types.values() if type_ is not None for name in type_.classes)
    return on_need("{" + ", ".join(texts) + "}", classes)


def _answer_key(key: Any) -> str:
    return f"({_answer_key(key[0])}, {quoted(key[1])})" if isinstance(key, tuple) else quoted(key)


def returns(found: Operation) -> str:
    texts = dict.fromkeys("None" if type_ is None else type_.plain for type_ in found.answers.values())
    parts = dict.fromkeys(part for text in texts for part in union_members(text))
    if not parts:
        return "None"
    if "JsonValue" in parts:
        return "JsonValue" if len(parts) == 1 or parts.keys() <= {"JsonValue", "None"} else " | ".join(parts)
    return " | ".join([part for part in parts if part != "None"] + (["None"] if "None" in parts else []))


def union_members(text: str) -> list[str]:
    """Split a union into its members, ignoring separators in brackets."""
    parts, depth, start = [], 0, 0
    for number, character in enumerate(text):
        depth += {"[": 1, "]": -1}.get(character, 0)
        if character == "|" and depth == 0:
            parts.append(text[start:number].strip())
            start = number + 1
    return [*parts, text[start:].strip()]


def linked_returns(found: Operation, returns: str) -> str:
    if returns == "None":
        return "void (empty response body)"
    classes = {name for type_ in found.answers.values() if type_ is not None for name in type_.classes}
    return f"[**{returns}**]({classes.pop()}.md)" if len(classes) == 1 else f"**{returns}**"


def linked(type_: Annotation) -> str:
    text = type_.plain.replace(" | ", "** or **") if type_.kind != "dict" else type_.plain
    return f"[**{text}**]({next(iter(type_.classes))}.md)" if len(type_.classes) == 1 else f"**{text}**"


def schema_of(each: Argument) -> Any:
    schema = each.schema.get("schema", each.schema) if isinstance(each.schema, dict) else {}
    return schema if isinstance(schema, dict) else {}


def notes(*, required: bool, schema: Any) -> str:
    default = schema.get("default")
    return ("" if required else "[optional] ") + (
        "" if default is None else f"[default to {cell(default if isinstance(default, bool) else quoted(default))}]"
    )


def explained(each: Argument) -> str:
    if each.description:
        return each.description
    if each.place != "body":
        return f"the {each.wire}."
    return f"{each.type.plain}, or a dict of its fields." if each.type.kind == "model" else "the body."


def encoded_path(path: str) -> str:
    """Percent-encode the characters of a path that a URL can't contain, but not the names of its parameters."""
    return re.sub(r"{[^{}]*}|[^{}]+", lambda found: found[0] if found[0][0] == "{" else quote(found[0], _SAFE), path)


def cell(text: object) -> str:
    """Format a text as a cell of a table: in one line, with escaped bars."""
    return " ".join(str(text or "").split()).replace("|", "\\|")


def escaped(text: str) -> str:
    text = " ".join(text.split()).replace("\\", "\\\\").replace('"""', '\\"\\"\\"')
    return text[:-1] + '\\"' if text.endswith('"') and not text.endswith('\\"') else text


def sentence(text: object, otherwise: str) -> str:
    return escaped(str(text or otherwise))


def circles(uses: dict[str, set[str]]) -> dict[str, frozenset[str]]:
    """Return, for each name, the names that depend on each other with it (its strongly connected component)."""
    reach: dict[str, set[str]] = {}
    for name in uses:
        seen: set[str] = set()
        left = list(uses[name])
        while left:
            each = left.pop()
            if each not in seen:
                seen.add(each)
                left += uses.get(each, ())
        reach[name] = seen
    return {name: frozenset({each for each in reach[name] if name in reach.get(each, ())} | {name}) for name in uses}
