"""The transport over urllib3: its pools hold the connections, and every request goes through `urlopen`."""

from __future__ import annotations

import os
import queue
import socket
import threading
import time
from collections import deque
from typing import Any

import urllib3
from urllib3 import BaseHTTPResponse
from urllib3.exceptions import ClosedPoolError

from gravscale.support.forks import register_after_fork
from gravscale.transport.connection import DeadlineConnection, DeadlineTLSConnection, Exchange
from gravscale.transport.deadline import Deadline
from gravscale.transport.proxies import proxy_for
from gravscale.transport.request import Request
from gravscale.transport.settings import ConnectionSettings
from gravscale.transport.tls import tls_context

# So often a connection that is silent says that it is there, before a NAT or a load balancer forgets it.
_KEEPALIVE_IDLE_SECONDS = 30


class IdleConnections:
    """A pool's idle connections, the last used on top.

    Unlike the queue that it stands in for it has no lock, which a fork or a signal could find held for ever; nor is it
    filled with None, which urllib3 takes for a connection that is yet to be made.
    """

    def __init__(self, maxsize: int) -> None:
        self.is_closed = False
        self._maxsize = maxsize
        self._stack: deque[DeadlineConnection] = deque()

    def put(self, connection: DeadlineConnection | None, block: bool = True, timeout: float | None = None) -> None:
        if connection is None:
            return
        if connection.is_being_read:
            # It comes back when the answer has been read.
            connection.give_back = self.put
        elif connection.is_closed:
            # A new one is as good.
            return
        elif self.is_closed or len(self._stack) >= self._maxsize:
            connection.close()
        else:
            connection.idle_since = time.monotonic()
            self._stack.append(connection)

    def get(self, block: bool = True, timeout: float | None = None) -> DeadlineConnection:
        try:
            return self._stack.pop()
        except IndexError:
            raise queue.Empty from None


class HTTPPool(urllib3.HTTPConnectionPool):
    """A pool of connections to one http origin."""

    ConnectionCls = DeadlineConnection  # pyright: ignore[reportAssignmentType]
    QueueCls = IdleConnections  # type: ignore[assignment]

    def close(self) -> None:
        idle: Any = self.pool
        if idle is not None:
            # Before the others are closed, so that none that is given back meanwhile stays open.
            idle.is_closed = True
        super().close()


class HTTPSPool(HTTPPool, urllib3.HTTPSConnectionPool):
    """A pool of connections to one https origin."""

    ConnectionCls: type[Any] = DeadlineTLSConnection


class _NoRetry(urllib3.Retry):
    """Leaves it to the SDK whether to try again: urllib3 knows no deadline."""

    # For speed: what urllib3 would ask for each answer.
    def is_retry(self, method: str, status_code: int, has_retry_after: bool = False) -> bool:
        return False


_NO_RETRY = _NoRetry(False, redirect=False)


class Urllib3Transport:
    """Carries requests over pooled connections, a pool an origin.

    Args:
        settings: TLS, proxies and pools; they hold from the first use of an origin on.
    """

    def __init__(self, settings: ConnectionSettings) -> None:
        self._settings = settings
        # Guards the making of pools, so that threads that start together share one. A signal handler that calls while
        # its thread is making one must not wait for itself.
        self._lock = threading.RLock()
        self._pools: dict[str, urllib3.HTTPConnectionPool] = {}
        self._process = os.getpid()
        register_after_fork(self)

    def send(self, request: Request, deadline: Deadline) -> BaseHTTPResponse:
        """Send a request once and return its answer. See `Transport.send`."""
        if self._process != os.getpid():
            # A fork that no hook told of, such as uWSGI's.
            self.after_fork()
        while True:
            pool = self._pool_for(request.origin)
            target, redacted = request.target, request.redacted_target
            if pool.proxy is not None and request.origin.startswith("http:"):
                # RFC 9112, section 3.2.2: a proxy is told the whole URL.
                target, redacted = request.origin + target, request.origin + redacted
            try:
                return pool.urlopen(
                    request.method,
                    redacted,
                    request.body,
                    request.headers,
                    retries=_NO_RETRY,
                    redirect=False,
                    assert_same_host=False,
                    timeout=Exchange(deadline, target, self._settings.max_response_size),
                    preload_content=not request.stream,
                    release_conn=True,
                )
            except ClosedPoolError:
                # Another thread may close the client at any moment.
                continue

    def close(self) -> None:
        """Close every idle connection; those in use close when their answers are read. A later use opens new ones."""
        with self._lock:
            pools, self._pools = self._pools, {}
        for pool in pools.values():
            pool.close()

    def _pool_for(self, origin: str) -> urllib3.HTTPConnectionPool:
        pool = self._pools.get(origin)
        if pool is None:
            with self._lock:
                pool = self._pools.get(origin)
                if pool is None:
                    pool = self._pools[origin] = self._make_pool(origin)
        return pool

    def _make_pool(self, origin: str) -> urllib3.HTTPConnectionPool:
        settings = self._settings
        options: dict[str, Any] = {
            "maxsize": settings.connection_pool_maxsize,
            "socket_options": _tcp_options(settings),
        }
        if origin.startswith("https:"):
            options["ssl_context"] = tls_context(settings)
            if settings.assert_hostname is False:
                options["assert_hostname"] = False
            if settings.tls_server_name:
                options["server_hostname"] = settings.tls_server_name
        proxy = proxy_for(settings, origin)
        manager: urllib3.PoolManager
        if proxy is None:
            manager = urllib3.PoolManager(**options)
        else:
            proxy_url, proxy_headers = proxy
            proxy_context = None
            if proxy_url.startswith("https:"):
                proxy_context = settings.proxy_ssl_context or tls_context(settings)
                # An http service's requests go to the proxy itself, with no tunnel in between.
                options.setdefault("ssl_context", proxy_context)
            manager = urllib3.ProxyManager(
                proxy_url, proxy_headers=proxy_headers, proxy_ssl_context=proxy_context, **options
            )
        classes: dict[str, Any] = {"http": HTTPPool, "https": HTTPSPool}
        manager.pool_classes_by_scheme = classes
        return manager.connection_from_url(origin)

    def after_fork(self) -> None:
        """In a child process: leave the parent's connections alone and start with none."""
        self._lock = threading.RLock()
        self._pools = {}
        self._process = os.getpid()


def _tcp_options(settings: ConnectionSettings) -> list[tuple[int, int, int | bytes]]:
    """The options of each socket: those configured, else no delay, and keep-alive where the system has it."""
    if settings.socket_options is not None:
        return list(settings.socket_options)
    options: list[tuple[int, int, int | bytes]] = [
        (socket.IPPROTO_TCP, socket.TCP_NODELAY, 1),
        (socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1),
    ]
    # Linux and Windows call it so, macOS the other way.
    idle = getattr(socket, "TCP_KEEPIDLE", None) or getattr(socket, "TCP_KEEPALIVE", None)
    if idle is not None:
        options.append((socket.IPPROTO_TCP, idle, _KEEPALIVE_IDLE_SECONDS))
    return options
