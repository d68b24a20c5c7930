"""The settings of connections: TLS, proxies and pools."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from gravscale.exceptions import ApiTypeError, ApiValueError
from gravscale.support.text import format_number
from gravscale.tracebacks import hide_sdk_frames
from gravscale.transport.proxies import parse_proxy

if TYPE_CHECKING:
    import ssl

DEFAULT_MAX_RESPONSE_SIZE = 64 * 1024 * 1024


class ConnectionSettings:
    """Hold the settings of a `Configuration` that the transport needs. See `Configuration` for each of them."""

    def __init__(
        self,
        *,
        ssl_ca_cert: str | None,
        ca_cert_data: str | bytes | None,
        cert_file: str | None,
        key_file: str | None,
        verify_ssl: bool,
        assert_hostname: bool | None,
        tls_server_name: str | None,
        connection_pool_maxsize: int | None,
        proxy: str | None,
        no_proxy: str | None,
        proxy_headers: Mapping[str, str] | None,
        proxy_ssl_context: ssl.SSLContext | None,
        socket_options: Sequence[tuple[int, int, int | bytes]] | None,
        max_response_size: int,
    ) -> None:
        self.ssl_ca_cert = ssl_ca_cert
        self.ca_cert_data = ca_cert_data
        self.cert_file = cert_file
        self.key_file = key_file
        self.verify_ssl = verify_ssl
        self.assert_hostname = assert_hostname
        self.tls_server_name = tls_server_name
        size = (os.cpu_count() or 1) * 5 if connection_pool_maxsize is None else connection_pool_maxsize
        self.connection_pool_maxsize: int = _positive(size, "connection_pool_maxsize")
        self.proxy = proxy
        self.no_proxy = no_proxy
        self.proxy_headers = proxy_headers
        self.proxy_ssl_context = proxy_ssl_context
        self.socket_options = socket_options
        self.max_response_size: int = _positive(max_response_size, "max_response_size")

    @property
    def proxy(self) -> str | None:
        """The URL of the proxy. None uses the environment's."""
        return self._proxy

    @proxy.setter
    @hide_sdk_frames
    def proxy(self, value: str | None) -> None:
        if value is not None:
            parse_proxy(value, "proxy")
        self._proxy = value


def _positive(value: object, name: str) -> int:
    if isinstance(value, bool) or not isinstance(value, int):
        raise ApiTypeError(f"{name}: expected an int, got {type(value).__name__}")
    if value < 1:
        raise ApiValueError(f"{name}: expected 1 or more, got {format_number(value)}")
    return value
