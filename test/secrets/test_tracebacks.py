"""Error reports may show the variables of a traceback, as some loggers, services and IPython's Verbose mode do."""

from __future__ import annotations

import gc
import signal
import sys
import traceback
from collections.abc import Callable, Generator
from contextlib import suppress
from typing import Any

import pytest
import urllib3
from example_service import AuthenticationApi, LoginSchema
from misbehaving import AUTHORIZATION, Connection, Request, answer, hang_up, serving

import gravscale

SECRET = "hunter2hunter2"
# The calls below get the secret only from here, so that it is no variable of the tests themselves.
given = [SECRET]


def report(error: BaseException) -> str:
    return "".join(traceback.TracebackException.from_exception(error, capture_locals=True).format())


def login(**fields: Any) -> Any:
    return {"email": "ada@example.com", "password": given[0], **fields}


REFUSED: dict[str, Callable[[], object]] = {
    "password credentials": lambda: gravscale.PasswordCredentials(None, given[0]),  # type: ignore[arg-type]
    "configuration": lambda: gravscale.Configuration("nowhere", access_token=given[0]),
    "configuration of an unknown setting": lambda: gravscale.Configuration(token=given[0]),  # type: ignore[call-arg]
    "environment": gravscale.Configuration.from_env,
    "refresh token credentials": lambda: gravscale.RefreshTokenCredentials(given[0]),  # type: ignore[arg-type]
    "host": lambda: setattr(gravscale.Configuration(), "host", f"http://me:{given[0]}@nowhere"),
    "proxy": lambda: setattr(gravscale.Configuration(), "proxy", f"socks://me:{given[0]}@nowhere"),
    "user agent": lambda: setattr(gravscale.ApiClient(), "user_agent", f"{given[0]}\n"),
    "plain data": lambda: gravscale.ApiClient().sanitize_for_serialization(login(email=object())),
    "from_dict": lambda: LoginSchema.from_dict(login(email=1)),
    "from_json": lambda: LoginSchema.from_json(f'{{"password": "{given[0]}"}}'),
    "default header": lambda: gravscale.ApiClient(None, "Authorization", f"Bearer {given[0]}\n"),
    "default header, later": lambda: gravscale.ApiClient().set_default_header("X-Token", f"{given[0]}\n"),
    "call_api": lambda: gravscale.ApiClient().call_api("GET", "nowhere", {"Authorization": f"Bearer {given[0]}"}),
    "operation": lambda: AuthenticationApi().sign_in(login(email=1)),
}


