"""The types of a contract's servers and security schemes, and the protocol for credentials."""

from collections.abc import Mapping
from typing import Protocol, TypeVar

from typing_extensions import NotRequired, TypedDict

from gravscale.exceptions import ApiValueError

Client_contra = TypeVar("Client_contra", contravariant=True)


class TokenSource(Protocol[Client_contra]):
    """Supply access tokens. `Configuration` accepts any object with these methods as `credentials`.

    Several threads may call both methods at the same time.
    """

    def access_token(self, api_client: Client_contra, /) -> str:
        """Return a valid access token."""
        ...

    def renew(self, api_client: Client_contra, rejected: str, /) -> str | None:
        """Return a new token after the service rejected one, or None if there is none."""
        ...


SecurityScheme = TypedDict("SecurityScheme", {"type": str, "in": str, "key": str})
"""A security scheme: the name of the header, query parameter or cookie that carries the credentials."""
AuthSetting = TypedDict("AuthSetting", {"type": str, "in": str, "key": str, "value": str})
"""A security scheme, and the value that it would send now."""


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


def server_url(server: HostSetting, variables: Mapping[str, str]) -> str:
    """Return the URL of a server. Raises ApiValueError if a variable has a value that the contract does not allow."""
    url = server["url"]
    for name, variable in server.get("variables", {}).items():
        value = variables.get(name, variable["default_value"])
        if variable.get("enum_values") and value not in variable["enum_values"]:
            raise ApiValueError(f"server_variables: {name} must be one of {variable['enum_values']}, got {value!r}")
        url = url.replace(f"{{{name}}}", value)
    return url
