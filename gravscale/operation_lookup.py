"""Find the contract's operations by name, for hand-written code that needs them."""

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
    """Raise ApiValueError, which says what needs the operation, if the contract does not have it."""
    if operation_id not in OPERATIONS:
        raise ApiValueError(f"{needed_by} needs the operation {operation_id!r}, which the contract does not have")


def find_operation(api_client: ApiClient, operation_id: str, needed_by: str, *, form: str = "") -> Callable[..., Any]:
    """Return the bound method of an API class that calls an operation of the contract.

    Args:
        api_client: The client to call with.
        operation_id: The operation's name in the contract.
        needed_by: What needs it, for the error message.
        form: The suffix of the method's name, such as `_with_http_info`.

    Returns:
        The method.

    Raises:
        ApiValueError: The contract has no such operation.
    """
    require_operation(operation_id, needed_by)
    class_name, method = OPERATIONS[operation_id]
    # Only the generated package knows the contract's class names.
    api: Any = getattr(import_module("gravscale.api"), class_name)(api_client)
    found: Callable[..., Any] = getattr(api, method + form)
    return found


def describe_operation(operation_id: str) -> tuple[Operation[Any], str]:
    """Return the `Operation` of an operation in the contract, and the docstring of its method."""
    class_name, method = OPERATIONS[operation_id]
    api: type = getattr(import_module("gravscale.api"), class_name)
    operations: list[Operation[Any]] = [member for member in vars(api).values() if isinstance(member, Operation)]
    return next(each for each in operations if each.name == method), getdoc(getattr(api, method)) or ""
