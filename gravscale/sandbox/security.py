"""Passwords and tokens."""

from __future__ import annotations

import hashlib
import secrets
import time
import uuid
from typing import TYPE_CHECKING

import argon2
import jwt
from sqlalchemy import delete

from gravscale.sandbox.database import Account, RefreshToken, Setting, as_time
from gravscale.sandbox.schemas import AuthorizationSchema

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

REFRESH_TOKEN_TTL = 30 * 24 * 3600.0

# The cheapest settings of argon2: nothing here is worth protecting, and tests sign up hundreds of times.
_hasher = argon2.PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
# Verified against if there is no account, so that an unknown e-mail address takes as long as a wrong password.
_nobody = _hasher.hash(secrets.token_urlsafe())


def hash_password(password: str) -> str:
    """Return the argon2 hash of a password."""
    return _hasher.hash(password.encode("utf-8", "surrogatepass"))


def verify_password(account: Account | None, password: str) -> bool:
    """Return whether the account has this password."""
    try:
        _hasher.verify(account.password_hash if account else _nobody, password.encode("utf-8", "surrogatepass"))
    except argon2.exceptions.VerificationError:
        return False
    return account is not None


def signing_key(session: Session) -> str:
    """Return the key that signs access tokens. It is created on first use."""
    setting = session.get(Setting, "signing_key")
    if setting is None:
        setting = Setting(name="signing_key", value=secrets.token_hex(32))
        session.add(setting)
    return setting.value


def authorize(session: Session, account: Account, ttl: float) -> AuthorizationSchema:
    """Issue new tokens for an account. The access token is valid for `ttl` seconds."""
    now = time.time()
    claims = {"sub": str(account.client_id), "iat": now, "exp": now + ttl, "jti": uuid.uuid4().hex}
    refresh_token = secrets.token_urlsafe(32)
    session.add(
        RefreshToken(token_hash=_hash(refresh_token), client_id=account.client_id, expires_at=now + REFRESH_TOKEN_TTL)
    )
    return AuthorizationSchema(
        # Only the type of keys that the sandbox does not use is unknown.
        access_token=jwt.encode(  # pyright: ignore[reportUnknownMemberType]
            claims, signing_key(session), algorithm="HS256"
        ),
        refresh_token=refresh_token,
        type="Bearer",
        expires_at=as_time(now + ttl),
    )


def bearer(session: Session, access_token: str) -> Account | None:
    """Return the account of an access token, or None if the token has expired or was never issued."""
    try:
        # Check the expiry below, to the fraction of a second: tests use very short-lived tokens.
        claims = jwt.decode(  # pyright: ignore[reportUnknownMemberType]
            access_token, signing_key(session), algorithms=["HS256"], options={"verify_exp": False}
        )
        if float(claims["exp"]) <= time.time():
            return None
        return session.get(Account, int(claims["sub"]))
    except (jwt.InvalidTokenError, KeyError, ValueError, TypeError):
        return None


def redeem(session: Session, refresh_token: str) -> Account | None:
    """Use up a refresh token. Return its account, or None if it has expired, was used before, or was never issued."""
    found = session.get(RefreshToken, _hash(refresh_token))
    if found is None:
        return None
    session.execute(delete(RefreshToken).where(RefreshToken.token_hash == found.token_hash))
    return session.get(Account, found.client_id) if found.expires_at > time.time() else None


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).hexdigest()
