"""The body of a request, encoded as its media type says."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from typing import Any, cast
from urllib.parse import urlencode

from pydantic_core import PydanticSerializationError, to_json

from gravscale.exceptions import ApiTypeError, ApiValueError
from gravscale.support.redaction import is_secret
from gravscale.support.type_guards import is_bytes, is_dict, is_list, is_mapping, is_tuple
from gravscale.transport.fields import check_header


def secrets_of(value: Any, name: str = "") -> list[str]:
    """Every string in a body that stands under a secret name, at any depth."""
    if is_mapping(value):
        pairs = ((name if is_secret(name) else str(key), item) for key, item in value.items())
        return [secret for under, item in pairs for secret in secrets_of(item, under)]
    if is_list(value):
        return [secret for item in value for secret in secrets_of(item, name)]
    return [value] if isinstance(value, str) and value and is_secret(name) else []


_FORMS = ("application/x-www-form-urlencoded", "multipart/form-data")


def encode_body(body: Any, content_type: str, form: Any = None, name: str = "body") -> tuple[bytes | None, str | None]:
    """Return the bytes of a body and its Content-Type.

    Args:
        body: plain data for a JSON type, a dict for a form, text or bytes for any other.
        content_type: the media type (RFC 9110, section 8.3).
        form: fields for `application/x-www-form-urlencoded` and `multipart/form-data`.
        name: what an error calls the body.

    Returns:
        The bytes, None for no body, and the Content-Type.
    """
    media = check_header("Content-Type", content_type).partition(";")[0].strip().lower()
    if form and body is not None:
        raise ApiValueError("post_params: can't be used together with body")
    try:
        if form:
            return _encode_form(form, media, name)
        if body is None:
            return None, None
        if is_bytes(body):
            # Already written, whatever it is.
            return cast("bytes", body), content_type
        if media == "application/json" or media.endswith("+json"):
            return to_json(body), content_type
        if is_mapping(body) and media in _FORMS:
            return _encode_form(body, media, name)
        if isinstance(body, str):
            return body.encode("utf-8"), content_type
    except (PydanticSerializationError, ValueError, TypeError) as error:
        # Its text may have a piece of the body.
        what = f"{'post_params' if form else name}: can't be written as {media} ({type(error).__name__})"
        refused: ApiTypeError | ApiValueError = ApiValueError(what)
    else:
        refused = ApiTypeError(f"{name}: expected str or bytes for {media}, got {type(body).__name__}")
    raise refused


def _encode_form(form: Any, media: str, name: str) -> tuple[bytes, str]:
    fields = list(_pairs(form.items() if is_mapping(form) else form))
    if media == "multipart/form-data":
        from gravscale.pipeline.files import multipart  # not needed without files

        return multipart(fields, name)
    return urlencode(fields).encode(), "application/x-www-form-urlencoded"


def _pairs(fields: Iterable[tuple[str, Any]]) -> Iterator[tuple[str, Any]]:
    """The fields of a form, as those of a query: a list repeats its field, and None leaves it out."""
    for name, value in fields:
        # A tuple is a file.
        for item in value if is_list(value) and not is_tuple(value) else (value,):
            if item is not None:
                yield name, json.dumps(item) if is_dict(item) or isinstance(item, bool) else item
