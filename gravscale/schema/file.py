"""Files as arguments: their content or their path."""

from __future__ import annotations

import os
from typing import IO, Annotated, Any

from pydantic import GetCoreSchemaHandler
from pydantic_core import PydanticCustomError, core_schema

from gravscale.support.type_guards import is_tuple, type_name

Content = bytes | IO[bytes]


class _Files:
    """Accept everything that can be sent as a file."""

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> core_schema.CoreSchema:
        return core_schema.no_info_plain_validator_function(_checked)


File = Annotated[
    str | os.PathLike[str] | Content | tuple[str, Content] | tuple[str, Content, str],
    _Files(),
]
"""A file: its path, its content as bytes or an open binary file, or a tuple (name, content[, media type])."""


def _checked(value: Any) -> object:
    content: Any = value
    if is_tuple(value):
        is_named = len(value) in (2, 3) and all(isinstance(part, str) for part in (value[0], *value[2:]))
        content = value[1] if is_named else None
    elif isinstance(value, str) or hasattr(value, "__fspath__"):
        return value
    if isinstance(content, (bytes, bytearray)) or hasattr(content, "read"):
        return value
    raise PydanticCustomError(
        "file_type",
        "expected a path, bytes, an open binary file, or a tuple (name, content[, media type]); got {type}",
        {"type": type_name(value)},
    )
