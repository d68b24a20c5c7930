"""Each operation of the example service, ready to be called."""

from __future__ import annotations

import inspect
from typing import Any, NamedTuple

import example_service

from gravscale import ApiClient
from gravscale.api_base import Api
from gravscale.schema.operation import Operation
from gravscale.schema.parameters import Body, Parameter

TIME = "2026-01-02T03:04:05Z"
TASK = {"id": "t", "status": "running", "createdAt": TIME, "updatedAt": TIME}
PAGE = {"items": [], "total": 0, "page": 1, "size": 50, "pages": 0}


class Call(NamedTuple):
    """An operation.

    Attributes:
        api: The API class that has it.
        operation: Its `Operation`.
    """

    api: type[Api]
    operation: Operation[Any]

    @property
    def name(self) -> str:
        return self.operation.name

    @property
    def parameters(self) -> tuple[Parameter, ...]:
        return self.operation.parameters

    def __call__(self, client: ApiClient, arguments: dict[str, Any], form: str = "", **options: Any) -> Any:
        """Call it in one of its three forms."""
        return getattr(self.api(client), self.name + form)(**arguments, **options)

    def arguments(self, *, email: str = "me@example.com", password: str = "password", token: str = "token") -> Any:
        """A valid argument for each of its parameters."""
        good = {
            "LoginSchema": {"email": email, "password": password},
            "CreatePublicIpSchema": {"vpc_name": "vpc", "address": "192.0.2.1"},
            "refresh_token": token,
            "client_id": 7,
            "page": 1,
            "size": 50,
            "created_at": TIME,
            "updated_at": TIME,
        }
        return {
            parameter.name: good.get(
                parameter.type_.__name__ if isinstance(parameter, Body) else parameter.name, "text"
            )
            for parameter in self.parameters
        }

    def answer(self, *, access_token: str = "access", refresh_token: str = "refresh") -> Any:
        """What the service answers to it."""
        answers = {
            "AuthorizationSchema": {
                "accessToken": access_token,
                "refreshToken": refresh_token,
                "type": "Bearer",
                "expiresAt": "2100-01-01T00:00:00Z",
            },
            "AccountSchema": {
                "accountId": "a",
                "email": "me@example.com",
                "nickname": "me",
                "picture": "p",
            },
            "ClientSchema": {"uuid": "u", "clientId": 7, "clientStatus": "active"},
            "UserInfoSchema": {"email": "me@example.com", "nickname": "me"},
            "TaskTreeSchema": TASK,
        }
        return answers.get(self.operation.answer_name, PAGE)


EVERY_CALL = [
    Call(api, operation)
    for _, api in inspect.getmembers(example_service, inspect.isclass)
    for _, operation in inspect.getmembers(api, lambda member: isinstance(member, Operation))
]
