"""Encode the body of a request for its media type."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from typing import Any, cast
from urllib.parse import urlencode

from pydantic_core import PydanticSerializationError, to_json

from gravscale.exceptions import ApiTypeError, ApiValueError
from gravscale.schema.operation import is_json
from gravscale.support.redaction import is_secret
from gravscale.support.type_guards import is_bytes, is_dict, is_list, is_mapping, is_tuple
from gravscale.transport.fields import check_header


def secrets_of(value: Any, name: str = "") -> list[str]:
    """Return every string in a body that has a secret name, at any depth."""
    if is_mapping(value):
        pairs = ((name if is_secret(name) else str(key), item) for key, item in value.items())
        return [secret for under, item in pairs for secret in secrets_of(item, under)]
    if is_list(value):
        return [secret for item in value for secret in secrets_of(item, name)]
    return [value] if isinstance(value, str) and value and is_secret(name) else []


_FORMS = ("application/x-www-form-urlencoded", "multipart/form-data")


def encode_body(body: Any, content_type: str, form: Any, name: str) -> tuple[bytes | None, str | None]:
    """Encode a body.

    Args:
        body: Plain data for a JSON type, a dict for a form, or text or bytes for any other type.
        content_type: The media type (RFC 9110, section 8.3).
        form: Fields for `application/x-www-form-urlencoded` and `multipart/form-data`.
        name: What an error message calls the body or the form.

    Returns:
        The bytes and their Content-Type, or None for both if there is no body.
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
            # Already encoded.
            return cast("bytes", body), content_type
        if is_json(media):
            return to_json(body), content_type
        if is_mapping(body) and media in _FORMS:
            return _encode_form(body, media, name)
        if isinstance(body, str):
            return body.encode(), content_type
    except ApiValueError:
        # A file that can't be read.
        raise
    except (PydanticSerializationError, ValueError, TypeError) as error:
        # The error's message may contain a piece of the body.
        what = f"{name}: can't be written as {media} ({type(error).__name__})"
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


def values_of_field(value: Any) -> Iterable[Any]:
    """Return the values of a form's field: a list repeats the field, but a tuple is a single file with its name."""
    return value if is_list(value) and not is_tuple(value) else (value,)


def _pairs(fields: Iterable[tuple[str, Any]]) -> Iterator[tuple[str, Any]]:
    """Yield the fields of a form, like those of a query: a list repeats its field, and None leaves it out."""
    for name, value in fields:
        for item in values_of_field(value):
            if item is not None:
                yield name, json.dumps(item) if is_dict(item) or isinstance(item, bool) else item
