"""Bytes in, bytes out: HTTP/1.1, connections, TLS, proxies, deadlines.

The rest of the SDK uses this folder through the protocol `Transport`. The default is `Urllib3Transport`. A program may
pass its own, such as one that replays recorded answers in tests: `ApiClient(configuration, transport=…)`.
"""

from __future__ import annotations

from typing import Protocol

from urllib3 import BaseHTTPResponse

from gravscale.transport.deadline import Deadline as Deadline
from gravscale.transport.request import Request as Request


class Transport(Protocol):
    """Send requests to a service. Several threads may use one transport at the same time."""

    def send(self, request: Request, deadline: Deadline) -> BaseHTTPResponse:
        """Send a request once and return its answer, whatever the status. Don't retry or follow redirects.

        Args:
            request: The request. It has `method`, `origin`, `target` (path and query, percent-encoded), `headers`, and
                `body`, which is bytes or None. If `stream` is true, the caller reads the body of the answer.
            deadline: The time limit. `deadline.step_seconds()` returns the seconds left, or None for no limit, and
                raises TimeoutError when the time is up. Call `deadline.begin_sending()` before you send the first byte:
                until then, any request may be sent again.

        Returns:
            An answer like `urllib3.HTTPResponse(body, headers, status, preload_content=False)`, with the body as it was
            sent, not decompressed.

        Raises:
            OSError: There is no answer. The caller gets an `ApiConnectionError`.
            HTTPError: The same, with urllib3's base class.
        """
        ...

    def close(self) -> None:
        """Close every idle connection. A later request opens new ones."""
        ...
