"""Pools of connections, one an origin, in any thread and in any process."""

from __future__ import annotations

import queue
import ssl
import threading
from collections import deque
from typing import TYPE_CHECKING, Any

import urllib3
from urllib3.util.ssl_ import create_urllib3_context

from gravscale.exceptions import ApiTypeError, ApiValueError
from gravscale.support.forks import register_after_fork
from gravscale.transport.connection import (
    DeadlineConnection,
    DeadlineTLSConnection,
    DeadlineTLSSocket,
)

if TYPE_CHECKING:
    from gravscale.configuration import Configuration


class IdleConnections:
    """A pool's idle connections, the last used on top.

    Unlike the queue that it stands in for it has no lock, which a fork or a signal could find held for ever; nor is it
    filled with None, which urllib3 takes for a connection that is yet to be made.
    """

    def __init__(self, maxsize: int) -> None:
        self._maxsize = maxsize
        self._stack: deque[DeadlineConnection] = deque()

    def put(self, connection: DeadlineConnection | None, block: bool = True, timeout: float | None = None) -> None:
        if connection is not None:
            if len(self._stack) < self._maxsize:
                self._stack.append(connection)
            else:
                connection.close()

    def get(self, block: bool = True, timeout: float | None = None) -> DeadlineConnection:
        try:
            return self._stack.pop()
        except IndexError:
            raise queue.Empty from None


class HTTPPool(urllib3.HTTPConnectionPool):
    """A pool of connections to one http origin."""

    ConnectionCls = DeadlineConnection  # pyright: ignore[reportAssignmentType]
    QueueCls = IdleConnections  # type: ignore[assignment]


class HTTPSPool(urllib3.HTTPSConnectionPool):
    """A pool of connections to one https origin."""

    ConnectionCls = DeadlineTLSConnection  # pyright: ignore[reportAssignmentType]
    QueueCls = IdleConnections  # type: ignore[assignment]


class Pools:
    """The connection pools of one client, a pool an origin.

    Args:
        configuration: its TLS and proxy settings hold from the first use of an origin on.
    """

    def __init__(self, configuration: Configuration) -> None:
        self._configuration = configuration
        # Guards the making of pools, so that threads that start together share one. A signal handler that calls while
        # its thread is making one shall not wait for itself.
        self._lock = threading.RLock()
        self._by_origin: dict[str, urllib3.HTTPConnectionPool] = {}
        register_after_fork(self)

    def of(self, origin: str) -> urllib3.HTTPConnectionPool:
        """The pool of an origin."""
        pool = self._by_origin.get(origin)
        if pool is None:
            with self._lock:
                pool = self._by_origin.get(origin)
                if pool is None:
                    pool = self._by_origin[origin] = self._make(origin)
        return pool

    def close(self) -> None:
        """Close every idle connection; those in use close when their answers are read."""
        with self._lock:
            pools, self._by_origin = self._by_origin, {}
        for pool in pools.values():
            pool.close()

    def _make(self, origin: str) -> urllib3.HTTPConnectionPool:
        configuration = self._configuration
        settings: dict[str, Any] = {
            "maxsize": configuration.connection_pool_maxsize,
            # The sockets keep time themselves.
            "timeout": urllib3.Timeout(connect=None, read=None),
        }
        if configuration.socket_options is not None:
            settings["socket_options"] = configuration.socket_options
        if origin.startswith("https:"):
            settings["ssl_context"] = tls_context(configuration)
            if configuration.assert_hostname is False:
                settings["assert_hostname"] = False
            if configuration.tls_server_name:
                settings["server_hostname"] = configuration.tls_server_name
        proxy = configuration.proxy_for(origin)
        manager: urllib3.PoolManager
        if proxy is None:
            manager = urllib3.PoolManager(**settings)
        else:
            proxy_url, proxy_headers = proxy
            proxy_context = None
            if proxy_url.startswith("https:"):
                proxy_context = configuration.proxy_ssl_context or tls_context(configuration)
                # With Python's own sockets, the proxy could hold up a call past its deadline.
                proxy_context.sslsocket_class = DeadlineTLSSocket
                # An http service's requests go to the proxy itself, with no tunnel in between.
                settings.setdefault("ssl_context", proxy_context)
            manager = urllib3.ProxyManager(
                proxy_url,
                proxy_headers=proxy_headers,
                proxy_ssl_context=proxy_context,
                **settings,
            )
        classes: dict[str, Any] = {"http": HTTPPool, "https": HTTPSPool}
        manager.pool_classes_by_scheme = classes
        return manager.connection_from_url(origin)

    def after_fork(self) -> None:
        """In a child process: leave the parent's connections alone and start with none."""
        self._by_origin = {}
        self._lock = threading.RLock()


def tls_context(configuration: Configuration) -> ssl.SSLContext:
    """A TLS context as configured: TLS 1.2 at least, and verifying unless told not to.

    Raises ApiValueError, naming the setting, for a certificate or key that can't be loaded.
    """
    context = create_urllib3_context(ssl_minimum_version=ssl.TLSVersion.TLSv1_2)
    context.sslsocket_class = DeadlineTLSSocket
    if not isinstance(configuration.verify_ssl, bool):
        # A setting that was forgotten is no wish to trust any server.
        raise ApiTypeError(f"verify_ssl: expected a bool, got {type(configuration.verify_ssl).__name__}")
    if not configuration.verify_ssl:
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    name = f"ssl_ca_cert: {configuration.ssl_ca_cert!r}"
    try:
        if configuration.ssl_ca_cert:
            context.load_verify_locations(cafile=configuration.ssl_ca_cert)
        name = "ca_cert_data"
        if configuration.ca_cert_data:
            context.load_verify_locations(cadata=configuration.ca_cert_data)
        name = f"cert_file, key_file: {configuration.cert_file!r}, {configuration.key_file!r}"
        if configuration.cert_file or configuration.key_file:
            # Without a password of its own, OpenSSL would stop and ask for one on the terminal.
            context.load_cert_chain(configuration.cert_file or "", configuration.key_file, password="")
    except (OSError, ValueError, TypeError) as error:
        raise ApiValueError(f"{name}: can't be loaded: {error}") from None
    if not (configuration.ssl_ca_cert or configuration.ca_cert_data):
        context.load_default_certs()
    return context
