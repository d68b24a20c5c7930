"""Sessions with odd input from the user, the store or the service."""

from __future__ import annotations

import logging
import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import nullcontext
from datetime import datetime, timedelta, timezone
from types import SimpleNamespace
from typing import Any

import pytest
from example_service import AuthorizationSchema
from misbehaving import AUTHORIZATION
from recording import EMAIL, PASSWORD, Service

import gravscale
import gravscale.contract
from gravscale import ApiTypeError, ApiValueError, PasswordCredentials, RefreshTokenCredentials

Connect = Any


def test_the_repr_of_credentials_has_the_account_and_no_secret() -> None:
    assert repr(PasswordCredentials(EMAIL, PASSWORD)) == f"PasswordCredentials('{EMAIL}')"
    authorization = AuthorizationSchema.from_dict(AUTHORIZATION)
    assert authorization is not None
    assert repr(RefreshTokenCredentials(authorization, email=EMAIL)) == f"RefreshTokenCredentials('{EMAIL}')"
    assert repr(RefreshTokenCredentials(authorization)) == "RefreshTokenCredentials('')"


def test_an_argument_that_is_not_an_authorization_is_refused() -> None:
    odd: Any = {"accessToken": "a"}
    with pytest.raises(ApiTypeError, match=r"^authorization: expected an AuthorizationSchema, got dict$"):
        RefreshTokenCredentials(odd)


def test_without_a_refresh_token_a_session_ends_with_its_token(
    service: Service, connect: Connect, caplog: pytest.LogCaptureFixture
) -> None:
    authorization = AuthorizationSchema.from_dict(service.issue() | {"refreshToken": None})
    assert authorization is not None
    authorization.expires_at = datetime.now(timezone.utc) + timedelta(seconds=30)
    connect(RefreshTokenCredentials(authorization)).info()
    # Nobody tries to renew it.
    assert not [record for record in caplog.records if record.levelno >= logging.WARNING]
    authorization.expires_at = datetime.now(timezone.utc) - timedelta(seconds=1)
    with pytest.raises(
        ApiValueError, match=r"^authorization: the access token has expired and there is no refresh token$"
    ):
        connect(RefreshTokenCredentials(authorization)).info()
    assert service.counts() == {"info": 1}


@pytest.mark.parametrize("date", ["yesterday", "Mon, 99 Foo 2026 00:00:00 GMT", "Mon, 01 Jan 0000 00:00:00 GMT"])
def test_a_malformed_date_header_is_ignored(service: Service, connect: Connect, date: str) -> None:
    service.date = date
    auth = connect()
    auth.info()
    auth.info()
    assert service.counts() == {"sign-in": 1, "info": 2}


def test_a_contract_that_no_longer_renews_is_named(
    service: Service, connect: Connect, monkeypatch: pytest.MonkeyPatch
) -> None:
    auth = connect()
    auth.info()
    service.revoke()
    monkeypatch.delitem(gravscale.contract.OPERATIONS, "refresh_token")
    with pytest.raises(ApiValueError, match=r"^PasswordCredentials needs the operation 'refresh_token'"):
        auth.info()


def test_a_contract_without_a_sign_in_is_named(connect: Connect, monkeypatch: pytest.MonkeyPatch) -> None:
    auth = connect()
    monkeypatch.delitem(gravscale.contract.OPERATIONS, "sign_in")
    with pytest.raises(ApiValueError, match=r"^PasswordCredentials needs the operation 'sign_in'"):
        auth.info()


@pytest.mark.parametrize("token", ["", " ", "two words", "two\nlines", "tök"])
def test_an_access_token_that_cannot_be_sent_is_an_error_of_the_answer(
    service: Service, connect: Connect, token: str
) -> None:
    service.failing["sign-in"] = (200, service.issue() | {"accessToken": token})
    auth = connect()
    with pytest.raises(gravscale.ApiResponseError, match="accessToken: not a bearer token"):
        auth.info()
    service.failing.clear()
    auth.info()
    assert service.counts() == {"sign-in": 2, "info": 1}


