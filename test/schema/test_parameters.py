"""How values are written into paths, queries, headers and bodies, including those of a larger contract."""

from __future__ import annotations

import decimal
import enum
import json
import uuid
from collections.abc import Callable, Iterator
from datetime import date, datetime, timedelta, timezone
from typing import Annotated, Any

import pytest
from example_service import CreatePublicIpSchema, LoginSchema, TaskManagerApi, TaskTreeSchema
from misbehaving import TASK, Request, answer, serving
from pydantic import Field, SecretStr, StrictInt

from gravscale import ApiClient, ApiConnectionError, ApiResponseError, ApiTypeError, ApiValueError, Configuration
from gravscale.schema.field_types import DateTime, FullDate
from gravscale.schema.model import Model
from gravscale.schema.operation import Operation
from gravscale.schema.parameters import Body, Header, Parameter, Path, Query

Send = Callable[..., Request]


class Colour(enum.Enum):
    RED = "red"


class Level(str, enum.Enum):
    HIGH = "high"


@pytest.fixture
def send() -> Iterator[Send]:
    """Sends one value as a parameter, and returns the request that the service received."""
    with serving(answer({})) as server:

        def call(parameter: Parameter, value: Any, path: str = "/x", **settings: Any) -> Request:
            operation = Operation[Any]("call", "POST", path, parameter, answer=Any)
            with ApiClient(Configuration(server.url, **settings)) as api_client:
                api_client.perform(operation, {}, value)
            return server.requests[-1]

        yield call


class Point(Model):
    x: str
    n: list[int]


MOMENT = datetime(2026, 1, 2, 3, 4, 5, 678, timezone(timedelta(hours=-3)))


@pytest.mark.parametrize(
    ("value", "written"),
    [
        ("a b", "a%20b"),
        (Level.HIGH, "high"),
        (Colour.RED, "red"),
        (True, "true"),
        (False, "false"),
        (7, "7"),
        (1.5, "1.5"),
        (MOMENT, "2026-01-02T03%3A04%3A05.000678-03%3A00"),
        (date(2026, 1, 2), "2026-01-02"),
        (date(999, 1, 2), "0999-01-02"),
        (uuid.UUID(int=7), "00000000-0000-0000-0000-000000000007"),
        (decimal.Decimal("1.10"), "1.10"),
    ],
    ids=lambda value: type(value).__name__,
)
def test_a_value_in_path_and_query(send: Send, value: Any, written: str) -> None:
    assert send(Query("q", Any), value).target == f"/x?q={written}"
    assert send(Path("p", Any), value, "/x/{p}/y").target == f"/x/{written}/y"


@pytest.mark.parametrize("value", [{"x": "1 &2", "n": [3, 4]}, Point(x="1 &2", n=[3, 4])], ids=["dict", "model"])
def test_each_property_of_an_object_is_a_query_parameter(send: Send, value: Any) -> None:
    assert send(Query("q", Any), value).target == "/x?x=1%20%262&n=3%2C4"
    assert send(Query("q", Any, explode=False), value).target == "/x?q=x,1%20%262,n,3%2C4"


def test_the_configuration_says_how_times_are_written(send: Send) -> None:
    formats = {"datetime_format": "%d.%m.%Y", "date_format": "%Y"}
    assert send(Query("q", Any), MOMENT, **formats).target == "/x?q=02.01.2026"
    assert send(Query("q", Any), date(2026, 1, 2), **formats).target == "/x?q=2026"


def test_characters_of_a_path_may_be_left_unencoded(send: Send) -> None:
    assert send(Path("p", str), "a/b", "/x/{p}", safe_chars_for_path_param="/").target == "/x/a/b"
    assert send(Path("p", str), "a/b", "/x/{p}").target == "/x/a%2Fb"


def test_a_list_repeats_its_parameter_or_is_joined(send: Send) -> None:
    assert send(Query("q", list[int]), [1, 2]).target == "/x?q=1&q=2"
    assert send(Query("q", list[int], explode=False), [1, 2]).target == "/x?q=1,2"
    assert send(Query("q", list[int], wire="q[]"), [1]).target == "/x?q%5B%5D=1"


def test_a_header_field_is_text(send: Send) -> None:
    assert send(Header("trace", int, wire="X-Trace"), 7).headers["x-trace"] == "7"
    assert send(Header("tags", list[str], wire="X-Tags"), ["a", "b"]).headers["x-tags"] == "a,b"
    with pytest.raises(ApiValueError, match="header X-Trace: the value contains a control character"):
        send(Header("trace", str, wire="X-Trace"), "a\r\nX-Other: b")


