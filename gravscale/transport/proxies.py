"""Choose the proxy for a host, from the settings and the environment."""

from __future__ import annotations

import ipaddress
import os
import re
import sys
from contextlib import suppress
from urllib.parse import unquote, urlsplit

from gravscale.transport.fields import basic_auth, check_header, find_header
from gravscale.transport.settings import ConnectionSettings
from gravscale.transport.urls import is_loopback, parse_address, parse_proxy

_WITH_PORT = r"(\[.*\]|[^:]*):(\d{1,5})"


def environment_proxies() -> dict[str, str]:
    """Return the proxy URLs from variables such as HTTP_PROXY, by scheme, and the value of NO_PROXY as `no`."""
    # The import takes several milliseconds. On Linux only the environment counts, and usually it has no proxy.
    if sys.platform == "linux" and not any(name.lower().endswith("_proxy") for name in os.environ):
        return {}
    from urllib.request import getproxies

    return getproxies()


def proxy_for(settings: ConnectionSettings, origin: str) -> tuple[str, dict[str, str]] | None:
    """Return the proxy's URL and its headers for an origin, or None if the origin is reached directly."""
    environment = environment_proxies()
    parts = urlsplit(origin)
    proxy = settings.proxy or environment.get(parts.scheme) or environment.get("all")
    no_proxy = environment.get("no", "") if settings.no_proxy is None else settings.no_proxy
    if not proxy or should_bypass_proxy(origin, no_proxy):
        return None
    is_automatic = settings.proxy is None and settings.no_proxy is None
    host = parts.hostname or ""
    # As in browsers and in Go: a proxy from the environment can't reach this machine's own services, or need not see
    # them. But if the environment itself names such a host, that counts.
    named = {_split_entry(entry)[0] for entry in no_proxy.split(",")}
    if is_automatic and ((is_loopback(origin) and host not in named) or _system_bypasses(host)):
        return None
    if "://" not in proxy:
        proxy = f"http://{proxy}"
    address = parse_proxy(proxy, "proxy" if settings.proxy else "the environment's proxy")
    headers = {name: check_header(name, value) for name, value in (settings.proxy_headers or {}).items()}
    if address.username is not None and find_header(headers, "Proxy-Authorization") is None:
        headers["Proxy-Authorization"] = basic_auth(unquote(address.username), unquote(address.password or ""))
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
    address = parse_address(host)
    for entry in no_proxy.split(","):
        name, its_port = _split_entry(entry)
        if name == "*" and its_port is None:
            return True
        if not name or its_port not in (None, port):
            continue
        if address is None:
            if f".{host}".endswith(f".{name.removeprefix('*').lstrip('.')}"):
                return True
        else:
            with suppress(ValueError):
                if address in ipaddress.ip_network(name, strict=False):
                    return True
    return False


def _split_entry(entry: str) -> tuple[str, int | None]:
    """Return the host, domain or network in an entry of NO_PROXY, and its port, or None if any port matches."""
    with_port = re.fullmatch(_WITH_PORT, entry := entry.strip().lower())
    name, port = (with_port[1], int(with_port[2])) if with_port else (entry, None)
    return name.strip("[]").removesuffix("."), port
