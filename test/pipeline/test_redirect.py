"""The step that follows redirects: what it asks for next, and where it goes no further."""

from __future__ import annotations

import pytest
from steps import ORIGIN, Next, answer_of, call_of

from gravscale import ApiResponseError
from gravscale.pipeline.redirect import MAX_REDIRECTS, Redirect


@pytest.mark.parametrize("status", [200, 300, 304, 404])
def test_what_is_no_redirect_is_the_answer(status: int) -> None:
    step = Next(answer_of(status, headers={"Location": "/y"}))
    assert Redirect(step)(call_of()).status == status
    assert len(step.requests) == 1


@pytest.mark.parametrize(
    ("status", "method", "expected"),
    [
        (301, "POST", ("GET", None)),
        (302, "POST", ("GET", None)),
        (303, "DELETE", ("GET", None)),
        (303, "HEAD", ("HEAD", b"b")),
        (301, "DELETE", ("DELETE", b"b")),
        (307, "POST", ("POST", b"b")),
        (308, "POST", ("POST", b"b")),
    ],
)
def test_the_status_says_what_becomes_of_method_and_body(
    status: int, method: str, expected: tuple[str, bytes | None]
) -> None:
    step = Next(answer_of(status, headers={"Location": "/y"}), answer_of())
    call = call_of(method, body=b"b")
    assert Redirect(step)(call).status == 200
    followed, target, _, body = step.requests[1]
    assert (target, (followed, body), call.redirects) == ("/y", expected, 1)


@pytest.mark.parametrize(
    ("location", "target"),
    [
        ("z", "/x/z"),
        ("?a=1", "/x/y?a=1"),
        (f"{ORIGIN}/z", "/z"),
        ("//127.0.0.1:1/z", "/z"),
        ("/é", "/%C3%A9"),
        (" /z\t", "/z"),
        (ORIGIN, "/"),
    ],
)
def test_a_place_is_resolved_against_the_request(location: str, target: str) -> None:
    # Header fields are read as latin-1, whatever was sent.
    sent = location.encode().decode("latin-1")
    step = Next(answer_of(302, headers={"Location": sent}), answer_of())
    Redirect(step)(call_of(target="/x/y"))
    assert step.requests[1][1] == target


UNENCODED = "a redirect that was not followed: Location: the URL contains a space or a control character"


def test_characters_that_no_header_has_are_left_out() -> None:
    # A transport of the user's own may have made the answer.
    step = Next(answer_of(302, headers={"Location": "/z\u0100"}), answer_of())
    Redirect(step)(call_of())
    assert step.requests[1][1] == "/z"


@pytest.mark.parametrize(
    ("headers", "reason"),
    [
        ({}, "a redirect without a Location"),
        ({"Location": " "}, "a redirect without a Location"),
        (
            {"Location": "https://127.0.0.1:1/z"},
            "a redirect to another origin, https://127.0.0.1:1, which was not followed",
        ),
        ({"Location": "//elsewhere/z"}, "a redirect to another origin, http://elsewhere, which was not followed"),
        (
            {"Location": "ftp://127.0.0.1:1/z"},
            "a redirect that was not followed: Location: expected an http or https URL with a host",
        ),
        ({"Location": "//["}, "a redirect that was not followed: Invalid IPv6 URL"),
        ({"Location": "/a z"}, UNENCODED),
        ({"Location": "/\xe9 z"}, UNENCODED),
        ({"Location": "/a\x7fz"}, UNENCODED),
        ({"Location": "/\xe9\x7fz"}, UNENCODED),
    ],
)
def test_nothing_is_sent_to_another_place(headers: dict[str, str], reason: str) -> None:
    answer = answer_of(302, headers=headers)
    with pytest.raises(ApiResponseError) as caught:
        Redirect(Next(answer))(call_of())
    assert (caught.value.status, caught.value.reason, caught.value.url) == (302, reason, f"{ORIGIN}/x")
    assert answer.closed


def test_a_call_follows_so_many_redirects_and_no_more() -> None:
    step = Next(*(answer_of(302, headers={"Location": "/y"}) for _ in range(MAX_REDIRECTS + 1)))
    with pytest.raises(ApiResponseError) as caught:
        Redirect(step)(call_of())
    assert caught.value.reason == "more than 5 redirects"
    assert len(step.requests) == 6


def test_the_body_of_a_redirect_is_read_so_that_its_connection_can_be_used_again() -> None:
    moved = answer_of(302, headers={"Location": "/y"})
    Redirect(Next(moved, answer_of()))(call_of())
    assert moved.read() == b""