def test_omitted_arguments_are_not_sent(send: Send) -> None:
    assert send(Query("q", str, required=False), None).target == "/x"
    assert send(Header("trace", str, required=False), None).headers.get("trace") is None
    with pytest.raises(ApiTypeError, match=r"^q: expected a str, got None "):
        send(Query("q", str), None)
    with pytest.raises(ApiTypeError, match=r"^q: expected an int, got None "):
        send(Query("q", Annotated[int, Field(ge=1)]), None)


def test_a_path_that_leaves_its_operation_is_refused(send: Send) -> None:
    for value in ("", ".", ".."):
        with pytest.raises(ApiValueError, match=f"^p: '{value}' can't be a part of a path "):
            send(Path("p", str), value, "/x/{p}")


@pytest.mark.parametrize(
    ("value", "written"),
    [
        ([Colour.RED, Level.HIGH], b'["red","high"]'),
        (SecretStr("s"), b'"s"'),
        (MOMENT, b'"2026-01-02T03:04:05.000678-03:00"'),
        ((uuid.UUID(int=7), decimal.Decimal("1.10")), b'["00000000-0000-0000-0000-000000000007","1.10"]'),
        ({"one": LoginSchema(email="e", password="p")}, b'{"one":{"email":"e","password":"p"}}'),
        (frozenset((1,)), b"[1]"),
    ],
    ids=lambda value: type(value).__name__,
)
def test_a_value_in_a_body(send: Send, value: Any, written: bytes) -> None:
    assert send(Body("b", Any), value).body == written
    with ApiClient() as api_client:
        assert isinstance(api_client.sanitize_for_serialization([value]), list)


def test_a_body_may_be_text_and_an_empty_one_is_not_sent(send: Send) -> None:
    sent = send(Body("b", str, content_type="text/csv"), "a;b")
    assert (sent.body, sent.headers["content-type"]) == (b"a;b", "text/csv")
    nothing = send(Body("b", Any, required=False), None)
    assert (nothing.body, nothing.headers.get("content-type")) == (b"", None)


def test_values_that_json_cannot_hold_are_refused(send: Send) -> None:
    with pytest.raises(ApiValueError, match=r"^b: JSON can.t represent nan"):
        send(Body("b", Any), float("nan"))
    with pytest.raises(ApiTypeError, match=r"^b: expected a model or plain data, got object"):
        send(Body("b", Any), object())


@pytest.mark.parametrize("type_", [Any, list[Any]])
def test_a_value_that_contains_itself_is_refused(send: Send, type_: Any) -> None:
    endless: list[object] = []
    endless.append(endless)
    with pytest.raises(ApiValueError, match=r"^b: nested too deeply, or containing itself "):
        send(Body("b", type_), endless)


class Share(float, enum.Enum):
    NONE = float("nan")


class Unshown(str):
    """A text whose repr fails."""

    __slots__ = ()

    def __repr__(self) -> str:
        raise RuntimeError("no repr")


class NoTime(datetime):
    """Like pandas' NaT: a datetime that is not a time."""

    def strftime(self, format: str) -> str:
        raise ValueError("does not support strftime")


def test_an_object_that_only_looks_like_a_value_is_refused(send: Send) -> None:
    with pytest.raises(ApiValueError, match=r"^b: JSON can.t represent nan "):
        send(Body("b", Any), Share.NONE)
    with pytest.raises(ApiValueError, match=r"^q: a time that can't be formatted "):
        send(Query("q", Any), NoTime(2026, 1, 1))


def test_a_number_too_long_for_python_to_write_is_refused(send: Send) -> None:
    with pytest.raises(ApiValueError, match="a number with too many digits"):
        send(Query("q", Any), 10**5000)


def test_an_answer_may_be_none_or_any_type() -> None:
    with serving(answer([1, 2])) as server, ApiClient(Configuration(server.url)) as api_client:
        assert api_client.perform(Operation[None]("call", "GET", "/x"), {}) is None
        assert api_client.perform(Operation[list[int]]("call", "GET", "/x", answer=list[int]), {}) == [1, 2]
        positive = Operation[int]("call", "GET", "/x", answer=Annotated[int, Field(ge=1)])
        with pytest.raises(ApiResponseError, match="not the expected int: "):
            api_client.perform(positive, {})


