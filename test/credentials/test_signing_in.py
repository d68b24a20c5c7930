"""When a session starts, and from what."""

from __future__ import annotations

import copy
import pickle
import threading
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pydantic
import pytest
from example_service import AuthenticationApi, AuthorizationSchema, TaskManagerApi
from recording import EMAIL, PASSWORD, Service

import gravscale

Connect = Any


def test_nothing_is_sent_before_a_call_needs_it(service: Service, connect: Connect) -> None:
    connect()
    assert service.counts() == {}


def test_the_first_call_signs_in_and_later_ones_do_not(service: Service, connect: Connect) -> None:
    auth = connect()
    for _ in range(5):
        auth.info()
    assert service.counts() == {"sign-in": 1, "info": 5}


def test_a_slash_at_the_end_of_the_host_is_no_other_host(service: Service) -> None:
    authorization = AuthorizationSchema.from_dict(service.issue())
    assert authorization is not None
    credentials = gravscale.RefreshTokenCredentials(authorization)
    for host in (service.url, f"{service.url}/"):
        with gravscale.ApiClient(gravscale.Configuration(host, credentials=credentials)) as api_client:
            assert AuthenticationApi(api_client).info().email == EMAIL
    assert service.counts() == {"info": 2}


def test_an_operation_without_authorization_never_signs_in(service: Service, connect: Connect) -> None:
    auth = connect()
    auth.sign_in({"email": EMAIL, "password": PASSWORD})
    with pytest.raises(gravscale.UnauthorizedException):
        auth.refresh_token("unknown")
    assert service.counts() == {"sign-in": 1, "refresh": 1}
    assert all("authorization" not in request.headers for _, request in service.seen)


def test_a_call_with_its_own_authorization_never_signs_in(service: Service, connect: Connect) -> None:
    token = service.issue()["accessToken"]
    connect().info(_headers={"Authorization": f"Bearer {token}"})
    assert service.counts() == {"info": 1}


def test_wrong_arguments_are_reported_before_anything_is_sent(service: Service, connect: Connect) -> None:
    tasks = TaskManagerApi(connect().api_client)
    with pytest.raises(gravscale.ApiTypeError):
        tasks.list_tasks("seven")
    assert service.counts() == {}


def test_a_refused_sign_in_is_raised_and_the_next_call_tries_again(service: Service, connect: Connect) -> None:
    auth = connect()
    service.failing["sign-in"] = (401, {"detail": "unknown e-mail or wrong password"})
    with pytest.raises(gravscale.UnauthorizedException, match="wrong password"):
        auth.info()
    assert service.counts() == {"sign-in": 1}
    service.failing.clear()
    auth.info()
    assert service.counts() == {"sign-in": 2, "info": 1}


def test_an_authorization_that_is_about_to_expire_is_renewed_first(service: Service, connect: Connect) -> None:
    service.ttl = 30
    authorization = AuthorizationSchema.from_dict(service.issue())
    assert authorization is not None
    connect(gravscale.RefreshTokenCredentials(authorization, leeway=60)).info()
    assert service.counts() == {"refresh": 1, "info": 1}


def test_a_refresh_token_continues_the_session_of_another_program(service: Service, connect: Connect) -> None:
    authorization = AuthorizationSchema.from_dict(service.issue())
    assert authorization is not None
    auth = connect(gravscale.RefreshTokenCredentials(authorization))
    auth.info()
    service.revoke()
    auth.info()
    assert service.counts() == {"info": 2, "401": 1, "refresh": 1}


def test_without_a_password_a_refused_refresh_is_the_error(service: Service, connect: Connect) -> None:
    authorization = AuthorizationSchema.from_dict(service.issue())
    assert authorization is not None
    auth = connect(gravscale.RefreshTokenCredentials(authorization))
    service.revoke(refresh=True)
    with pytest.raises(gravscale.UnauthorizedException, match="not a good refresh token"):
        auth.info()
    assert service.counts() == {"401": 1, "refresh": 1}


def test_a_token_without_a_refresh_token_is_used_to_its_end(service: Service, connect: Connect) -> None:
    service.ttl = 30
    tokens = {**service.issue(), "refreshToken": None}
    authorization = AuthorizationSchema.from_dict(tokens)
    assert authorization is not None
    connect(gravscale.RefreshTokenCredentials(authorization, leeway=60)).info()
    assert service.counts() == {"info": 1}


