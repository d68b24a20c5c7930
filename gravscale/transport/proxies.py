"""Choose the proxy for a host, from the settings and the environment."""

from __future__ import annotations

import ipaddress
import os
import re
import sys
from collections.abc import Mapping
from typing import Protocol
from urllib.parse import SplitResult, unquote, urlsplit

from gravscale.exceptions import ApiTypeError, ApiValueError
from gravscale.transport.fields import basic_auth, check_header
from gravscale.transport.urls import is_loopback


class ProxySettings(Protocol):
    """The settings for proxies."""

    @property
    def proxy(self) -> str | None: ...
    @property
    def no_proxy(self) -> str | None: ...
    @property
    def proxy_headers(self) -> Mapping[str, str] | None: ...


_WITH_PORT = r"(\[.*\]|[^:]*):(\d{1,5})"


def parse_proxy(url: object, name: str) -> SplitResult:
    """Split a proxy's URL. Raises ApiValueError, which does not quote the URL because it may contain a password."""
    try:
        parts = urlsplit(url) if isinstance(url, str) else None
        # An unencoded delimiter in the password would end the authority early, and leave half of the password as host.
        whole = parts and parts.path in ("", "/") and not parts.query and not parts.fragment
        if parts and whole and parts.scheme in ("http", "https") and parts.hostname and parts.port != 0:
            return parts
    except ValueError:
        # This error quotes a part of the URL. An error raised outside this clause is not chained to it.
        pass
    if isinstance(url, str) and url.lower().startswith("socks"):
        raise ApiValueError(f"{name}: expected the http or https URL of a proxy; SOCKS is not supported")
    raise ApiValueError(
        f"{name}: expected the http or https URL of a proxy, with special characters in its password percent-encoded"
    )


def environment_proxies() -> dict[str, str]:
    """Return the proxy URLs from variables such as HTTP_PROXY, by scheme, and the value of NO_PROXY as `no`."""
    # The import takes several milliseconds. On Linux only the environment counts, and usually it has no proxy.
    if sys.platform == "linux" and not any(name.lower().endswith("_proxy") for name in os.environ):
        return {}
    from urllib.request import getproxies

    return getproxies()


def proxy_for(settings: ProxySettings, origin: str) -> tuple[str, dict[str, str]] | None:
    """Return the proxy's URL and its headers for an origin, or None if the origin is reached directly."""
    environment = environment_proxies() if settings.proxy is None or settings.no_proxy is None else {}
    parts = urlsplit(origin)
    proxy = settings.proxy or environment.get(parts.scheme) or environment.get("all")
    no_proxy = environment.get("no", "") if settings.no_proxy is None else settings.no_proxy
    if not isinstance(no_proxy, str):
        raise ApiTypeError(f"no_proxy: expected a str, hosts separated by commas, got {type(no_proxy).__name__}")
    if not proxy or should_bypass_proxy(origin, no_proxy):
        return None
    is_automatic = settings.proxy is None and settings.no_proxy is None
    host = parts.hostname or ""
    # As in browsers and in Go: a proxy from the environment can't reach this machine's own services, or need not see
    # them. But if the environment itself names such a host, that counts.
    if is_automatic and ((is_loopback(origin) and host not in no_proxy) or _system_bypasses(host)):
        return None
    if "://" not in proxy:
        proxy = f"http://{proxy}"
    address = parse_proxy(proxy, "proxy" if settings.proxy else "the environment's proxy")
    headers = {name: check_header(name, value) for name, value in (settings.proxy_headers or {}).items()}
    if address.username is not None:
        headers.setdefault(
            "Proxy-Authorization", basic_auth(unquote(address.username), unquote(address.password or ""))
        )
    return f"{address.scheme}://{address.netloc.rpartition('@')[2]}", headers


def _system_bypasses(host: str) -> bool:
    """Return whether the settings of macOS or Windows exempt a host. Other systems have only the environment."""
    if sys.platform not in ("darwin", "win32"):
        return False
    from urllib.request import proxy_bypass

    return bool(proxy_bypass(host))


def should_bypass_proxy(origin: str, no_proxy: str) -> bool:
    """Return whether a NO_PROXY list contains an origin: as a host, a domain, a network, or any of them with a port."""
    parts = urlsplit(origin)
    host, port = (parts.hostname or "").removesuffix("."), parts.port or (443 if parts.scheme == "https" else 80)
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        address = None
    for entry in (entry.strip().lower() for entry in no_proxy.split(",")):
        if entry == "*":
            return True
        with_port = re.fullmatch(_WITH_PORT, entry)
        name = (with_port[1] if with_port else entry).removesuffix(".")
        if not name or (with_port and int(with_port[2]) != port):
            continue
        if address is None:
            if f".{host}".endswith(f".{name.removeprefix('*').lstrip('.')}"):
                return True
            continue
        try:
            if address in ipaddress.ip_network(name.strip("[]"), strict=False):
                return True
        except ValueError:
            continue
    return False
