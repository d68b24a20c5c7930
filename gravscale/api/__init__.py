# Generated from openapi.json by templates/. Do not edit.
"""The API classes, one for each tag of the contract."""

from gravscale.support.lazy import TYPE_CHECKING
from gravscale.support.lazy import lazy as _lazy

HOMES: dict[str, str] = {
    "AccountApi": "gravscale.api.account_api",
    "AuthenticationApi": "gravscale.api.authentication_api",
    "MetalApi": "gravscale.api.metal_api",
    "NetworkApi": "gravscale.api.network_api",
    "TaskManagerApi": "gravscale.api.task_manager_api",
    "VirtualPrivateCloudApi": "gravscale.api.virtual_private_cloud_api",
}

if TYPE_CHECKING:
    from gravscale.api.account_api import AccountApi as AccountApi
    from gravscale.api.authentication_api import AuthenticationApi as AuthenticationApi
    from gravscale.api.metal_api import MetalApi as MetalApi
    from gravscale.api.network_api import NetworkApi as NetworkApi
    from gravscale.api.task_manager_api import TaskManagerApi as TaskManagerApi
    from gravscale.api.virtual_private_cloud_api import VirtualPrivateCloudApi as VirtualPrivateCloudApi
else:
    __getattr__, __dir__, __all__ = _lazy(__name__, HOMES)
