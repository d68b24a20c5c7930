"""The bodies of requests and responses, as the contract defines them."""

from __future__ import annotations

from datetime import datetime
from typing import Any, ClassVar, Generic, TypeVar

from pydantic import BaseModel, ConfigDict, Field
from pydantic.alias_generators import to_camel

T = TypeVar("T")


class Schema(BaseModel):
    """Base class of the schemas. Python's names here become the contract's names on the wire."""

    model_config: ClassVar[ConfigDict] = ConfigDict(
        alias_generator=to_camel, populate_by_name=True, from_attributes=True, use_attribute_docstrings=True
    )


class LoginSchema(Schema):
    """An e-mail address and a password."""

    email: str
    """E-mail address of the account."""
    password: str = Field(repr=False)
    """Password of the account."""


class AuthorizationSchema(Schema):
    """An access token, and what is needed to renew it."""

    access_token: str = Field(repr=False)
    """Bearer token to send with each call."""
    refresh_token: str | None = Field(default=None, repr=False)
    """Token to exchange for the next access token."""
    type: str
    """Type of the access token: Bearer."""
    expires_at: datetime
    """When the access token expires (ISO 8601)."""


class UserInfoSchema(Schema):
    """The user that an access token belongs to."""

    email: str
    """E-mail address of the user."""
    nickname: str
    """Name to show for the user."""


# The contract has two schemas named AccountSchema and two named VpcSchema. FastAPI distinguishes such schemas by their
# modules. These classes have the resulting names.


class app__modules__authentication__schema__AccountSchema(Schema):
    """An account that was just registered."""

    account_id: str
    """Id of the account."""
    email: str
    """E-mail address of the account."""
    nickname: str
    """Name to show for the account."""
    picture: str
    """URL of the account's picture."""


class app__modules__account__schema__AccountSchema(Schema):
    """An account that you may act for."""

    uuid: str
    """Unique id of the account."""
    client_id: int
    """Client id, which most operations ask for."""
    client_status: str
    """Status of the account."""


class app__modules__network__schema__VpcSchema(Schema):
    """The VPC that an address belongs to."""

    name: str
    """Name of the VPC."""


class GroupSchema(Schema):
    """A group of tenants."""

    name: str
    """Name of the group."""


class TenantSchema(Schema):
    """The tenant of a VPC."""

    name: str
    """Name of the tenant."""
    group: GroupSchema
    """Group that the tenant belongs to."""


class app__modules__vpc__schema__VpcSchema(Schema):
    """A virtual private cloud (VPC)."""

    name: str
    """Name of the VPC."""
    tenant: TenantSchema
    """Tenant that the VPC belongs to."""


class IpSchema(Schema):
    """An IP address."""

    address: str
    """The IP address."""


class PublicIpSchema(Schema):
    """An address in a VPC, and its public IPs."""

    address: str
    """IP address within the VPC."""
    vpc: app__modules__network__schema__VpcSchema
    """VPC that the address belongs to."""
    public_ip: list[IpSchema]
    """Public IPs by which the address can be reached."""


class CreatePublicIpSchema(Schema):
    """The address to allocate a public IP to."""

    vpc_name: str
    """Name of the VPC, as list_vpc returns it."""
    address: str
    """IP address within the VPC that gets the public IP."""


class TaskSchema(Schema):
    """A step of a task."""

    id: str
    """Id of the task."""
    status: str
    """State of the task: pending or running, and finally completed or failed."""
    action: str | None = None
    """What the task does, such as public_ip.allocate."""
    result: Any = None
    """What the task produced, once it has completed."""
    correlation_id: str | None = None
    """Id that belongs to all tasks of one request."""
    client_id: int | None = None
    """Client id of the account that the task belongs to."""
    email: str | None = None
    """E-mail address of the user who started the task."""
    error: str | None = None
    """Why the task failed."""
    created_at: datetime
    """When the task was created (ISO 8601)."""
    updated_at: datetime
    """When the task last changed (ISO 8601)."""


class TaskTreeSchema(TaskSchema):
    """A task with its sub-tasks."""

    percentage_complete: int = 0
    """Progress in percent, 0 to 100."""
    sub_tasks: list[TaskSchema] | None = None
    """The steps of the task."""


class Page(BaseModel, Generic[T]):
    """A page of a list."""

    model_config: ClassVar[ConfigDict] = ConfigDict(use_attribute_docstrings=True)

    items: list[T]
    """Items on this page."""
    total: int | None = Field(default=None, ge=0)
    """Number of items on all pages."""
    page: int | None = Field(default=None, ge=1)
    """Number of this page, counted from 1."""
    size: int | None = Field(default=None, ge=1)
    """Number of items asked for per page."""
    pages: int | None = Field(default=None, ge=0)
    """Number of pages."""


class Page_AccountSchema_(Page[app__modules__account__schema__AccountSchema]):
    """A page of a list of accounts."""


class Page_VpcSchema_(Page[app__modules__vpc__schema__VpcSchema]):
    """A page of a list of VPCs."""


class Page_PublicIpSchema_(Page[PublicIpSchema]):
    """A page of a list of public IPs."""


class Page_TaskTreeSchema_(Page[TaskTreeSchema]):
    """A page of a list of tasks."""


class ValidationError(BaseModel):
    """A fault in one part of a request."""

    # Without the invalid input, which may be a password.
    model_config: ClassVar[ConfigDict] = ConfigDict(use_attribute_docstrings=True)

    loc: list[str | int]
    """Where the fault is, such as body and the name of a field."""
    msg: str
    """What is wrong, for people to read."""
    type: str
    """Kind of the fault, for programs to read."""


class HTTPValidationError(BaseModel):
    """What is wrong with a request (422)."""

    model_config: ClassVar[ConfigDict] = ConfigDict(use_attribute_docstrings=True)

    detail: list[ValidationError] = Field(default_factory=list[ValidationError])
    """One entry for each fault."""