class Inner(Model):
    name: str
    count: int | None = 3


class Outer(Model):
    inner: Inner | None = None
    many: list[Inner] | None = None
    named: dict[str, list[Inner]] | None = None
    further: Outer | None = None


Outer.model_rebuild()


def test_a_default_replaces_null_in_an_answer_at_every_depth() -> None:
    null, five = {"name": "a", "count": None}, {"name": "b", "count": 5}
    body = {"inner": null, "many": [five, null], "named": {"x": [null]}, "further": {"inner": null}}
    with serving(answer(body)) as server, ApiClient(Configuration(server.url)) as api_client:
        outer = api_client.perform(Operation[Outer]("call", "GET", "/x", answer=Outer), {})
    assert outer.inner is not None
    assert outer.further is not None
    assert outer.further.inner is not None
    assert outer.named is not None
    assert (outer.inner.count, outer.further.inner.count, outer.named["x"][0].count) == (3, 3, 3)
    assert [item.count for item in outer.many or ()] == [5, 3]
    with serving(answer({"x": [[null], [five]]})) as server, ApiClient(Configuration(server.url)) as api_client:
        operation = Operation[Any]("call", "GET", "/x", answer=dict[str, list[list[Inner]]])
        assert [[item.count for item in items] for items in api_client.perform(operation, {})["x"]] == [[3], [5]]


def test_null_is_sent_only_where_the_user_passed_none(send: Send) -> None:
    given = {"many": [{"name": "a"}, {"name": "b", "count": None}], "named": {"x": [{"name": "c", "count": 5}]}}
    sent = {"many": [{"name": "a", "count": 3}, {"name": "b", "count": None}], "named": {"x": given["named"]["x"]}}
    made: Any = given
    for body in (made, Outer(**made)):
        assert json.loads(send(Body("b", Outer), body).body) == sent


def test_a_dict_assigned_to_a_field_adds_no_nulls(send: Send) -> None:
    given: Any = {"further": {"inner": {"name": "a", "count": None}}}
    body = Outer()
    body.further = given["further"]
    assert json.loads(send(Body("b", Outer), body).body) == given


def test_a_time_in_almost_iso_format_is_read_in_an_answer_too() -> None:
    with (
        serving(
            answer({**TASK, "createdAt": "2026-01-02 03:04:05 +0200"}), answer({**TASK, "createdAt": "never"})
        ) as server,
        ApiClient(Configuration(server.url)) as api_client,
    ):
        task = TaskManagerApi(api_client).get_task("t", 1)
        assert task.created_at == datetime(2026, 1, 2, 1, 4, 5, tzinfo=timezone.utc)
        with pytest.raises(ApiResponseError, match="createdAt: Input should be a valid datetime"):
            TaskManagerApi(api_client).get_task("t", 1)


@pytest.mark.parametrize(
    "written", ["never", "2026-01-01T00:00:00+99:99", "2026-01-01 00:00:00 -24:00", "2026-01-01 00:00 XYZ"]
)
def test_an_invalid_time_is_refused_with_a_readable_message(written: str) -> None:
    with (
        serving(answer({**TASK, "createdAt": written})) as server,
        ApiClient(Configuration(server.url)) as api_client,
        pytest.raises(ApiResponseError, match="createdAt: Input should be a valid datetime"),
    ):
        TaskManagerApi(api_client).get_task("t", 1)
    with pytest.raises(ApiValueError, match=r"^TaskTreeSchema: createdAt: Input should be a valid datetime[^;]*$"):
        TaskTreeSchema.from_dict({**TASK, "createdAt": written})


