"""The settings of connections: TLS, proxies and pools."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from gravscale.exceptions import ApiTypeError, ApiValueError
from gravscale.support.text import format_number
from gravscale.tracebacks import hide_sdk_frames
from gravscale.transport.urls import parse_proxy

if TYPE_CHECKING:
    import ssl

DEFAULT_MAX_RESPONSE_SIZE = 64 * 1024 * 1024


class ConnectionSettings:
    """List the settings of a `Configuration` that the transport needs. See `Configuration` for each of them."""

    ssl_ca_cert: str | None
    ca_cert_data: str | bytes | None
    cert_file: str | None
    key_file: str | None
    verify_ssl: bool
    assert_hostname: bool | None
    tls_server_name: str | None
    connection_pool_maxsize: int
    no_proxy: str | None
    proxy_headers: Mapping[str, str] | None
    proxy_ssl_context: ssl.SSLContext | None
    socket_options: Sequence[tuple[int, int, int | bytes]] | None

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


def check_positive(value: object, name: str) -> None:
    """Check a setting that counts something. Raises ApiTypeError or ApiValueError, which name it."""
    if isinstance(value, bool) or not isinstance(value, int):
        raise ApiTypeError(f"{name}: expected an int, got {type(value).__name__}")
    if value < 1:
        raise ApiValueError(f"{name}: expected 1 or more, got {format_number(value)}")
