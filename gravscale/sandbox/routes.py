"""The service's operations."""

import re
import uuid
from datetime import datetime, timezone
from ipaddress import ip_address
from typing import Any

from fastapi import APIRouter, HTTPException
from fastapi.exceptions import RequestValidationError
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from gravscale.sandbox import schemas
from gravscale.sandbox.addresses import next_public_address
from gravscale.sandbox.database import Account, PublicIp, Task, Vpc, as_time
from gravscale.sandbox.metals import METALS
from gravscale.sandbox.paging import Paging, page_of
from gravscale.sandbox.parameters import (
    Address,
    ClientId,
    CorrelationId,
    CreatedAt,
    Database,
    OneClientId,
    RefreshToken,
    Serving,
    SignedIn,
    Status,
    TaskId,
    UpdatedAt,
    Uuid,
    VpcName,
)
from gravscale.sandbox.security import authorize, hash_password, redeem, verify_password
from gravscale.sandbox.tasks import progress_of, start_task, tree

router: APIRouter = APIRouter()

_INVALID: dict[int | str, dict[str, Any]] = {
    422: {"model": schemas.HTTPValidationError, "description": "Validation Error"}
}


@router.post("/api/auth/sign-in", tags=["Authentication"], responses=_INVALID, operation_id="sign_in")
async def sign_in(login: schemas.LoginSchema, session: Database, service: Serving) -> schemas.AuthorizationSchema:
    """Exchange an e-mail address and a password for an access token and a refresh token.

    Answers 401 if the e-mail address is unknown or the password is wrong.
    """
    account = session.scalar(select(Account).where(Account.email == login.email.lower()))
    # Verify first, so that it takes the same time even if there is no account.
    if not verify_password(account, login.password) or account is None:
        raise HTTPException(401, "unknown e-mail or wrong password", {"WWW-Authenticate": "Bearer"})
    return authorize(session, account, service.settings.token_ttl)


@router.post("/api/auth/sign-up", status_code=201, tags=["Authentication"], responses=_INVALID, operation_id="sign_up")
async def sign_up(
    login: schemas.LoginSchema, session: Database
) -> schemas.app__modules__authentication__schema__AccountSchema:
    """Register a new client account with an e-mail address and a password.

    Answers 409 if an account with this e-mail address exists, and 422 if the e-mail address is not valid or the
    password is empty.
    """
    if not re.fullmatch(r"[^@\s\x00-\x1f]+@[^@\s\x00-\x1f]+\.[^@\s\x00-\x1f]+", login.email):
        raise _fault("email", "value is not an e-mail address")
    if not login.password:
        raise _fault("password", "value is empty")
    account = Account(uuid=str(uuid.uuid4()), email=login.email.lower(), password_hash=hash_password(login.password))
    account.vpcs = [
        Vpc(name="vpc-main", tenant="production", group="default"),
        Vpc(name="vpc-lab", tenant="laboratory", group="default"),
    ]
    session.add(account)
    try:
        session.flush()
    except IntegrityError:
        raise HTTPException(409, "an account with this e-mail address already exists") from None
    return schemas.app__modules__authentication__schema__AccountSchema(
        account_id=account.uuid,
        email=account.email,
        nickname=_nickname(account),
        picture=f"https://sandbox.invalid/pictures/{account.uuid}.png",
    )


@router.post(
    "/api/auth/refresh",
    tags=["Authentication"],
    responses=_INVALID,
    summary="Refresh Access Token",
    operation_id="refresh_token",
)
async def refresh_token(
    refresh_token: RefreshToken,
    session: Database,
    service: Serving,
) -> schemas.AuthorizationSchema:
    """Exchange a refresh token for a new access token and a new refresh token.

    Answers 401 if the refresh token has expired, was used before, or is unknown.
    """
    account = redeem(session, refresh_token)
    if account is None:
        detail = "the refresh token has expired, was used before, or was not issued by this service"
        raise HTTPException(401, detail, {"WWW-Authenticate": "Bearer"})
    return authorize(session, account, service.settings.token_ttl)


@router.get("/api/auth/info", tags=["Authentication"], summary="Authenticated User Information", operation_id="info")
async def info(account: SignedIn) -> schemas.UserInfoSchema:
    """Return the user that the access token belongs to.

    Answers 401 without a valid access token.
    """
    return schemas.UserInfoSchema(email=account.email, nickname=_nickname(account))


