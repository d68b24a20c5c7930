"""Control characters from the service reach no terminal and no log."""

from __future__ import annotations

import json
import logging
import warnings
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from example_service import AuthenticationApi, AuthorizationSchema, LoginSchema, TaskManagerApi
from misbehaving import AUTHORIZATION, TASK, Scenario, answer, hang_up, message, raw, redirect, serving
from urllib3 import HTTPHeaderDict

import gravscale
from gravscale import ApiClient, Configuration

# They clear a terminal, start a new line in a log, or change the direction of writing.
EVIL = "\x1b[2J\r\n2026-01-01 root: all is well\x9b31m\u202e"
ON_A_LINE = "\x1b[2J\x9b31m"
EVIL_JSON = json.dumps({"detail": EVIL})

ANSWERS: dict[str, Scenario] = {
    "in the reason": raw(f"HTTP/1.1 400 no{ON_A_LINE}\r\nContent-Length: 0\r\n\r\n".encode("latin-1")),
    "in the reason of one that is tried again": raw(
        f"HTTP/1.1 503 no{ON_A_LINE}\r\nContent-Length: 0\r\n\r\n".encode("latin-1")
    ),
    "in place of a status": raw(f"HTTP/1.1 {ON_A_LINE}\r\n\r\n".encode("latin-1")),
    "in a version": raw(f"HTTP/{ON_A_LINE} 200 OK\r\n\r\n".encode("latin-1")),
    "in a header field's name": raw(f"HTTP/1.1 200 OK\r\nX{ON_A_LINE}: x\r\n\r\n".encode("latin-1")),
    "in a length": raw(f"HTTP/1.1 200 OK\r\nContent-Length: 1{ON_A_LINE}\r\n\r\n".encode("latin-1")),
    "in a coding": raw(message(b"{}", 200, {"Content-Encoding": "x\x9b31m"})),
    "in a type": raw(message(b"<", 200, {"Content-Type": "text/\x9b31m"})),
    "in a request id": raw(message(b"{}", 400, {"X-Request-ID": "7\x9b31m"})),
    "in a message": raw(message(EVIL_JSON.encode(), 400)),
    "in a field's fault": raw(message(json.dumps({"detail": [{"loc": [EVIL], "msg": EVIL}]}).encode(), 422)),
    "in a text": raw(message(EVIL.encode(), 500)),
    "in an answer of another shape": raw(message(json.dumps({EVIL: EVIL}).encode())),
    "in a page": raw(message(f"<{EVIL}".encode())),
    "in a redirect": redirect("http://127.0.0.1/\x9b31m"),
    "in a redirect's host": redirect("http://\x9b31m/"),
}


@pytest.mark.parametrize("where", ANSWERS)
def test_no_control_character_of_an_answer_reaches_a_message_or_a_log(
    where: str, caplog: pytest.LogCaptureFixture
) -> None:
    with (
        serving(ANSWERS[where]) as server,
        ApiClient(Configuration(host=server.url, debug=True)) as client,
        pytest.raises(gravscale.ApiException) as caught,
    ):
        AuthenticationApi(client).info()
    cause = caught.value.__cause__
    seen = [str(caught.value), caught.value.reason or "", "" if cause is None else str(cause)]
    seen += [record.getMessage() for record in caplog.records if record.name.startswith("gravscale")]
    assert [text for text in seen if not text.isprintable()] == []
    client.configuration.debug = False


def messages(caplog: pytest.LogCaptureFixture) -> list[str]:
    return [record.getMessage() for record in caplog.records if record.name.startswith("gravscale")]


