"""Stored sessions and their passwords, signing out, and calls whose token is renewed early."""

from __future__ import annotations

import copy
import hashlib
import logging
import pickle
import threading
import warnings
from collections.abc import Callable
from contextlib import nullcontext
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pytest
from example_service import AuthorizationSchema
from recording import EMAIL, PASSWORD, Service

import gravscale
from gravscale import PasswordCredentials, RefreshTokenCredentials, StoredAuthorization
from gravscale.token_store.entry import opens, seal_for
from gravscale.transport.deadline import nested_calls_remaining

Connect = Any
Later = Callable[[float], None]
WRONG = "wrong-horse-battery"


class Memory:
    """A user's own store, which keeps everything in memory."""

    def __init__(self) -> None:
        self.kept: dict[str, AuthorizationSchema] = {}

    def load(self, key: str) -> AuthorizationSchema | None:
        return self.kept.get(key)

    def save(self, key: str, authorization: AuthorizationSchema) -> None:
        self.kept[key] = authorization

    def delete(self, key: str) -> None:
        self.kept.pop(key, None)

    def lock(self, key: str) -> nullcontext[None]:
        return nullcontext()


@pytest.fixture(params=["memory", "file"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Any:
    return Memory() if request.param == "memory" else gravscale.FileTokenStore(tmp_path)


def test_a_stored_session_works_only_with_its_password(service: Service, connect: Connect, store: Any) -> None:
    connect(store=store).info()
    service.failing["sign-in"] = (401, {"detail": "no such user"})
    with pytest.raises(gravscale.UnauthorizedException, match="no such user"):
        connect(PasswordCredentials(EMAIL, WRONG, store=store)).info()
    connect(store=store).info()
    assert service.counts() == {"sign-in": 2, "info": 2}


def test_a_new_session_works_with_its_own_password_not_with_that_of_the_session_before(
    service: Service, connect: Connect, store: Any
) -> None:
    connect(store=store).info()
    for _ in range(2):
        connect(PasswordCredentials(EMAIL, WRONG, store=store)).info()
    assert service.counts() == {"sign-in": 2, "info": 3}
    connect(store=store).info()
    assert service.counts() == {"sign-in": 3, "info": 4}


def test_a_renewed_stored_session_still_works_with_its_password(service: Service, connect: Connect, store: Any) -> None:
    first = connect(store=store)
    first.info()
    service.revoke()
    first.info()
    connect(store=store).info()
    assert service.counts() == {"sign-in": 1, "401": 1, "refresh": 1, "info": 3}


def test_continuing_a_stored_session_keeps_it_bound_to_its_password(
    service: Service, connect: Connect, store: Any
) -> None:
    connect(store=store).info()
    begun = AuthorizationSchema.from_dict(service.issue() | {"expiresAt": "2020-01-01T00:00:00Z"})
    assert begun is not None
    going_on = connect(RefreshTokenCredentials(begun, email=EMAIL, store=store))
    service.revoke()
    going_on.info()
    connect(store=store).info()
    assert service.counts() == {"sign-in": 1, "401": 1, "refresh": 1, "info": 3}


def test_tokens_from_elsewhere_are_not_bound_to_the_password(service: Service, connect: Connect, store: Any) -> None:
    connect(store=store).info()
    now = datetime.now(timezone.utc).isoformat()
    other = gravscale.StoredAuthorization.from_dict(service.issue() | {"obtainedAt": now})
    assert other is not None
    service.revoke()
    connect(RefreshTokenCredentials(other, email=EMAIL, store=store)).info()
    connect(store=store).info()
    assert service.counts() == {"sign-in": 2, "401": 1, "refresh": 1, "info": 3}


@pytest.mark.parametrize("kind", [StoredAuthorization, AuthorizationSchema])
def test_an_entry_without_a_seal_works_with_no_password(
    service: Service, connect: Connect, kind: type[AuthorizationSchema]
) -> None:
    store = Memory()
    connect(store=store).info()
    (key,) = store.kept
    # As a store keeps it that knows only the fields of the contract.
    kept = kind.from_dict({**store.kept[key].to_dict(), "passwordScrypt": None})
    assert kept is not None
    store.kept[key] = kept
    connect(store=store).info()
    assert service.counts() == {"sign-in": 2, "info": 2}


@pytest.mark.parametrize(
    "seal",
    ["", "$", "scrypt$16384$8$1$00$zz", "scrypt$2$1$1$00$00", "md5$00$00", "scrypt$16384$8$1$", "scrypt$16384$8$1$$"],
)
def test_a_malformed_seal_works_with_no_password(seal: str) -> None:
    assert not opens(seal, PASSWORD)


def test_a_seal_is_salted() -> None:
    one, other = seal_for(PASSWORD), seal_for(PASSWORD)
    assert one != other
    assert opens(one, PASSWORD)
    assert opens(other, PASSWORD)
    assert not opens(one, WRONG)


def test_a_seal_of_another_version_of_the_sdk_works_with_its_password() -> None:
    salt, digest = bytes(range(16)).hex(), "5033c5f9ce9401b39f60b6d77e1e412ec42b9fe52275645b432c833f98ae4c38"
    assert opens(f"scrypt$16384$8$1${salt}${digest}", "pässword")


def test_the_password_is_compared_once_for_an_entry(
    service: Service, connect: Connect, monkeypatch: pytest.MonkeyPatch
) -> None:
    compared = 0
    really = hashlib.scrypt

    def count(*args: Any, **kwargs: Any) -> bytes:
        nonlocal compared
        compared += 1
        return really(*args, **kwargs)

    monkeypatch.setattr(hashlib, "scrypt", count)
    store = Memory()
    connect(store=store).info()
    other = connect(store=store)
    for _ in range(3):
        other.info()
        service.revoke()
    assert compared == 2


def test_without_scrypt_a_store_is_refused_and_sessions_work(
    service: Service, connect: Connect, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delattr(hashlib, "scrypt")
    with pytest.raises(gravscale.ApiValueError, match=r"^store: this Python has no hashlib\.scrypt"):
        PasswordCredentials(EMAIL, PASSWORD, store=Memory())
    connect().info()


def test_a_forbidden_scrypt_is_named(service: Service, connect: Connect, monkeypatch: pytest.MonkeyPatch) -> None:
    def forbidden(*_: Any, **__: Any) -> bytes:
        raise ValueError("[digital envelope routines] unsupported")

    monkeypatch.setattr(hashlib, "scrypt", forbidden)
    with pytest.raises(gravscale.ApiValueError, match=r"^store: this Python has no hashlib\.scrypt"):
        connect(store=Memory()).info()


def test_signing_out_deletes_the_session_here_and_in_the_store(service: Service, connect: Connect, store: Any) -> None:
    credentials = PasswordCredentials(EMAIL, PASSWORD, store=store)
    auth = connect(credentials)
    auth.info()
    credentials.sign_out(auth.api_client)
    assert store.load(f"{service.url} {EMAIL}") is None
    connect(store=store).info()
    store.delete(f"{service.url} {EMAIL}")
    auth.info()
    assert service.counts() == {"sign-in": 3, "info": 3}


@pytest.mark.parametrize("used", [True, False])
def test_refresh_token_credentials_cannot_be_used_after_signing_out(
    service: Service, connect: Connect, used: bool
) -> None:
    authorization = AuthorizationSchema.from_dict(service.issue())
    assert authorization is not None
    credentials = RefreshTokenCredentials(authorization)
    auth = connect(credentials)
    if used:
        auth.info()
    credentials.sign_out(auth.api_client)
    for one in (auth, connect(pickle.loads(pickle.dumps(credentials)))):
        with pytest.raises(gravscale.ApiValueError, match=r"^credentials: signed out"):
            one.info()


def test_signing_out_of_a_store_without_delete_is_an_error(service: Service, connect: Connect) -> None:
    class Lasting(Memory):
        delete = None  # type: ignore[assignment]

    store = Lasting()
    credentials = PasswordCredentials(EMAIL, PASSWORD, store=store)
    auth = connect(credentials)
    auth.info()
    with pytest.raises(gravscale.ApiTypeError, match=r"^store: Lasting has no delete\(key\)"):
        credentials.sign_out(auth.api_client)
    assert store.kept


@pytest.mark.parametrize("status", [401, 409, 500, 503])
def test_an_early_renewal_that_fails_does_not_fail_the_call(
    service: Service, connect: Connect, later: Later, caplog: pytest.LogCaptureFixture, status: int
) -> None:
    caplog.set_level("DEBUG", "gravscale")
    auth = connect()
    auth.info()
    service.failing |= {"refresh": (status, {"detail": "down"}), "sign-in": (503, {"detail": "down"})}
    later(3600 - 30)
    auth.info()
    auth.info()
    assert service.counts()["refresh"] == 1
    assert "could not renew the access token, which is still valid" in caplog.text
    later(2)
    auth.info()
    assert service.counts()["refresh"] == 2
    later(29)
    with pytest.raises(gravscale.ApiException, match="down"):
        auth.info()
    service.failing.clear()
    auth.info()
    assert service.counts()["info"] == 5


def test_a_token_that_expires_while_its_renewal_fails_is_not_used(
    service: Service, connect: Connect, later: Later
) -> None:
    def let_expire(event: gravscale.ResponseEvent) -> None:
        if event.operation == "refresh_token":
            later(60)

    auth = connect()
    auth.info()
    service.forget()
    service.failing["refresh"] = (503, {"detail": "down"})
    auth.api_client.configuration.event_hooks = {"response": [let_expire]}
    later(3600 - 30)
    with pytest.raises(gravscale.ServiceException, match="down"):
        auth.info()
    assert service.counts() == {"refresh": 1}


@pytest.mark.parametrize("status", [None, 401, 503])
def test_an_event_hook_that_raises_in_an_early_renewal_ends_the_call(
    service: Service, connect: Connect, later: Later, status: int | None
) -> None:
    error = RuntimeError("mine") if status is None else gravscale.ApiException(status=status, reason="mine")

    def refuse(event: gravscale.RequestEvent) -> None:
        if event.operation == "refresh_token":
            raise error

    auth = connect()
    auth.info()
    service.forget()
    auth.api_client.configuration.event_hooks = {"request": [refuse]}
    later(3600 - 30)
    with pytest.raises(type(error)) as caught:
        auth.info()
    assert caught.value is error
    assert service.counts() == {}
    auth.api_client.configuration.event_hooks = {}
    auth.info()


def test_an_early_renewal_that_hangs_leaves_the_call_its_time(service: Service, connect: Connect, later: Later) -> None:
    auth = connect(timeout=2.0)
    auth.info()
    later(3600 - 30)
    service.hold["refresh"] = threading.Event()
    auth.info()
    assert service.counts() == {"sign-in": 1, "refresh": 1, "info": 2}


def test_the_renewal_of_a_rejected_token_may_take_all_of_the_calls_time(
    service: Service, connect: Connect, later: Later
) -> None:
    class Timed(Memory):
        """Notes how long each renewal may take."""

        def __init__(self) -> None:
            super().__init__()
            self.seconds: list[float | None] = []

        def load(self, key: str) -> AuthorizationSchema | None:
            self.seconds.append(nested_calls_remaining())
            return super().load(key)

    store = Timed()
    auth = connect(store=store, timeout=20.0)
    auth.info()
    later(3600 - 30)
    auth.info()
    service.revoke()
    auth.info()
    _, early, rejected = store.seconds
    assert early is not None
    assert rejected is not None
    assert early <= 5 < 15 < rejected


def test_no_e_mail_address_is_logged(
    service: Service, connect: Connect, later: Later, caplog: pytest.LogCaptureFixture, store: Any
) -> None:
    caplog.set_level(logging.DEBUG)
    auth = connect(store=store)
    auth.info()
    service.failing["refresh"] = (503, {"detail": "down"})
    later(3600 - 30)
    auth.info()
    assert EMAIL not in caplog.text


@pytest.mark.parametrize("ahead", [3600.0, -3600.0])
def test_a_changed_clock_does_not_hide_tokens_of_another_process(
    service: Service, connect: Connect, ahead: float
) -> None:
    store = Memory()
    one, other = connect(store=store), connect(store=store)
    one.info()
    (key,) = store.kept
    store.kept[key] = store.kept[key].model_copy(
        update={"obtained_at": datetime.now(timezone.utc) + timedelta(seconds=ahead)}
    )
    other.info()
    service.revoke()
    service.forget()
    one.info()
    other.info()
    assert service.counts() == {"401": 2, "refresh": 1, "info": 2}


def test_a_copy_of_credentials_shares_their_store(service: Service, connect: Connect) -> None:
    store = Memory()
    credentials = PasswordCredentials(EMAIL, PASSWORD, store=store)
    connect(credentials).info()
    copied = copy.deepcopy(credentials)
    assert copied.store is store
    connect(copied).info()
    assert service.counts() == {"sign-in": 1, "info": 2}


def test_a_broken_store_fails_no_call_if_warnings_are_errors(
    service: Service, connect: Connect, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / "file").touch()
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        connect(store=gravscale.FileTokenStore(tmp_path / "file" / "tokens")).info()
    assert "tokens can't be stored" in caplog.text
    with warnings.catch_warnings(record=True) as warned:
        warnings.simplefilter("always")
        connect(store=gravscale.FileTokenStore(tmp_path / "file" / "tokens")).info()
    assert {each.category for each in warned} == {gravscale.TokenStoreWarning}
    package = Path(gravscale.__file__).parent
    assert not any(Path(each.filename).is_relative_to(package) for each in warned)


def test_your_own_store_can_read_back_what_it_stored(service: Service, connect: Connect) -> None:
    store = Memory()
    connect(store=store).info()
    (kept,) = store.kept.values()
    assert StoredAuthorization.from_json(kept.to_json()) == kept
    assert "scrypt$" not in repr(kept)


def test_a_copy_of_a_configuration_shares_the_users_objects() -> None:
    class Vault(Memory):
        def __init__(self) -> None:
            super().__init__()
            self.lock_of_its_own = threading.Lock()

        def token(self) -> str:
            return "of-the-vault"

    vault = Vault()
    credentials = PasswordCredentials(EMAIL, PASSWORD, store=vault)
    assert copy.deepcopy(gravscale.Configuration("http://localhost", credentials=credentials)).credentials is not None
    copied = copy.deepcopy(gravscale.Configuration("http://localhost", access_token=vault.token))
    assert copied.access_token == vault.token
