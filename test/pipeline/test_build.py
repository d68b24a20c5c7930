"""The first step: from arguments to a request."""

from __future__ import annotations

from typing import Any

import pytest
from example_service import LoginSchema
from pydantic import RootModel, StrictInt, StrictStr

from gravscale import ApiClient, ApiTypeError, ApiValueError, Configuration, Request
from gravscale.pipeline.build import build_direct_request, build_request
from gravscale.schema.operation import Operation
from gravscale.schema.parameters import Body, Cookie, Form, Header, Path, Query

HOST = "http://127.0.0.1:1/base/"


def build(operation: Operation[Any], *arguments: object, client: ApiClient | None = None, **options: Any) -> Request:
    return build_request(client or ApiClient(Configuration(HOST)), operation, options, arguments)  # type: ignore[arg-type]


def test_each_parameter_stands_in_its_place() -> None:
    operation = Operation[Any](
        *("call", "GET", "/a/{id}"),
        *(
            Path("id", StrictStr),
            Query("q", list[StrictInt]),
            Header("h", StrictStr, wire="X-H"),
            Cookie("c", StrictStr),
        ),
    )
    request = build(operation, "a/b", [1, 2], "v", "w")
    assert (request.method, request.origin, request.target) == ("GET", "http://127.0.0.1:1", "/base/a/a%2Fb?q=1&q=2")
    assert (request.headers["X-H"], request.headers["Cookie"], request.body) == ("v", "c=w", None)


def test_what_is_left_out_is_not_sent() -> None:
    operation = Operation[Any]("call", "GET", "/a", Query("q", StrictStr, required=False))
    assert build(operation, None).target == "/base/a"
    with pytest.raises(ApiTypeError, match=r"^q: expected a str, got None"):
        build(Operation[Any]("call", "GET", "/a", Query("q", str)), None)


def test_a_body_is_written_as_its_media_type_says_and_its_secrets_are_known() -> None:
    login = LoginSchema(email="me@example.com", password="C0rrect!horse")
    request = build(Operation[Any]("call", "POST", "/a", Body("login", LoginSchema)), login)
    assert request.body == b'{"email":"me@example.com","password":"C0rrect!horse"}'
    assert (request.headers["Content-Type"], request.secrets) == ("application/json", ["C0rrect!horse"])
    form = Form("password", StrictStr, content_type="application/x-www-form-urlencoded")
    request = build(Operation[Any]("call", "POST", "/a", form), "a b&c/defgh")
    assert (request.body, request.secrets) == (b"password=a+b%26c%2Fdefgh", ["a b&c/defgh"])


def test_a_form_whose_only_field_is_an_empty_list_has_no_body() -> None:
    field = Form("tags", list[StrictStr], content_type="application/x-www-form-urlencoded")
    request = build(Operation[Any]("call", "POST", "/a", field), [])
    assert (request.body, "Content-Type" in request.headers) == (None, False)


class Nothing(RootModel[None]):
    """A model whose data is null."""


@pytest.mark.parametrize(("type_", "value"), [(Nothing, Nothing(None)), (StrictStr | None, None)], ids=repr)
def test_a_body_that_is_null_is_sent_as_null(type_: Any, value: object) -> None:
    request = build(Operation[Any]("call", "POST", "/a", Body("body", type_)), value)
    assert (request.body, request.headers["Content-Type"]) == (b"null", "application/json")


def test_a_secret_in_the_query_shows_in_no_target() -> None:
    request = build(Operation[Any]("call", "POST", "/a", Query("refresh_token", StrictStr)), "t0ken/+x")
    assert request.target == "/base/a?refresh_token=t0ken%2F%2Bx"
    assert (request.redacted_target, request.secrets) == ("/base/a?refresh_token=***", ["t0ken/+x"])


def test_header_fields_of_the_client_go_with_each_request_and_those_of_a_call_replace_them() -> None:
    client = ApiClient(Configuration(HOST), "X-A", "1", cookie="c=1")
    operation = Operation[Any]("call", "GET", "/a", accept="text/plain")
    request = build(operation, client=client, _headers={"x-a": "2"})
    fields = {name.lower(): value for name, value in request.headers.items()}
    assert (fields["x-a"], fields["accept"], fields["host"], fields["cookie"]) == (
        "2",
        "text/plain",
        "127.0.0.1:1",
        "c=1",
    )
    assert build(operation, client=client).headers["X-A"] == "1"


@pytest.mark.parametrize("value", [["1"], {}, b"1", None], ids=repr)
def test_a_header_field_that_the_user_put_among_the_defaults_is_refused_by_name(value: Any) -> None:
    client = ApiClient(Configuration(HOST))
    client.default_headers["X-A"] = value
    with pytest.raises(ApiTypeError, match=r"^header X-A: expected a str, got "):
        build(Operation[Any]("call", "GET", "/a"), client=client)
    client.default_headers = [("X-A", "1")]  # type: ignore[assignment]
    with pytest.raises(ApiTypeError, match=r"^default_headers: expected a dict of headers, got list"):
        build(Operation[Any]("call", "GET", "/a"), client=client)


@pytest.mark.parametrize(
    ("index", "error", "message"),
    [("0", ApiTypeError, "expected an int, got str"), (None, ApiTypeError, "NoneType"), (9, ApiValueError, "got 9")],
)
def test_a_server_that_is_not_there_is_refused(index: Any, error: type[Exception], message: str) -> None:
    with pytest.raises(error, match=f"^_host_index: .*{message}"):
        build(Operation[Any]("call", "GET", "/a"), _host_index=index)


def test_credentials_among_the_default_header_fields_go_to_the_configured_service_alone() -> None:
    client = ApiClient(Configuration(HOST), "Authorization", "Bearer t0kent0ken", cookie="c=1")
    client.set_default_header("X-A", "1")
    for url, expected in (("http://127.0.0.1:1/y", True), ("http://127.0.0.1:2/y", False)):
        request = build_direct_request(client, "get", url, None, None, None)
        assert (request.method, request.target, request.headers["X-A"]) == ("GET", "/y", "1")
        assert ("Authorization" in request.headers, "Cookie" in request.headers) == (expected, expected)


def test_the_host_header_has_no_zone_of_an_address_and_a_stray_percent_sign_is_encoded() -> None:
    url = "http://[fe80::1%25eth0]:8080"
    request = build_direct_request(ApiClient(Configuration(url)), "GET", f"{url}/50%/%41", None, None, None)
    assert request.headers["Host"] == "[fe80::1]:8080"
    assert request.target == "/50%25/%41"
