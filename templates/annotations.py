"""Python annotations for the contract's types, as they are written in models, in arguments and in answers."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection
from dataclasses import dataclass, replace
from typing import Any

_MODULES = {
    **dict.fromkeys(("list", "dict", "int", "str", "float", "bool", "bytes"), "builtins"),
    **dict.fromkeys(("date", "datetime"), "times"),
}
_STRING = r"""("(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*')"""


@dataclass(frozen=True)
class Annotation:
    """A type, as it is written in each context.

    Attributes:
        model: The type of a model's field, and the type that answers are read as. Unknown enum values are valid.
        strict: The type that arguments are checked against.
        plain: The type of a field or an answer for a type checker.
        argument: The type of an argument for a type checker.
        kind: One of str, int, float, bool, any, file, list, dict, model, union, enum, literal, or the name of a
            Python type.
        classes: The generated classes in it.
        nullable: Whether None is valid.
        constraints: pydantic's constraints on the value, as keyword arguments.
    """

    model: str
    strict: str
    plain: str
    argument: str
    kind: str
    classes: frozenset[str] = frozenset()
    nullable: bool = False
    constraints: str = ""

    def within(self, form: str, kind: str) -> Annotation:
        """Return a container of the type, such as `list[{}]`."""
        model, strict, plain, argument = self._optional()
        if self.constraints:
            model, strict = (f"Annotated[{text}, Field({self.constraints})]" for text in (model, strict))
        return Annotation(
            form.format(model),
            form.format(strict),
            form.format(plain),
            (form.replace("list[", "Sequence[") if "Params" in argument else form).format(argument),
            kind,
            self.classes,
        )

    def or_none(self) -> Annotation:
        """Return the type with None written out."""
        return replace(self, **dict(zip(("model", "strict", "plain", "argument"), self._optional(), strict=True)))

    def _optional(self) -> list[str]:
        texts = [self.model, self.strict, self.plain, self.argument]
        return [f"{text} | None" for text in texts] if self.nullable and self.kind != "any" else texts


def simple(name: str, strict: str = "", model: str = "", kind: str = "") -> Annotation:
    """Return the annotation of a type that needs no generated class."""
    return Annotation(model or strict or name, strict or name, name, name, kind or name)


ANY = simple("JsonValue", kind="any")
FILE = Annotation("bytes | str", "File", "bytes | str", "File", "file")
BYTES = simple("bytes", kind="bytes")
# A file in a place where only text can be written.
TEXT = simple("bytes | str", "StrictStr | bytes", kind="str")
BY_TYPE = {
    "string": simple("str", "StrictStr"),
    "integer": simple("int", "StrictInt", "Integer"),
    "number": simple("float", "StrictFloat | StrictInt"),
    "boolean": simple("bool", "StrictBool"),
}
BY_FORMAT = {
    "date": simple("date", "FullDate"),
    "date-time": simple("datetime", "DateTime"),
    "uuid": simple("UUID"),
    "byte": simple("bytes | str", "Base64", kind="bytes"),
}


def of_class(name: str, kind: str, argument: str = "") -> Annotation:
    """Return the annotation of a generated class."""
    return Annotation(name, name, name, argument or name, kind, frozenset([name]))


def of_enum(name: str, values: list[Any], *, is_number: bool) -> Annotation:
    """Return the annotation of a generated enum. If it is a number, other values may have a fraction."""
    base = _base(values, is_number=is_number)
    return Annotation(
        f"Open[{name}, {base}]", name, f"{name} | {base}", f"{name} | {literal(values)}", "enum", frozenset([name])
    )


def of_values(values: list[Any], *, closed: bool, is_number: bool) -> Annotation:
    """Return the annotation of a value that is one of a few."""
    text, base = literal(values), _base(values, is_number=is_number)
    if closed or not base:
        return Annotation(text, text, text, text, "literal")
    return Annotation(f"Open[{text}, {base}]", text, f"{text} | {base}", text, "literal")


def _base(values: list[Any], *, is_number: bool) -> str:
    """Return the type of other values than these. There are no other booleans."""
    bases = {"float" if is_number else type(value).__name__ for value in values if not isinstance(value, bool)}
    return " | ".join(sorted(bases, reverse=True))


def literal(values: list[Any]) -> str:
    return f"Literal[{', '.join(map(quoted, values))}]"


def quoted(value: object) -> str:
    """Return a value as Python source."""
    text = repr(value)
    if isinstance(value, str) and text.startswith("'") and '"' not in value:
        text = '"' + text[1:-1].replace("\\'", "'") + '"'
    return text


def with_builtins(text: str, hidden: set[str]) -> str:
    """Return source that uses the module's name for whatever a member of the class hides."""
    return replace_names(text, hidden & _MODULES.keys(), lambda name: f"{_MODULES[name]}.{name}")


def names_in(text: str) -> set[str]:
    """Return the names in a piece of source, ignoring those in strings."""
    return set(re.findall(r"\w+", re.sub(_STRING, "", text)))


def replace_names(text: str, names: Collection[str], replaced: Callable[[str], str]) -> str:
    """Replace some names in a piece of source, except in strings."""
    if not names:
        return text
    pattern = rf"{_STRING}|(?<![\w.])({'|'.join(sorted(names))})\b"
    return re.sub(pattern, lambda found: found[1] or replaced(found[2]), text)
