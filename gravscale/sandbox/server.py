"""Run the sandbox inside another program."""

from __future__ import annotations

import errno
import os
import socket
import threading
import warnings
from ipaddress import ip_address
from typing import TYPE_CHECKING

import uvicorn

from gravscale.exceptions import ApiTypeError, ApiValueError, InsecureTransportWarning
from gravscale.operation_lookup import require_operation
from gravscale.sandbox.app import create_app
from gravscale.sandbox.database import open_database

if TYPE_CHECKING:
    from typing_extensions import Self

TOKEN_TTL = 900.0
TASK_DURATION = 1.0
_START_SECONDS = 10.0
# The settings that may change while the sandbox runs, and their maximums. 10**9 seconds are about thirty years: a token
# that lived forever would have no expiry time.
_MAXIMUMS = {**dict.fromkeys(("token_ttl", "task_duration", "latency"), 10**9), "failure_rate": 1}
# A server that listens on all addresses can be reached at the loopback address.
_WILDCARDS = {"0.0.0.0": "127.0.0.1", "::": "::1"}


class _Server(uvicorn.Server):
    """A server that signals when it is up, and that stops without waiting for calls in progress."""

    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self.is_up = threading.Event()

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self.is_up.set()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        # Calls in progress get a 503; see middleware.py.
        for task in list(self.server_state.tasks):
            task.cancel()
        await super().shutdown(sockets)


