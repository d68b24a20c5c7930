"""The transport: one request in, one answer out, whatever the network does in between."""

from __future__ import annotations

import http.client
import logging
import ssl
import time
from contextlib import suppress
from io import BytesIO
from typing import TYPE_CHECKING, Any, cast
from urllib.parse import urljoin

import urllib3
from urllib3.exceptions import ClosedPoolError, HTTPError, ProxyError

from gravscale.exceptions import ApiConnectionError, ApiException, ApiResponseError, ApiTimeoutError
from gravscale.pipeline.retry import RETRY_AFTER_MAX_SECONDS, start_retries
from gravscale.support.logs import logger
from gravscale.support.redaction import redact, redact_headers
from gravscale.support.text import excerpt
from gravscale.transport.content_encoding import decode, too_large
from gravscale.transport.deadline import FOREVER, Attempt, Deadline
from gravscale.transport.pool import Pools
from gravscale.transport.request import Request, split_url

if TYPE_CHECKING:
    from urllib3 import BaseHTTPResponse, HTTPHeaderDict

    from gravscale.configuration import Configuration

__all__ = ["ApiException", "RESTClientObject", "RESTResponse", "RESTResponseType"]

log: logging.Logger = logger("rest")

MAX_REDIRECTS = 5

RESTResponseType = urllib3.BaseHTTPResponse

_CHUNK = 65536
# An answer that is not used is read for so long, in the hope that its connection can serve again.
_DISCARD_SECONDS = 0.05
_REDIRECTS = frozenset((301, 302, 303, 307, 308))
# Whether to go on is decided here: urllib3 knows no deadline.
_ONCE = urllib3.Retry(False, redirect=False)


class RESTResponse:
    """An answer as it came from the network.

    Args:
        resp: the urllib3 response.
        max_size: how many bytes of decompressed body are taken.
    """

    def __init__(self, resp: BaseHTTPResponse, max_size: float = FOREVER) -> None:
        self.response = resp
        self.status: int = resp.status
        self.reason: str | None = resp.reason
        self.data: bytes | None = None
        self._max_size = max_size

    def read(self) -> bytes:
        """The body, decompressed. Raises ApiResponseError when it is larger than what is taken."""
        if self.data is None:
            self.data = self._read()
        return self.data

    def _read(self) -> bytes:
        response, limit = self.response, self._max_size
        length = cast("urllib3.HTTPResponse", response).length_remaining
        if length is not None:
            if length > limit:
                raise too_large(limit)
            body = response.read(decode_content=False)
        else:
            received = BytesIO()
            while part := response.read(_CHUNK, decode_content=False):
                received.write(part)
                if received.tell() > limit:
                    raise too_large(limit)
            body = received.getvalue()
        return decode(body, response.headers.get("Content-Encoding", ""), limit)

    @property
    def headers(self) -> HTTPHeaderDict:
        """The header fields."""
        return self.response.headers

    def getheaders(self) -> HTTPHeaderDict:
        """The header fields."""
        return self.response.headers

    def getheader(self, name: str, default: str | None = None) -> str | None:
        """A header field by any case of its name, or `default`."""
        return self.response.headers.get(name, default)

    def __repr__(self) -> str:
        return f"<RESTResponse {self.status}>"


