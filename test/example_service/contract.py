# Generated from openapi.json by templates/. Do not edit.

"""The servers, the security schemes and the operations of the contract."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from gravscale.schema.service import HostSetting, SecurityScheme

SERVERS: list[HostSetting] = [
    {
        "url": "http://service.example",
        "description": "No description provided",
    },
]

SECURITY_SCHEMES: dict[str, SecurityScheme] = {
    "HTTPBearer": {"type": "bearer", "in": "header", "key": "Authorization"},
}

# The class and the method of each operation.
OPERATIONS: dict[str, tuple[str, str]] = {
    "get_account": ("AccountApi", "get_account"),
    "list_accounts": ("AccountApi", "list_accounts"),
    "info": ("AuthenticationApi", "info"),
    "refresh_token": ("AuthenticationApi", "refresh_token"),
    "sign_in": ("AuthenticationApi", "sign_in"),
    "sign_up": ("AuthenticationApi", "sign_up"),
    "create_public_ip": ("NetworkApi", "create_public_ip"),
    "deallocate_public_ip": ("NetworkApi", "deallocate_public_ip"),
    "list_all_public_ips": ("NetworkApi", "list_all_public_ips"),
    "get_task": ("TaskManagerApi", "get_task"),
    "list_tasks": ("TaskManagerApi", "list_tasks"),
}
