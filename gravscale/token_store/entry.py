"""An entry of a token store: tokens, and the password that they open to."""

from __future__ import annotations

import hashlib
import hmac
import logging
import os
import re
import warnings
from typing import TYPE_CHECKING, Annotated

from pydantic import Field

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
        # A contract without it has no signing in either.
        from gravscale.schema.model import Model as AuthorizationSchema

log: logging.Logger = logger("auth")

# RFC 6750, section 2.1, and whatever else can stand in a header field.
_TOKEN = re.compile(r"[\x21-\x7e]+")
# RFC 7914, section 2: n, r and p, which take 16 MiB and some 30 ms.
_COST = (2**14, 8, 1)
_SCHEME = "scrypt$16384$8$1"
_NO_SCRYPT = (
    "store: this Python has no hashlib.scrypt, without which a stored session would open to any password; "
    "use a Python built with OpenSSL's scrypt, or leave the store out"
)


class StoredAuthorization(AuthorizationSchema):
    """An authorization as token stores keep it, with what other processes need to know about it.

    Attributes:
        obtained_at: When it was obtained, by the local clock. Together with the expiry, this is the token's lifetime.
        password_scrypt: A salted scrypt hash (RFC 7914) of the password that started the session.
    """

    obtained_at: Annotated[DateTime | None, Field(alias="obtainedAt")] = None
    password_scrypt: Annotated[str | None, Field(alias="passwordScrypt")] = None


def read_entry(content: bytes) -> StoredAuthorization:
    """Return the entry of a JSON text. Raises ValueError, which quotes none of its values, for any other text."""
    entry = StoredAuthorization.from_json(content)
    if entry is None or not _TOKEN.fullmatch(entry.access_token):
        raise ValueError("accessToken: not a bearer token")
    return entry


def key_digest(key: str) -> str:
    """Return a name for a store's key, which holds an e-mail address that no listing needs to show."""
    return hashlib.sha256(key.encode("utf-8", "surrogatepass")).hexdigest()[:32]


def require_scrypt() -> None:
    """Raise ApiValueError if this Python can't bind an entry to a password."""
    if not hasattr(hashlib, "scrypt"):
        raise ApiValueError(_NO_SCRYPT)


def seal_for(password: str) -> str:
    """Return the salted scrypt of a password, in the form that an entry holds."""
    salt = os.urandom(16)
    return f"{_SCHEME}${salt.hex()}${_scrypt(password, salt).hex()}"


def opens(seal: str | None, password: str) -> bool:
    """Return whether a password is the one that an entry was sealed with. One without a seal opens to none."""
    scheme, salt, expected = ["", "", "", *(seal or "").rsplit("$", 2)][-3:]
    try:
        salt_bytes, expected_bytes = bytes.fromhex(salt), bytes.fromhex(expected)
    except ValueError:
        return False
    return scheme == _SCHEME and hmac.compare_digest(_scrypt(password, salt_bytes), expected_bytes)


def _scrypt(password: str, salt: bytes) -> bytes:
    n, r, p = _COST
    try:
        return hashlib.scrypt(password.encode("utf-8", "surrogatepass"), salt=salt, n=n, r=r, p=p, dklen=32)
    except ValueError:
        # OpenSSL has it, but its configuration (FIPS) forbids it.
        raise ApiValueError(_NO_SCRYPT) from None


def warn_of_store(message: str) -> None:
    """Give a TokenStoreWarning. Where warnings are errors it is logged instead: no call fails for want of a store."""
    message = printable(message)
    try:
        warnings.warn(message, TokenStoreWarning, stacklevel=caller_level())
    except TokenStoreWarning:
        log.warning("%s", message)
