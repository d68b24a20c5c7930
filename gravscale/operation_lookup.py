"""Operations that hand-written code needs of the contract, found by their names."""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from inspect import getdoc
from typing import TYPE_CHECKING, Any

from gravscale.contract import OPERATIONS
from gravscale.exceptions import ApiValueError
from gravscale.schema.operation import Operation

if TYPE_CHECKING:
    from gravscale.api_client import ApiClient


def require_operation(operation_id: str, needed_by: str) -> None:
    """Check that the contract has an operation.

    Args:
        operation_id: the operation's name in the contract.
        needed_by: what needs it, for the error.

    Raises:
        ApiValueError: the contract has no such operation.
    """
    if operation_id not in OPERATIONS:
        raise ApiValueError(f"{needed_by} needs the operation {operation_id!r}, which the contract does not have")


def find_operation(
    api_client: ApiClient | None, operation_id: str, needed_by: str, *, form: str = ""
) -> Callable[..., Any]:
    """Return the method of an API class that calls an operation.

    Args:
        api_client: the client to call with; the default one if None.
        operation_id: the operation's name in the contract.
        needed_by: what needs it, for the error.
        form: how the method's name ends, such as `_with_http_info`.

    Returns:
        The bound method.

    Raises:
        ApiValueError: the contract has no such operation.
    """
    require_operation(operation_id, needed_by)
    class_name, method = OPERATIONS[operation_id]
    # The name of the class is the contract's, which only the generated package knows.
    api: Any = getattr(import_module("gravscale.api"), class_name)(api_client)
    found: Callable[..., Any] = getattr(api, method + form)
    return found


def describe_operation(operation_id: str) -> tuple[Operation[Any], str]:
    """Return the description of an operation of the contract, and the documentation of its method."""
    class_name, method = OPERATIONS[operation_id]
    api: type = getattr(import_module("gravscale.api"), class_name)
    operations: list[Operation[Any]] = [member for member in vars(api).values() if isinstance(member, Operation)]
    return next(each for each in operations if each.name == method), getdoc(getattr(api, method)) or ""
