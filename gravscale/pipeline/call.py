"""A call in progress, which the steps of the pipeline pass on."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Protocol

from urllib3 import BaseHTTPResponse

from gravscale.configuration import Configuration
from gravscale.schema.operation import Operation
from gravscale.transport.deadline import Deadline
from gravscale.transport.request import Request


class Caller(Protocol):
    """The part of a client that the pipeline needs."""

    configuration: Configuration
    default_headers: dict[str, str]
    cookie: str | None


class Call:
    """A call in progress.

    Args:
        client: The client of the call. Credentials use it too.
        request: The request to send. A redirect replaces it.
        deadline: The deadline of the call.
        operation: The operation of the contract, or None for calls outside it.
        auth: `_request_auth`, the credentials of only this call.

    Attributes:
        attempts: How many requests were sent, including those that follow a redirect.
        redirects: How many redirects were followed.
        is_anonymous: Whether the operation needs credentials and there were none to send.
        can_be_retried: Whether another attempt might succeed after the last one failed.
    """

    def __init__(
        self,
        client: Caller,
        request: Request,
        deadline: Deadline,
        operation: Operation[Any] | None = None,
        auth: Any = None,
    ) -> None:
        self.client: Caller = client
        self.request: Request = request
        self.deadline: Deadline = deadline
        self.operation: Operation[Any] | None = operation
        self.auth: Any = auth
        self.attempts: int = 0
        self.redirects: int = 0
        self.is_anonymous: bool = False
        self.can_be_retried: bool = True


Step = Callable[[Call], BaseHTTPResponse]
"""A step of the pipeline: takes a call, passes it to the next step, and returns the answer."""
