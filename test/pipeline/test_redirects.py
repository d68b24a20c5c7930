"""Redirects are followed only within the origin."""

from __future__ import annotations

from typing import Any

import pytest
from calls_by_method import delete, get, post
from example_service import AuthenticationApi
from misbehaving import (
    INFO,
    TASK,
    Connection,
    Request,
    Scenario,
    answer,
    message,
    raw,
    redirect,
    serving,
)

import gravscale
from gravscale import ApiResponseError

ANY = answer(INFO | TASK)


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
@pytest.mark.parametrize(
    ("location", "target"),
    [
        ("/v2/info?a=b", "/v2/info?a=b"),
        ("more", "/api/auth/more"),
        ("../up", "/api/up"),
        ("?a=b", "/api/auth/info?a=b"),
        ("/with#fragment", "/with"),
        ("/caf%C3%A9", "/caf%C3%A9"),
        ("/a%20b%2Fc", "/a%20b%2Fc"),
    ],
)
def test_a_redirect_within_the_origin_is_followed(status: int, location: str, target: str, connect: Any) -> None:
    with serving(redirect(location, status), ANY) as server:
        get(connect(server.url))
        assert [request.target for request in server.requests] == ["/api/auth/info", target]
        assert server.requests[1].headers["authorization"] == "Bearer token"
        assert server.connections == 1


@pytest.mark.parametrize(("path", "target"), [("/v2", "/v2"), ("", "/")])
def test_a_redirect_to_the_whole_url_of_the_origin_is_followed(path: str, target: str, connect: Any) -> None:
    def to_itself(connection: Connection, request: Request) -> None:
        redirect(f"{connection.server.url.replace('http', 'HTTP')}{path}")(connection, request)

    with serving(to_itself, ANY) as server:
        get(connect(server.url))
        assert server.requests[1].target == target


@pytest.mark.parametrize("status", [307, 308])
@pytest.mark.parametrize("call", [post, delete])
def test_a_307_or_308_keeps_method_and_body(status: int, call: Any, connect: Any) -> None:
    with serving(redirect("/elsewhere", status), ANY) as server:
        call(connect(server.url))
        first, second = server.requests
        assert second == first._replace(target="/elsewhere")


@pytest.mark.parametrize("status", [301, 302, 303])
def test_a_301_302_or_303_turns_a_post_into_a_get(status: int, connect: Any) -> None:
    with serving(redirect("/elsewhere", status), ANY) as server:
        post(connect(server.url))
        second = server.requests[1]
        assert (second.method, second.target, second.body) == ("GET", "/elsewhere", b"")
        assert not {"content-type", "content-length"} & second.headers.keys()


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_a_head_stays_a_head(status: int, connect: Any) -> None:
    moved = raw(message(b"", status, {"Location": "/elsewhere"}))
    with serving(moved, raw(message(b""))) as server:
        connect(server.url).call_api("HEAD", f"{server.url}/here")
        assert [request.method for request in server.requests] == ["HEAD", "HEAD"]


def test_a_redirect_to_an_invalid_url_is_an_error_that_says_why(connect: Any) -> None:
    complaint = ": 302 a redirect that was not followed: Location: expected an http or https URL with a host$"
    with serving(redirect("mailto:me@example.com", 302)) as server, pytest.raises(ApiResponseError, match=complaint):
        get(connect(server.url))


@pytest.mark.parametrize("status", [301, 302])
def test_a_301_or_302_keeps_a_delete(status: int, connect: Any) -> None:
    with serving(redirect("/elsewhere", status), ANY) as server:
        delete(connect(server.url))
        assert server.requests[1].method == "DELETE"


@pytest.mark.parametrize("call", [get, post])
def test_a_sixth_redirect_is_an_error(call: Any, connect: Any) -> None:
    with serving(redirect("/again")) as server:
        with pytest.raises(ApiResponseError, match="more than 5 redirects"):
            call(connect(server.url))
        assert len(server.requests) == 6


def test_five_redirects_are_followed(connect: Any) -> None:
    with serving(*[redirect("/again")] * 5, ANY) as server:
        get(connect(server.url))
        assert len(server.requests) == 6


ELSEWHERE = {
    "another port": "http://127.0.0.1:{other}/",
    "another host": "http://localhost:{port}/",
    "another scheme": "https://127.0.0.1:{port}/",
    "another host without a scheme": "//localhost:{other}/",
    "the default port": "http://127.0.0.1/",
    "a port out of range": "http://127.0.0.1:99999/",
    "a port that is none": "http://127.0.0.1:port/",
    "userinfo": "http://me:hunter2@127.0.0.1:{port}/",
    "the origin as userinfo": "http://127.0.0.1:{port}@localhost:{other}/",
    "a script": "javascript:alert(1)",
    "a file": "file:///etc/passwd",
    "half an address": "http://[::1/",
    "a space": "/a b",
    "two places": "/one\r\nLocation: http://localhost:{other}/two",
    "nothing": "",
    "very long": "ftp://" + "x" * 50_000,
}


@pytest.mark.parametrize("status", [302, 307])
@pytest.mark.parametrize("call", [get, post])
@pytest.mark.parametrize("location", ELSEWHERE.values(), ids=ELSEWHERE.keys())
def test_nothing_is_sent_to_another_origin(location: str, call: Any, status: int, connect: Any) -> None:
    with serving(ANY) as other:

        def elsewhere(connection: Connection, request: Request) -> None:
            place = location.format(port=connection.server.port, other=other.port)
            redirect(place, status)(connection, request)

        with serving(elsewhere, ANY) as server:
            client = connect(server.url)
            with pytest.raises(ApiResponseError, match="redirect") as caught:
                call(client)
            assert (other.connections, len(server.requests)) == (0, 1)
            assert caught.value.status == status
            assert "hunter2" not in str(caught.value)
            assert len(str(caught.value)) < 1000
            call(client)


@pytest.mark.parametrize("location", ["\\\\localhost:{other}/", "/\\localhost:{other}/", "http:///localhost:{other}/"])
def test_a_location_that_only_looks_like_another_host_is_followed(location: str, connect: Any) -> None:
    with serving(ANY) as other, serving(redirect(location.format(other=other.port)), ANY) as server:
        get(connect(server.url))
        assert (other.connections, len(server.requests)) == (0, 2)


@pytest.mark.parametrize("status", [300, 304, 305, 306, 399])
def test_a_3xx_that_is_not_a_redirect_is_an_error(status: int, connect: Any) -> None:
    with serving(redirect("/elsewhere", status)) as server:
        with pytest.raises(gravscale.ApiException) as caught:
            get(connect(server.url))
        assert caught.value.status == status
        assert len(server.requests) == 1


def test_a_redirect_without_a_location_is_an_error(connect: Any) -> None:
    nowhere: Scenario = raw(message({}, 307))
    with (
        serving(nowhere) as server,
        pytest.raises(ApiResponseError, match=r": 307 a redirect without a Location$"),
    ):
        get(connect(server.url))


def test_redirects_take_no_more_time_than_the_call(connect: Any, within: Any) -> None:
    def slowly(connection: Connection, request: Request) -> None:
        connection.server.over.wait(0.15)
        redirect("/again")(connection, request)

    with serving(slowly) as server, within(0.3), pytest.raises(gravscale.ApiTimeoutError):
        AuthenticationApi(connect(server.url)).info(_request_timeout=0.3)
