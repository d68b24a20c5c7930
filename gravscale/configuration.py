"""Where the service is, and how to call it."""

from __future__ import annotations

import copy
import os
import platform
import sys
from collections.abc import Callable, Mapping, Sequence
from types import NoneType
from typing import TYPE_CHECKING, Any, ClassVar

import urllib3

from gravscale.auth_settings import AuthSettings, warn_of_unused_account
from gravscale.call_settings import CallSettings
from gravscale.contract import SERVERS
from gravscale.exceptions import ApiTypeError, ApiValueError
from gravscale.schema.call_options import Timeout
from gravscale.support.lazy import lazy, load
from gravscale.support.logs import LogSettings
from gravscale.support.redaction import redacted_repr
from gravscale.support.text import format_number
from gravscale.support.type_guards import is_dict, is_list
from gravscale.support.version import __version__
from gravscale.tracebacks import hide_sdk_frames
from gravscale.transport.settings import DEFAULT_MAX_RESPONSE_SIZE, ConnectionSettings, check_positive
from gravscale.transport.urls import check_host

if TYPE_CHECKING:
    import ssl

    from typing_extensions import Never, Self

    from gravscale.events import EventHooks
    from gravscale.schema.service import AuthSetting as AuthSetting
    from gravscale.schema.service import HostSetting as HostSetting
    from gravscale.schema.service import TokenSource
else:
    # Generated clients have these names here.
    __getattr__, __dir__, _ = lazy(__name__, dict.fromkeys(("AuthSetting", "HostSetting"), "gravscale.schema.service"))

DEFAULT_TIMEOUT = 30.0


