"""The User-Agent names the SDK, its version, Python's version, and what the user adds."""

from __future__ import annotations

import platform
import re

import pytest
from example_service import AuthenticationApi
from misbehaving import answer, serving

import gravscale

OWN = f"gravscale/{gravscale.__version__} python/{platform.python_version()}"


def sent(client: gravscale.ApiClient, **options: object) -> str:
    with serving(answer()) as server:
        client.configuration.host = server.url
        AuthenticationApi(client).info(**options)  # type: ignore[arg-type]
        return server.requests[0].headers["user-agent"]


@pytest.fixture
def client() -> gravscale.ApiClient:
    return gravscale.ApiClient(gravscale.Configuration())


def test_by_default_it_names_the_sdk_and_python(client: gravscale.ApiClient) -> None:
    with client:
        assert sent(client) == OWN
    assert re.fullmatch(r"gravscale/\d+\.\d+\.\d+\S* python/3\.\d+\.\S+", OWN)


def test_a_program_can_add_its_own_name(client: gravscale.ApiClient) -> None:
    client.user_agent += " billing/2.1"
    with client:
        assert sent(client) == f"{OWN} billing/2.1"


def test_a_program_may_replace_it_as_with_the_generated_client(client: gravscale.ApiClient) -> None:
    client.user_agent = "billing/2.1"
    with client:
        assert sent(client) == "billing/2.1"
        assert client.user_agent == "billing/2.1"


def test_the_header_of_one_call_overrides_it(client: gravscale.ApiClient) -> None:
    with client:
        assert sent(client, _headers={"user-agent": "nightly/1"}) == "nightly/1"
        assert sent(client) == OWN


def test_an_invalid_header_value_is_refused(client: gravscale.ApiClient) -> None:
    with client, pytest.raises(gravscale.ApiValueError, match="User-Agent"):
        client.user_agent += "\r\nX-Injected: 1"
    assert client.user_agent == OWN


def test_it_can_be_set_as_a_header_in_any_case(client: gravscale.ApiClient) -> None:
    client.set_default_header("user-AGENT", "billing/2.1")
    assert client.user_agent == "billing/2.1"
    client.user_agent += " nightly/1"
    with client:
        assert sent(client) == "billing/2.1 nightly/1"
    client.default_headers.clear()
    assert client.user_agent == ""
