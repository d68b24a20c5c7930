"""python -m gravscale: print versions and settings for a bug report, without secrets."""

from __future__ import annotations

import argparse
import os
import platform
import re
import ssl
import sys
from collections.abc import Iterator
from importlib import metadata

import gravscale
from gravscale.exceptions import OpenApiException

_SETTINGS = frozenset(f"GRAVSCALE_{name}" for name in ("HOST", "ACCESS_TOKEN", "EMAIL", "PASSWORD", "PROFILE"))
_PROXIES = frozenset(("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"))
_PLAIN = frozenset(("NO_PROXY", "SSL_CERT_FILE", "SSL_CERT_DIR"))


def main() -> None:
    """Run the command line."""
    argparse.ArgumentParser(
        prog="python -m gravscale",
        description="Print versions and settings for a bug report. Passwords and tokens are not shown.",
        epilog="To run a local stand-in for the service: python -m gravscale.sandbox",
    ).parse_args()
    for line in (*_versions(), "", *_settings()):
        # The names of files and hosts may contain characters that the terminal can't show.
        print(line.encode("ascii", "backslashreplace").decode())


def _versions() -> Iterator[str]:
    yield f"gravscale {gravscale.__version__}"
    yield f"Python {platform.python_version()} ({platform.python_implementation()}), {ssl.OPENSSL_VERSION}"
    yield platform.platform()
    try:
        requirements = metadata.requires("gravscale") or []
    except metadata.PackageNotFoundError:
        yield "not installed: running from source"
        return
    extras: dict[str, list[str]] = {}
    for requirement in requirements:
        name = re.split(r"[^\w.-]", requirement, maxsplit=1)[0]
        extra = re.search(r"""extra == ["']([\w-]+)""", requirement)
        older = re.search(r"""python_version < ["'](\d+)\.(\d+)""", requirement)
        if older is not None and sys.version_info >= (int(older[1]), int(older[2])):
            continue
        if extra is None:
            yield _with_version(name)
        else:
            extras.setdefault(extra[1], []).append(_with_version(name))
    for extra_name, parts in sorted(extras.items()):
        yield f"extra {extra_name}: {', '.join(parts)}"


def _with_version(name: str) -> str:
    try:
        return f"{name} {metadata.version(name)}"
    except metadata.PackageNotFoundError:
        return f"{name} (not installed)"


def _settings() -> Iterator[str]:
    """Yield the environment variables that matter, the resulting configuration, and the proxy it uses."""
    try:
        # Imported here so that a broken installation can still be reported.
        from gravscale.configuration import Configuration
        from gravscale.support.redaction import redact
        from gravscale.transport.proxies import proxy_for
        from gravscale.transport.urls import split_url

        for name, value in sorted(os.environ.items()):
            known = name.upper()
            if known in _PLAIN:
                yield f"{name}: {redact(value)}"
            elif name in _SETTINGS or known in _PROXIES:
                yield f"{name}: {'set' if value else 'empty, which counts as not set'}"
            elif known.startswith("GRAVSCALE_"):
                yield f"{name}: not a setting of this version"
        configuration = Configuration.from_env()
        yield repr(configuration)
        proxy = proxy_for(configuration, split_url(configuration.host)[0])
        yield f"proxy: {proxy[0] if proxy else 'none'}"
    except (OpenApiException, ImportError) as error:
        yield f"{type(error).__name__}: {error}"


if __name__ == "__main__":
    main()
