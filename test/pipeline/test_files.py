"""Files in bodies and forms: their names, and their content whatever its size."""

from __future__ import annotations

import io
import mimetypes
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
        # Whoever opens a file closes it.
        assert not opened.closed


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


@pytest.mark.parametrize(("name", "reason"), [("missing", "No such file or directory"), ("a\0b", "embedded null byte")])
def test_a_path_that_can_not_be_opened_is_refused_by_name(tmp_path: Path, name: str, reason: str) -> None:
    path = tmp_path / name
    for read in (open_file, file_body):
        with pytest.raises(ApiValueError) as caught:
            read(path, "f")
        assert str(caught.value) == f"f: can't open the file {str(path)!r}: {reason}; pass bytes to send content"


def test_a_file_that_can_not_be_read_is_refused_by_name() -> None:
    for read in (file_body, lambda file, name: multipart([("f", ("a.txt", file))], name)):
        with pytest.raises(ApiValueError, match=r"^f: a file that can't be read as bytes \(TypeError\)"):
            read(io.StringIO("text"), "f")


def test_bytes_are_sent_as_they_are_and_a_large_file_can_not_change_while_it_is_sent() -> None:
    content = b"x" * 2**20
    assert file_body(content + b"x", "f") == content + b"x"
    assert type(file_body(content + b"x", "f")) is type(file_body(io.BytesIO(content), "f")) is bytes
    large: Any = file_body(io.BytesIO(content + b"x"), "f")
    assert large == content + b"x"
    assert large.readonly


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


def test_no_content_can_contain_the_boundary_of_a_form() -> None:
    assert len({multipart([("a", "1")], "f")[1] for _ in range(10)}) == 10


def test_a_file_is_sent_without_its_media_type_if_the_list_of_types_can_not_be_read(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def guess_type(_: object) -> None:
        raise OSError(24, "Too many open files")

    monkeypatch.setattr(mimetypes, "guess_type", guess_type)
    body, _ = multipart([("f", ("a.txt", b"content"))], "f")
    assert b'; filename="a.txt"\r\n\r\ncontent\r\n' in body
