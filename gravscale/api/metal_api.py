# Generated from openapi.json by templates/. Do not edit.

"""Metal: `get_metal`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pydantic import JsonValue
from typing_extensions import Unpack
from urllib3 import BaseHTTPResponse

from gravscale.api_base import Api
from gravscale.schema.call_options import CallOptions
from gravscale.schema.operation import Operation

if TYPE_CHECKING:
    from gravscale.api_response import ApiResponse


class MetalApi(Api):
    """Metal."""

    _GET_METAL: Operation[JsonValue] = Operation(
        "get_metal",
        "GET",
        "/api/metal/",
        security=("HTTPBearer",),
        answer=JsonValue,
    )

    def get_metal(self, **options: Unpack[CallOptions]) -> JsonValue:
        """Get Available Metals.

        List the bare metal servers on offer. Answers 401 without a valid access token.

        Args:
            options: See CallOptions.

        Raises ApiTypeError or ApiValueError if an argument is wrong, and ApiException if the call fails.
        """
        return self.api_client.perform(self._GET_METAL, options)

    def get_metal_with_http_info(self, **options: Unpack[CallOptions]) -> ApiResponse[JsonValue]:
        """Like `get_metal`, but return the status and the headers of the answer too."""
        return self.api_client.perform_with_http_info(self._GET_METAL, options)

    def get_metal_without_preload_content(self, **options: Unpack[CallOptions]) -> BaseHTTPResponse:
        """Like `get_metal`, but return the open response with its body unread."""
        return self.api_client.perform_without_preload_content(self._GET_METAL, options)
