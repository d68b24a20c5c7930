"""When a token is renewed, and what happens to the calls meanwhile."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import nullcontext
from datetime import datetime, timedelta, timezone
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from example_service import AuthorizationSchema, NetworkApi
from recording import Service

import gravscale

Connect = Any
Later = Callable[[float], None]


def test_a_token_is_renewed_its_leeway_before_it_expires(service: Service, connect: Connect, later: Later) -> None:
    auth = connect(leeway=60)
    auth.info()
    later(3600 - 60 - 5)
    auth.info()
    assert service.counts() == {"sign-in": 1, "info": 2}
    later(10)
    auth.info()
    auth.info()
    assert service.counts() == {"sign-in": 1, "refresh": 1, "info": 4}


def test_the_leeway_applies_to_a_token_that_lives_only_slightly_longer(
    service: Service, connect: Connect, later: Later
) -> None:
    service.ttl = 100
    auth = connect(leeway=60)
    auth.info()
    later(35)
    auth.info()
    assert service.counts() == {"sign-in": 1, "info": 2}
    later(10)
    auth.info()
    assert service.counts() == {"sign-in": 1, "refresh": 1, "info": 3}


def test_a_token_shorter_than_the_leeway_is_not_renewed_for_every_call(
    service: Service, connect: Connect, later: Later
) -> None:
    service.ttl = 10
    auth = connect(leeway=60)
    for _ in range(5):
        auth.info()
    later(5)
    auth.info()
    assert service.counts() == {"sign-in": 1, "info": 6}
    later(4)
    auth.info()
    assert service.counts() == {"sign-in": 1, "refresh": 1, "info": 7}


def test_the_pauses_after_failed_renewals_grow_to_half_a_minute(
    service: Service, connect: Connect, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    now = 1000.0
    for module in ("session", "cached_token"):
        monkeypatch.setattr(f"gravscale.{module}.time", SimpleNamespace(monotonic=lambda: now))
    auth = connect(leeway=1800)
    auth.info()
    service.failing["refresh"] = (503, {})
    now += 1800
    for tries, pause in enumerate((1, 2, 4, 8, 16, 30, 30), start=1):
        auth.info()
        assert len(caplog.messages) == tries
        now += pause - 0.01
        auth.info()
        assert len(caplog.messages) == tries
        now += 0.02
    # After one that succeeds, they start again.
    service.failing.clear()
    auth.info()
    service.failing["refresh"] = (503, {})
    now += 1800
    auth.info()
    now += 1.01
    auth.info()
    assert len(caplog.messages) == tries + 2
    expected = f"{service.url}: could not renew the access token, which is still valid: ServiceException"
    assert set(caplog.messages) == {expected}


def test_the_first_renewal_of_a_continued_session_may_fail(service: Service, connect: Connect, later: Later) -> None:
    service.ttl = 30
    authorization = AuthorizationSchema.from_dict(service.issue())
    assert authorization is not None
    service.failing["refresh"] = (503, {})
    auth = connect(gravscale.RefreshTokenCredentials(authorization, leeway=60))
    for passed, tries in ((0.0, 1), (0.5, 1), (1.0, 2)):
        later(passed)
        auth.info()
        assert service.counts()["refresh"] == tries


@pytest.mark.parametrize("ttl", [0.0, -3600.0])
def test_a_token_that_arrives_expired_is_not_renewed_for_every_call(
    service: Service, connect: Connect, ttl: float
) -> None:
    service.ttl = ttl
    service.dated = False
    auth = connect()
    for _ in range(3):
        auth.info()
    assert service.counts() == {"sign-in": 1, "info": 3}


def test_a_token_that_lives_for_moments_is_renewed_too(service: Service, connect: Connect, later: Later) -> None:
    service.ttl = 0.9
    auth = connect()
    auth.info()
    later(1)
    auth.info()
    assert service.counts() == {"sign-in": 1, "refresh": 1, "info": 2}


def test_a_call_refused_with_401_is_repeated_once_with_a_new_token(service: Service, connect: Connect) -> None:
    auth = connect()
    auth.info()
    service.revoke()
    service.forget()
    auth.info()
    assert [name for name, _ in service.seen] == ["401", "refresh", "info"]


def test_a_post_refused_with_401_is_repeated_with_its_body(service: Service, connect: Connect) -> None:
    tasks: list[bytes] = []

    def create(request: Any) -> tuple[int, Any]:
        tasks.append(request.body)
        return 202, {
            "id": "t",
            "status": "pending",
            "createdAt": "2026-01-01T00:00:00Z",
            "updatedAt": "2026-01-01T00:00:00Z",
        }

    service.others = create
    auth = connect()
    auth.info()
    service.revoke()
    service.forget()
    network = NetworkApi(auth.api_client)
    assert network.create_public_ip(7, {"vpc_name": "v", "address": "10.0.0.1"}).id == "t"
    path = "POST /api/network/public-ip"
    assert [name for name, _ in service.seen] == ["401", "refresh", path]
    assert service.seen[0][1].body == service.seen[2][1].body == tasks[0] != b""


@pytest.mark.parametrize("form", ["info", "info_with_http_info", "info_without_preload_content"])
def test_all_forms_of_an_operation_are_repeated(service: Service, connect: Connect, form: str) -> None:
    auth = connect()
    auth.info()
    service.revoke()
    answer = getattr(auth, form)()
    if form.endswith("content"):
        assert answer.status == 200
        answer.release_conn()
    assert service.counts() == {"sign-in": 1, "info": 2, "401": 1, "refresh": 1}


def test_a_second_401_is_the_error_and_does_not_loop(service: Service, connect: Connect) -> None:
    auth = connect()
    auth.info()
    service.forget()
    service.failing["info"] = (401, {"detail": "not for you"})
    with pytest.raises(gravscale.UnauthorizedException, match="not for you"):
        auth.info()
    assert [name for name, _ in service.seen] == ["info", "refresh", "info"]


@pytest.mark.parametrize("status", [400, 401, 403, 404, 422])
def test_a_refused_refresh_leads_to_signing_in(service: Service, connect: Connect, status: int) -> None:
    auth = connect()
    auth.info()
    service.revoke(refresh=True)
    service.failing["refresh"] = (status, {"detail": "no"})
    service.forget()
    auth.info()
    assert [name for name, _ in service.seen] == ["401", "refresh", "sign-in", "info"]


@pytest.mark.parametrize("form", ["info", "info_without_preload_content"])
def test_if_signing_in_is_refused_too_it_raises_that_error_once(service: Service, connect: Connect, form: str) -> None:
    auth = connect()
    auth.info()
    service.revoke(refresh=True)
    service.forget()
    service.failing["sign-in"] = (403, {"detail": "the account is closed"})
    with pytest.raises(gravscale.ForbiddenException, match="the account is closed"):
        getattr(auth, form)()
    assert [name for name, _ in service.seen] == ["401", "refresh", "sign-in"]


@pytest.mark.parametrize("status", [409, 429, 500])
def test_a_refresh_that_fails_otherwise_does_not_lead_to_signing_in(
    service: Service, connect: Connect, status: int
) -> None:
    auth = connect()
    auth.info()
    service.revoke()
    service.forget()
    service.failing["refresh"] = (status, {"detail": "out of order"})
    with pytest.raises(gravscale.ApiException, match="out of order"):
        auth.info()
    assert service.counts() == {"401": 1, "refresh": 1}
    service.failing.clear()
    auth.info()
    assert service.counts() == {"401": 2, "refresh": 2, "info": 1}


@pytest.mark.parametrize("ahead", [-7200.0, 7200.0])
def test_if_the_clocks_differ_the_services_clock_counts(
    service: Service, connect: Connect, later: Later, ahead: float
) -> None:
    service.ahead = ahead
    auth = connect(leeway=60)
    auth.info()
    later(3600 - 60 - 10)
    auth.info()
    assert service.counts() == {"sign-in": 1, "info": 2}
    later(20)
    auth.info()
    assert service.counts() == {"sign-in": 1, "refresh": 1, "info": 3}


def test_a_short_life_is_measured_by_the_clock_of_the_service(service: Service, connect: Connect) -> None:
    service.ahead, service.ttl = -30.0, 10.0
    auth = connect(leeway=60)
    for _ in range(3):
        auth.info()
    assert service.counts() == {"sign-in": 1, "info": 3}


@pytest.mark.usefixtures("time_zone")
@pytest.mark.parametrize(
    "written",
    [
        lambda moment: moment.strftime("%Y-%m-%dT%H:%M:%SZ"),
        lambda moment: moment.astimezone(timezone(timedelta(hours=5, minutes=30))).isoformat(),
        lambda moment: moment.astimezone(timezone(timedelta(hours=-8))).strftime("%Y-%m-%d %H:%M:%S%z"),
        lambda moment: moment.replace(tzinfo=None).isoformat(),
    ],
    ids=["Z", "offset", "offset without a colon", "naive"],
)
def test_an_expiry_is_understood_in_any_format(service: Service, connect: Connect, later: Later, written: Any) -> None:
    service.expires = written
    auth = connect(leeway=60)
    auth.info()
    later(3600 - 60 - 10)
    auth.info()
    assert service.counts() == {"sign-in": 1, "info": 2}
    later(20)
    auth.info()
    assert service.counts() == {"sign-in": 1, "refresh": 1, "info": 3}


@pytest.mark.parametrize("moment", ["9999-12-31T23:59:59-12:00", "0001-01-01T00:00:00+12:00"])
@pytest.mark.parametrize("ahead", [0, 86400])
def test_the_ends_of_the_calendar_do_not_crash(service: Service, connect: Connect, moment: str, ahead: float) -> None:
    service.expires = lambda _: moment
    service.ahead = ahead
    connect().info()
    assert service.counts() == {"sign-in": 1, "info": 1}


class Vault:
    """A user's own credentials, which satisfy the protocol without importing it."""

    def __init__(self, service: Service) -> None:
        self.service = service
        self.given: list[str] = []

    def access_token(self, api_client: gravscale.ApiClient) -> str:
        if not self.given:
            self.given.append(str(self.service.issue()["accessToken"]))
        return self.given[-1]

    def renew(self, api_client: gravscale.ApiClient, rejected: str) -> str | None:
        assert rejected == self.given[-1]
        self.given.append(str(self.service.issue()["accessToken"]))
        return self.given[-1]