class RESTClientObject:
    """Sends requests over pooled connections, each within its deadline, again where that is safe.

    Args:
        configuration: where its TLS, proxy, retry and size settings come from.
    """

    def __init__(self, configuration: Configuration) -> None:
        self.configuration = configuration
        self._pools = Pools(configuration)

    def close(self) -> None:
        """Close every idle connection. A later use opens new ones."""
        self._pools.close()

    def send(self, request: Request, deadline: Deadline, *, preload: bool = True) -> RESTResponse:
        """Send a request until it is answered, or until there is no point in going on.

        Args:
            request: what to send.
            deadline: when to be over.
            preload: whether to read the body too.

        Raises:
            ApiConnectionError, ApiTimeoutError: no answer, or none in time.
            ApiResponseError: the answer can't be used.
        """
        retries = start_retries(self.configuration.retries)
        tries = redirects = 0
        while True:
            tries += 1
            answer: BaseHTTPResponse | None = None
            following: Request | None = None
            pause: float | None = None
            failure: ApiException | None = None
            with deadline.attempt(None if request.shown == request.target else request.target) as attempt:
                try:
                    answer = self._exchange(request, attempt)
                    following = _redirection(request, answer, redirects)
                    if following is None:
                        pause = _affordable(retries.after_answer(request.method, answer), deadline)
                        if pause is None:
                            return self._finish(request, answer, deadline, attempt, tries, preload)
                    _discard(answer, attempt)
                except (HTTPError, OSError, http.client.HTTPException, ApiResponseError) as error:
                    failure = _failure(error, request, answer, deadline, attempt)
                    if isinstance(failure, ApiConnectionError) and not _is_final(error):
                        pause = _affordable(retries.after_failure(request.method, attempt.sent, failure), deadline)
                    if answer is not None:
                        answer.close()
                except BaseException:
                    # Interrupted: what is left of the answer shall not be taken for the next one.
                    if answer is not None:
                        answer.close()
                    raise
            # Outside of the except clause, so that what urllib3 raised, which knows the whole request, is not chained.
            if failure is not None and pause is None:
                log.debug("%s %s: %s, attempt %d", request.method, request.shown, failure.reason, tries)
                try:
                    raise failure
                finally:
                    # Its traceback knows this frame, and a cycle would keep both.
                    del failure
            if following is not None:
                request, redirects = following, redirects + 1
                continue
            reason = failure.reason if failure else f"status {answer.status}" if answer else ""
            log.info("%s %s: %s; again in %.2f s", request.method, request.shown, reason, pause)
            time.sleep(pause or 0.0)

    def _exchange(self, request: Request, attempt: Attempt) -> BaseHTTPResponse:
        """Send a request once and wait for the head of its answer."""
        while True:
            pool = self._pools.of(request.origin)
            target = request.shown
            if pool.proxy is not None and request.origin.startswith("http:"):
                # RFC 9112, section 3.2.2: a proxy is told the whole URL.
                target = request.origin + target
                attempt.wire_target = request.origin + request.target
            # Another thread may close the client at any moment.
            with suppress(ClosedPoolError):
                return pool.urlopen(
                    request.method,
                    target,
                    request.body,
                    request.headers,
                    retries=_ONCE,
                    redirect=False,
                    assert_same_host=False,
                    preload_content=False,
                )

    def _finish(
        self,
        request: Request,
        answer: BaseHTTPResponse,
        deadline: Deadline,
        attempt: Attempt,
        tries: int,
        preload: bool,
    ) -> RESTResponse:
        attempt.phase = "reading the answer"
        response = RESTResponse(answer, self.configuration.max_response_size)
        if preload:
            response.read()
        elif attempt.socket is not None:
            # From here on the user reads, at his own pace; what stays bounded is the silence between two reads.
            silence = min(deadline.limits.total, deadline.limits.read)
            attempt.socket.settimeout(None if silence == FOREVER else silence)
        if log.isEnabledFor(logging.DEBUG):
            size = f"{len(response.data)} bytes" if response.data is not None else "unread"
            log.debug(
                "%s %s: status %d, %s, %.0f ms, attempt %d",
                *(request.method, request.shown, response.status, size, deadline.elapsed() * 1000, tries),
            )
        return response


def _affordable(pause: float | None, deadline: Deadline) -> float | None:
    """The pause, unless it would outlast the call: then the error comes at once."""
    limit = deadline.left() if deadline.over != FOREVER else RETRY_AFTER_MAX_SECONDS
    return pause if pause is not None and pause < limit else None


def _discard(answer: BaseHTTPResponse, attempt: Attempt) -> None:
    """Read what is left of an answer, so that its connection can serve again, or close it where that is much."""
    attempt.until = min(attempt.until, time.monotonic() + _DISCARD_SECONDS)
    try:
        if len(answer.read(_CHUNK, decode_content=False)) == _CHUNK:
            answer.close()
    except (HTTPError, OSError, http.client.HTTPException):
        answer.close()


