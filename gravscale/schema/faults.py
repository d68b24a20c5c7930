"""Describe what is wrong with an argument, in the caller's terms."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from contextlib import suppress
from datetime import date
from enum import Enum
from typing import Any

import pydantic_core

from gravscale.schema.model import Model, models_in, names_of_fields
from gravscale.support.redaction import is_secret
from gravscale.support.text import NESTED_TOO_DEEPLY, did_you_mean, excerpt, with_article
from gravscale.support.type_guards import is_mapping

_FAULTS = 5
_VALUE_LENGTH = 80
# By pydantic's type of error. For other types, pydantic's own message is used.
_EXPECTED = {
    "bool_type": "a bool",
    "bytes_type": "bytes",
    "dict_type": "a dict",
    "float_type": "a number",
    "greater_than": "more than {gt}",
    "greater_than_equal": "{ge} or more",
    "int_type": "an int",
    "less_than": "less than {lt}",
    "less_than_equal": "{le} or less",
    "list_type": "a list",
    "model_attributes_type": "a {class_name} or a dict of its fields",
    "model_type": "a {class_name} or a dict of its fields",
    "multiple_of": "a multiple of {multiple_of}",
    "string_type": "a str",
}


def describe_argument(name: str, type_: Any, error: pydantic_core.ValidationError, *, shows_value: bool = True) -> str:
    """Describe what pydantic found wrong with an argument.

    Args:
        name: The argument's name.
        type_: Its type.
        error: pydantic's error.
        shows_value: Whether to show the argument itself, unless a name in it says that it is secret.

    Returns:
        The message.
    """
    faults = error.errors()
    parts = [_describe_fault(name, type_, fault, shows_value) for fault in faults[:_FAULTS]]
    if len(faults) > _FAULTS:
        parts.append(f"and {len(faults) - _FAULTS} more")
    # A missing field may be there under a misspelled name. Mention each name once, even if several fields are missing.
    misspelled = [hint for fault in faults[:_FAULTS] if (hint := _describe_misspelled(type_, fault))]
    return "; ".join((*parts, *dict.fromkeys(misspelled)))


def describe_unknown(names: Iterable[object], model: type[Model]) -> str:
    """Describe fields that a model does not have, with suggestions."""
    known = model.model_fields
    unknown = sorted(names, key=_short_repr)
    parts = [f"{_short_repr(name)} is not one of its fields{_suggestion(name, known)}" for name in unknown[:_FAULTS]]
    if len(unknown) > _FAULTS:
        parts.append(f"and {len(unknown) - _FAULTS} more that are not")
    return "; ".join(parts)


def _suggestion(name: object, known: Iterable[str]) -> str:
    hint = did_you_mean(name, known) if isinstance(name, str) else ""
    return hint or f", which are {', '.join(known)}"


def _describe_fault(name: str, type_: Any, fault: Mapping[str, Any], shows_value: bool) -> str:
    loc: tuple[int | str, ...] = fault["loc"]
    if fault["type"] == "missing":
        return f"{_place(name, *loc[:-1], _field_at(type_, loc)[1])}: missing"
    if fault["type"].startswith("recursion"):
        # The place is hundreds of levels deep.
        return f"{_place(name)}: {NESTED_TOO_DEEPLY}"
    place = _place(name, *loc)
    is_quoted = (shows_value or bool(loc)) and not any(is_secret(str(part)) for part in (name, *loc))
    got = _describe_value(fault["input"], is_quoted, fault["type"].endswith("_type"))
    return f"{place}: {_expected(fault)}, got {got}"


def _describe_misspelled(type_: Any, fault: Mapping[str, Any]) -> str:
    """Describe unknown fields beside a missing one. Return an empty text if there are none, or if none is missing."""
    model = _field_at(type_, fault["loc"])[0] if fault["type"] == "missing" else None
    if model is None or not is_mapping(fault["input"]):
        return ""
    return describe_unknown(fault["input"].keys() - names_of_fields(model).keys(), model)


def _field_at(type_: Any, loc: tuple[int | str, ...]) -> tuple[type[Model] | None, int | str]:
    """Return the model that has the field at a location, and the field's name in Python."""
    model, name = None, loc[-1]
    candidates = models_in(type_)
    for part in loc:
        found = next((each for each in candidates if part in names_of_fields(each)), None)
        if found is not None:
            model, name = found, names_of_fields(found)[str(part)]
            candidates = models_in(found.model_fields[name].annotation)
    return model, name


def _expected(fault: Mapping[str, Any]) -> str:
    pattern = _EXPECTED.get(fault["type"])
    if pattern is not None:
        return f"expected {pattern.format(**fault.get('ctx', {}))}"
    return re.sub(r"^Input should be ", "expected ", fault["msg"])


def _describe_value(value: object, is_quoted: bool, with_type: bool) -> str:
    """Return the value for a message, with its type if the type is wrong."""
    if value is None:
        return "None"
    kind = type(value).__name__
    if not is_quoted or not isinstance(value, (str, int, float, date, Enum)):
        return with_article(kind)
    text = _short_repr(value)
    return f"the {kind} {text}" if with_type and text != with_article(kind) else text


def _place(*parts: int | str) -> str:
    return ".".join(excerpt(str(part), _VALUE_LENGTH) for part in parts)


def _short_repr(value: object) -> str:
    """Return the start of a value's repr, or its type if the repr fails."""
    # Python refuses to format integers with thousands of digits, and the repr of a user's class may raise anything.
    with suppress(Exception):
        return excerpt(repr(value), _VALUE_LENGTH)
    return with_article(type(value).__name__)
