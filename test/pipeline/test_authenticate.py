"""The step that shows who calls: where credentials go, and what a 401 leads to."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from steps import Next, answer_of, call_of

from gravscale import ApiTypeError, ApiValueError
from gravscale.contract import SECURITY_SCHEMES
from gravscale.pipeline.authenticate import Authenticate
from gravscale.pipeline.call import Call
from gravscale.schema.operation import Operation

SECURED = Operation[Any]("info", "GET", "/x", security=("HTTPBearer",))
OPEN = Operation[Any]("sign_in", "GET", "/x")


class Tokens:
    """Credentials that give the first token, and another of the list each time when one is rejected."""

    def __init__(self, *tokens: str | None) -> None:
        self._tokens = list(tokens)
        self.rejected: list[str] = []
        self.clients: set[Any] = set()

    def access_token(self, api_client: Any, /) -> str | None:
        self.clients.add(api_client)
        return self._tokens[0]

    def renew(self, api_client: Any, rejected: str, /) -> str | None:
        self.clients.add(api_client)
        self.rejected.append(rejected)
        self._tokens.pop(0)
        return self._tokens[0]


def test_the_token_goes_with_an_operation_that_wants_one_and_with_no_other() -> None:
    step = Next(answer_of(), answer_of())
    Authenticate(step)(call_of(operation=SECURED, access_token="a"))
    Authenticate(step)(call_of(operation=OPEN, access_token="a"))
    assert step.tokens == ["Bearer a", None]


def test_an_operation_that_wants_no_token_asks_for_none_even_if_it_is_refused() -> None:
    credentials, step = Tokens("a", "b"), Next(answer_of(401))
    assert Authenticate(step)(call_of(operation=OPEN, credentials=credentials)).status == 401
    assert (step.tokens, credentials.clients) == ([None], set())


def test_an_operation_that_wants_credentials_is_told_from_one_that_has_them() -> None:
    without, with_token = call_of(operation=SECURED), call_of(operation=SECURED, access_token="a")
    for call in (without, with_token):
        Authenticate(Next(answer_of()))(call)
    assert (without.is_anonymous, with_token.is_anonymous) == (True, False)


def test_a_call_outside_the_contract_gets_no_credentials() -> None:
    call, step = call_of(access_token="a"), Next(answer_of())
    Authenticate(step)(call)
    assert (step.tokens, call.is_anonymous) == ([None], False)


KEY: Any = {"type": "api_key", "in": "header", "key": "X-Key"}
OAUTH: Any = {"type": "oauth2", "in": "header", "key": "Authorization"}


@pytest.fixture
def both(monkeypatch: pytest.MonkeyPatch) -> Operation[Any]:
    """An operation that takes a token and a key."""
    monkeypatch.setitem(SECURITY_SCHEMES, "OAuth", OAUTH)
    monkeypatch.setitem(SECURITY_SCHEMES, "Key", KEY)
    return Operation[Any]("both", "GET", "/x", security=("OAuth", "Key"))


@pytest.mark.parametrize("token", [None, "a"])
@pytest.mark.parametrize("key", [None, "k"])
def test_every_kind_of_credentials_that_there_is_goes_with_a_call(
    both: Operation[Any], token: str | None, key: str | None
) -> None:
    call, step = call_of(operation=both, access_token=token, api_key={"Key": key} if key else None), Next(answer_of())
    Authenticate(step)(call)
    _, _, headers, _ = step.requests[0]
    assert headers.get("Authorization") == (token and f"Bearer {token}")
    assert headers.get("X-Key") == key
    assert call.is_anonymous == (token is None and key is None)


def test_a_header_that_the_caller_set_replaces_only_its_own_kind_of_credentials(both: Operation[Any]) -> None:
    call = call_of(operation=both, access_token="a", api_key={"Key": "k"})
    call.request.headers["authorization"] = "Own o"
    step = Next(answer_of(401))
    assert Authenticate(step)(call).status == 401
    _, _, headers, _ = step.requests[0]
    assert (headers["authorization"], headers["X-Key"], "Authorization" in headers) == ("Own o", "k", False)
    alone = call_of(operation=SECURED)
    alone.request.headers["authorization"] = "Own o"
    Authenticate(Next(answer_of()))(alone)
    assert alone.is_anonymous is False


def test_credentials_of_the_call_alone_go_instead() -> None:
    step = Next(answer_of(401))
    auth = {"in": "header", "key": "Authorization", "value": "Basic b"}
    answer = Authenticate(step)(call_of(operation=SECURED, credentials=Tokens("a", "c"), auth=auth))
    assert (answer.status, step.tokens) == (401, ["Basic b"])


def test_a_rejected_token_is_renewed_once_and_the_call_repeated() -> None:
    credentials, step = Tokens("old", "new"), Next(answer_of(401), answer_of())
    call = call_of(operation=SECURED, credentials=credentials)
    assert Authenticate(step)(call).status == 200
    assert (step.tokens, credentials.rejected) == (["Bearer old", "Bearer new"], ["old"])
    assert credentials.clients == {call.client}


def test_a_token_for_oauth_is_renewed_too(both: Operation[Any]) -> None:
    step = Next(answer_of(401), answer_of())
    assert Authenticate(step)(call_of(operation=both, credentials=Tokens("old", "new"))).status == 200
    assert step.tokens == ["Bearer old", "Bearer new"]


def test_a_renewal_that_fails_closes_the_refused_answer() -> None:
    refused = answer_of(401)
    with pytest.raises(ApiTypeError, match=r"^credentials: expected a token, a str, got int$"):
        Authenticate(Next(refused))(call_of(operation=SECURED, credentials=Tokens("old", 7)))  # type: ignore[arg-type]
    assert refused.closed


class Meanwhile(Tokens):
    """Credentials during whose renewal something else happens."""

    def __init__(self, *tokens: str | None, happens: Callable[[], object]) -> None:
        super().__init__(*tokens)
        self._happens = happens

    def renew(self, api_client: Any, rejected: str, /) -> str | None:
        self._happens()
        return super().renew(api_client, rejected)


@pytest.mark.parametrize(("status", "is_accepted"), [(399, True), (400, False), (401, False)])
@pytest.mark.parametrize("is_gone", [False, True])
def test_a_new_token_is_tried_again_only_if_another_call_was_accepted_meanwhile(
    status: int, is_accepted: bool, is_gone: bool
) -> None:
    step = Next(answer_of(401), answer_of(status), answer_of(401), answer_of())
    authenticate = Authenticate(step)

    def another_call() -> None:
        authenticate(call_of(operation=SECURED, access_token="b"))
        if is_gone:
            call.client.configuration.credentials = None

    call: Call = call_of(operation=SECURED, credentials=Meanwhile("old", "new", happens=another_call))
    answer = authenticate(call)
    assert answer.status == (200 if is_accepted else 401)
    assert step.tokens == ["Bearer old", "Bearer b", "Bearer new", *["Bearer new"] * is_accepted]


def test_a_token_that_can_not_be_asked_for_once_more_closes_the_refused_answer() -> None:
    refused = answer_of(401)
    authenticate = Authenticate(Next(answer_of(401), answer_of(), refused))

    def another_call() -> None:
        authenticate(call_of(operation=SECURED, access_token="b"))
        call.client.configuration.credentials = Tokens(7)  # type: ignore[arg-type]

    call: Call = call_of(operation=SECURED, credentials=Meanwhile("old", "new", happens=another_call))
    with pytest.raises(ApiTypeError, match=r"^credentials: expected a token, a str, got int$"):
        authenticate(call)
    assert refused.closed


@pytest.mark.parametrize("renewed", [None, "", "old"])
def test_without_another_token_the_401_is_the_answer(renewed: str | None) -> None:
    step = Next(answer_of(401))
    answer = Authenticate(step)(call_of(operation=SECURED, credentials=Tokens("old", renewed)))
    assert (answer.status, step.tokens) == (401, ["Bearer old"])


def test_a_401_to_the_new_token_is_the_answer() -> None:
    step = Next(answer_of(401), answer_of(401))
    assert Authenticate(step)(call_of(operation=SECURED, credentials=Tokens("old", "new"))).status == 401
    assert step.tokens == ["Bearer old", "Bearer new"]


def test_a_token_that_is_not_renewable_is_sent_once() -> None:
    step = Next(answer_of(401))
    assert Authenticate(step)(call_of(operation=SECURED, access_token="a")).status == 401
    assert step.tokens == ["Bearer a"]


def test_a_callable_is_asked_for_each_call() -> None:
    step, tokens = Next(answer_of(), answer_of()), iter("ab")
    for _ in range(2):
        Authenticate(step)(call_of(operation=SECURED, access_token=lambda: next(tokens)))
    assert step.tokens == ["Bearer a", "Bearer b"]
    step, tokens = Next(answer_of(401), answer_of()), iter("ab")
    assert Authenticate(step)(call_of(operation=SECURED, access_token=lambda: next(tokens))).status == 200
    assert step.tokens == ["Bearer a", "Bearer b"]


@pytest.mark.parametrize(
    ("token", "error", "got"),
    [
        (7, ApiTypeError, "a str, got int"),
        (None, ApiTypeError, "a str, got NoneType"),
        ("", ApiValueError, "got one that is empty or has white space around it"),
        (" a", ApiValueError, "got one that is empty or has white space around it"),
    ],
)
def test_what_is_no_token_is_refused_by_its_source_and_nothing_is_sent(
    token: Any, error: type[Exception], got: str
) -> None:
    step = Next()
    with pytest.raises(error, match=f"^access_token: expected a token, {got}$"):
        Authenticate(step)(call_of(operation=SECURED, access_token=lambda: token))
    with pytest.raises(error, match=f"^credentials: expected a token, {got}$"):
        Authenticate(step)(call_of(operation=SECURED, credentials=Tokens(token)))
    assert step.requests == []
