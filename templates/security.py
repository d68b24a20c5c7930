"""Convert the servers and the security schemes of the contract."""

from __future__ import annotations

import re
from typing import Any

from document import Document
from faults import Place

Schemes = dict[str, dict[str, str]]

# OpenAPI 3.1, section 4.8.7: the valid names of schemes.
_NAME = re.compile(r"[A-Za-z0-9._-]+")
# RFC 9110, section 5.6.2: names of header fields, and of cookies (RFC 6265, section 4.1.1).
TOKEN = re.compile(r"[A-Za-z0-9!#$%&'*+.^_`|~-]+")
# Text that reads the same between Python's quotes.
_PLAIN = re.compile(r"[^\"\\\x00-\x1f]*")


def schemes(document: Document) -> Schemes:
    """Return the security schemes that send credentials, as openapi-generator knows them."""
    found: Schemes = {}
    for name, scheme in document.content.get("components", {}).get("securitySchemes", {}).items():
        scheme, place = document.resolve(scheme, ("components", "securitySchemes", name))
        kind, http = scheme.get("type"), str(scheme.get("scheme")).lower()
        if not _NAME.fullmatch(name):
            document.faults.add(place, "expected a name of letters, digits, dots, hyphens and underscores")
        if kind == "http":
            if http not in ("basic", "bearer"):
                document.faults.add((*place, "scheme"), f"the scheme {scheme.get('scheme')} is not supported")
            found[name] = {**scheme, "scheme": http}
        elif kind == "openIdConnect":
            # Its tokens are bearer tokens (OpenID Connect Core 1.0, section 3.1.3.3).
            found[name] = {"type": "http", "scheme": "bearer"}
        elif kind == "apiKey":
            if scheme.get("in") not in ("query", "header", "cookie"):
                document.faults.add((*place, "in"), "expected query, header or cookie")
            if scheme.get("in") == "query":
                _check_plain(document, scheme.get("name"), (*place, "name"))
            elif not TOKEN.fullmatch(str(scheme.get("name", ""))):
                document.faults.add(
                    (*place, "name"), f"{scheme.get('name')!r} can't be the name of a header or a cookie"
                )
            found[name] = scheme
        elif kind == "oauth2":
            found[name] = scheme
        elif kind != "mutualTLS":
            # The client certificate belongs to the configuration, not to a call.
            document.faults.add((*place, "type"), f"the type {kind} is not supported")
    return found


def alternatives(document: Document, schemes: Schemes, content: dict[str, Any], place: Place) -> list[str]:
    """Return the security schemes that an operation accepts."""
    if "security" not in content:
        content, place = document.content, ()
    found = []
    for number, alternative in enumerate(content.get("security", [])):
        for scheme in alternative:
            if scheme not in document.content.get("components", {}).get("securitySchemes", {}):
                document.faults.add((*place, "security", str(number), scheme), f"{scheme!r} is not a security scheme")
            elif scheme in schemes and scheme not in found:
                found.append(scheme)
    return found


def check_servers(document: Document) -> None:
    """Note faults in the servers."""
    for number, server in enumerate(document.content.get("servers", [])):
        place = ("servers", str(number))
        _check_plain(document, server["url"], (*place, "url"))
        for name, variable in server.get("variables", {}).items():
            where = (*place, "variables", name)
            for text in (name, variable["default"], *variable.get("enum", [])):
                _check_plain(document, text, where)
            if variable.get("enum") and variable["default"] not in variable["enum"]:
                document.faults.add((*where, "default"), f"{variable['default']!r} is not one of the values")
        for name in set(re.findall("{([^{}]*)}", server["url"])) - server.get("variables", {}).keys():
            document.faults.add((*place, "url"), f"{name!r} is not one of the variables")


def _check_plain(document: Document, text: Any, place: Place) -> None:
    if not isinstance(text, str) or not _PLAIN.fullmatch(text):
        document.faults.add(place, f"expected a text without quotes and backslashes, got {text!r}")
