"""Media types of bodies and answers."""

from __future__ import annotations

import re
from collections.abc import Iterable

from annotations import Annotation, quoted

JSON = "application/json"
URLENCODED = "application/x-www-form-urlencoded"
# What has other values than text and bytes, but not as JSON.
_NOT_JSON = re.compile(
    "(xml|yaml|csv|event-stream|ndjson|jsonl|json-seq|octet-stream|pdf|zip|gzip|protobuf|msgpack|x-www-form-urlencoded)$"
    "|^(image|audio|video|multipart)/"
)


def bare(media: str) -> str:
    """Return a media type without its parameters."""
    return media.partition(";")[0].strip().lower()


def is_json(media: str) -> bool:
    return bare(media) in (JSON, "text/json", "*/*", "application/*") or bare(media).endswith("+json")


def is_form(media: str) -> bool:
    return bare(media) in (URLENCODED, "multipart/form-data")


def in_order(contents: Iterable[str]) -> list[str]:
    """Return media types in the order of preference: JSON, then those like JSON, then the others as they come."""
    return sorted(contents, key=lambda media: (bare(media) != JSON, not is_json(media)))


def can_answer(media: str, type_: Annotation) -> bool:
    """Return whether an answer with the media type can be read as a type."""
    return type_.kind in ("str", "bytes") or not _NOT_JSON.search(bare(media))


def content_type(media: str, type_: Annotation) -> str:
    """Return the argument of a body's parameter that sets its media type."""
    if "*" in media:
        # The service accepts several, but a request names one (RFC 9110, sections 8.3 and 12.5.1).
        media = JSON if is_json(media) and type_.kind != "file" else "application/octet-stream"
    return "" if media == JSON else f", content_type={quoted(media)}"