def _redirection(request: Request, answer: BaseHTTPResponse, redirects: int) -> Request | None:
    """The request that a redirect asks for (RFC 9110, section 15.4), None for any other answer.

    Raises ApiResponseError unless it stays within the origin.
    """
    if answer.status not in _REDIRECTS:
        return None
    location = answer.headers.get("Location", "").strip()
    if not location:
        raise ApiResponseError(reason="a redirect that does not say where to")
    if redirects >= MAX_REDIRECTS:
        raise ApiResponseError(reason=f"more than {MAX_REDIRECTS} redirects")
    try:
        origin, target = split_url(urljoin(request.origin + request.target, location), "Location")
    except ValueError as error:
        raise ApiResponseError(reason=f"a redirect that was not followed: {error}") from None
    if origin != request.origin:
        raise ApiResponseError(reason=f"a redirect to another origin, {origin}, which was not followed")
    to_get = answer.status == 303 or (answer.status in (301, 302) and request.method == "POST")
    return request.to(target or "/", "GET" if to_get and request.method != "HEAD" else None)


def _failure(
    error: Exception, request: Request, answer: BaseHTTPResponse | None, deadline: Deadline, attempt: Attempt
) -> ApiConnectionError | ApiResponseError:
    """The SDK's error for what went wrong, caused by what lies at the bottom of it."""
    root = _root(error)
    about: dict[str, Any] = {"method": request.method, "url": request.origin + request.shown}
    if answer is not None:
        about["headers"] = redact_headers(answer.headers, request.secrets)
    status = None if answer is None else answer.status
    made: ApiConnectionError | ApiResponseError
    if isinstance(root, TimeoutError):
        made = ApiTimeoutError(reason=f"timed out after {deadline.elapsed():.1f} s while {attempt.phase}", **about)
    elif isinstance(error, ApiResponseError):
        # Cut short only once it holds no secret, of which half might be left.
        made = ApiResponseError(status, excerpt(redact(error.reason or "", request.secrets)), **about)
    elif answer is not None or (
        isinstance(root, http.client.HTTPException) and not isinstance(root, http.client.RemoteDisconnected)
    ):
        made = ApiResponseError(status, f"an answer that can't be read: {_said(root, request)}", **about)
    else:
        what = "the proxy failed" if isinstance(error, ProxyError) else "no answer"
        made = ApiConnectionError(reason=f"{what} while {attempt.phase}: {_said(root, request)}", **about)
    if isinstance(root, (OSError, http.client.HTTPException)) and _is_harmless(root, request):
        # Alone: its frames, and what was being handled when it was raised, know the whole request.
        root.__cause__ = root.__context__ = None
        made.__cause__ = root.with_traceback(None)
    return made


def _is_harmless(error: BaseException, request: Request) -> bool:
    """Whether an error can be shown. Some hold pieces of the answer, in which there may be tokens."""
    held = (*error.args, *vars(error).values())
    shown = repr(held)
    return (
        all(part is None or isinstance(part, (int, str)) for part in held) and redact(shown, request.secrets) == shown
    )


def _is_final(error: Exception) -> bool:
    """Whether the other side's certificate or its TLS was refused, which another attempt would not change."""
    root = _root(error)
    # urllib3's own CertificateError is a ValueError. A handshake that broke off is but a failed connection.
    return isinstance(root, (ssl.SSLError, ValueError)) and not isinstance(root, ssl.SSLEOFError)


def _root(error: BaseException) -> BaseException:
    """The innermost error: urllib3 wraps what the socket or http.client said several times."""
    # The context may be the program's own error, of which it makes the call.
    while not isinstance(error, http.client.HTTPException):
        inner = error.__cause__ or next((part for part in error.args if isinstance(part, Exception)), None)
        if inner is None:
            break
        error = inner
    return error


def _said(error: BaseException, request: Request) -> str:
    text = " ".join(redact(str(error), request.secrets).split()) or type(error).__name__
    return text[:300]
