"""What a service says reaches no terminal and no log with the characters that control those."""

from __future__ import annotations

import json

import pytest
from misbehaving import Scenario, message, raw, redirect, serving

import gravscale
from gravscale import ApiClient, AuthenticationApi, Configuration

# They clear a terminal, begin a line of a log, or turn the direction of writing.
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


@pytest.mark.parametrize("answer", ANSWERS)
def test_no_control_character_of_an_answer_reaches_a_message_or_a_log(
    answer: str, caplog: pytest.LogCaptureFixture
) -> None:
    with (
        serving(ANSWERS[answer]) as server,
        ApiClient(Configuration(host=server.url, debug=True)) as client,
        pytest.raises(gravscale.ApiException) as caught,
    ):
        AuthenticationApi(client).info()
    cause = caught.value.__cause__
    seen = [str(caught.value), caught.value.reason or "", "" if cause is None else str(cause)]
    seen += [record.getMessage() for record in caplog.records if record.name.startswith("gravscale")]
    assert [text for text in seen if not text.isprintable()] == []
    client.configuration.debug = False
