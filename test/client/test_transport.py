"""What becomes of answers that are not used, of names that are not resolved, and of odd ways to send bytes."""

from __future__ import annotations

import socket
import zlib
from typing import Any

import pytest
from misbehaving import INFO, answer, message, raw, serving

from gravscale import ApiClient, ApiConnectionError, ApiResponseError, AuthenticationApi, Configuration


@pytest.fixture(autouse=True)
def _short_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("gravscale.retry.BACKOFF_SECONDS", 0.001)


@pytest.mark.parametrize(("size", "connections"), [(1000, 1), (1_000_000, 2)])
def test_the_connection_of_an_unused_answer_serves_again_unless_the_answer_is_long(size: int, connections: int) -> None:
    with serving(answer({"detail": "x" * size}, 503), answer()) as server:
        with ApiClient(Configuration(server.url)) as api_client:
            assert AuthenticationApi(api_client).info().nickname == "me"
        assert (len(server.requests), server.connections) == (2, connections)


def test_a_name_that_is_not_known_is_a_connection_error(monkeypatch: pytest.MonkeyPatch) -> None:
    def unknown(*_: Any, **__: Any) -> Any:
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    monkeypatch.setattr(socket, "getaddrinfo", unknown)
    with (
        ApiClient(Configuration("http://api.example.com", no_proxy="*")) as api_client,
        pytest.raises(
            ApiConnectionError, match=r"while resolving the host's name: .*Name or service not known"
        ) as caught,
    ):
        AuthenticationApi(api_client).info()
    assert isinstance(caught.value.__cause__, socket.gaierror)


def test_a_compressed_answer_is_whole_or_refused_wherever_it_ends() -> None:
    # How much a decompressor still has to give when it has taken everything depends on how long the content is.
    for size in range(65_400, 65_700, 30):
        content = b'{"email": "e", "nickname": "' + b"x" * size + b'"}'
        body = zlib.compress(content, 9)
        deflated = [
            raw(message(part, headers={"Content-Encoding": "deflate"})) for part in (body, body[:-5], body[:80])
        ]
        with serving(*deflated) as server, ApiClient(Configuration(server.url)) as api_client:
            auth = AuthenticationApi(api_client)
            assert auth.info_with_http_info().raw_data == content
            for _ in range(2):
                with pytest.raises(ApiResponseError, match="a body that is broken deflate: it ends in the middle"):
                    auth.info()


def test_an_open_answer_is_read_by_the_user() -> None:
    with serving(answer()) as server, ApiClient(Configuration(server.url)) as api_client:
        opened = AuthenticationApi(api_client).info_without_preload_content(_request_timeout=(1.0, 5.0))
        assert opened.json() == INFO
        unbounded = AuthenticationApi(api_client).info_without_preload_content()
        assert unbounded.json() == INFO