def test_no_control_character_of_a_task_reaches_a_message_or_a_log(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    evil = {**TASK, "id": EVIL, "clientId": 1, "action": EVIL, "error": EVIL, "status": "failed"}
    failing = answer({"detail": EVIL}, 500), answer({**evil, "status": EVIL})
    for scenarios, error in (
        ((answer({**evil, "subTasks": [evil]}),), gravscale.TaskFailedError),
        (failing, gravscale.TaskTimeoutError),
    ):
        with (
            serving(*scenarios) as server,
            ApiClient(Configuration(server.url)) as client,
            pytest.raises(error) as caught,
        ):
            gravscale.wait_for_task(client, EVIL, 1, timeout=0.5, poll_interval=0.05)
        assert str(caught.value).isprintable()
    assert messages(caplog)
    assert [text for text in messages(caplog) if not text.isprintable()] == []


@pytest.mark.parametrize(
    "call",
    [
        pytest.param(lambda client: AuthenticationApi(client).info(**{EVIL: 1}), id="an unknown argument"),
        pytest.param(lambda client: TaskManagerApi(client).list_tasks(EVIL), id="a value of the wrong type"),
        pytest.param(lambda client: client.call_api(EVIL, "http://127.0.0.1/"), id="a method"),
        pytest.param(lambda client: client.set_default_header(EVIL, "x"), id="a header field"),
        pytest.param(lambda client: LoginSchema.from_dict({"email": {EVIL: 1}, EVIL: 2}), id="a field"),
        pytest.param(lambda client: gravscale.paginate(client, **{EVIL: 1}), id="an argument of a list"),
        pytest.param(lambda client: gravscale.FileTokenStore(type(EVIL, (), {})), id="a class"),
    ],
)
def test_no_control_character_of_an_argument_reaches_a_message(call: Any) -> None:
    with ApiClient(Configuration("http://127.0.0.1:9")) as client, pytest.raises(gravscale.OpenApiException) as caught:
        call(client)
    assert str(caught.value).isprintable()


@pytest.mark.parametrize("are_errors", [False, True])
def test_no_control_character_of_a_path_reaches_a_warning_or_a_log(
    are_errors: bool, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    place = tmp_path / "file" / "\x1b[2J\x9b31m"
    place.parent.write_text("no directory")
    store = gravscale.FileTokenStore(place)
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("error" if are_errors else "always", gravscale.TokenStoreWarning)
        assert store.load("key") is None
        store.save("key", AuthorizationSchema.model_validate(AUTHORIZATION))
    seen = messages(caplog) if are_errors else [str(warning.message) for warning in caught]
    assert seen
    assert [text for text in seen if not text.isprintable()] == []


def test_the_reason_of_an_answer_passed_to_an_error_is_masked_too() -> None:
    response: Any = SimpleNamespace(
        status=400, reason='no {"password": "hunter22"}', data=b"{}", headers=HTTPHeaderDict()
    )
    error = gravscale.ApiException(http_resp=response)
    assert error.reason == 'no {"password": "***"}'
    assert gravscale.ApiException(400, "as given", http_resp=response).reason == "as given"


def test_no_e_mail_address_is_logged(caplog: pytest.LogCaptureFixture, tmp_path: Path) -> None:
    caplog.set_level(logging.DEBUG)
    address, says = "jo.doe+gravscale@mail.example.com", "no such user: jo.doe+gravscale@mail.example.com"
    credentials = gravscale.PasswordCredentials(address, "hunter22", store=gravscale.FileTokenStore(tmp_path))
    failing = answer({"detail": says}, 401), answer({"detail": says}, 500), hang_up, answer({"detail": says}, 500)
    with (
        serving(answer(AUTHORIZATION), *failing) as server,
        ApiClient(Configuration(server.url, credentials=credentials, retries=0)) as client,
    ):
        auth = AuthenticationApi(client)
        for _ in range(2):
            with pytest.raises(gravscale.ApiException, match=r"no such user: jo\.doe|no answer"):
                auth.info()
        client.call_api("GET", f"{server.url}/users/{address}?of={address.replace('@', '%40')}")
        with pytest.raises(gravscale.TaskTimeoutError, match="no such user"):
            gravscale.wait_for_task(client, address, 1, timeout=0.3, poll_interval=0.05)
    assert len(messages(caplog)) > 3
    assert [text for text in messages(caplog) if "mail.example.com" in text] == []
