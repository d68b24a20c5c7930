"""The step that follows redirects, within the origin only (RFC 9110, section 15.4)."""

from __future__ import annotations

from urllib.parse import quote, urljoin

from urllib3 import BaseHTTPResponse

from gravscale.pipeline.call import Call, Step
from gravscale.pipeline.errors import discard, unusable
from gravscale.transport.request import Request
from gravscale.transport.urls import split_url

MAX_REDIRECTS = 5

_REDIRECTS = frozenset((301, 302, 303, 307, 308))
_ASCII = bytes(range(128))


class Redirect:
    """Follow redirects to the same origin, at most 5 in a call. Raise ApiResponseError for any other."""

    def __init__(self, send: Step) -> None:
        self._send = send

    def __call__(self, call: Call) -> BaseHTTPResponse:
        while True:
            answer = self._send(call)
            if answer.status not in _REDIRECTS:
                return answer
            following = _following(call, answer)
            discard(answer, call.deadline)
            call.request = following
            call.redirects += 1


def _following(call: Call, answer: BaseHTTPResponse) -> Request:
    """Return the request that follows a redirect."""
    request = call.request
    location = _percent_encoded(answer.headers.get("Location", "").strip())
    if not location:
        raise unusable(call, answer, "a redirect without a Location")
    if call.redirects >= MAX_REDIRECTS:
        raise unusable(call, answer, f"more than {MAX_REDIRECTS} redirects")
    try:
        origin, target = split_url(urljoin(request.origin + request.target, location), "Location")
    except ValueError as error:
        reason = f"a redirect that was not followed: {error}"
    else:
        if origin == request.origin:
            to_get = answer.status == 303 or (answer.status in (301, 302) and request.method == "POST")
            return request.redirected(target or "/", to_get=to_get and request.method != "HEAD")
        reason = f"a redirect to another origin, {origin}, which was not followed"
    raise unusable(call, answer, reason)


def _percent_encoded(location: str) -> str:
    """Percent-encode the non-ASCII characters of a Location as the bytes that were sent, which are UTF-8."""
    return quote(location.encode("latin-1", "replace"), safe=_ASCII)
