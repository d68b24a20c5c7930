"""Share tokens among machines, in Redis."""

from __future__ import annotations

import base64
import json
import threading
import time
from contextlib import ExitStack, contextmanager, suppress
from datetime import datetime, timezone
from functools import partial
from typing import TYPE_CHECKING, Any

from gravscale.exceptions import ApiTimeoutError, ApiTypeError, ApiValueError
from gravscale.support.type_guards import type_name
from gravscale.token_store.entry import key_digest, read_entry, warn_of_store
from gravscale.transport.deadline import nested_calls_remaining

if TYPE_CHECKING:
    from collections.abc import Callable, Generator

    from redis.lock import Lock

    from gravscale.models import AuthorizationSchema

# A server that does not answer within this time counts as unavailable.
_SERVER_SECONDS = 1.0
# How long an unavailable server is left alone.
_AWAY_SECONDS = 5.0
# If the holder of a lock dies, the lock is free after this time. A living holder extends it three times as often.
_LOCK_SECONDS = 6.0
# PTTL's answer for a key that never expires.
_NO_EXPIRY = -1
# If a call has no timeout, its lock is released after this time.
_LONGEST_HOLD_SECONDS = 120.0
# How long to keep tokens if the refresh token does not say when it expires.
_REFRESH_TOKEN_SECONDS = 30 * 24 * 3600.0


class RedisTokenStore:
    """Keep tokens in Redis, for workers on several machines. Needs the extra `redis`.

    Among all workers with the same host and e-mail address, one renews the tokens and the others use them. Entries
    expire together with their refresh token. While Redis can't be reached, each worker issues a `TokenStoreWarning`
    and signs in on its own. Anyone who can read the database can use the tokens, so protect it like a password.

    Args:
        url_or_client: A URL (`redis://`, `rediss://` for TLS, or `unix://`), or your own `redis.Redis` or
            `redis.RedisCluster`. The timeouts of your own client apply.
        prefix: The prefix of the keys in Redis.

    Raises:
        ApiTypeError: An argument has the wrong type.
        ApiValueError: An argument has an invalid value, or the extra is not installed.
    """

    def __init__(self, url_or_client: object, *, prefix: str = "gravscale:") -> None:
        try:
            import redis
            from redis.backoff import NoBackoff
            from redis.retry import Retry
        except ImportError:
            raise ApiValueError("RedisTokenStore needs the extra: pip install 'gravscale[redis]'") from None
        if not isinstance(prefix, str):
            raise ApiTypeError(f"prefix: expected a str, got {type_name(prefix)}")
        self.prefix: str = prefix
        self._url_or_client = url_or_client
        self._errors: tuple[type[Exception], ...] = (redis.RedisError, OSError)
        self._response_error: type[Exception] = redis.ResponseError
        self._away_until = 0.0
        if isinstance(url_or_client, (redis.Redis, redis.RedisCluster)):
            self._client: Any = url_or_client
            return
        if not isinstance(url_or_client, str):
            got = type_name(url_or_client)
            raise ApiTypeError(f"url_or_client: expected a URL or a redis.Redis, got {got}")
        try:
            # Any, because type checkers don't know the arguments of `from_url`.
            client_class: Any = redis.Redis
            self._client = client_class.from_url(
                url_or_client,
                socket_timeout=_SERVER_SECONDS,
                socket_connect_timeout=_SERVER_SECONDS,
                # Retry once, since the server may have closed an idle connection.
                retry=Retry(NoBackoff(), 1),
            )
        except (ValueError, TypeError, redis.RedisError):
            # Don't chain the error: it would quote the URL, which may contain a password.
            raise ApiValueError("url_or_client: expected a URL such as rediss://host:6379/0") from None

    def load(self, key: str) -> AuthorizationSchema | None:
        """Return the tokens last saved under the key, or None."""
        try:
            # A client of your own that decodes answers may raise UnicodeDecodeError.
            content = self._ask("read", lambda: self._client.get(self._name(key)))
            if content is None:
                return None
            return read_entry(content if isinstance(content, bytes) else str(content).encode())
        except ValueError as error:
            # pydantic's message names fields, but quotes no values.
            warn_of_store(f"stored tokens can't be used, signing in again: {self._name(key)}: {error}")
            return None

    def save(self, key: str, authorization: AuthorizationSchema) -> None:
        """Save tokens for all workers, until their refresh token expires."""
        content, milliseconds = authorization.to_json(), max(1, int(_seconds_to_keep(authorization) * 1000))
        self._ask("stored", lambda: self._client.set(self._name(key), content, px=milliseconds))

    def delete(self, key: str) -> None:
        """Delete the tokens of the key."""
        self._ask("deleted", lambda: self._client.delete(self._name(key)))

    @contextmanager
    def lock(self, key: str) -> Generator[None]:
        """Keep other workers from renewing the tokens of the key. Redis frees the lock soon after its holder dies.

        Args:
            key: The host and e-mail address.

        Returns:
            A context manager.

        Raises:
            ApiTimeoutError: The call timed out before the lock was free.
        """
        left, name = nested_calls_remaining(), self._name(key) + ":lock"
        with ExitStack() as held:
            lock: Lock | None = None
            if time.monotonic() >= self._away_until:
                # Not thread-local, since another thread extends it.
                lock = self._client.lock(name, timeout=_LOCK_SECONDS, sleep=0.05, thread_local=False)
            taken = None if lock is None else self._ask("shared", lambda: self._acquire(lock, name, left))
            if lock is not None and taken is False:
                waited = f"{left or 0.0:.1f} s while waiting for another process to renew the token"
                raise ApiTimeoutError(reason=f"timed out after {waited}")
            if lock is not None and taken:
                held.callback(self._release, lock, name)
                held.enter_context(_extended(lock, _LONGEST_HOLD_SECONDS if left is None else left, self._errors))
            yield

    def _acquire(self, lock: Lock, name: str, seconds: float | None) -> bool | None:
        """Wait for a lock. Return False if it was not free in time, or None if another key is in its place."""
        ends, wait = time.monotonic() + (threading.TIMEOUT_MAX if seconds is None else seconds), 0.0
        while not lock.acquire(blocking_timeout=wait):
            # A lock always expires soon. Anything else may be there for ever: the key of another program, or a lock
            # whose expiry was lost in a failover.
            left = self._client.pttl(name)
            if left == _NO_EXPIRY or left > _LOCK_SECONDS * 1000:
                warn_of_store(f"tokens can't be shared: the key {name} in Redis is not a lock that expires; delete it")
                return None
            wait = min(_LOCK_SECONDS, ends - time.monotonic())
            if wait <= 0:
                return False
        return True

    def _release(self, lock: Lock, name: str) -> None:
        token: bytes = lock.local.token
        with suppress(*self._errors):
            try:
                # If the lock has expired meanwhile, another worker may hold it, and releasing fails.
                lock.release()
            except self._response_error:
                # This user may not run scripts. Without one, a lock that expires at this very moment may be another's.
                if self._client.get(name) in (token, token.decode()):
                    self._client.delete(name)

    def _ask(self, done: str, question: Any) -> Any:
        """Return the answer of Redis. If there is none, issue a warning and return None."""
        if time.monotonic() < self._away_until:
            return None
        try:
            return question()
        except self._errors as error:
            self._away_until = time.monotonic() + _AWAY_SECONDS
            # The error's message may quote the request.
            warn_of_store(f"tokens can't be {done}: Redis failed with {type(error).__name__}")
            return None

    def _name(self, key: str) -> str:
        return self.prefix + key_digest(key)

    def __reduce__(self) -> tuple[Callable[[], object], tuple[()]]:
        # Another process opens connections of its own. A client of yours must be able to do that too.
        return partial(type(self), self._url_or_client, prefix=self.prefix), ()

    def __deepcopy__(self, memo: dict[int, object]) -> RedisTokenStore:
        # Its connections are meant to be shared.
        return self

    def __repr__(self) -> str:
        return f"RedisTokenStore(prefix={vars(self).get('prefix')!r})"


