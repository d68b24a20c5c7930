"""The first step: from arguments to a request."""

from __future__ import annotations

import io
from collections.abc import Iterator
from typing import Any

import pytest
from example_service import LoginSchema
from pydantic import RootModel, SecretStr, StrictInt, StrictStr

from gravscale import ApiClient, ApiTypeError, ApiValueError, Configuration, Request
from gravscale.contract import SERVERS
from gravscale.pipeline.build import build_direct_request, build_request
from gravscale.schema.file import File
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
    assert (request.headers["Accept"], request.headers["Accept-Encoding"]) == ("application/json", "identity")
    assert "Content-Type" not in request.headers
    assert (request.redacted_target, request.secrets) == (request.target, ["c=w"])


def test_an_argument_that_can_not_be_sent_is_named_as_the_caller_wrote_it() -> None:
    for value, explode in (("\ud800", True), (["a", "\ud800"], False), ({"\ud800": "a"}, True)):
        operation = Operation[Any]("call", "GET", "/a", Query("vpc_name", Any, wire="vpcName", explode=explode))
        with pytest.raises(ApiValueError, match=r"^vpc_name: the text contains a lone surrogate"):
            build(operation, value)


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
    field = Form("tags", list[StrictStr], content_type=FORM)
    request = build(Operation[Any]("call", "POST", "/a", field), [])
    assert (request.body, "Content-Type" in request.headers) == (None, False)


class Nothing(RootModel[None]):
    """A model whose data is null."""


@pytest.mark.parametrize(("type_", "value"), [(Nothing, Nothing(None)), (StrictStr | None, None)], ids=repr)
def test_a_body_that_is_null_is_sent_as_null(type_: Any, value: object) -> None:
    request = build(Operation[Any]("call", "POST", "/a", Body("body", type_)), value)
    assert (request.body, request.headers["Content-Type"]) == (b"null", "application/json")


FORM = "application/x-www-form-urlencoded"
MULTIPART = "multipart/form-data"


def test_a_null_body_is_sent_only_if_it_is_required() -> None:
    request = build(Operation[Any]("call", "POST", "/a", Body("b", Any, content_type="text/json")), None)
    assert (request.body, request.headers["Content-Type"]) == (b"null", "text/json")
    request = build(Operation[Any]("call", "POST", "/a", Body("b", Any, required=False)), None)
    assert (request.body, "Content-Type" in request.headers) == (None, False)


def test_a_file_is_sent_as_a_body() -> None:
    operation = Operation[Any]("call", "POST", "/a", Body("photo", File, content_type="image/png"))
    request = build(operation, io.BytesIO(b"\x89PNG"))
    assert (request.body, request.headers["Content-Type"]) == (b"\x89PNG", "image/png")
    with pytest.raises(ApiValueError, match=r"^photo: can't open the file '/no/such'"):
        build(operation, "/no/such")


def test_a_body_that_can_not_be_written_is_named() -> None:
    with pytest.raises(ApiValueError, match=r"^report: can't be written as text/csv"):
        build(Operation[Any]("call", "POST", "/a", Body("report", Any, content_type="text/csv")), "\ud800")
    with pytest.raises(ApiTypeError, match=r"^report: expected a model or plain data, got object"):
        build(Operation[Any]("call", "POST", "/a", Body("report", Any)), object())


def test_a_list_repeats_its_field_of_a_form_and_a_file_keeps_its_name() -> None:
    fields = [Form("tags", list[str], wire="t[]", content_type=FORM), Form("n", int, content_type=FORM)]
    request = build(Operation[Any]("call", "POST", "/a", *fields), ["a", "b"], 7)
    assert (request.body, request.headers["Content-Type"]) == (b"t%5B%5D=a&t%5B%5D=b&n=7", FORM)
    request = build(
        Operation[Any]("call", "POST", "/a", Form("photo", File, wire="p", content_type=MULTIPART)), ("a.png", b"\x89")
    )
    assert request.headers["Content-Type"].startswith(f"{MULTIPART}; boundary=")
    assert b'name="p"; filename="a.png"\r\nContent-Type: image/png\r\n\r\n\x89\r\n' in (request.body or b"")


