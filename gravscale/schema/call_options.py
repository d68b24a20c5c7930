"""The options that every call accepts."""

from collections.abc import Iterable, KeysView, Mapping
from typing import TYPE_CHECKING

from typing_extensions import TypedDict
from urllib3 import Retry

from gravscale.exceptions import ApiTypeError
from gravscale.support.text import did_you_mean

if TYPE_CHECKING:
    from gravscale.schema.parameters import Parameter
    from gravscale.schema.service import AuthSetting

Timeout = float | tuple[float, float] | None


class CallOptions(TypedDict, total=False):
    """List the options that every call accepts.

    Attributes:
        _request_timeout: Seconds for the whole call, or a pair (connect, read) of seconds for each attempt. Overrides
            `Configuration.timeout`.
        _request_auth: Credentials for this call only, such as
            `{"in": "header", "key": "Authorization", "value": "Bearer …"}`.
        _content_type: The Content-Type of the request body.
        _headers: Headers to add or to replace.
        _host_index: Which server of the contract to call. 0 calls the configured host.
    """

    # Editors show the text below a field, and consoles show the docstring.

    _request_timeout: Timeout
    """Seconds for the whole call, or a pair (connect, read) of seconds for each attempt. Overrides
    `Configuration.timeout`."""
    _request_auth: "Mapping[str, str] | AuthSetting | None"
    """Credentials for this call only, such as `{"in": "header", "key": "Authorization", "value": "Bearer …"}`."""
    _content_type: str | None
    """The Content-Type of the request body."""
    _headers: Mapping[str, str] | None
    """Headers to add or to replace."""
    _host_index: int
    """Which server of the contract to call. 0 calls the configured host."""


class ClientOptions(TypedDict, total=False):
    """List the settings that `ApiClient.with_options` accepts.

    Attributes:
        timeout: Seconds for a whole call, a pair (connect, read) of seconds for each attempt, or None for no limit.
        retries: The number of retries, or a `urllib3.Retry`. None: the SDK's own rules.
        headers: Headers for every request, in addition to those of the original client.
    """

    timeout: Timeout
    """Seconds for a whole call, a pair (connect, read) of seconds for each attempt, or None for no limit."""
    retries: int | Retry | None
    """The number of retries, or a `urllib3.Retry`. None: the SDK's own rules."""
    headers: Mapping[str, str]
    """Headers for every request, in addition to those of the original client."""


CALL_OPTIONS = CallOptions.__annotations__.keys()
CLIENT_OPTIONS = ClientOptions.__annotations__.keys()


def check_names(
    function: str, options: Mapping[str, object], known: KeysView[str], parameters: "Iterable[Parameter]" = ()
) -> None:
    """Raise ApiTypeError if a function lacks an option. The message suggests one of its arguments."""
    if not options.keys() <= known:
        unknown = sorted(options.keys() - known)
        # The parameters of `ApiClient.request` are parts of its arguments.
        accepted = [*dict.fromkeys(parameter.name.partition("[")[0] for parameter in parameters), *known]
        hint = did_you_mean(unknown[0], accepted) or f"; it accepts {', '.join(accepted)}"
        raise ApiTypeError(f"{function}() has no argument {', '.join(unknown)}{hint}")
