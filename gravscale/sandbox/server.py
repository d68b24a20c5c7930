"""Running the sandbox inside another program."""

from __future__ import annotations

import os
import socket
import threading
from ipaddress import ip_address
from typing import TYPE_CHECKING

import uvicorn
from sqlalchemy.exc import SQLAlchemyError

from gravscale.exceptions import ApiTypeError, ApiValueError
from gravscale.sandbox.app import create_app
from gravscale.sandbox.database import open_database

if TYPE_CHECKING:
    from typing_extensions import Self

TOKEN_TTL = 900.0
TASK_DURATION = 1.0
_START_SECONDS = 10.0
# Some thirty years. A token that lived for ever would have no time of expiry.
_SECONDS_MAX = 10**9


class _Server(uvicorn.Server):
    """A server that says when it answers."""

    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self.answering = threading.Event()

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self.answering.set()


class Sandbox:
    """A local stand-in for the service: the whole contract over real HTTP.

        with Sandbox() as sandbox:
            configuration = gravscale.Configuration(host=sandbox.url)

    Args:
        host: the address to listen on.
        port: the port; 0 for a free one.
        database: a file that keeps what happens; in memory if left out.
        token_ttl: seconds that an access token lives.
        task_duration: seconds that a task takes.
        latency: seconds added to each answer.
        failure_rate: the share of requests, 0 to 1, answered by a 503 instead of being carried out.

    The last four are attributes too, which may be set while it runs.

    Raises:
        ApiTypeError, ApiValueError: an argument is not what it should be.
    """

    def __init__(
        self,
        host: str = "127.0.0.1",
        port: int = 0,
        *,
        database: str | os.PathLike[str] | None = None,
        token_ttl: float = TOKEN_TTL,
        task_duration: float = TASK_DURATION,
        latency: float = 0.0,
        failure_rate: float = 0.0,
    ) -> None:
        if not isinstance(host, str):
            raise ApiTypeError(f"host: expected a string, got {type(host).__name__}")
        if isinstance(port, bool) or not isinstance(port, int):
            raise ApiTypeError(f"port: expected an integer, got {type(port).__name__}")
        if not 0 <= port <= 65535:
            raise ApiValueError(f"port: expected 0 to 65535, got {port}")
        if database is not None and not isinstance(database, (str, os.PathLike)):
            raise ApiTypeError(f"database: expected a path, got {type(database).__name__}")
        for name, value in (
            ("token_ttl", token_ttl),
            ("task_duration", task_duration),
            ("latency", latency),
            ("failure_rate", failure_rate),
        ):
            if isinstance(value, bool) or not isinstance(value, (int, float)):
                raise ApiTypeError(f"{name}: expected a number, got {type(value).__name__}")
            most = 1 if name == "failure_rate" else _SECONDS_MAX
            if not 0 <= value <= most:
                raise ApiValueError(f"{name}: expected 0 to {most}, got {value}")
        if not host:
            raise ApiValueError("host: expected an address to listen on, got an empty str")
        self.host = host
        self.port: int = port
        self.database = database
        self.token_ttl = token_ttl
        self.task_duration = task_duration
        self.latency = latency
        self.failure_rate = failure_rate
        self._server: _Server | None = None
        self._thread: threading.Thread | None = None

    @property
    def url(self) -> str:
        """The base URL, for `Configuration(host=…)`. With a port of its own once the sandbox has started."""
        return f"http://{f'[{self.host}]' if ':' in self.host else self.host}:{self.port}"

    @property
    def is_public(self) -> bool:
        """Whether other machines can reach it."""
        try:
            return not ip_address(self.host).is_loopback
        except ValueError:
            return self.host != "localhost"

    def start(self) -> Self:
        """Start answering. Raises OSError when the port is taken or the database can't be opened."""
        if self._thread is not None:
            return self
        family = socket.AF_INET6 if ":" in self.host else socket.AF_INET
        listener = socket.create_server((self.host, self.port), family=family)
        self.port = listener.getsockname()[1]
        try:
            engine = open_database(self.database)
        except (SQLAlchemyError, ValueError) as error:
            listener.close()
            raise OSError(f"database: {self.database} can't be opened: {error.__cause__ or error}") from error
        app = create_app(engine, self)
        # An access log would show refresh tokens, which travel in the query.
        config = uvicorn.Config(
            app,
            access_log=False,
            log_config=None,
            log_level="warning",
            lifespan="off",
            ws="none",
            timeout_graceful_shutdown=1,
        )
        server = self._server = _Server(config)

        def serve() -> None:
            try:
                server.run(sockets=[listener])
            finally:
                listener.close()
                engine.dispose()
                server.answering.set()

        self._thread = threading.Thread(target=serve, name="gravscale-sandbox", daemon=True)
        self._thread.start()
        if not server.answering.wait(_START_SECONDS) or not self._thread.is_alive():
            self.stop()
            raise OSError("the sandbox did not start")
        return self

    def stop(self) -> None:
        """Stop answering and forget everything that is not in a database file. A second time does nothing."""
        thread, self._thread = self._thread, None
        if thread is not None and self._server is not None:
            self._server.should_exit = True
            thread.join()

    def wait(self) -> None:
        """Wait until it is stopped."""
        while self._thread is not None and self._thread.is_alive():
            # In slices, because on Windows an interrupt does not end a join.
            self._thread.join(0.5)

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(self, *_: object) -> None:
        self.stop()

    def __repr__(self) -> str:
        # One whose making failed may be shown by what reports the error.
        return f"<Sandbox {self.url}>" if "port" in vars(self) else "<Sandbox>"
