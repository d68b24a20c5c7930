# Generated from openapi.json by templates/. Do not edit.

"""What the contract says of the service as a whole: where it is, and how to show who one is."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from gravscale.schema.service import HostSetting, SecurityScheme

SERVERS: list[HostSetting] = [
    {
        "url": "http://under-dev-services.gravmanage.com/dev/public-api",
        "description": "No description provided",
    },
]

SECURITY_SCHEMES: dict[str, SecurityScheme] = {
    "HTTPBearer": {"type": "bearer", "in": "header", "key": "Authorization"},
}