@contextmanager
def _extended(lock: Lock, seconds: float, errors: tuple[type[Exception], ...]) -> Generator[None]:
    """Keep extending a lock until the context ends, but no longer than the given number of seconds."""
    over, ends = threading.Event(), time.monotonic() + seconds

    def extend() -> None:
        while not over.wait(_LOCK_SECONDS / 3) and time.monotonic() < ends:
            try:
                lock.reacquire()
            except errors:
                return

    thread = threading.Thread(target=extend, name="gravscale-redis-lock", daemon=True)
    # No thread can start while the interpreter exits. The lock then expires on its own.
    with suppress(RuntimeError):
        thread.start()
    try:
        yield
    finally:
        over.set()


def _seconds_to_keep(authorization: AuthorizationSchema) -> float:
    """Return how long the tokens are useful: until the refresh token expires, or the access token if there is none."""
    now = datetime.now(timezone.utc).timestamp()
    refresh_token = authorization.refresh_token
    if not refresh_token:
        expires_at: float = authorization.expires_at.timestamp()
        return expires_at - now
    try:
        # A JWT says when it expires (RFC 7519, section 4.1.4). It need not be verified: someone who could forge it
        # here could write to Redis anyway.
        claims = refresh_token.split(".")[1]
        expires_at = float(json.loads(base64.urlsafe_b64decode(claims + "=" * (-len(claims) % 4)))["exp"])
        return min(max(expires_at - now, 1.0), 10 * 365 * 24 * 3600.0)
    except (IndexError, KeyError, TypeError, ValueError, OverflowError, RecursionError):
        return _REFRESH_TOKEN_SECONDS
