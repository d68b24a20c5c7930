"""Types of the contract as annotations in Python, each as it stands in models, in arguments and in answers."""

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
    """A type, as it is written in each place.

    Attributes:
        model: as a field of a model, and what answers are read as. Unknown values of enums fit.
        strict: what arguments are checked against.
        plain: what a field or an answer is to a type checker.
        argument: what a type checker takes as an argument.
        kind: what it is: str, int, float, bool, any, file, list, dict, model, union, enum, literal, or the name of a
            Python type.
        classes: the generated classes in it.
        nullable: whether None fits.
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
        """Return a container of it, such as `list[{}]`."""
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
        """Return it with None written out."""
        return replace(self, **dict(zip(("model", "strict", "plain", "argument"), self._optional(), strict=True)))

    def _optional(self) -> list[str]:
        texts = [self.model, self.strict, self.plain, self.argument]
        return [f"{text} | None" for text in texts] if self.nullable and self.kind != "any" else texts


def simple(name: str, strict: str = "", model: str = "", kind: str = "") -> Annotation:
    """Return the annotation of a type that needs no class of its own."""
    return Annotation(model or strict or name, strict or name, name, name, kind or name)


ANY = simple("JsonValue", kind="any")
FILE = Annotation("bytes | str", "File", "bytes | str", "File", "file")
BYTES = simple("bytes", kind="bytes")
# A file where only text can be written.
TEXT = simple("bytes | str", "StrictStr | bytes", kind="str")
BY_TYPE = {
    "string": simple("str", "StrictStr"),
    "integer": simple("int", "StrictInt", "Integer"),
    "number": simple("float", "StrictFloat | StrictInt"),
    "boolean": simple("bool", "StrictBool"),
}
BY_FORMAT = {
    "date": simple("date"),
    "date-time": simple("datetime", "datetime", "DateTime"),
    "uuid": simple("UUID"),
    "byte": simple("bytes | str", "Base64", kind="bytes"),
}


def of_class(name: str, kind: str, argument: str = "") -> Annotation:
    """Return the annotation of a generated class."""
    return Annotation(name, name, name, argument or name, kind, frozenset([name]))


def of_enum(name: str, values: list[Any]) -> Annotation:
    """Return the annotation of a generated enum."""
    base = type(values[0]).__name__
    return Annotation(
        f"Open[{name}, {base}]", name, f"{name} | {base}", f"{name} | {literal(values)}", "enum", frozenset([name])
    )


def of_values(values: list[Any], *, closed: bool) -> Annotation:
    """Return the annotation of a value that is one of a few."""
    text = literal(values)
    bases = {type(value).__name__ for value in values}
    if closed or len(bases) > 1 or bases == {"bool"}:
        return Annotation(text, text, text, text, "literal")
    base = bases.pop()
    return Annotation(f"Open[{text}, {base}]", text, f"{text} | {base}", text, "literal")


def literal(values: list[Any]) -> str:
    return f"Literal[{', '.join(map(quoted, values))}]"


def quoted(value: object) -> str:
    """Return a value as Python source."""
    text = repr(value)
    if isinstance(value, str) and text.startswith("'") and '"' not in value:
        text = '"' + text[1:-1].replace("\\'", "'") + '"'
    return text


def with_builtins(text: str, hidden: set[str]) -> str:
    """Return source that names what a member of the class hides by way of its module."""
    return replace_names(text, hidden & _MODULES.keys(), lambda name: f"{_MODULES[name]}.{name}")


def names_in(text: str) -> set[str]:
    """Return the names in a piece of source. What stands in its strings is none."""
    return set(re.findall(r"\w+", re.sub(_STRING, "", text)))


def replace_names(text: str, names: Collection[str], replaced: Callable[[str], str]) -> str:
    """Return a piece of source with some of its names replaced. What stands in its strings is none."""
    if not names:
        return text
    pattern = rf"{_STRING}|(?<![\w.])({'|'.join(sorted(names))})\b"
    return re.sub(pattern, lambda found: found[1] or replaced(found[2]), text)
