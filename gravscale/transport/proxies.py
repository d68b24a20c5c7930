"""Which proxy a host is reached by: how its URL is checked, what the environment says, and what goes without one."""

from __future__ import annotations

import ipaddress
import os
import re
import sys
from urllib.parse import SplitResult, urlsplit

from gravscale.exceptions import ApiValueError

_WITH_PORT = r"(\[.*\]|[^:]*):(\d{1,5})"


def proxy_parts(url: object, name: str) -> SplitResult:
    """The parts of a proxy's URL. Raises ApiValueError, which does not quote it: it may hold a password."""
    try:
        parts = urlsplit(url) if isinstance(url, str) else None
        # An unencoded delimiter in the password would end the host's part early, and leave half of it for a host.
        whole = parts and parts.path in ("", "/") and not parts.query and not parts.fragment
        if parts and whole and parts.scheme in ("http", "https") and parts.hostname and parts.port != 0:
            return parts
    except ValueError:
        # Its message quotes a part of the URL. What is raised outside of this clause is not chained to it.
        pass
    if isinstance(url, str) and url.lower().startswith("socks"):
        raise ApiValueError(f"{name}: expected the http or https URL of a proxy; SOCKS is not supported")
    raise ApiValueError(
        f"{name}: expected the http or https URL of a proxy, special characters of its password percent-encoded"
    )


def environment_proxies() -> dict[str, str]:
    """The proxies' URLs by scheme, and under `no` what goes without, as HTTP_PROXY and its like have them."""
    # Costs several milliseconds to import, and where the environment is all there is, most have no proxy.
    if sys.platform == "linux" and not any(name.lower().endswith("_proxy") for name in os.environ):
        return {}
    from urllib.request import getproxies

    return getproxies()


def bypasses(origin: str, no_proxy: str) -> bool:
    """Whether an origin is one of those listed, as a host, a domain, with a port, or as a network."""
    parts = urlsplit(origin)
    host, port = parts.hostname or "", parts.port or (443 if parts.scheme == "https" else 80)
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        address = None
    for entry in (entry.strip().lower() for entry in no_proxy.split(",")):
        if entry == "*":
            return True
        with_port = re.fullmatch(_WITH_PORT, entry)
        name = with_port[1] if with_port else entry
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
