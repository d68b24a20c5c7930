"""Files in bodies and forms: their names, and their content whatever its size."""

from __future__ import annotations

import io
from email import message_from_bytes
from email.policy import HTTP
from pathlib import Path
from typing import Any

import pytest

from gravscale import ApiValueError
from gravscale.pipeline.files import file_body, multipart, open_file


def test_a_file_is_its_path_its_content_or_what_gives_it(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    path.write_bytes(b"content")
    with path.open("rb") as opened:
        files: list[Any] = [path, str(path), b"content", bytearray(b"content"), io.BytesIO(b"content"), opened]
        assert [file_body(file, "f") for file in files] == [b"content"] * len(files)


@pytest.mark.parametrize(
    ("file", "name", "media"),
    [
        (b"", None, None),
        (io.BytesIO(), None, None),
        (("b.bin", b""), "b.bin", None),
        (("b.bin", b"", "image/png"), "b.bin", "image/png"),
    ],
)
def test_name_and_media_type_are_those_that_were_given(file: Any, name: str | None, media: str | None) -> None:
    assert open_file(file, "f")[::2] == (name, media)


def test_what_can_not_be_read_is_refused_by_name(tmp_path: Path) -> None:
    with pytest.raises(ApiValueError, match=r"^f: can't open the file '.*missing'.*; pass bytes"):
        open_file(tmp_path / "missing", "f")
    with pytest.raises(ApiValueError, match=r"^f: a file that can't be read as bytes \(TypeError\)"):
        file_body(io.StringIO("text"), "f")


@pytest.mark.parametrize("size", [10, 2 * 1024 * 1024], ids=["small", "large"])
def test_a_form_of_parts_is_read_as_it_was_written(size: int) -> None:
    body, content_type = multipart(
        [("a", "1"), ("f", ("é.bin", b"x" * size, None)), ("j", (None, b"{}", "a/json"))], "f"
    )
    message: Any = message_from_bytes(f"Content-Type: {content_type}\r\n\r\n".encode() + bytes(body), policy=HTTP)
    parts = [
        (part.get_payload(decode=True), part.get_filename(), part["Content-Type"]) for part in message.iter_parts()
    ]
    assert [payload for payload, _, _ in parts] == [b"1", b"x" * size, b"{}"]
    assert (parts[1][1], parts[2][2]) == ("é.bin", "a/json")
