"""Two renewals of one session: by another machine without a common lock, or by a call within a call."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import nullcontext
from pathlib import Path
from typing import Any

import pytest
from example_service import AuthenticationApi, AuthorizationSchema
from recording import EMAIL, PASSWORD, Service

import gravscale
from gravscale import FileTokenStore, PasswordCredentials, RefreshTokenCredentials, StoredAuthorization

Connect = Any


class Raced:
    """A store in which another machine stores new tokens while this one renews the old ones."""

    def __init__(self, service: Service) -> None:
        self.kept: AuthorizationSchema | None = None
        self.loads = 0
        self._service = service

    def load(self, key: str) -> AuthorizationSchema | None:
        self.loads += 1
        return self.kept

    def save(self, key: str, authorization: AuthorizationSchema) -> None:
        self.kept = authorization

    def lock(self, key: str) -> Any:
        return nullcontext()

    def renewed_elsewhere(self, **fields: object) -> None:
        """After the next refusal, the store has the other machine's tokens."""
        assert self.kept is not None
        old = self.kept
        issued = {**old.to_dict(), **self._service.issue(), "obtainedAt": "2099-01-01T00:00:00Z", **fields}
        new = StoredAuthorization.from_dict(issued)

        def load(key: str) -> AuthorizationSchema | None:
            assert key == f"{self._service.url} {EMAIL}"
            self.loads += 1
            return old if self.loads == 1 else new

        self.loads = 0
        self.load = load  # type: ignore[method-assign]


@pytest.fixture(params=["a password", "a refresh token"])
def credentials(request: pytest.FixtureRequest, service: Service) -> Any:
    store = Raced(service)
    if request.param == "a password":
        return PasswordCredentials(EMAIL, PASSWORD, store=store)
    authorization = AuthorizationSchema.from_dict(service.issue())
    assert authorization is not None
    store.kept = authorization
    return RefreshTokenCredentials(authorization, email=EMAIL, store=store)


def test_tokens_that_another_machine_renewed_meanwhile_are_used(
    credentials: Any, service: Service, connect: Connect
) -> None:
    auth = connect(credentials)
    auth.info()
    service.revoke(refresh=True)
    credentials.store.renewed_elsewhere()
    service.forget()
    auth.info()
    assert service.counts() == {"401": 1, "refresh": 1, "info": 1}


def test_tokens_that_another_machine_stored_are_tried_once(service: Service, connect: Connect) -> None:
    store = Raced(service)
    auth = connect(store=store)
    auth.info()
    store.renewed_elsewhere(expiresAt="2000-01-01T00:00:00Z")
    service.revoke(refresh=True)
    service.forget()
    auth.info()
    assert service.counts() == {"401": 1, "refresh": 2, "sign-in": 1, "info": 1}


def test_a_rejected_token_that_another_machine_stored_is_renewed(service: Service, connect: Connect) -> None:
    store = Raced(service)
    auth = connect(store=store)
    auth.info()
    service.revoke(refresh=True)
    assert store.kept is not None
    store.renewed_elsewhere(accessToken=store.kept.access_token)
    service.forget()
    auth.info()
    assert service.counts() == {"401": 1, "refresh": 2, "info": 1}


def test_a_rejected_token_in_the_store_is_not_used_while_renewing_early(
    service: Service, connect: Connect, later: Callable[[float], None]
) -> None:
    store = Raced(service)
    auth = connect(store=store)
    auth.info()
    assert store.kept is not None
    rejected = store.kept.access_token
    service.revoke()
    auth.info()
    issued = {**store.kept.to_dict(), **service.issue(), "obtainedAt": "2099-01-01T00:00:00Z", "accessToken": rejected}
    store.kept = StoredAuthorization.from_dict(issued)
    later(3600 - 30)
    assert auth.api_client.configuration.credentials.renew(auth.api_client, rejected) != rejected


def test_a_hook_may_call_with_other_credentials_of_the_same_account(service: Service, tmp_path: Path) -> None:
    store = FileTokenStore(tmp_path)
    called: list[object] = []

    def client(**settings: Any) -> gravscale.ApiClient:
        own = PasswordCredentials(EMAIL, PASSWORD, store=store)
        return gravscale.ApiClient(gravscale.Configuration(service.url, credentials=own, timeout=20, **settings))

    def call(_: object) -> None:
        if not called:
            called.append(None)
            called.append(AuthenticationApi(other).info())

    with client() as other, client(event_hooks={"request": [call]}) as calling:
        # The first request is the sign-in, which holds the account's lock.
        AuthenticationApi(calling).info()
        assert called[1:] == [AuthenticationApi(other).info()]


def test_after_a_call_in_the_middle_of_a_sign_in_the_lock_is_taken_again(service: Service, connect: Connect) -> None:
    class Counting(Raced):
        held = 0

        def lock(self, key: str) -> Any:
            self.held += 1
            return nullcontext()

    store = Counting(service)
    service.failing["sign-in"] = (500, {})
    for _ in range(2):
        with pytest.raises(gravscale.ServiceException) as caught:
            connect(store=store).info()
        # Keeping the error does not keep the lock.
        assert caught.value
    assert store.held == 2


def test_a_lock_that_suppresses_exceptions_is_refused(service: Service, connect: Connect) -> None:
    class Suppressing(Raced):
        def lock(self, key: str) -> Any:
            class Lock:
                def __enter__(self) -> None: ...

                def __exit__(self, *_: object) -> bool:
                    return True

            return Lock()

    service.failing["sign-in"] = (500, {})
    with pytest.raises(gravscale.ApiTypeError, match=r"^store: the context manager of lock\(key\) must not suppress"):
        connect(store=Suppressing(service)).info()