def test_your_own_credentials_are_asked_for_each_token(service: Service, connect: Connect) -> None:
    auth = connect(Vault(service))
    auth.info()
    service.revoke()
    auth.info()
    assert service.counts() == {"info": 2, "401": 1}


def test_your_own_credentials_may_have_no_other_token(service: Service, connect: Connect) -> None:
    class Empty(Vault):
        def renew(self, api_client: gravscale.ApiClient, rejected: str) -> str | None:
            return None

    service.issue()
    auth = connect(Empty(service))
    auth.info()
    service.revoke()
    with pytest.raises(gravscale.UnauthorizedException):
        auth.info()


class Memory:
    """A user's own store, which keeps authorizations as objects."""

    def __init__(self) -> None:
        self.kept: dict[str, AuthorizationSchema] = {}

    def load(self, key: str) -> AuthorizationSchema | None:
        return self.kept.get(key)

    def save(self, key: str, authorization: AuthorizationSchema) -> None:
        self.kept[key] = authorization

    def lock(self, key: str) -> nullcontext[None]:
        return nullcontext()


class Shelf:
    """A user's own store, which keeps authorizations as JSON."""

    def __init__(self) -> None:
        self.kept: dict[str, str] = {}

    def load(self, key: str) -> AuthorizationSchema | None:
        return gravscale.StoredAuthorization.from_json(self.kept[key]) if key in self.kept else None

    def save(self, key: str, authorization: AuthorizationSchema) -> None:
        self.kept[key] = authorization.to_json()

    def lock(self, key: str) -> nullcontext[None]:
        return nullcontext()


