# Generated from openapi.json by templates/. Do not edit.
"""The API classes, one for each tag of the contract."""

from gravscale.support.lazy import TYPE_CHECKING
from gravscale.support.lazy import lazy as _lazy

HOMES: dict[str, str] = {
    "AccountApi": "example_service.api.account_api",
    "AuthenticationApi": "example_service.api.authentication_api",
    "NetworkApi": "example_service.api.network_api",
    "TaskManagerApi": "example_service.api.task_manager_api",
}

if TYPE_CHECKING:
    from example_service.api.account_api import AccountApi as AccountApi
    from example_service.api.authentication_api import AuthenticationApi as AuthenticationApi
    from example_service.api.network_api import NetworkApi as NetworkApi
    from example_service.api.task_manager_api import TaskManagerApi as TaskManagerApi
else:
    __getattr__, __dir__, __all__ = _lazy(__name__, HOMES)
