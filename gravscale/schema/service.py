"""What a contract says of its service: where it is, and how callers show who they are."""

from __future__ import annotations

from typing_extensions import NotRequired, TypedDict

SecurityScheme = TypedDict("SecurityScheme", {"type": str, "in": str, "key": str})
"""How to show who one is: what goes as `key` into the header, the query or a cookie."""
AuthSetting = TypedDict("AuthSetting", {"type": str, "in": str, "key": str, "value": str})
"""A security scheme and what it would send now."""


class HostSettingVariable(TypedDict):
    """A variable in the URL of a server."""

    description: str
    default_value: str
    enum_values: list[str]


class HostSetting(TypedDict):
    """A server of the contract."""

    url: str
    description: str
    variables: NotRequired[dict[str, HostSettingVariable]]