@pytest.mark.parametrize("what", REFUSED)
def test_a_refused_argument_does_not_show_the_others(what: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GRAVSCALE_HOST", "nowhere")
    monkeypatch.setenv("GRAVSCALE_ACCESS_TOKEN", SECRET)
    with pytest.raises(gravscale.OpenApiException) as caught:
        REFUSED[what]()
    assert SECRET not in report(caught.value)


@pytest.mark.parametrize(
    "make",
    [
        lambda: gravscale.PasswordCredentials(None, "p"),  # type: ignore[arg-type]
        lambda: gravscale.RefreshTokenCredentials("token"),  # type: ignore[arg-type]
        lambda: gravscale.FileTokenStore(b"bytes"),  # type: ignore[arg-type]
        lambda: gravscale.Configuration(7),  # type: ignore[arg-type]
        lambda: gravscale.ApiClient("https://api.example.com"),  # type: ignore[arg-type]
        lambda: gravscale.sandbox.Sandbox(port=-1),
    ],
)
def test_an_object_with_a_failed_init_has_a_repr(make: Callable[[], object]) -> None:
    with pytest.raises(gravscale.OpenApiException) as caught:
        make()
    shown = report(caught.value)
    assert str(caught.value) in shown
    assert "repr() failed" not in shown


def configured(url: str) -> gravscale.ApiClient:
    configuration = gravscale.Configuration(url, access_token=given[0], retries=0)
    return gravscale.ApiClient(configuration)


def granted() -> dict[str, str]:
    return {**AUTHORIZATION, "accessToken": given[0], "refreshToken": f"{given[0]}-refresh"}


@pytest.mark.parametrize("fault", [answer({"detail": "no"}, 403), hang_up])
def test_a_renewal_that_fails_shows_neither_the_token_nor_the_password(fault: Any) -> None:
    credentials = gravscale.PasswordCredentials("ada@example.com", given[0] + "-password")
    with serving(answer(granted()), fault) as server, configured(server.url) as api_client:
        assert credentials.access_token(api_client) == given[0]
        with pytest.raises(gravscale.ApiException) as caught:
            credentials.renew(api_client, given[0])
        assert SECRET not in report(caught.value)
        credentials.sign_out(api_client)
        with pytest.raises(gravscale.ApiException) as caught:
            credentials.access_token(api_client)
        assert SECRET not in report(caught.value)


@pytest.mark.skipif(sys.platform == "win32", reason="Ctrl-C interrupts no socket there")
def test_a_call_that_is_interrupted_shows_no_variables() -> None:
    def interrupt(connection: Connection, _: Request) -> None:
        connection.interrupt(signal.SIGINT)
        connection.hold()

    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        with serving(interrupt) as server, configured(server.url) as api_client:
            with pytest.raises(KeyboardInterrupt) as caught:
                AuthenticationApi(api_client).sign_in(login())
            assert "recv_into" in report(caught.value)
            assert SECRET not in report(caught.value)
            with pytest.raises(KeyboardInterrupt) as caught:
                api_client.call_api("GET", server.url, {"Authorization": f"Bearer {given[0]}"})
            assert SECRET not in report(caught.value)
    finally:
        signal.signal(signal.SIGINT, before)


def test_an_error_of_your_own_within_a_call_keeps_only_its_own_variables() -> None:
    def token() -> str:
        seen = "in the vault"
        raise RuntimeError(f"nothing {seen}")

    with serving(answer()) as server, configured(server.url) as api_client:
        api_client.configuration.access_token = token
        with pytest.raises(RuntimeError) as caught:
            AuthenticationApi(api_client).info(_headers={"X-Secret": given[0]})
    assert "seen = 'in the vault'" in report(caught.value)
    assert SECRET not in report(caught.value)


def fails_on_its_own(*_: Any, **__: Any) -> Any:
    raise gravscale.ApiValueError("mine")


@pytest.mark.parametrize("argument", ["progress", "poll"])
def test_an_error_in_your_own_function_of_a_wait_keeps_its_frames(argument: str) -> None:
    moment = "2026-01-01T00:00:00Z"
    task = {"id": "t", "status": "running", "createdAt": moment, "updatedAt": moment}
    with (
        serving(answer(task)) as server,
        configured(server.url) as api_client,
        pytest.raises(gravscale.ApiValueError, match="mine") as caught,
    ):
        gravscale.wait_for_task(api_client, "t", 7, **{argument: fails_on_its_own})  # type: ignore[arg-type]
    assert "fails_on_its_own" in [frame.name for frame in traceback.extract_tb(caught.value.__traceback__)]


def test_an_error_in_your_own_function_of_a_list_keeps_its_frames() -> None:
    def fetch(page: int = 1) -> Any:
        return fails_on_its_own(page)

    with pytest.raises(gravscale.ApiValueError, match="mine") as caught:
        list(gravscale.paginate(fetch))
    assert "fails_on_its_own" in [frame.name for frame in traceback.extract_tb(caught.value.__traceback__)]


class GivesUp(urllib3.Retry):
    """A user's own hook, which fails."""

    def increment(self, *args: Any, **named: Any) -> Any:
        raise RuntimeError("given up")


def test_the_cause_of_an_unexpected_error_shows_no_variables() -> None:
    with serving(hang_up) as server, configured(server.url) as api_client:
        api_client.configuration.retries = GivesUp(3)
        with pytest.raises(RuntimeError, match="given up") as caught:
            AuthenticationApi(api_client).info()
    assert caught.value.__context__ is not None
    assert SECRET not in report(caught.value)


def test_a_failed_call_closes_no_generator_of_the_program() -> None:
    def tokens() -> Generator[Any]:
        try:
            raise ConnectionError("the vault is asleep")
        except ConnectionError as error:
            yield error
        yield "token"

    def token() -> str:
        found = next(source)
        if isinstance(found, Exception):
            raise found
        return str(found)

    source = tokens()
    with serving(answer()) as server, configured(server.url) as api_client:
        api_client.configuration.access_token = token
        with pytest.raises(ConnectionError):
            AuthenticationApi(api_client).info()
        assert AuthenticationApi(api_client).info().nickname == "me"


def test_an_error_of_your_own_leaves_no_reference_cycle() -> None:
    def token() -> str:
        raise RuntimeError

    with serving(answer()) as server, configured(server.url) as api_client:
        api_client.configuration.access_token = token
        gc.disable()
        try:
            # The first one may also collect garbage of other tests.
            for _ in range(2):
                with suppress(RuntimeError):
                    AuthenticationApi(api_client).info()
                found = gc.collect()
            assert found == 0
        finally:
            gc.enable()
