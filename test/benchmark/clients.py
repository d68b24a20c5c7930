"""The contestants: the same three calls by hand, with this SDK, and with other installed libraries."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import datetime
from typing import Any

EMAIL, PASSWORD, TOKEN = "me@example.com", "correct horse battery staple", "a" * 200
CALLS = ("info", "sign_in", "list_tasks")

Calls = dict[str, Callable[[], Any]]


def by_hand(url: str) -> Calls:
    """Code that one would write by hand: urllib3's PoolManager and pydantic's validate_json."""
    import urllib3
    from pydantic import BaseModel, Field

    class UserInfo(BaseModel):
        email: str
        nickname: str

    class Authorization(BaseModel):
        access_token: str = Field(alias="accessToken")
        refresh_token: str | None = Field(None, alias="refreshToken")
        type: str
        expires_at: datetime = Field(alias="expiresAt")

    class Task(BaseModel):
        id: str
        status: str
        action: str | None = None
        result: Any = None
        correlation_id: str | None = Field(None, alias="correlationId")
        client_id: int | None = Field(None, alias="clientId")
        email: str | None = None
        error: str | None = None
        created_at: datetime = Field(alias="createdAt")
        updated_at: datetime = Field(alias="updatedAt")

    class TaskTree(Task):
        percentage_complete: int | None = Field(0, alias="percentageComplete")
        sub_tasks: list[Task] | None = Field(None, alias="subTasks")

    class Page(BaseModel):
        items: list[TaskTree]
        total: int
        page: int
        size: int
        pages: int

    pool = urllib3.PoolManager()
    headers = {"Authorization": f"Bearer {TOKEN}"}

    def info() -> UserInfo:
        answer = pool.request("GET", f"{url}/api/auth/info", headers=headers)
        return UserInfo.model_validate_json(answer.data)

    def sign_in() -> Authorization:
        body = json.dumps({"email": EMAIL, "password": PASSWORD})
        answer = pool.request(
            "POST", f"{url}/api/auth/sign-in", body=body, headers={"Content-Type": "application/json"}
        )
        return Authorization.model_validate_json(answer.data)

    def list_tasks(page: int = 1) -> Page:
        fields = {"client_id": "7", "page": str(page), "size": "100"}
        answer = pool.request("GET", f"{url}/api/task/", fields=fields, headers=headers)
        return Page.model_validate_json(answer.data)

    return {"info": info, "sign_in": sign_in, "list_tasks": list_tasks}


def gravscale(url: str) -> Calls:
    """This SDK, with all its features on."""
    import gravscale

    client = gravscale.ApiClient(gravscale.Configuration(host=url, access_token=TOKEN))
    auth, tasks = gravscale.AuthenticationApi(client), gravscale.TaskManagerApi(client)
    return {
        "info": auth.info,
        "sign_in": lambda: auth.sign_in(gravscale.LoginSchema(email=EMAIL, password=PASSWORD)),
        "list_tasks": lambda: tasks.list_tasks(7, page=1, size=100),
    }


def generated(url: str) -> Calls:
    """openapi-generator's own client for the same contract. `generate_peer` generates it."""
    import peer

    configuration = peer.Configuration(host=url, access_token=TOKEN)
    client = peer.ApiClient(configuration)
    auth, tasks = peer.AuthenticationApi(client), peer.TaskManagerApi(client)
    return {
        "info": auth.info,
        "sign_in": lambda: auth.sign_in(peer.LoginSchema(email=EMAIL, password=PASSWORD)),
        "list_tasks": lambda: tasks.list_tasks(7, page=1, size=100),
    }


def _json_clients(url: str, get: Callable[..., Any], post: Callable[..., Any]) -> Calls:
    from gravscale import AuthorizationSchema, PageTaskTreeSchema, UserInfoSchema

    headers = {"Authorization": f"Bearer {TOKEN}"}
    login = {"email": EMAIL, "password": PASSWORD}
    query = {"client_id": 7, "page": 1, "size": 100}
    return {
        "info": lambda: UserInfoSchema.model_validate(get(f"{url}/api/auth/info", headers=headers).json()),
        "sign_in": lambda: AuthorizationSchema.model_validate(post(f"{url}/api/auth/sign-in", json=login).json()),
        "list_tasks": lambda: PageTaskTreeSchema.model_validate(
            get(f"{url}/api/task/", params=query, headers=headers).json()
        ),
    }


def with_requests(url: str) -> Calls:
    """requests, used by hand, with a session and the same models."""
    import requests

    session = requests.Session()
    return _json_clients(url, session.get, session.post)


def with_httpx(url: str) -> Calls:
    """httpx, used by hand, with a client and the same models."""
    import httpx

    client = httpx.Client()
    return _json_clients(url, client.get, client.post)


CONTESTANTS: dict[str, Callable[[str], Calls]] = {
    "by hand": by_hand,
    "gravscale": gravscale,
    "openapi-generator": generated,
    "requests": with_requests,
    "httpx": with_httpx,
}

# Whole programs: one only imports, the other runs until its first answer.
IMPORTS = {
    "by hand": "import urllib3; from pydantic import BaseModel",
    "gravscale": "import gravscale",
    "openapi-generator": "import peer",
    "requests": "import requests; from pydantic import BaseModel",
    "httpx": "import httpx; from pydantic import BaseModel",
}
_USER_INFO = "class UserInfo(BaseModel):\n    email: str\n    nickname: str\n"
_HEADERS = "headers={'Authorization': 'Bearer t'}"
FIRST_ANSWERS = {
    "by hand": f"{IMPORTS['by hand']}\n{_USER_INFO}"
    f"answer = urllib3.PoolManager().request('GET', '{{url}}/api/auth/info', {_HEADERS})\n"
    "UserInfo.model_validate_json(answer.data)",
    "gravscale": "import gravscale\n"
    "with gravscale.ApiClient(gravscale.Configuration(host='{url}', access_token='t')) as api_client:\n"
    "    gravscale.AuthenticationApi(api_client).info()",
    "openapi-generator": "import peer\n"
    "with peer.ApiClient(peer.Configuration(host='{url}', access_token='t')) as api_client:\n"
    "    peer.AuthenticationApi(api_client).info()",
    "requests": f"{IMPORTS['requests']}\n{_USER_INFO}"
    f"UserInfo.model_validate(requests.get('{{url}}/api/auth/info', {_HEADERS}).json())",
    "httpx": f"{IMPORTS['httpx']}\n{_USER_INFO}"
    f"UserInfo.model_validate(httpx.get('{{url}}/api/auth/info', {_HEADERS}).json())",
}