SECRETS: dict[str, tuple[Any, Any]] = {
    "in the query": (Query("q", Any), SecretStr("t0ken/+x")),
    "in a list": (Query("q", Any), ["a", SecretStr("t0ken/+x")]),
    "by its name in the query": (Query("q", str, wire="refresh_token"), "t0ken/+x"),
    "in the path": (Path("q", Any), SecretStr("t0ken/+x")),
    "in a header": (Header("q", Any), SecretStr("t0ken/+x")),
    "by the name of its header": (Header("q", str, wire="X-Api-Key"), "t0ken/+x"),
    "as the body": (Body("q", Any), SecretStr("t0ken/+x")),
    "within the body": (Body("q", Any), {"a": [SecretStr("t0ken/+x")]}),
    "by its name in the body": (Body("q", Any), {"apiKey": ["t0ken/+x"]}),
    "in a form": (Form("q", Any, content_type=MULTIPART), {"a": SecretStr("t0ken/+x")}),
    "by its name in a form": (Form("q", Any, content_type=FORM), {"password": "t0ken/+x"}),
    "by the name of its field": (Form("q", Any, wire="secret", content_type=FORM), ["t0ken/+x"]),
}


@pytest.mark.parametrize("place", SECRETS)
def test_a_secret_is_known_wherever_it_is_sent(place: str) -> None:
    parameter, value = SECRETS[place]
    request = build(Operation[Any]("call", "POST", "/a/{q}", parameter), value)
    assert set(request.secrets) == {"t0ken/+x"}
    assert "t0ken" not in request.redacted_target


def test_a_path_parameter_with_a_secret_name_is_a_secret() -> None:
    request = build(Operation[Any]("call", "GET", "/a/{reset_token}", Path("reset_token", str)), "t0ken/+x")
    assert (request.target, request.redacted_target) == ("/base/a/t0ken%2F%2Bx", "/base/a/***")
    assert request.secrets == ["t0ken/+x"]


def test_a_secret_text_of_a_list_in_the_query_is_known_as_a_whole() -> None:
    request = build(Operation[Any]("call", "GET", "/a", Query("tokens", Any, explode=False)), ["a1", "b2"])
    assert (request.target, request.redacted_target) == ("/base/a?tokens=a1,b2", "/base/a?tokens=***")
    assert request.secrets == ["a1,b2"]


def test_the_content_of_a_file_is_not_searched_for_secrets() -> None:
    request = build(Operation[Any]("call", "POST", "/a", Form("token", File, content_type=MULTIPART)), b"content")
    assert request.secrets == []


def test_the_caller_may_choose_the_media_type() -> None:
    operation = Operation[Any]("call", "POST", "/a", Body("b", Any))
    for options, media in (({}, "application/json"), ({"_content_type": "text/json"}, "text/json")):
        assert build(operation, 1, **options).headers["Content-Type"] == media
    assert build(operation, 1, _content_type=None).headers["Content-Type"] == "application/json"
    with pytest.raises(ApiTypeError, match=r"^_content_type: expected a str, got int$"):
        build(operation, 1, _content_type=7)
    # Without a body, there is nothing to say it of.
    assert "Content-Type" not in build(Operation[Any]("call", "GET", "/a"), _content_type=7).headers


def test_the_headers_of_a_call_must_be_a_dict() -> None:
    for headers in (None, {}):
        assert "X-A" not in build(Operation[Any]("call", "GET", "/a"), _headers=headers).headers
    with pytest.raises(ApiTypeError, match=r"^_headers: expected a dict of headers, got list$"):
        build(Operation[Any]("call", "GET", "/a"), _headers=[])


def test_of_several_parts_of_a_path_only_the_secret_ones_are_masked() -> None:
    operation = Operation[Any]("call", "GET", "/{a}/{token}/{b}", Path("a", str), Path("token", str), Path("b", str))
    request = build(operation, "x y", "t0ken", "z")
    assert (request.target, request.redacted_target) == ("/base/x%20y/t0ken/z", "/base/x%20y/***/z")