def test_a_refresh_token_stays_in_use_if_the_service_sends_no_new_one(service: Service, connect: Connect) -> None:
    service.rotates = False
    authorization = AuthorizationSchema.from_dict(service.issue())
    assert authorization is not None
    auth = connect(RefreshTokenCredentials(authorization))
    for _ in range(3):
        service.revoke()
        auth.info()
    assert service.counts() == {"401": 3, "refresh": 3, "info": 3}


class OfTheStore(Exception):
    """An error that can't be created from its arguments, and so can't be copied."""

    def __init__(self, one: int, another: int) -> None:
        super().__init__(f"{one} of {another}")


class BrokenStore:
    def __init__(self) -> None:
        self.loading, self.go_on = threading.Event(), threading.Event()

    def load(self, key: str) -> None:
        self.loading.set()
        assert self.go_on.wait(20)
        raise OfTheStore(1, 2)

    def save(self, key: str, authorization: AuthorizationSchema) -> None: ...

    def lock(self, key: str) -> Any:
        return nullcontext()


def test_an_error_of_your_own_store_reaches_all_waiting_threads(service: Service, connect: Connect) -> None:
    from test_threads import until, waiting_for_a_renewal

    store = BrokenStore()
    auth = connect(store=store)
    with ThreadPoolExecutor(2) as pool:
        futures = [pool.submit(auth.info)]
        assert store.loading.wait(20)
        futures.append(pool.submit(auth.info))
        until(lambda: waiting_for_a_renewal() == 1)
        store.go_on.set()
        assert [type(future.exception()) for future in futures] == [OfTheStore] * 2
    assert service.counts() == {}


class Unwritable:
    """A store that keeps nothing, and raises the first time."""

    def __init__(self) -> None:
        self.saved = 0

    def load(self, key: str) -> None: ...

    def save(self, key: str, authorization: AuthorizationSchema) -> None:
        self.saved += 1
        if self.saved == 1:
            raise OfTheStore(1, 2)

    def lock(self, key: str) -> Any:
        return nullcontext()


def test_tokens_that_could_not_be_stored_still_serve_the_next_call(service: Service, connect: Connect) -> None:
    authorization = AuthorizationSchema.from_dict(service.issue())
    assert authorization is not None
    auth = connect(RefreshTokenCredentials(authorization, email=EMAIL, store=Unwritable()))
    service.revoke()
    with pytest.raises(OfTheStore):
        auth.info()
    auth.info()
    assert service.counts() == {"401": 1, "refresh": 1, "info": 1}


ALL_BUT_ONE = [
    SimpleNamespace(**{name: print for name in ("load", "save", "lock") if name != missing})
    for missing in ("load", "save", "lock")
]


@pytest.mark.parametrize("store", ["tokens.json", gravscale.FileTokenStore, {}, *ALL_BUT_ONE])
def test_an_argument_that_is_not_a_store_is_refused(store: Any) -> None:
    given = "the class FileTokenStore" if isinstance(store, type) else type(store).__name__
    with pytest.raises(ApiTypeError, match=rf"^store: expected a store such as FileTokenStore\(\), got {given}$"):
        PasswordCredentials(EMAIL, PASSWORD, store=store)


def test_a_store_that_returns_the_wrong_type_is_an_error(service: Service, connect: Connect) -> None:
    class Odd(Unwritable):
        def load(self, key: str) -> Any:
            return service.issue()

    complaint = r"^store: expected load\(\) to return an AuthorizationSchema or None, got dict$"
    with pytest.raises(ApiTypeError, match=complaint):
        connect(store=Odd()).info()
    assert service.counts() == {}


def test_after_an_interrupted_renewal_a_waiting_thread_renews(service: Service, connect: Connect) -> None:
    from test_threads import until, waiting_for_a_renewal

    class Interrupted(BrokenStore):
        def load(self, key: str) -> None:
            if not self.loading.is_set():
                self.loading.set()
                assert self.go_on.wait(20)
                raise KeyboardInterrupt

    store = Interrupted()
    auth = connect(store=store)
    with ThreadPoolExecutor(2) as pool:
        first = pool.submit(auth.info)
        assert store.loading.wait(20)
        second = pool.submit(auth.info)
        until(lambda: waiting_for_a_renewal() == 1)
        store.go_on.set()
        assert isinstance(first.exception(), KeyboardInterrupt)
        second.result()
    assert service.counts() == {"sign-in": 1, "info": 1}
