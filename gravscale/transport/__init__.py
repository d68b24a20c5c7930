"""Bytes in, bytes out: HTTP/1.1, connections, TLS, proxies, deadlines.

The rest of the SDK knows this folder as a `Transport`. The one in use is `Urllib3Transport`; a program may bring
another, such as one that plays back recorded answers in its tests: `ApiClient(configuration, transport=…)`.
"""

from __future__ import annotations

from typing import Protocol

from urllib3 import BaseHTTPResponse

from gravscale.transport.deadline import Deadline as Deadline
from gravscale.transport.request import Request as Request


class Transport(Protocol):
    """Carries requests to a service. One transport may be used by any number of threads at once."""

    def send(self, request: Request, deadline: Deadline) -> BaseHTTPResponse:
        """Send a request once and return its answer, whatever its status. Don't retry, and don't follow redirects.

        Args:
            request: `method`, `origin`, `target` (path and query, percent-encoded), `headers`, and `body`, bytes or
                None. With `stream` the caller reads the body; without, it may be read already.
            deadline: `deadline.step_seconds()` gives the seconds that are left, None for no limit, and raises a
                TimeoutError when there are none. Call `deadline.begin_sending()` before the first byte is sent: until
                then any request may be sent again.

        Returns:
            An answer such as `urllib3.HTTPResponse(body, headers, status, preload_content=False)` makes, its body as it
            was sent, not decompressed.

        Raises:
            OSError, urllib3.exceptions.HTTPError: there is no answer. The caller gets an ApiConnectionError.
        """
        ...

    def close(self) -> None:
        """Close every idle connection. A later request opens new ones."""
        ...
