"""schemathesis, which makes requests up from the contract, finds no server error and no answer outside of it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import content_type_conformance, response_schema_conformance

if TYPE_CHECKING:
    from conftest import SignedIn

CONTRACT = schemathesis.openapi.from_path(Path(__file__).parents[3] / "openapi.json")
CHECKS = [not_a_server_error, content_type_conformance, response_schema_conformance]
# The contract documents what succeeds and 422; of errors such as these it says nothing, and so does the service's.
NOT_IN_THE_CONTRACT = {401, 404, 409}
# Nobody makes these up by chance; without them most of what is found would be "there is no such account".
REAL = {"client_id": 1, "vpc_name": "vpc-main"}
# Need an account, an address or an id that exists, none of which is made up by chance.
NEVER_SUCCEED = {"sign_in", "sign_up", "refresh_token", "deallocate_public_ip", "get_task"}


def statuses_of(operation: Any, mode: schemathesis.GenerationMode, signed_in: SignedIn) -> set[int]:
    """Try the operation with what schemathesis makes up, and check each answer. Gives the statuses seen."""
    definition = operation.definition.raw
    documented = {int(status) for status in definition["responses"]}
    names = {parameter["name"] for parameter in definition.get("parameters", ())}
    headers = {"Authorization": f"Bearer {signed_in.authorization.access_token}"}
    seen: set[int] = set()
    if mode is schemathesis.GenerationMode.NEGATIVE and not names and "requestBody" not in definition:
        return seen

    @settings(
        max_examples=15,
        derandomize=True,
        database=None,
        deadline=None,
        phases=[Phase.explicit, Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(case=operation.as_strategy(generation_mode=mode), real=st.booleans(), last=st.integers(0, 255))
    def holds(case: schemathesis.Case, real: bool, last: int) -> None:
        if real:
            case.query = {**(case.query or {}), **{name: REAL[name] for name in names & REAL.keys()}}
            if isinstance(case.body, dict) and "vpcName" in case.body:
                case.body = {"vpcName": REAL["vpc_name"], "address": f"10.0.0.{last}"}
        response = case.call(base_url=signed_in.sandbox.url, headers=headers)
        case.validate_response(response, checks=CHECKS)
        assert response.status_code in documented | NOT_IN_THE_CONTRACT
        seen.add(response.status_code)

    holds()
    return seen


@pytest.mark.parametrize("mode", list(schemathesis.GenerationMode), ids=lambda mode: mode.value)
def test_every_response_conforms_to_the_contract(signed_in: SignedIn, mode: schemathesis.GenerationMode) -> None:
    operations = [result.ok() for result in CONTRACT.get_all_operations()]
    assert len(operations) >= 13
    seen = {each.definition.raw["operationId"]: statuses_of(each, mode, signed_in) for each in operations}
    # Or else it would be refusals alone that were found to be in order.
    if mode is schemathesis.GenerationMode.POSITIVE:
        assert {name for name, statuses in seen.items() if statuses & {200, 201, 202}} >= seen.keys() - NEVER_SUCCEED
    else:
        assert sum(422 in statuses for statuses in seen.values()) >= 8
