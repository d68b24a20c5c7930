"""schemathesis, which makes requests up from the contract, finds no server error and no answer outside of it."""

from __future__ import annotations

from pathlib import Path

import schemathesis
from hypothesis import HealthCheck, Phase, settings
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import content_type_conformance, response_schema_conformance

from test.conftest import SignedIn

CONTRACT = schemathesis.openapi.from_path(Path(__file__).parents[2] / "openapi.json")


def test_no_request_leads_outside_of_the_contract(signed_in: SignedIn) -> None:
    tried = 0
    headers = {"Authorization": f"Bearer {signed_in.authorization.access_token}"}
    for result in CONTRACT.get_all_operations():
        operation = result.ok()

        @settings(
            max_examples=25,
            derandomize=True,
            database=None,
            deadline=None,
            phases=[Phase.explicit, Phase.generate],
            suppress_health_check=list(HealthCheck),
        )
        def holds(case: schemathesis.Case) -> None:
            nonlocal tried
            tried += 1
            response = case.call(base_url=signed_in.sandbox.url, headers=headers)
            checks = (not_a_server_error, content_type_conformance, response_schema_conformance)
            case.validate_response(response, checks=list(checks))

        operation.as_strategy()
        import hypothesis

        hypothesis.given(case=operation.as_strategy())(holds)()
    assert tried >= 13 * 10