@router.get("/api/account/", tags=["Account"], responses=_INVALID, operation_id="get_account")
async def get_account(
    account: SignedIn,
    uuid: Uuid = None,
    client_id: OneClientId = None,
) -> schemas.app__modules__account__schema__AccountSchema:
    """Return one account, by its uuid or its client id.

    If you pass both, both have to match. Answers 401 without a valid access token, and 404 if there is no such
    account.
    """
    if uuid not in (None, account.uuid) or client_id not in (None, account.client_id):
        raise HTTPException(404, "there is no such account")
    return _account(account)


@router.get(
    "/api/account/all", tags=["Account"], responses=_INVALID, summary="List All Accounts", operation_id="list_accounts"
)
async def list_accounts(account: SignedIn, paging: Paging) -> schemas.Page_AccountSchema_:
    """List the accounts that you may act for, page by page.

    Answers 401 without a valid access token.
    """
    return page_of(schemas.Page_AccountSchema_, [_account(account)], paging)


@router.get("/api/metal/", tags=["Metal"], summary="Get Available Metals", operation_id="get_metal")
async def get_metal(account: SignedIn) -> Any:
    """List the bare metal servers on offer.

    Answers 401 without a valid access token.
    """
    return METALS


@router.get("/api/vpc/", tags=["Virtual Private Cloud"], responses=_INVALID, operation_id="list_vpc")
async def list_vpc(account: SignedIn, client_id: ClientId, paging: Paging) -> schemas.Page_VpcSchema_:
    """List the virtual private clouds (VPCs) of an account, page by page.

    Answers 401 without a valid access token, and 404 if there is no such account.
    """
    _act_for(account, client_id)
    vpcs = [
        schemas.app__modules__vpc__schema__VpcSchema(
            name=vpc.name,
            tenant=schemas.TenantSchema(name=vpc.tenant, group=schemas.GroupSchema(name=vpc.group)),
        )
        for vpc in account.vpcs
    ]
    return page_of(schemas.Page_VpcSchema_, vpcs, paging)


@router.get(
    "/api/network/public-ip",
    tags=["Network"],
    responses=_INVALID,
    summary="List Public Ips",
    operation_id="list_all_public_ips",
)
async def list_all_public_ips(
    account: SignedIn, session: Database, client_id: ClientId, vpc_name: VpcName, paging: Paging
) -> schemas.Page_PublicIpSchema_:
    """List the public IPs of a VPC, page by page.

    A public IP is listed once the task that allocates it has completed. Answers 401 without a valid access token,
    and 404 if there is no such account or VPC.
    """
    _act_for(account, client_id)
    vpc = _vpc(account, vpc_name)
    found = session.scalars(select(PublicIp).where(PublicIp.vpc_id == vpc.id, PublicIp.ready).order_by(PublicIp.id))
    ips = [
        schemas.PublicIpSchema(
            address=ip.address,
            vpc=schemas.app__modules__network__schema__VpcSchema(name=vpc.name),
            public_ip=[schemas.IpSchema(address=ip.public_address)],
        )
        for ip in found
    ]
    return page_of(schemas.Page_PublicIpSchema_, ips, paging)


@router.post(
    "/api/network/public-ip", status_code=202, tags=["Network"], responses=_INVALID, operation_id="create_public_ip"
)
async def create_public_ip(
    account: SignedIn, session: Database, service: Serving, client_id: ClientId, wanted: schemas.CreatePublicIpSchema
) -> schemas.TaskTreeSchema:
    """Start a task that allocates a public IP to an address in a VPC.

    Follow the task with `get_task` until its status is `completed` or `failed`. Answers 401 without a valid access
    token, 404 if there is no such account or VPC, 409 if the address has a public IP already or a task is
    allocating one, and 422 if the address is not an IP address.
    """
    _act_for(account, client_id)
    vpc = _vpc(account, wanted.vpc_name)
    address = _address(wanted.address, "body")
    if session.scalar(select(PublicIp).where(PublicIp.vpc_id == vpc.id, PublicIp.address == address)):
        raise HTTPException(409, f"{address} has a public IP already")
    public_ip = PublicIp(vpc=vpc, address=address, public_address=next_public_address(session))
    session.add(public_ip)
    session.flush()
    return tree(start_task(session, account, "allocate", public_ip, service.settings.task_duration))


