"""Files in requests: open them, and send them without holding them in memory."""

from __future__ import annotations

import io
import mmap
import os
import shutil
import tempfile
from collections.abc import Iterable
from contextlib import suppress
from typing import IO, Any, cast

from urllib3.fields import RequestField, guess_content_type
from urllib3.filepost import choose_boundary

from gravscale.exceptions import ApiValueError
from gravscale.support.type_guards import is_tuple

# Larger content goes into a temporary file, which is mapped into memory and not read.
_IN_MEMORY_MAX = 1024 * 1024


class _OpenedHere(io.BufferedReader):
    """A file that the SDK opened itself, and closes."""


def open_file(value: Any, name: str) -> tuple[str | None, bytes | IO[bytes], str | None]:
    """Return what is known about a file.

    Args:
        value: A path, bytes, an open binary file, or a tuple (name, content[, media type]).
        name: What an error message calls the argument.

    Returns:
        The name, the content and the media type.

    Raises:
        ApiValueError: The path can't be opened. The message names the argument.
    """
    if is_tuple(value):
        return value[0], value[1], value[2] if len(value) == 3 else None
    if isinstance(value, str) or hasattr(value, "__fspath__"):
        try:
            return os.path.basename(value), _OpenedHere(io.FileIO(value)), None
        except (OSError, ValueError) as error:
            reason = error.strerror if isinstance(error, OSError) else str(error)
        raise ApiValueError(f"{name}: can't open the file {os.fspath(value)!r}: {reason}; pass bytes to send content")
    file_name = getattr(value, "name", None)
    return os.path.basename(file_name) if isinstance(file_name, str) else None, value, None


def file_body(value: Any, name: str) -> bytes:
    """Return the content of a file as a body. Raises ApiValueError if it can't be read."""
    content = open_file(value, name)[1]
    return bytes(content) if isinstance(content, (bytes, bytearray)) else _joined([content], name)


def multipart(fields: Iterable[tuple[str, Any]], name: str) -> tuple[bytes, str]:
    """Encode a form as `multipart/form-data` (RFC 7578, section 4).

    Args:
        fields: Names and values. A file is a tuple (name, content, media type), whose parts may be None.
        name: What an error message calls a file that can't be read.

    Returns:
        The body and its Content-Type.
    """
    boundary = choose_boundary()
    parts: list[Any] = []
    for wire, value in fields:
        file_name, content, media = (*value, None)[:3] if is_tuple(value) else (None, value, None)
        if file_name is not None and media is None:
            # If the process can't open any more files, it can't read the list of media types either.
            with suppress(OSError):
                media = guess_content_type(file_name)
        part = RequestField(wire, b"", file_name)
        part.make_multipart(content_type=media)
        head = f"--{boundary}\r\n{part.render_headers()}".encode()
        is_text = not isinstance(content, (bytes, bytearray)) and not hasattr(content, "read")
        parts += [head, str(content).encode() if is_text else content, b"\r\n"]
    parts.append(f"--{boundary}--\r\n".encode())
    return _joined(parts, name), f"multipart/form-data; boundary={boundary}"


def _joined(parts: Iterable[Any], name: str) -> bytes:
    with tempfile.SpooledTemporaryFile(_IN_MEMORY_MAX) as spool:
        try:
            for part in parts:
                if isinstance(part, (bytes, bytearray)):
                    spool.write(part)
                else:
                    shutil.copyfileobj(part, spool)
            size = spool.tell()
            spool.seek(0)
            if size <= _IN_MEMORY_MAX:
                return spool.read()
            # No one else can change the temporary file, so it keeps its length while it is sent. The transport only
            # slices and measures the body, which works for a memoryview like for bytes.
            return cast("bytes", memoryview(mmap.mmap(spool.fileno(), size, access=mmap.ACCESS_READ)))
        except (OSError, TypeError, ValueError) as error:
            reason = type(error).__name__
        finally:
            for part in parts:
                if isinstance(part, _OpenedHere):
                    part.close()
        raise ApiValueError(f"{name}: a file that can't be read as bytes ({reason})")