@pytest.fixture
def second_server() -> Iterator[None]:
    region: Any = {"description": "", "default_value": "eu"}
    SERVERS.append({"url": "http://{region}.service.example/v2/", "description": "", "variables": {"region": region}})
    yield
    SERVERS.pop()


@pytest.mark.usefixtures("second_server")
def test_another_server_of_the_contract_is_used_on_request_and_gets_no_default_credentials() -> None:
    client = ApiClient(Configuration(HOST, server_variables={"region": "us"}), "X-Api-Key", "k", cookie="c=1")
    client.set_default_header("X-A", "1")
    for index, origin, target in ((0, "http://127.0.0.1:1", "/base/a"), (1, "http://us.service.example", "/v2/a")):
        request = build(Operation[Any]("call", "GET", "/a"), client=client, _host_index=index)
        assert (request.origin, request.target) == (origin, target)
        assert ("X-Api-Key" in request.headers, "Cookie" in request.headers) == (index == 0, index == 0)
        assert (request.headers["X-A"], request.headers["Host"]) == ("1", origin.removeprefix("http://"))


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
    [
        ("0", ApiTypeError, "expected an int, got str"),
        (None, ApiTypeError, "expected an int, got NoneType"),
        (True, ApiTypeError, "expected an int, got bool"),
        (1, ApiValueError, "expected 0 to 0, got 1"),
        (-1, ApiValueError, "expected 0 to 0, got -1"),
        (10**5000, ApiValueError, "expected 0 to 0, got one far beyond that"),
    ],
    ids=["text", "None", "bool", "too large", "negative", "huge"],
)
def test_a_server_that_is_not_there_is_refused(index: Any, error: type[Exception], message: str) -> None:
    with pytest.raises(error, match=f"^_host_index: {message}$"):
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


def direct(url: str = f"{HOST}y", headers: Any = None, body: object = None, form: Any = None) -> Request:
    return build_direct_request(ApiClient(Configuration(HOST)), "POST", url, headers, body, form)


def test_a_direct_request_has_the_media_type_of_its_body() -> None:
    request = direct(body={"a": 1})
    assert (request.body, request.headers["Content-Type"]) == (b'{"a":1}', "application/json")
    request = direct(headers={"content-type": "text/csv"}, body="a,b")
    assert (request.body, request.headers["Content-Type"]) == (b"a,b", "text/csv")
    assert "content-type" not in request.headers
    request = direct(headers={"Content-Type": FORM}, form={"a": "b"})
    assert (request.body, request.headers["Content-Type"]) == (b"a=b", FORM)
    request = direct(headers={"Content-Type": "text/csv"})
    assert (request.body, request.headers["Accept"], "Content-Type" in request.headers) == (
        None,
        "application/json",
        False,
    )


@pytest.mark.parametrize(
    ("arguments", "error", "message"),
    [
        ({"url": 7}, ApiTypeError, "url: expected a str, got int"),
        ({"headers": []}, ApiTypeError, "header_params: expected a dict of headers, got list"),
        ({"body": object()}, ApiTypeError, "body: expected a model or plain data, got object"),
        (
            {"body": "\ud800", "headers": {"Content-Type": "text/csv"}},
            ApiValueError,
            "body: can't be written as text/csv",
        ),
        ({"form": {"a": "\ud800"}, "headers": {"Content-Type": FORM}}, ApiValueError, "post_params: can't be written"),
    ],
)
def test_what_can_not_be_sent_directly_is_named(arguments: Any, error: type[Exception], message: str) -> None:
    with pytest.raises(error, match=f"^{message}"):
        direct(**arguments)


def test_a_secret_in_a_direct_request_is_known_and_masked_in_its_url() -> None:
    body = {"password": "C0rrect!horse", "a": SecretStr("t0ken/+x")}
    request = direct(f"{HOST}y?q=C0rrect!horse&token=a&b=c", body=body)
    assert request.redacted_target == "/base/y?q=***&token=***&b=c"
    assert request.secrets == ["t0ken/+x", "C0rrect!horse"]
    assert direct(headers={"Content-Type": FORM}, form={"password": "p"}).secrets == ["p"]
    assert direct("http://127.0.0.1:1").target == "/"
    assert direct(f"{HOST}token=a").redacted_target == "/base/token=a"