def test_your_own_store_shares_tokens(service: Service, connect: Connect) -> None:
    store = Shelf()
    connect(store=store).info()
    other = connect(store=store)
    other.info()
    assert service.counts() == {"sign-in": 1, "info": 2}
    service.revoke()
    connect(store=store).info()
    other.info()
    assert service.counts() == {"sign-in": 1, "refresh": 1, "401": 2, "info": 4}


@pytest.mark.parametrize("together", [True, False])
@pytest.mark.parametrize("make", [lambda _: Memory(), lambda _: Shelf(), gravscale.FileTokenStore])
def test_tokens_that_another_client_renewed_are_taken_from_the_store(
    service: Service, connect: Connect, tmp_path: Path, make: Any, together: bool
) -> None:
    if together:
        service.expires = lambda _: "2100-01-01T00:00:00Z"
    store = make(tmp_path)
    one, other = (connect(store=store) for _ in range(2))
    one.info()
    other.info()
    service.revoke()
    service.forget()
    other.info()
    one.info()
    assert service.counts() == {"401": 2, "refresh": 1, "info": 2}


def test_the_newer_of_two_tokens_is_used_even_if_it_expires_first(service: Service, connect: Connect) -> None:
    store = Memory()
    one, other = (connect(store=store) for _ in range(2))
    one.info()
    other.info()
    service.ttl = 600
    service.revoke()
    service.forget()
    other.info()
    one.info()
    assert service.counts() == {"401": 2, "refresh": 1, "info": 2}