@pytest.mark.parametrize(
    ("parameter", "value", "message"),
    [
        (Query("q", StrictInt), "1", "q: expected an int, got the str '1' (call)"),
        (Query("q", StrictInt), None, "q: expected an int, got None (call)"),
        (Query("q", StrictInt), [1], "q: expected an int, got a list (call)"),
        (Query("token", StrictInt), "hunter22", "token: expected an int, got a str (call)"),
        (Query("q", StrictInt, ge=1), 0, "q: expected 1 or more, got 0 (call)"),
        (Query("q", StrictInt, le=5), 6, "q: expected 5 or less, got 6 (call)"),
        (Query("q", DateTime), "12", "q: expected a valid datetime, such as 2026-01-31T12:00:00Z, got '12' (call)"),
        (Query("q", DateTime), 12, "q: expected a valid datetime, got the int 12 (call)"),
        (
            Query("q", FullDate),
            "1735689600",
            "q: expected a valid date, such as 2026-01-31, got '1735689600' (call)",
        ),
        (Query("q", StrictInt), "x" * 500, f"q: expected an int, got the str '{'x' * 79}… (call)"),
        (Query("q", StrictInt), "\x1b[31m\n", r"q: expected an int, got the str '\x1b[31m\n' (call)"),
        (
            Body("b", lambda: LoginSchema),
            "hunter22",
            "b: expected a LoginSchema or a dict of its fields, got a str (call)",
        ),
        (
            Body("b", lambda: LoginSchema),
            {"email": 1, "password": 2},
            "b.email: expected a str, got the int 1; b.password: expected a str, got an int (call)",
        ),
        (Body("b", lambda: list[LoginSchema]), [{"email": "e"}], "b.0.password: missing (call)"),
        (
            Body("b", lambda: CreatePublicIpSchema),
            {"vpc": "v", "address": "a"},
            "b.vpc_name: missing; 'vpc' is not one of its fields, did you mean 'vpc_name'? (call)",
        ),
        (
            Body("b", lambda: CreatePublicIpSchema),
            {"vpc": "v"},
            "b.vpc_name: missing; b.address: missing; 'vpc' is not one of its fields, did you mean 'vpc_name'? (call)",
        ),
        (
            Body("b", lambda: CreatePublicIpSchema),
            {"vpcName": "v", "address": "a", "zzz": 1},
            "b: 'zzz' is not one of its fields, which are vpc_name, address (call)",
        ),
        pytest.param(Query("q", StrictInt, le=5), 10**5000, "q: expected 5 or less, got an int (call)", id="huge"),
        pytest.param(Query("q", StrictInt), Unshown(), "q: expected an int, got a Unshown (call)", id="no repr"),
    ],
)
def test_a_wrong_argument_is_named_as_the_caller_wrote_it_with_its_value(
    send: Send, parameter: Any, value: Any, message: str
) -> None:
    with pytest.raises((ApiTypeError, ApiValueError)) as caught:
        send(parameter, value)
    assert str(caught.value) == message
    assert caught.value.__context__ is None


@pytest.mark.parametrize("name", ["n" * 10**6, 10**5000, b"n" * 10**6], ids=type)
@pytest.mark.parametrize("others", [{}, {"email": "e", "password": "p"}, {str(n): n for n in range(1000)}], ids=len)
def test_a_message_about_unknown_fields_stays_short(send: Send, name: Any, others: Any) -> None:
    with pytest.raises(ApiValueError, match="is not one of its fields, which are email, password") as caught:
        send(Body("b", lambda: LoginSchema), {**others, name: 1})
    assert len(str(caught.value)) < 1000


def test_a_secret_text_is_sent_unchanged_and_never_shown(send: Send) -> None:
    sent = send(Query("q", Any), SecretStr("hunter22-secret"))
    assert sent.target == "/x?q=hunter22-secret"
    with (
        pytest.raises(ApiConnectionError) as caught,
        ApiClient(Configuration("http://127.0.0.1:1", retries=0)) as client,
    ):
        client.request("GET", "/x", query={"q": SecretStr("hunter22-secret")})
    assert "hunter22" not in str(caught.value)
    with (
        pytest.raises(ApiConnectionError) as caught,
        ApiClient(Configuration("http://127.0.0.1:1", retries=0)) as client,
    ):
        client.request("GET", "/x", query={"q": [SecretStr("hunter22-secret")]})
    assert "hunter22" not in str(caught.value)


@pytest.mark.parametrize(("name", "value"), [("id", SecretStr("hunter22/secret")), ("token", "hunter22/secret")])
def test_a_secret_in_a_path_is_sent_unchanged_and_never_shown(name: str, value: Any) -> None:
    operation = Operation("call", "GET", f"/x/{{{name}}}/y/{{other}}", Path(name, Any), Path("other", str))
    urls: list[str] = []
    configuration = Configuration("http://127.0.0.1:1", retries=0)
    configuration.event_hooks = {"request": [lambda event: urls.append(event.url)]}
    with pytest.raises(ApiConnectionError) as caught, ApiClient(configuration) as client:
        client.perform(operation, {}, value, "z")
    assert urls == [caught.value.url] == ["http://127.0.0.1:1/x/***/y/z"]
    assert "hunter22" not in str(caught.value)
