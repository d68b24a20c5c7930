"""A call under way: what the steps of the pipeline hand on to each other."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Protocol

from urllib3 import BaseHTTPResponse

from gravscale.configuration import Configuration
from gravscale.schema.operation import Operation
from gravscale.transport.deadline import Deadline
from gravscale.transport.request import Request


class Caller(Protocol):
    """The client that a call is made with, as far as the pipeline needs it."""

    configuration: Configuration
    default_headers: dict[str, str]
    cookie: str | None


class Call:
    """A call under way.

    Args:
        client: the client that it is made with, which credentials call with too.
        request: what to send; after a redirect, what to send next.
        deadline: its time.
        operation: the operation of the contract, None for what is outside of it.
        auth: `_request_auth`, the credentials of this call alone.

    Attributes:
        attempts: how many requests were sent, those that follow a redirect included.
        redirects: how many redirects were followed.
        is_anonymous: whether the operation wants credentials and there were none to send.
        can_be_retried: whether another attempt might fare better than the last, which failed.
    """

    __slots__ = (
        "attempts",
        "auth",
        "can_be_retried",
        "client",
        "deadline",
        "is_anonymous",
        "operation",
        "redirects",
        "request",
    )

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
"""A step of the pipeline: takes a call and gives its answer, by way of the next step."""