@pytest.mark.parametrize("kind", [Memory, Shelf])
def test_older_tokens_in_the_store_are_ignored(service: Service, connect: Connect, kind: type[Memory | Shelf]) -> None:
    store = kind()
    auth = connect(store=store)
    auth.info()
    kept = dict(store.kept)
    service.revoke()
    service.forget()
    auth.info()
    store.kept.update(kept)  # type: ignore[arg-type]
    service.revoke()
    auth.info()
    assert [name for name, _ in service.seen] == ["401", "refresh", "info"] * 2


def test_with_a_store_a_refresh_token_continues_from_the_newer_tokens(service: Service, connect: Connect) -> None:
    store = Memory()
    authorization = AuthorizationSchema.from_dict(service.issue())
    assert authorization is not None
    service.revoke()
    for _ in range(2):
        connect(gravscale.RefreshTokenCredentials(authorization, email="me@example.com", store=store)).info()
    assert service.counts() == {"401": 2, "refresh": 1, "info": 2}


@pytest.mark.parametrize("ahead", [-7200.0, 7200.0])
def test_tokens_of_the_store_expire_by_the_local_clock(service: Service, connect: Connect, ahead: float) -> None:
    service.ahead = ahead
    store = Memory()
    connect(store=store).info()
    (kept,) = store.kept.values()
    assert abs((kept.expires_at - datetime.now(timezone.utc)).total_seconds() - 3600) < 60


def test_the_steps_of_a_session_are_logged(
    service: Service, connect: Connect, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("DEBUG", "gravscale.auth")
    service.expires = lambda _: "2100-01-01T00:00:00Z"
    store, good = Memory(), "valid until 2100-01-01 00:00:00+00:00"
    auth = connect(store=store)
    auth.info()
    service.revoke()
    auth.info()
    connect(store=store).info()
    service.revoke(refresh=True)
    auth.info()
    assert [(each.levelname, each.getMessage()) for each in caplog.records if each.name == "gravscale.auth"] == [
        ("INFO", f"{service.url}: signed in, {good}"),
        ("INFO", f"{service.url}: renewed the access token, {good}"),
        ("DEBUG", f"{service.url}: using the access token from the store"),
        ("WARNING", f"{service.url}: refused the refresh token with status 401"),
        ("INFO", f"{service.url}: signed in, {good}"),
    ]


def test_an_error_in_your_own_store_is_raised_unchanged(service: Service, connect: Connect) -> None:
    class Broken(Shelf):
        def load(self, key: str) -> AuthorizationSchema | None:
            raise RuntimeError("the shelf fell down")

    with pytest.raises(RuntimeError, match="fell down"):
        connect(store=Broken()).info()
    assert service.counts() == {}
