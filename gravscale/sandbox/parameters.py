"""The dependencies of the operations: parameters, the signed-in account, and the database."""

from collections.abc import AsyncIterator
from datetime import datetime
from typing import Annotated

from fastapi import Depends, HTTPException, Path, Query, Request
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer
from pydantic.json_schema import SkipJsonSchema
from sqlalchemy.orm import Session

from gravscale.sandbox.database import Account
from gravscale.sandbox.security import bearer
from gravscale.sandbox.service import Service


async def _service(request: Request) -> Service:
    service: Service = request.app.state.service
    return service


Serving = Annotated[Service, Depends(_service)]


async def _database(service: Serving) -> AsyncIterator[Session]:
    async with service.transaction() as session:
        yield session


Database = Annotated[Session, Depends(_database, scope="function")]
Credentials = Annotated[HTTPAuthorizationCredentials | None, Depends(HTTPBearer(auto_error=False))]


async def _access_token(credentials: Credentials) -> str:
    if credentials is None:
        raise _unauthorized("no access token")
    return credentials.credentials


# The token comes first: a call without one does not wait for the database.
async def _signed_in(token: Annotated[str, Depends(_access_token)], session: Database) -> Account:
    account = bearer(session, token)
    if account is None:
        raise _unauthorized("the access token has expired or was not issued by this service")
    return account


def _unauthorized(detail: str) -> HTTPException:
    return HTTPException(401, detail, {"WWW-Authenticate": "Bearer"})


SignedIn = Annotated[Account, Depends(_signed_in)]
ClientId = Annotated[int, Query(description="Client id of the account to act for.")]
VpcName = Annotated[str, Query(description="Name of the VPC, as `list_vpc` returns it.")]
RefreshToken = Annotated[str, Query(description="Refresh token from the last sign-in or refresh.")]
TaskId = Annotated[str, Path(description="Id of the task.")]
Address = Annotated[str, Query(description="Address that has the public IP, or the public IP itself.")]
Uuid = Annotated[str | SkipJsonSchema[None], Query(description="Only the account with this uuid.")]
CorrelationId = Annotated[str | SkipJsonSchema[None], Query(description="Only tasks with exactly this correlation id.")]
Status = Annotated[
    str | SkipJsonSchema[None],
    Query(description="Only tasks with exactly this status: pending, running, completed or failed."),
]
CreatedAt = Annotated[datetime | SkipJsonSchema[None], Query(description="Only tasks created at or after this time.")]
UpdatedAt = Annotated[
    datetime | SkipJsonSchema[None], Query(description="Only tasks that last changed at or after this time.")
]
OneClientId = Annotated[int | SkipJsonSchema[None], Query(description="Only the account with this client id.")]
