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

# TCP keep-alive starts after this time, before a NAT or a load balancer drops the connection.
_KEEPALIVE_IDLE_SECONDS = 30


class IdleConnections:
    """A pool's idle connections, with the last used on top.

    Unlike the queue that it replaces, it has no lock, which could stay locked forever after a fork or a signal. And it
    is not filled with None, which urllib3 uses for connections that don't exist yet.
    """

    def __init__(self, maxsize: int) -> None:
        self.is_closed = False
        self._maxsize = maxsize
        self._stack: deque[DeadlineConnection] = deque()

    def put(self, connection: DeadlineConnection | None, block: bool = True, timeout: float | None = None) -> None:
        if connection is None:
            return
        if connection.is_being_read:
            # It is put back when the answer has been read.
            connection.give_back = self.put
        elif connection.is_closed:
            # A new connection is just as good.
            return
        elif self.is_closed or len(self._stack) >= self._maxsize:
            connection.close()
        else:
            connection.idle_since = time.monotonic(), time.time()
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
            # Set this first, so that no connection that is returned meanwhile stays open.
            idle.is_closed = True
        super().close()


class HTTPSPool(HTTPPool, urllib3.HTTPSConnectionPool):
    """A pool of connections to one https origin."""

    ConnectionCls: type[Any] = DeadlineTLSConnection


class _NoRetry(urllib3.Retry):
    """Leave retries to the SDK: urllib3 knows no deadline."""

    # For speed: urllib3 asks this for each answer.
    def is_retry(self, method: str, status_code: int, has_retry_after: bool = False) -> bool:
        return False


_NO_RETRY = _NoRetry(False, redirect=False)


class Urllib3Transport:
    """Send requests over pooled connections, with one pool per origin.

    Args:
        settings: The settings for TLS, proxies and pools. They are read when an origin is first used.
    """

    def __init__(self, settings: ConnectionSettings) -> None:
        self._settings = settings
        # Guards the creation of pools, so that threads that start together share one. It is reentrant, because a signal
        # handler may make a call while its thread is creating a pool.
        self._lock = threading.RLock()
        self._pools: dict[str, urllib3.HTTPConnectionPool] = {}
        self._process = os.getpid()
        register_after_fork(self)

    def send(self, request: Request, deadline: Deadline) -> BaseHTTPResponse:
        """Send a request once and return its answer. See `Transport.send`."""
        self._notice_fork()
        while True:
            pool = self._pool_for(request.origin)
            target, redacted = request.target, request.redacted_target
            if pool.proxy is not None and request.origin.startswith("http:"):
                # RFC 9112, section 3.2.2: a proxy gets the full URL.
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
                    timeout=Exchange(deadline, target, request.max_response_size),
                    preload_content=not request.stream,
                    release_conn=True,
                )
            except ClosedPoolError:
                # Another thread may close the client at any moment.
                continue

    def close(self) -> None:
        """Close every idle connection. Others close when their answers are read. A later call opens new ones."""
        self._notice_fork()
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
                # Requests to http services go to the proxy itself, without a tunnel.
                options.setdefault("ssl_context", proxy_context)
            manager = urllib3.ProxyManager(
                proxy_url, proxy_headers=proxy_headers, proxy_ssl_context=proxy_context, **options
            )
        classes: dict[str, Any] = {"http": HTTPPool, "https": HTTPSPool}
        manager.pool_classes_by_scheme = classes
        return manager.connection_from_url(origin)

    def _notice_fork(self) -> None:
        """Start anew in a child process that was forked without Python's hooks, as in uWSGI."""
        if self._process != os.getpid():
            self.after_fork()

    def after_fork(self) -> None:
        """In a child process, leave the parent's connections alone and start without any."""
        self._lock = threading.RLock()
        self._pools = {}
        self._process = os.getpid()


def _tcp_options(settings: ConnectionSettings) -> list[tuple[int, int, int | bytes]]:
    """Return the socket options: those configured, or else TCP_NODELAY and keep-alive."""
    if settings.socket_options is not None:
        return list(settings.socket_options)
    options: list[tuple[int, int, int | bytes]] = [
        (socket.IPPROTO_TCP, socket.TCP_NODELAY, 1),
        (socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1),
    ]
    # Linux and Windows use the first name, macOS the second.
    idle = getattr(socket, "TCP_KEEPIDLE", None) or getattr(socket, "TCP_KEEPALIVE", None)
    if idle is not None:
        options.append((socket.IPPROTO_TCP, idle, _KEEPALIVE_IDLE_SECONDS))
    return options
