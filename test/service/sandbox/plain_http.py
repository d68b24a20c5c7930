"""HTTP as any client would use it: urllib3 and JSON, without the SDK."""

from __future__ import annotations

import json
import time
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar
from urllib.parse import urlencode

import urllib3

T = TypeVar("T")

PASSWORD = "correct horse battery staple"


@dataclass
class Answer:
    """An answer with its parsed body."""

    status: int
    headers: urllib3.HTTPHeaderDict
    text: str

    @property
    def body(self) -> Any:
        return json.loads(self.text)


class Client:
    """A client of one sandbox."""

    def __init__(self, url: str) -> None:
        self.url = url
        self._pool = urllib3.PoolManager(retries=False, timeout=20.0)

    def call(
        self,
        method: str,
        path: str,
        query: dict[str, str | int] | None = None,
        *,
        token: str | None = None,
        content: object = None,
        raw: bytes | None = None,
        headers: dict[str, str] | None = None,
    ) -> Answer:
        """Send a request.

        Args:
            method: the HTTP method.
            path: the path.
            query: the query's fields.
            token: an access token.
            content: a body to be sent as JSON.
            raw: a body to be sent as it is, as JSON.
            headers: more headers.
        """
        url = self.url + path
        if query:
            url += "?" + urlencode(query)
        sent = dict(headers or {})
        if token is not None:
            sent["Authorization"] = f"Bearer {token}"
        if content is not None:
            raw = json.dumps(content).encode()
        if raw is not None:
            sent["Content-Type"] = "application/json"
        response = self._pool.request(method, url, body=raw, headers=sent)
        return Answer(response.status, response.headers, response.data.decode())

    def close(self) -> None:
        self._pool.clear()

    def new_user(self, *, email: str | None = None) -> User:
        """Sign up and sign in."""
        login = {"email": email or f"{uuid.uuid4().hex}@example.com", "password": PASSWORD}
        assert self.call("POST", "/api/auth/sign-up", content=login).status == 201
        return self.sign_in(login["email"])

    def sign_in(self, email: str) -> User:
        answer = self.call("POST", "/api/auth/sign-in", content={"email": email, "password": PASSWORD})
        assert answer.status == 200, answer
        token = answer.body["accessToken"]
        accounts = self.call("GET", "/api/account/all", token=token).body["items"]
        return User(self, email, token, answer.body["refreshToken"], accounts[0]["clientId"])


@dataclass
class User:
    """A user who is signed in."""

    client: Client
    email: str
    token: str
    refresh_token: str
    client_id: int

    def call(
        self, method: str, path: str, query: dict[str, str | int] | None = None, *, content: object = None
    ) -> Answer:
        """Send a request as this user, for their account unless the query says otherwise."""
        fields = {"client_id": self.client_id, **(query or {})}
        return self.client.call(method, path, fields, token=self.token, content=content)

    def allocate(self, address: str, vpc_name: str = "vpc-main") -> Answer:
        return self.call("POST", "/api/network/public-ip", content={"vpcName": vpc_name, "address": address})

    def release(self, address: str) -> Answer:
        return self.call("DELETE", "/api/network/public-ip", {"address": address})

    def public_ips(self, vpc_name: str = "vpc-main") -> list[Any]:
        items: list[Any] = self.call("GET", "/api/network/public-ip", {"vpc_name": vpc_name}).body["items"]
        return items

    def task(self, task_id: str) -> Any:
        answer = self.call("GET", f"/api/task/{task_id}")
        assert answer.status == 200, answer
        return answer.body


def until(look: Callable[[], T], good: Callable[[T], bool], seconds: float = 15.0) -> T:
    """Poll until the condition holds."""
    over = time.monotonic() + seconds
    while True:
        seen = look()
        if good(seen):
            return seen
        assert time.monotonic() < over, f"not within {seconds} s; last seen: {seen}"
