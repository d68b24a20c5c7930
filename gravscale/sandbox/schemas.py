"""What travels over the wire, as the contract has it."""

from __future__ import annotations

from datetime import datetime
from typing import Any, ClassVar, Generic, TypeVar

from pydantic import BaseModel, ConfigDict, Field
from pydantic.alias_generators import to_camel

T = TypeVar("T")


class Schema(BaseModel):
    """The base: Python's names here, the contract's over the wire."""

    model_config: ClassVar[ConfigDict] = ConfigDict(
        alias_generator=to_camel, populate_by_name=True, from_attributes=True
    )


class LoginSchema(Schema):
    """An e-mail and a password."""

    email: str
    password: str = Field(repr=False)


class AuthorizationSchema(Schema):
    """An access token and how to get the next one."""

    access_token: str = Field(repr=False)
    refresh_token: str | None = Field(default=None, repr=False)
    type: str
    expires_at: datetime


class UserInfoSchema(Schema):
    """Who the bearer of a token is."""

    email: str
    nickname: str


# Two schemas of the contract have the name AccountSchema and two VpcSchema. FastAPI tells such apart by their modules;
# here the classes bear the names that come of it.


class app__modules__authentication__schema__AccountSchema(Schema):
    """What sign-up answers."""

    account_id: str
    email: str
    nickname: str
    picture: str


class app__modules__account__schema__AccountSchema(Schema):
    """An account to act for."""

    uuid: str
    client_id: int
    client_status: str


class app__modules__network__schema__VpcSchema(Schema):
    """The VPC of a public IP."""

    name: str


class GroupSchema(Schema):
    """A group of tenants."""

    name: str


class TenantSchema(Schema):
    """The tenant of a VPC."""

    name: str
    group: GroupSchema


class app__modules__vpc__schema__VpcSchema(Schema):
    """A virtual private cloud."""

    name: str
    tenant: TenantSchema


class IpSchema(Schema):
    """An address."""

    address: str


class PublicIpSchema(Schema):
    """An address of a VPC and its public IPs."""

    address: str
    vpc: app__modules__network__schema__VpcSchema
    public_ip: list[IpSchema]


class CreatePublicIpSchema(Schema):
    """Which address of which VPC is to have a public IP."""

    vpc_name: str
    address: str


class TaskSchema(Schema):
    """A task without sub-tasks."""

    id: str
    status: str
    action: str | None = None
    result: Any = None
    correlation_id: str | None = None
    client_id: int | None = None
    email: str | None = None
    error: str | None = None
    created_at: datetime
    updated_at: datetime


class TaskTreeSchema(TaskSchema):
    """A task with its sub-tasks."""

    percentage_complete: int = 0
    sub_tasks: list[TaskSchema] | None = None


class Page(BaseModel, Generic[T]):
    """A page of a list."""

    items: list[T]
    total: int | None = Field(default=None, ge=0)
    page: int | None = Field(default=None, ge=1)
    size: int | None = Field(default=None, ge=1)
    pages: int | None = Field(default=None, ge=0)


class Page_AccountSchema_(Page[app__modules__account__schema__AccountSchema]):
    """A page of accounts."""


class Page_VpcSchema_(Page[app__modules__vpc__schema__VpcSchema]):
    """A page of VPCs."""


class Page_PublicIpSchema_(Page[PublicIpSchema]):
    """A page of public IPs."""


class Page_TaskTreeSchema_(Page[TaskTreeSchema]):
    """A page of tasks."""


class ValidationError(BaseModel):
    """A field and its fault. Without the input at fault, which may be a password."""

    loc: list[str | int]
    msg: str
    type: str


class HTTPValidationError(BaseModel):
    """Everything that is wrong with a request."""

    detail: list[ValidationError] = Field(default_factory=list[ValidationError])
