"""Split URLs, check them, and encode text into them (RFC 3986)."""

from __future__ import annotations

import ipaddress
import re
from contextlib import suppress
from functools import lru_cache
from urllib.parse import SplitResult, quote, urlsplit

from gravscale.exceptions import ApiTypeError, ApiValueError
from gravscale.support.text import LONE_SURROGATE

# The characters that a request target may contain (RFC 3986, appendix A). All others are percent-encoded.
TARGET_SAFE = "/?#[]@!$&'()*+,;=:-._~%"
_STRAY_PERCENT = "%(?![0-9A-Fa-f]{2})"
_HOST_LABEL = "_-0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"


# For speed: a client calls few hosts.
@lru_cache(maxsize=128)
def split_url(url: str, name: str = "url") -> tuple[str, str]:
    """Split an absolute http or https URL into origin (RFC 6454, section 4) and target.

    Raises ApiValueError, which names the argument `name`, for anything else.
    """
    # A password may be anywhere in the URL. So no message quotes any part of it, and urllib's errors are not chained.
    found: tuple[SplitResult, str | None, int | None] | None = None
    with suppress(ValueError):
        parts = urlsplit(url)
        found = parts, parts.hostname, parts.port
    if found is None:
        raise ApiValueError(f"{name}: not a URL, or one with an impossible host or port")
    parts, host, port = found
    if parts.scheme not in ("http", "https") or not host:
        raise ApiValueError(f"{name}: expected an http or https URL with a host{_with_scheme(url)}")
    if parts.username is not None or parts.password is not None:
        raise ApiValueError(f"{name}: the URL must not contain a user name or password")
    if re.search(r"[\x00-\x20\x7f]", url):
        raise ApiValueError(f"{name}: the URL contains a space or a control character")
    if not host.isascii():
        host = _to_ascii(host, name)
    if not (parse_address(host) if ":" in host else _is_host_name(host)):
        raise ApiValueError(f"{name}: the host is not a valid name or address")
    if port == 0:
        raise ApiValueError(f"{name}: expected a port from 1 to 65535, got 0")
    default = 443 if parts.scheme == "https" else 80
    authority = (f"[{host}]" if ":" in host else host) + ("" if port in (None, default) else f":{port}")
    target = parts.path + (f"?{parts.query}" if parts.query else "")
    if "%" in target:
        target = re.sub(_STRAY_PERCENT, "%25", target)
    target = percent_encode(target, name, TARGET_SAFE)
    return f"{parts.scheme}://{authority}", target


def _with_scheme(url: str) -> str:
    """Return a suggestion for a URL that only lacks its scheme, unless it could be a secret in the wrong place."""
    if not re.fullmatch(
        r"([\w-]+\.)*(localhost|[a-z]{2,24}:\d{1,5}|[\w-]+\.[a-z]{2,24}|\d+\.\d+)(:\d{1,5})?(/[a-z/-]*)?", url
    ):
        return ""
    meant = f"http://{url}" if is_loopback(f"http://{url}") else f"https://{url}"
    return f", got {url!r}; did you mean {meant!r}?"


def check_host(host: object, name: str = "host") -> str:
    """Return a valid base URL. Raises ApiTypeError or ApiValueError, which name the argument, for anything else."""
    if not isinstance(host, str):
        raise ApiTypeError(f"{name}: expected the service's base URL as a str, got {type(host).__name__}")
    split_url(host, name)
    if "?" in host or "#" in host:
        raise ApiValueError(f"{name}: expected a base URL without a query or fragment")
    return host


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


def _to_ascii(host: str, name: str) -> str:
    """Encode an international host name by IDNA 2008 (RFC 5891). Python's own codec uses IDNA 2003, which leads to
    other hosts for some names."""
    try:
        import idna
    except ImportError:
        raise ApiValueError(
            f"{name}: an international host name needs the package idna (pip install idna), or write it as xn--…"
        ) from None
    with suppress(UnicodeError):
        return idna.encode(host, uts46=True).decode()
    raise ApiValueError(f"{name}: the host is not a valid name or address")


def parse_address(host: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    """Return the IP address that a host is, without its zone (RFC 4007, section 11), or None if the host is a name."""
    with suppress(ValueError):
        return ipaddress.ip_address(host.partition("%")[0])
    return None


def _is_host_name(host: str) -> bool:
    labels = host.removesuffix(".").split(".")
    return len(host) <= 253 and all(
        0 < len(label) <= 63 and not label.strip(_HOST_LABEL) and label[0] != "-" and label[-1] != "-"
        for label in labels
    )


@lru_cache(maxsize=128)
def authority(origin: str) -> str:
    """Return the host and port of an origin for the Host header (RFC 9110, section 7.2)."""
    # The zone of an IPv6 address means something only on this machine (RFC 6874, section 1).
    host, percent, zone_and_port = origin.partition("://")[2].partition("%")
    return f"{host}]{zone_and_port.partition(']')[2]}" if percent else host


@lru_cache(maxsize=128)
def is_loopback(origin: str) -> bool:
    """Return whether an origin is on this machine, where nobody else can read the traffic."""
    host = (urlsplit(origin).hostname or "").removesuffix(".")
    if (address := parse_address(host)) is not None:
        return address.is_loopback
    return host == "localhost" or host.endswith(".localhost")


def percent_encode(text: str, name: str, safe: str = "") -> str:
    """Percent-encode a text (RFC 3986, section 2.1). Raises ApiValueError, which names the argument, if it can't."""
    try:
        return quote(text, safe=safe)
    except UnicodeEncodeError:
        # This error contains the text. An error raised outside this clause is not chained to it.
        pass
    raise ApiValueError(f"{name}: {LONE_SURROGATE}")
