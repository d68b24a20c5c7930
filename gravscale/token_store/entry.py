"""An entry of a token store: tokens, and a hash of the password that they are bound to."""

from __future__ import annotations

import hashlib
import hmac
import logging
import os
import re
import warnings
from typing import TYPE_CHECKING, Annotated

from pydantic import Field

from gravscale.cached_token import is_bearer_token
from gravscale.exceptions import ApiValueError, TokenStoreWarning
from gravscale.schema.field_types import DateTime
from gravscale.support.frames import caller_level
from gravscale.support.logs import logger
from gravscale.support.text import printable

if TYPE_CHECKING:
    from gravscale.models import AuthorizationSchema
else:
    try:
        from gravscale.models import AuthorizationSchema
    except ImportError:
        # A contract without it can't sign in either.
        from gravscale.schema.model import Model as AuthorizationSchema

log: logging.Logger = logger("auth")

# RFC 7914, section 2: n, r and p. One hash takes 16 MiB and about 30 ms.
_COST = (2**14, 8, 1)
_SCHEME = "scrypt$16384$8$1"
_SEAL = re.compile(re.escape(_SCHEME) + r"\$([0-9a-f]{32})\$([0-9a-f]{64})")
_NO_SCRYPT = (
    "store: this Python has no hashlib.scrypt, so a stored session would open to any password; "
    "use a Python built with OpenSSL's scrypt, or leave the store out"
)


class StoredAuthorization(AuthorizationSchema):
    """An authorization in a token store, with two facts that other processes need.

    Attributes:
        obtained_at: When it was obtained, by the local clock. Together with the expiry, it gives the token's lifetime.
        password_scrypt: A salted scrypt hash (RFC 7914) of the password that started the session.
    """

    obtained_at: Annotated[DateTime | None, Field(alias="obtainedAt")] = None
    password_scrypt: Annotated[str | None, Field(alias="passwordScrypt")] = None


def read_entry(content: bytes) -> StoredAuthorization:
    """Parse an entry from JSON. Raises ValueError, without quoting any value, if the content is not an entry."""
    entry = StoredAuthorization.from_json(content)
    if entry is None or not is_bearer_token(entry.access_token):
        raise ValueError("accessToken: not a bearer token")
    return entry


def key_digest(key: str) -> str:
    """Return a name for a key that does not reveal the e-mail address in it."""
    return hashlib.sha256(key.encode(errors="surrogatepass")).hexdigest()[:32]


def require_scrypt() -> None:
    """Raise ApiValueError if this Python can't bind an entry to a password."""
    if not hasattr(hashlib, "scrypt"):
        raise ApiValueError(_NO_SCRYPT)


def seal_for(password: str) -> str:
    """Return the salted scrypt hash of a password, as an entry stores it."""
    salt = os.urandom(16)
    return f"{_SCHEME}${salt.hex()}${_scrypt(password, salt).hex()}"


def opens(seal: str, password: str) -> bool:
    """Return whether a password matches an entry's seal."""
    found = _SEAL.fullmatch(seal)
    if found is None:
        return False
    salt, expected = map(bytes.fromhex, found.groups())
    return hmac.compare_digest(_scrypt(password, salt), expected)


def _scrypt(password: str, salt: bytes) -> bytes:
    n, r, p = _COST
    try:
        return hashlib.scrypt(password.encode(), salt=salt, n=n, r=r, p=p, dklen=32)
    except ValueError:
        # OpenSSL has it, but its configuration (FIPS) forbids it.
        raise ApiValueError(_NO_SCRYPT) from None


def warn_of_store(message: str) -> None:
    """Issue a TokenStoreWarning. If warnings are errors, log it instead: a broken store must not fail a call."""
    message = printable(message)
    try:
        warnings.warn(message, TokenStoreWarning, stacklevel=caller_level())
    except TokenStoreWarning:
        # As an argument, so that the logger masks e-mail addresses in it.
        log.warning("%s", message)