class Sandbox:
    """A local server that behaves like the service, over real HTTP.

        with Sandbox() as sandbox:
            configuration = gravscale.Configuration(host=sandbox.url)

    The last four arguments are also attributes that you can set while the sandbox runs.

    Args:
        host: The address to listen on.
        port: The port to listen on; 0 picks a free one.
        database: A file that keeps the data, created with mode 0600. Default: in memory.
        token_ttl: How long an access token is valid, in seconds.
        task_duration: How long a task takes, in seconds.
        latency: How many seconds to add to each response time.
        failure_rate: The share of requests, 0 to 1, that get a 503.

    Raises:
        ApiTypeError: An argument has the wrong type.
        ApiValueError: An argument has an invalid value.

    Warns:
        InsecureTransportWarning: Other machines can reach the host, and passwords would be sent unencrypted.
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
        require_operation("sign_in", "the sandbox")
        if not isinstance(host, str):
            raise ApiTypeError(f"host: expected a string, got {type(host).__name__}")
        if not host:
            raise ApiValueError("host: expected an address to listen on, got an empty str")
        if isinstance(port, bool) or not isinstance(port, int):
            raise ApiTypeError(f"port: expected an integer, got {type(port).__name__}")
        if not 0 <= port <= 65535:
            raise ApiValueError(f"port: expected 0 to 65535, got {port}")
        if database is not None and not isinstance(database, (str, os.PathLike)):
            raise ApiTypeError(f"database: expected a path, got {type(database).__name__}")
        self.token_ttl = token_ttl
        self.task_duration = task_duration
        self.latency = latency
        self.failure_rate = failure_rate
        self._host = host
        self._port = port
        self._database = database
        # Guards the server and its thread, which exist together while the sandbox runs.
        self._lock = threading.RLock()
        self._server: _Server | None = None
        self._thread: threading.Thread | None = None
        if self.is_public:
            warnings.warn(
                f"a sandbox on {host} can be reached by other machines, and it takes passwords over plain http; "
                "listen on 127.0.0.1 to keep it to this machine",
                InsecureTransportWarning,
                stacklevel=2,
            )

    @property
    def host(self) -> str:
        """The address that the sandbox listens on."""
        return self._host

    @property
    def port(self) -> int:
        """The port that the sandbox listens on. If you passed 0, it is known once the sandbox has started."""
        return self._port

    @property
    def database(self) -> str | os.PathLike[str] | None:
        """The file that keeps the data, or None if the data is in memory."""
        return self._database

    @property
    def url(self) -> str:
        """The base URL, for `Configuration(host=…)`. It is complete once the sandbox has started."""
        host = _WILDCARDS.get(self._host, self._host)
        return f"http://{f'[{host}]' if ':' in host else host}:{self._port}"

    @property
    def is_public(self) -> bool:
        """Whether other machines can reach the sandbox."""
        try:
            return not ip_address(self._host).is_loopback
        except ValueError:
            return self._host != "localhost"

    # Hidden from type checkers, which would allow any other attribute too.
    if not TYPE_CHECKING:

        def __setattr__(self, name: str, value: object) -> None:
            if (maximum := _MAXIMUMS.get(name)) is not None:
                if isinstance(value, bool) or not isinstance(value, (int, float)):
                    raise ApiTypeError(f"{name}: expected a number, got {type(value).__name__}")
                if not 0 <= value <= maximum:
                    raise ApiValueError(f"{name}: expected 0 to {maximum}, got {value}")
            super().__setattr__(name, value)

    def start(self) -> Self:
        """Start the sandbox, unless it is already running.

        Returns:
            The sandbox.

        Raises:
            OSError: The port is in use, the host is not an address of this machine, or the database can't be opened.
        """
        with self._lock:
            if self._thread is None:
                self._start()
        return self

    def _start(self) -> None:
        listener = _listen(self._host, self._port)
        try:
            engine = open_database(self._database)
        except OSError:
            listener.close()
            raise
        # An access log would show refresh tokens, which travel in the query.
        config = uvicorn.Config(
            create_app(engine, self),
            access_log=False,
            log_config=None,
            log_level="warning",
            lifespan="off",
            ws="none",
            timeout_graceful_shutdown=1,
        )
        server = _Server(config)
        port = listener.getsockname()[1]
        failures: list[BaseException] = []

        def serve() -> None:
            try:
                server.run(sockets=[listener])
            except BaseException as error:
                if server.started:
                    raise
                failures.append(error)
            finally:
                listener.close()
                engine.dispose()
                server.is_up.set()

        thread = threading.Thread(target=serve, name="gravscale-sandbox", daemon=True)
        thread.start()
        if not server.is_up.wait(_START_SECONDS) or failures:
            server.should_exit = True
            thread.join()
            reason = failures[0] if failures else f"it took more than {_START_SECONDS:g} s"
            raise OSError(f"the sandbox did not start: {reason}") from (failures[0] if failures else None)
        self._port, self._server, self._thread = port, server, thread

    def stop(self) -> None:
        """Stop the sandbox, and discard all data that is not in a database file.

        A call in progress gets a 503. If the sandbox is not running, nothing happens.
        """
        with self._lock:
            if self._thread is not None and self._server is not None:
                self._server.should_exit = True
                self._thread.join()
            self._server = self._thread = None

    def wait(self) -> None:
        """Wait until the sandbox is stopped."""
        thread = self._thread
        while thread is not None and thread.is_alive():
            # Join in slices, because on Windows an interrupt does not end a join.
            thread.join(0.5)

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(self, *_: object) -> None:
        self.stop()

    def __repr__(self) -> str:
        # An error reporter may show an object whose __init__ failed.
        return f"<Sandbox {self.url}>" if "_port" in vars(self) else "<Sandbox>"


def _listen(host: str, port: int) -> socket.socket:
    """Return a listening socket. Raises OSError, which names the wrong argument."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        listener = socket.create_server((host, port), family=family)
    except OSError as error:
        reason = str(error.strerror).partition(" (while")[0]
        if error.errno in (errno.EADDRINUSE, errno.EACCES):
            text = f"port: {port} of {host} can't be used: {reason}; choose another one, or 0 for a free one"
        else:
            text = f"host: expected an address of this machine, got {host!r}: {reason}"
        raise OSError(error.errno, text) from error
    # asyncio sets TCP_NODELAY only on a socket with the protocol IPPROTO_TCP. Otherwise Nagle's algorithm and the
    # client's delayed acknowledgement (RFC 9293, sections 3.7.4 and 3.8.6.3) delay each response by 40 ms.
    return socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP, fileno=listener.detach())