def test_the_tokens_of_one_service_never_go_to_another(service: Service, connect: Connect) -> None:
    from recording import recording

    password = gravscale.PasswordCredentials(EMAIL, PASSWORD)
    authorization = AuthorizationSchema.from_dict(service.issue())
    assert authorization is not None
    refresh = gravscale.RefreshTokenCredentials(authorization)
    for credentials in (password, refresh):
        connect(credentials).info()
    with recording() as other:
        for credentials in (password, refresh):
            configuration = gravscale.Configuration(other.url, credentials=credentials)
            with gravscale.ApiClient(configuration) as api_client:
                auth = AuthenticationApi(api_client)
                if credentials is password:
                    auth.info()
                else:
                    with pytest.raises(gravscale.ApiValueError, match=r"belongs to http://.* and is not sent to"):
                        auth.info()
        assert other.counts() == {"sign-in": 1, "info": 1}


def test_a_token_may_come_from_a_function(service: Service) -> None:
    tokens = [service.issue()["accessToken"]]
    asked = 0

    def give() -> str:
        nonlocal asked
        asked += 1
        return tokens[-1]

    with gravscale.ApiClient(gravscale.Configuration(service.url, access_token=give)) as api_client:
        auth = AuthenticationApi(api_client)
        auth.info()
        assert asked == 1
        service.revoke()
        with pytest.raises(gravscale.UnauthorizedException):
            auth.info()
        assert service.counts() == {"info": 1, "401": 1}
        service.forget()

        def renewing() -> str:
            give()
            tokens.append(service.issue()["accessToken"])
            return tokens[-2]

        api_client.configuration.access_token = renewing
        auth.info()
        assert service.counts() == {"401": 1, "info": 1}


def test_a_function_that_returns_no_token_is_an_error(service: Service) -> None:
    nothing: Any = lambda: None  # noqa: E731
    auth = AuthenticationApi(gravscale.ApiClient(gravscale.Configuration(service.url, access_token=nothing)))
    with pytest.raises(gravscale.ApiTypeError, match="access_token: expected a token"):
        auth.info()
    assert service.counts() == {}


@pytest.mark.parametrize(
    ("token", "message"),
    [
        (b"abc", "expected a str or a callable that returns one, got bytes"),
        (123, "expected a str or a callable that returns one, got int"),
        (pydantic.SecretStr("abc"), "expected a str or a callable that returns one, got SecretStr"),
        ("", "expected a token, got one that is empty or has white space around it"),
        ("abc\n", "expected a token, got one that is empty or has white space around it"),
        (lambda: "", "expected a token, got one that is empty or has white space around it"),
    ],
)
def test_an_invalid_token_is_refused_and_never_sent(service: Service, token: Any, message: str) -> None:
    def call() -> None:
        configuration = gravscale.Configuration(service.url, access_token=token)
        AuthenticationApi(gravscale.ApiClient(configuration)).info()

    with pytest.raises(gravscale.OpenApiException, match=f"^access_token: {message}$"):
        call()
    assert service.counts() == {}


