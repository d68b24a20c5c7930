"""The last step: return the data of an answer, or raise its ApiException."""

from __future__ import annotations

from contextlib import suppress
from typing import NoReturn, TypeVar

import pydantic_core

from gravscale.exceptions import ApiException
from gravscale.pipeline.call import Call
from gravscale.pipeline.errors import about, unusable, with_sdk_errors
from gravscale.pipeline.events import tell_of_error
from gravscale.pipeline.response import RESTResponse
from gravscale.schema.model import describe
from gravscale.schema.operation import Operation
from gravscale.schema.reading import Reading
from gravscale.support.redaction import redact, redact_data
from gravscale.support.text import EXCERPT_LENGTH, decode, excerpt

T = TypeVar("T")

_NO_CREDENTIALS = (
    "{}() needs credentials, and the configuration has none: pass credentials=PasswordCredentials(email, password), "
    "or set GRAVSCALE_EMAIL and GRAVSCALE_PASSWORD and use Configuration.from_env(), "
    "or run `gravscale login` and use Configuration.from_profile()"
)
# An error keeps only the start of a larger body: searching it for secrets takes time, which may have run out.
_ERROR_BODY_MAX = 128 * 1024
# An answer may have one value per this many bytes of `max_response_size`, and in any case this many values.
_BYTES_OF_A_VALUE = 64
_VALUES_MIN = 2**20
# Longer than any secret. An excerpt is redacted with this much text, so that no secret is cut before.
_EXCERPT_FROM = 65536


def parse_answer(call: Call, operation: Operation[T], response: RESTResponse) -> T:
    """Return the data of a successful answer. Raises the ApiException for any other."""
    try:
        return _parse(call, operation, response)
    except Exception as error:
        tell_of_error(call, error)
        raise


def _parse(call: Call, operation: Operation[T], response: RESTResponse) -> T:
    raw = response.read()
    if not 200 <= response.status < 300:
        _raise(call, operation, response)
    media = response.getheader("Content-Type") or "no Content-Type"
    values_max = max(_VALUES_MIN, call.client.configuration.max_response_size / _BYTES_OF_A_VALUE)
    reading = Reading(call.deadline.check, values_max)
    try:
        return with_sdk_errors(
            call, lambda: operation.read_answer(raw, media, response.status, reading), response.response
        )
    except pydantic_core.ValidationError as error:
        reason = describe(error)
    except ValueError as error:
        reason = str(error)
    secrets = call.request.secrets
    start = redact(raw.lstrip()[:_EXCERPT_FROM].decode(errors="replace"), secrets)
    # For HTML, such as the page of a captive portal, the start is helpful. JSON is not quoted: it may contain tokens.
    beginning = f"; it starts {excerpt(start, 80)!r}" if start[:1] == "<" else ""
    media, reason = (excerpt(redact(text, secrets)) for text in (media, reason))
    raise unusable(
        call,
        response.response,
        f"an answer of {len(raw)} bytes ({media}), not the expected {operation.answer_name}: {reason}{beginning}",
    )


def _raise(call: Call, operation: Operation[object], response: RESTResponse) -> NoReturn:
    raw, secrets = response.data or b"", call.request.secrets
    text = decode(raw[:_ERROR_BODY_MAX], response.getheader("Content-Type") or "", "replace")
    body = redact(text, secrets)
    data = None
    if len(raw) > _ERROR_BODY_MAX:
        # The cut may have split a secret, so drop more than the longest secret.
        body = body[:-_EXCERPT_FROM]
    else:
        with suppress(ValueError):
            # Mask the structure instead of the text, where a secret that is a common word would be masked in keys too.
            data = operation.read_error(response.status, redact_data(pydantic_core.from_json(text), secrets))
    failure = ApiException.of_status(response.status)(
        response.status,
        excerpt(redact(response.reason or "", secrets), 3 * EXCERPT_LENGTH),
        body=body,
        data=data,
        **about(call, response.response),
    )
    if call.is_anonymous and response.status in (401, 403):
        failure.hint = _NO_CREDENTIALS.format(operation.name)
    raise failure
