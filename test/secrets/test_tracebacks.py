"""Reports of errors may show the variables of a traceback, as some loggers, services and IPython's Verbose mode do."""

from __future__ import annotations

import signal
import sys
import threading
import traceback
from collections.abc import Callable
from typing import Any

import pytest
from misbehaving import Connection, Request, answer, serving

import gravscale

SECRET = "hunter2hunter2"
# A call of what follows has the secret from here only, so that it is no variable of the tests' own.
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
    "from_dict": lambda: gravscale.LoginSchema.from_dict(login(email=1)),
    "from_json": lambda: gravscale.LoginSchema.from_json(f'{{"password": "{given[0]}"}}'),
    "default header": lambda: gravscale.ApiClient(None, "Authorization", f"Bearer {given[0]}\n"),
    "default header, later": lambda: gravscale.ApiClient().set_default_header("X-Token", f"{given[0]}\n"),
    "call_api": lambda: gravscale.ApiClient().call_api("GET", "nowhere", {"Authorization": f"Bearer {given[0]}"}),
    "operation": lambda: gravscale.AuthenticationApi().sign_in(login(email=1)),
}


@pytest.mark.parametrize("what", REFUSED)
def test_an_argument_that_is_refused_shows_none_of_the_others(what: str, monkeypatch: pytest.MonkeyPatch) -> None:
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
def test_what_could_not_be_made_does_not_break_the_report(make: Callable[[], object]) -> None:
    with pytest.raises(gravscale.OpenApiException) as caught:
        make()
    shown = report(caught.value)
    assert str(caught.value) in shown
    assert "repr() failed" not in shown


def configured(url: str) -> gravscale.ApiClient:
    configuration = gravscale.Configuration(url, access_token=given[0], retries=0)
    return gravscale.ApiClient(configuration)


@pytest.mark.skipif(sys.platform == "win32", reason="Ctrl-C interrupts no socket there")
def test_a_call_that_is_interrupted_shows_no_variables() -> None:
    def interrupt(connection: Connection, _: Request) -> None:
        signal.pthread_kill(threading.main_thread().ident or 0, signal.SIGINT)
        connection.hold()

    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        with serving(interrupt) as server, configured(server.url) as api_client:
            with pytest.raises(KeyboardInterrupt) as caught:
                gravscale.AuthenticationApi(api_client).sign_in(login())
            assert "recv_into" in report(caught.value)
            assert SECRET not in report(caught.value)
            with pytest.raises(KeyboardInterrupt) as caught:
                api_client.call_api("GET", server.url, {"Authorization": f"Bearer {given[0]}"})
            assert SECRET not in report(caught.value)
    finally:
        signal.signal(signal.SIGINT, before)


def test_an_error_of_the_users_own_within_a_call_shows_where_it_was_raised_and_no_variables() -> None:
    def token() -> str:
        held = given[0]
        raise RuntimeError(f"no token of {len(held)} letters")

    with serving(answer()) as server, configured(server.url) as api_client:
        api_client.configuration.access_token = token
        with pytest.raises(RuntimeError) as caught:
            gravscale.AuthenticationApi(api_client).info()
    assert "in token" in report(caught.value)
    assert SECRET not in report(caught.value)