@pytest.fixture
def environment(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    for name in ("HOST", "ACCESS_TOKEN", "EMAIL", "PASSWORD", "PROFILE"):
        monkeypatch.delenv(f"GRAVSCALE_{name}", raising=False)
    return monkeypatch


def test_the_environment_may_name_an_account(service: Service, environment: pytest.MonkeyPatch) -> None:
    environment.setenv("GRAVSCALE_HOST", service.url)
    environment.setenv("GRAVSCALE_EMAIL", EMAIL)
    environment.setenv("GRAVSCALE_PASSWORD", PASSWORD)
    environment.setenv("GRAVSCALE_ACCESS_TOKEN", "")
    with gravscale.ApiClient(gravscale.Configuration.from_env()) as api_client:
        AuthenticationApi(api_client).info()
    assert service.counts() == {"sign-in": 1, "info": 1}


def test_the_environment_may_hold_a_token(service: Service, environment: pytest.MonkeyPatch) -> None:
    environment.setenv("GRAVSCALE_HOST", service.url)
    environment.setenv("GRAVSCALE_ACCESS_TOKEN", service.issue()["accessToken"])
    with gravscale.ApiClient(gravscale.Configuration.from_env()) as api_client:
        AuthenticationApi(api_client).info()
    assert service.counts() == {"info": 1}


def test_a_function_that_has_no_other_token_leaves_the_401(service: Service) -> None:
    tokens = iter(["bad", ""])
    configuration = gravscale.Configuration(service.url, access_token=lambda: next(tokens))
    auth = AuthenticationApi(gravscale.ApiClient(configuration))
    with pytest.raises(gravscale.UnauthorizedException):
        auth.info()
    assert service.counts() == {"401": 1}


def test_credentials_and_a_token_together_are_refused() -> None:
    with pytest.raises(gravscale.ApiValueError, match="together"):
        gravscale.Configuration(access_token="t", credentials=gravscale.PasswordCredentials(EMAIL, PASSWORD))


@pytest.mark.parametrize(
    ("leeway", "message"),
    [
        (-1, "seconds, 0 or more, got -1"),
        (float("inf"), "seconds, 0 or more, got one far beyond that"),
        (float("nan"), "seconds, 0 or more, got nan"),
        (True, "seconds as a number, got bool"),
        ("60", "seconds as a number, got str"),
    ],
)
def test_an_invalid_leeway_is_refused(leeway: Any, message: str) -> None:
    with pytest.raises((gravscale.ApiTypeError, gravscale.ApiValueError), match=f"^leeway: expected {message}$"):
        gravscale.PasswordCredentials(EMAIL, PASSWORD, leeway=leeway)


@pytest.mark.parametrize("leeway", [0, 0.5, threading.TIMEOUT_MAX])
def test_a_leeway_may_be_any_number_of_seconds(leeway: float) -> None:
    assert gravscale.PasswordCredentials(EMAIL, PASSWORD, leeway=leeway).leeway == leeway


@pytest.mark.parametrize(
    ("email", "password", "message"),
    [
        ("", "p", "email: expected a non-empty str, got an empty one"),
        ("e", "", "password: expected a non-empty str, got an empty one"),
        (7, "p", "email: expected a str, got int"),
        ("e", None, "password: expected a str, got NoneType"),
    ],
)
def test_an_incomplete_account_is_refused(email: Any, password: Any, message: str) -> None:
    with pytest.raises((gravscale.ApiTypeError, gravscale.ApiValueError), match=f"^{message}$"):
        gravscale.PasswordCredentials(email, password)


def test_a_store_requires_an_e_mail_address(service: Service) -> None:
    authorization = AuthorizationSchema.from_dict(service.issue())
    assert authorization is not None
    message = "^email: required with a store, which keeps one entry for each host and e-mail address$"
    with pytest.raises(gravscale.ApiValueError, match=message):
        gravscale.RefreshTokenCredentials(authorization, store=MemoryStore())


class MemoryStore:
    def load(self, key: str) -> None:
        return None

    def save(self, key: str, authorization: AuthorizationSchema) -> None: ...

    def lock(self, key: str) -> Any:
        raise NotImplementedError


@pytest.mark.parametrize("copied", [copy.deepcopy, lambda one: pickle.loads(pickle.dumps(one))])
def test_a_copy_in_another_place_is_signed_in_too(service: Service, connect: Connect, copied: Any) -> None:
    auth = connect()
    auth.info()
    connect(copied(auth.api_client.configuration.credentials)).info()
    assert service.counts() == {"sign-in": 1, "info": 2}


def test_a_copy_renews_its_tokens_itself(service: Service, connect: Connect) -> None:
    auth = connect()
    auth.info()
    copied = connect(pickle.loads(pickle.dumps(auth.api_client.configuration.credentials)))
    service.revoke()
    copied.info()
    assert service.counts() == {"sign-in": 1, "info": 2, "401": 1, "refresh": 1}


def test_credentials_can_be_copied_while_they_are_renewed(service: Service, connect: Connect) -> None:
    auth = connect()
    service.hold["sign-in"] = threading.Event()
    with ThreadPoolExecutor(1) as pool:
        call = pool.submit(auth.info)
        assert service.arrived["sign-in"].wait(20)
        copied = pickle.loads(pickle.dumps(auth.api_client.configuration.credentials))
        service.hold["sign-in"].set()
        call.result()
    connect(copied).info()
    assert service.counts() == {"sign-in": 2, "info": 2}