@router.delete(
    "/api/network/public-ip",
    status_code=202,
    tags=["Network"],
    responses=_INVALID,
    operation_id="deallocate_public_ip",
)
async def deallocate_public_ip(
    account: SignedIn,
    session: Database,
    service: Serving,
    client_id: ClientId,
    address: Address,
) -> schemas.TaskTreeSchema:
    """Start a task that releases a public IP.

    Follow the task with `get_task` until its status is `completed` or `failed`. Answers 401 without a valid access
    token, 404 if there is no such account or the address has no public IP, 409 if another task for the address is
    still running, and 422 if the address is not an IP address.
    """
    _act_for(account, client_id)
    wanted = _address(address, "query")
    owned = select(PublicIp).join(Vpc).where(Vpc.client_id == account.client_id)
    named = owned.where((PublicIp.address == wanted) | (PublicIp.public_address == wanted))
    # Two VPCs may both have the address. Prefer one that is not being released already.
    public_ip = session.scalar(named.order_by(PublicIp.ready.desc(), PublicIp.id))
    if public_ip is None:
        raise HTTPException(404, f"{wanted} has no public IP")
    if not public_ip.ready:
        raise HTTPException(409, f"another task for {wanted} is still running")
    public_ip.ready = False
    return tree(start_task(session, account, "release", public_ip, service.settings.task_duration))


@router.get("/api/task/{task_id}", tags=["Task Manager"], responses=_INVALID, operation_id="get_task")
async def get_task(
    account: SignedIn,
    session: Database,
    task_id: TaskId,
    client_id: ClientId,
) -> schemas.TaskTreeSchema:
    """Return one task with its sub-tasks.

    Answers 401 without a valid access token, and 404 if there is no such account or task.
    """
    _act_for(account, client_id)
    task = session.get(Task, task_id)
    if task is None or task.client_id != account.client_id:
        raise HTTPException(404, "there is no such task")
    return tree(task)


@router.get("/api/task/", tags=["Task Manager"], responses=_INVALID, operation_id="list_tasks")
async def list_tasks(
    account: SignedIn,
    session: Database,
    client_id: ClientId,
    paging: Paging,
    correlation_id: CorrelationId = None,
    status: Status = None,
    created_at: CreatedAt = None,
    updated_at: UpdatedAt = None,
) -> schemas.Page_TaskTreeSchema_:
    """List tasks with their sub-tasks, page by page, newest first.

    A task has to match all filters that you pass. Answers 401 without a valid access token, and 404 if there is no
    such account.
    """
    _act_for(account, client_id)
    wanted = select(Task).where(Task.client_id == account.client_id).order_by(Task.created_at.desc())
    since_created, since_updated = _utc(created_at), _utc(updated_at)
    tasks = [
        task
        for task in session.scalars(wanted)
        if correlation_id in (None, task.correlation_id)
        and (status is None or status == progress_of(task).status)
        and (since_created is None or as_time(task.created_at) >= since_created)
        and (since_updated is None or as_time(progress_of(task).updated_at) >= since_updated)
    ]
    # Build trees only for the tasks on this page: no other request is answered meanwhile.
    return page_of(schemas.Page_TaskTreeSchema_, tasks, paging, lambda shown: [tree(task) for task in shown])


def _act_for(account: Account, client_id: int) -> None:
    """Answer 404 for the accounts of others too, so that nobody can guess which client ids exist."""
    if client_id != account.client_id:
        raise HTTPException(404, "there is no such account")


def _account(account: Account) -> schemas.app__modules__account__schema__AccountSchema:
    return schemas.app__modules__account__schema__AccountSchema(
        uuid=account.uuid, client_id=account.client_id, client_status=account.status
    )


def _nickname(account: Account) -> str:
    return account.email.partition("@")[0]


def _vpc(account: Account, name: str) -> Vpc:
    for vpc in account.vpcs:
        if vpc.name == name:
            return vpc
    raise HTTPException(404, "there is no such VPC")


def _address(text: str, place: str) -> str:
    try:
        return str(ip_address(text))
    except ValueError:
        raise _fault("address", "value is not an IP address", place) from None


def _utc(moment: datetime | None) -> datetime | None:
    return moment.replace(tzinfo=timezone.utc) if moment is not None and moment.tzinfo is None else moment


def _fault(field: str, message: str, place: str = "body") -> RequestValidationError:
    return RequestValidationError([{"loc": (place, field), "msg": message, "type": "value_error"}])
