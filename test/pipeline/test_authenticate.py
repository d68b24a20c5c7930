"""The step that shows who calls: where credentials go, and what a 401 leads to."""

from __future__ import annotations

from typing import Any

import pytest
from steps import Next, answer_of, call_of

from gravscale import ApiTypeError, ApiValueError
from gravscale.pipeline.authenticate import Authenticate
from gravscale.schema.operation import Operation

SECURED = Operation[Any]("info", "GET", "/x", security=("HTTPBearer",))
OPEN = Operation[Any]("sign_in", "GET", "/x")


class Tokens:
    """Credentials that give the first token, and another of the list each time when one is rejected."""

    def __init__(self, *tokens: str | None) -> None:
        self._tokens = list(tokens)
        self.rejected: list[str] = []

    def access_token(self, api_client: Any, /) -> str | None:
        return self._tokens[0]

    def renew(self, api_client: Any, rejected: str, /) -> str | None:
        self.rejected.append(rejected)
        self._tokens.pop(0)
        return self._tokens[0]


def test_the_token_goes_with_an_operation_that_wants_one_and_with_no_other() -> None:
    step = Next(answer_of(), answer_of())
    Authenticate(step)(call_of(operation=SECURED, access_token="a"))
    Authenticate(step)(call_of(operation=OPEN, access_token="a"))
    assert step.tokens == ["Bearer a", None]


def test_an_operation_that_wants_credentials_is_told_from_one_that_has_them() -> None:
    without, with_token = call_of(operation=SECURED), call_of(operation=SECURED, access_token="a")
    for call in (without, with_token):
        Authenticate(Next(answer_of()))(call)
    assert (without.is_anonymous, with_token.is_anonymous) == (True, False)


def test_credentials_of_the_call_alone_go_instead() -> None:
    step = Next(answer_of(401))
    auth = {"in": "header", "key": "Authorization", "value": "Basic b"}
    answer = Authenticate(step)(call_of(operation=SECURED, credentials=Tokens("a", "c"), auth=auth))
    assert (answer.status, step.tokens) == (401, ["Basic b"])


def test_a_rejected_token_is_renewed_once_and_the_call_repeated() -> None:
    credentials, step = Tokens("old", "new"), Next(answer_of(401), answer_of())
    answer = Authenticate(step)(call_of(operation=SECURED, credentials=credentials))
    assert answer.status == 200
    assert (step.tokens, credentials.rejected) == (["Bearer old", "Bearer new"], ["old"])


@pytest.mark.parametrize("renewed", [None, "old"])
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


@pytest.mark.parametrize(
    ("token", "error"), [(7, ApiTypeError), (None, ApiTypeError), ("", ApiValueError), (" a", ApiValueError)]
)
def test_what_is_no_token_is_refused_by_its_source_and_nothing_is_sent(token: Any, error: type[Exception]) -> None:
    step = Next()
    with pytest.raises(error, match=r"^access_token: expected a token"):
        Authenticate(step)(call_of(operation=SECURED, access_token=lambda: token))
    with pytest.raises(error, match=r"^credentials: expected a token"):
        Authenticate(step)(call_of(operation=SECURED, credentials=Tokens(token)))
    assert step.requests == []