class Configuration(ConnectionSettings, AuthSettings, CallSettings, LogSettings):
    """Hold the settings of an `ApiClient`.

    Every argument is also an attribute that you can set later.

    Args:
        host: The base URL of the service. Default: the first server of the contract.
        api_key: API keys, by security scheme.
        api_key_prefix: Prefixes of the API keys, such as Bearer, by security scheme.
        username: The user name for HTTP basic authentication (RFC 7617).
        password: The password for HTTP basic authentication. To sign in with e-mail and password, pass `credentials`.
        access_token: The bearer token (RFC 6750), or a function that returns one for each call.
        server_index: Which server of the contract to call, from 0.
        server_variables: Values for the variables in the server's URL.
        server_operation_index: Accepted for compatibility. No operation of the contract has its own servers.
        server_operation_variables: Accepted for compatibility.
        ignore_operation_servers: Accepted for compatibility.
        ssl_ca_cert: A PEM file of certificate authorities to trust, instead of the system's.
        retries: The number of retries, 0 for none, or a `urllib3.Retry`. None: the SDK's own rules, with up to 2
            retries.
        ca_cert_data: Certificate authorities to trust, as PEM text or DER bytes.
        cert_file: A PEM file with the client certificate, for mutual TLS.
        key_file: A PEM file with the key of the client certificate, if it is not in `cert_file`.
        verify_ssl: False trusts any server. Anyone on the network path can then read your credentials.
        assert_hostname: False skips the check of the certificate's host name.
        tls_server_name: The name to request and to verify in the certificate (RFC 6066, section 3). Default: the host.
        connection_pool_maxsize: How many idle connections to keep. Default: five per CPU.
        proxy: The URL of an HTTP proxy. Default: HTTPS_PROXY, HTTP_PROXY or ALL_PROXY.
        no_proxy: Hosts, domains and networks to reach without a proxy, separated by commas. Default: NO_PROXY, and
            loopback addresses if `proxy` is not given either.
        proxy_headers: Headers for the proxy.
        proxy_ssl_context: TLS settings for an https proxy.
        safe_chars_for_path_param: Characters of path parameters that are not percent-encoded.
        client_side_validation: Accepted for compatibility; arguments are always checked.
        socket_options: (level, option, value) triples for `socket.setsockopt`, instead of the SDK's own.
        datetime_format: How datetimes are written into query parameters, as for `strftime`.
        date_format: How dates are written into query parameters, as for `strftime`.
        credentials: Where access tokens come from, such as `PasswordCredentials`. Can't be combined with
            `access_token`.
        timeout: Seconds for a whole call (at most 5 of them to connect), a pair (connect, read) of seconds for each
            attempt, or None for no limit. Default: 30 s.
        max_response_size: The largest response body to accept, in bytes after decompression. Default: 64 MiB. It also
            bounds what the body becomes: a value for each 64 of these bytes, and in any case a million.
        debug: Log every call to the logger `gravscale` at level DEBUG.
        event_hooks: Functions to call with each event of a call, such as `{"response": [f]}`. See `EventHooks`.

    Raises:
        ApiTypeError: An argument has the wrong type.
        ApiValueError: An argument has an invalid value, or two arguments can't be combined.
    """

    _default: ClassVar[Configuration | None] = None

    @hide_sdk_frames
    def __init__(
        self,
        host: str | None = None,
        api_key: dict[str, str] | None = None,
        api_key_prefix: dict[str, str] | None = None,
        username: str | None = None,
        password: str | None = None,
        access_token: str | Callable[[], str] | None = None,
        server_index: int | None = None,
        server_variables: dict[str, str] | None = None,
        server_operation_index: dict[int, int] | None = None,
        server_operation_variables: dict[int, dict[str, str]] | None = None,
        ignore_operation_servers: bool = False,
        ssl_ca_cert: str | None = None,
        retries: int | urllib3.Retry | None = None,
        ca_cert_data: str | bytes | None = None,
        cert_file: str | None = None,
        key_file: str | None = None,
        verify_ssl: bool = True,
        assert_hostname: bool | None = None,
        tls_server_name: str | None = None,
        connection_pool_maxsize: int | None = None,
        proxy: str | None = None,
        no_proxy: str | None = None,
        proxy_headers: Mapping[str, str] | None = None,
        proxy_ssl_context: ssl.SSLContext | None = None,
        safe_chars_for_path_param: str = "",
        client_side_validation: bool = True,
        socket_options: Sequence[tuple[int, int, int | bytes]] | None = None,
        datetime_format: str = "%Y-%m-%dT%H:%M:%S.%f%z",
        date_format: str = "%Y-%m-%d",
        *,
        credentials: TokenSource[Never] | None = None,
        timeout: Timeout = DEFAULT_TIMEOUT,
        max_response_size: int = DEFAULT_MAX_RESPONSE_SIZE,
        debug: bool | None = None,
        event_hooks: EventHooks | None = None,
    ) -> None:
        self.ssl_ca_cert = ssl_ca_cert
        self.ca_cert_data = ca_cert_data
        self.cert_file = cert_file
        self.key_file = key_file
        self.verify_ssl = verify_ssl
        self.assert_hostname = assert_hostname
        self.tls_server_name = tls_server_name
        self.connection_pool_maxsize: int = (
            5 * (os.cpu_count() or 1) if connection_pool_maxsize is None else connection_pool_maxsize
        )
        self.proxy = proxy
        self.no_proxy = no_proxy
        self.proxy_headers = proxy_headers
        self.proxy_ssl_context = proxy_ssl_context
        self.socket_options = socket_options
        self.max_response_size: int = max_response_size
        LogSettings.__init__(self)
        self.server_index: int | None = 0 if server_index is None and host is None else server_index
        self.server_variables: dict[str, str] = {} if server_variables is None else server_variables
        self.server_operation_index: dict[int, int] = server_operation_index or {}
        self.server_operation_variables: dict[int, dict[str, str]] = server_operation_variables or {}
        self.ignore_operation_servers = ignore_operation_servers
        self._base_path = SERVERS[0]["url"] if host is None else check_host(host)
        AuthSettings.__init__(
            self,
            api_key=api_key,
            api_key_prefix=api_key_prefix,
            username=username,
            password=password,
            access_token=access_token,
            credentials=credentials,
        )
        self.safe_chars_for_path_param = safe_chars_for_path_param
        self.client_side_validation = client_side_validation
        self.datetime_format = datetime_format
        self.date_format = date_format
        self.timeout = timeout
        self.retries = retries
        self.event_hooks = event_hooks
        if (username or password) and access_token is None and credentials is None:
            warn_of_unused_account()
        if debug is not None:
            self.debug = debug

    if not TYPE_CHECKING:

        @hide_sdk_frames
        def __setattr__(self, name: str, value: object) -> None:
            # Type checkers know which attributes there are. With this method, they would accept any.
            if name in ("connection_pool_maxsize", "max_response_size"):
                check_positive(value, name)
            elif (kinds := _KINDS.get(name)) is not None and not isinstance(value, kinds):
                expected = " or ".join("None" if kind is NoneType else kind.__name__ for kind in kinds)
                raise ApiTypeError(f"{name}: expected {expected}, got {type(value).__name__}")
            super().__setattr__(name, value)

    @classmethod
    @hide_sdk_frames
    def from_env(cls) -> Self:
        """Return a configuration from environment variables. A profile supplies whatever they leave out.

        The variables are GRAVSCALE_HOST, GRAVSCALE_EMAIL, GRAVSCALE_PASSWORD, GRAVSCALE_ACCESS_TOKEN and
        GRAVSCALE_PROFILE. An empty variable counts as not set.

        Returns:
            The configuration.

        Raises:
            ApiValueError: Something is missing, or two variables can't be combined. The message says what to set.
        """
        return cls(**load("gravscale.profiles").settings_from_env().arguments)

    @classmethod
    @hide_sdk_frames
    def from_profile(cls, name: str | None = None) -> Self:
        """Return a configuration from a profile that `gravscale login` saved.

        Args:
            name: The profile's name. Default: the one in use.

        Returns:
            The configuration. Once its session has expired, calls raise UnauthorizedException.

        Raises:
            ApiValueError: There is no such profile.
        """
        return cls(**load("gravscale.profiles").settings_from_profile(name).arguments)

    @classmethod
    def set_default(cls, default: Configuration | None) -> None:
        """Set the configuration for clients that are created without one."""
        cls._default = default

    @classmethod
    def get_default(cls) -> Configuration:
        """Return the configuration for clients that are created without one."""
        if cls._default is None:
            cls._default = cls()
        return cls._default

    @classmethod
    def get_default_copy(cls) -> Configuration:
        """Return the same as `get_default`. Older programs use this name."""
        return cls.get_default()

    @property
    def host(self) -> str:
        """The base URL of the service."""
        return self.get_host_from_settings(self.server_index, variables=self.server_variables)

    @host.setter
    @hide_sdk_frames
    def host(self, value: str) -> None:
        self._base_path = check_host(value)
        self.server_index = None

    def to_debug_report(self) -> str:
        """Return versions and settings for a bug report, without secrets."""
        return (
            "Python SDK Debug Report:\n"
            f"OS: {sys.platform}\n"
            f"Python Version: {platform.python_version()}\n"
            f"SDK Package Version: {__version__}\n"
            f"{self!r}"
        )

    def get_host_settings(self) -> list[HostSetting]:
        """Return the servers of the contract."""
        return copy.deepcopy(SERVERS)

    def get_host_from_settings(
        self,
        index: int | None,
        variables: dict[str, str] | None = None,
        servers: list[HostSetting] | None = None,
    ) -> str:
        """Return the URL of a server.

        Args:
            index: Which server, from 0. None returns the configured host.
            variables: Values for the variables in the server's URL.
            servers: The servers to choose from. Default: those of the contract.

        Returns:
            The URL.

        Raises:
            ApiValueError: There is no such server, or a variable can't have this value.
        """
        if index is None:
            return self._base_path
        servers = SERVERS if servers is None else servers
        if not 0 <= index < len(servers):
            raise ApiValueError(f"server_index: expected 0 to {len(servers) - 1}, got {format_number(index)}")
        from gravscale.schema.service import server_url  # not needed if the host is given

        return server_url(servers[index], variables or {})

    def __copy__(self) -> Self:
        # Dicts and lists of settings are copied, so that changing one configuration leaves the other alone. Their
        # values are shared.
        return self._copy(copy.copy, {})

    def __deepcopy__(self, memo: dict[int, object]) -> Self:
        # Plain settings are copied. Credentials, callables, TLS contexts and the like are meant to be shared.
        return self._copy(lambda value: copy.deepcopy(value, memo), memo)

    def _copy(self, copy_value: Callable[[object], object], memo: dict[int, object]) -> Self:
        copied = memo[id(self)] = type(self).__new__(type(self))
        settings = vars(self).items()
        copied.__setstate__(
            {name: copy_value(value) if is_dict(value) or is_list(value) else value for name, value in settings}
        )
        return copied

    def __setstate__(self, state: dict[str, Any]) -> None:
        self.__dict__.update(state)
        self._join_log()

    def __repr__(self) -> str:
        # An error reporter may show an object whose __init__ failed.
        host = {"host": self.host} if "_base_path" in self.__dict__ else {}
        settings = host | {
            name.removeprefix("_"): value
            for name, value in self.__dict__.items()
            if name not in _UNSHOWN and (value or (name in _TELLING and value is not None) or name == "_timeout")
        }
        return f"Configuration({', '.join(f'{name}={redacted_repr(name, value)}' for name, value in settings.items())})"


# The types of settings that have no closer check.
_KINDS: Mapping[str, tuple[type, ...]] = {
    **dict.fromkeys(("username", "password", "tls_server_name", "no_proxy"), (str, NoneType)),
    **dict.fromkeys(("ssl_ca_cert", "cert_file", "key_file"), (str, os.PathLike, NoneType)),
    **dict.fromkeys(("safe_chars_for_path_param", "datetime_format", "date_format"), (str,)),
    **dict.fromkeys(("api_key", "api_key_prefix", "server_variables"), (dict,)),
    "ca_cert_data": (str, bytes, NoneType),
    "verify_ssl": (bool,),
    "assert_hostname": (bool, NoneType),
    "server_index": (int, NoneType),
    "proxy_headers": (Mapping, NoneType),
    "socket_options": (Sequence, NoneType),
}
# Settings whose False or 0 matters in a bug report.
_TELLING = frozenset(("verify_ssl", "assert_hostname", "_retries"))
_UNSHOWN = frozenset(("_base_path", "_timeouts", "_logger_format", "hooks", "refresh_api_key_hook"))
