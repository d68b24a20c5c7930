# Generated from openapi.json by templates/. Do not edit.

"""Virtual Private Cloud: `list_vpc`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pydantic import StrictInt
from typing_extensions import Unpack
from urllib3 import BaseHTTPResponse

from gravscale import models
from gravscale.api_base import Api
from gravscale.schema.call_options import CallOptions
from gravscale.schema.operation import Operation
from gravscale.schema.parameters import Query

if TYPE_CHECKING:
    from gravscale.api_response import ApiResponse
    from gravscale.models import PageVpcSchema


class VirtualPrivateCloudApi(Api):
    """Virtual Private Cloud."""

    _LIST_VPC: Operation[PageVpcSchema] = Operation(
        "list_vpc",
        "GET",
        "/api/vpc/",
        Query("client_id", StrictInt),
        Query("page", StrictInt, required=False, ge=1),
        Query("size", StrictInt, required=False, ge=1, le=100),
        security=("HTTPBearer",),
        answer=lambda: models.PageVpcSchema,
        errors=lambda: {422: models.HTTPValidationError},
    )

    def list_vpc(
        self, client_id: int, page: int | None = None, size: int | None = None, **options: Unpack[CallOptions]
    ) -> PageVpcSchema:
        """List Vpc.

        List the virtual private clouds (VPCs) of an account, page by page. Answers 401 without a valid access
        token, and 404 if there is no such account.

        Args:
            client_id: Client id of the account to act for.
            page: Number of the page, counted from 1.
            size: Number of items on a page, at most 100.
            options: See CallOptions.

        Raises ApiTypeError or ApiValueError if an argument is wrong, and ApiException if the call fails.
        """
        return self.api_client.perform(self._LIST_VPC, options, client_id, page, size)

    def list_vpc_with_http_info(
        self, client_id: int, page: int | None = None, size: int | None = None, **options: Unpack[CallOptions]
    ) -> ApiResponse[PageVpcSchema]:
        """Like `list_vpc`, but return the status and the headers of the answer too."""
        return self.api_client.perform_with_http_info(self._LIST_VPC, options, client_id, page, size)

    def list_vpc_without_preload_content(
        self, client_id: int, page: int | None = None, size: int | None = None, **options: Unpack[CallOptions]
    ) -> BaseHTTPResponse:
        """Like `list_vpc`, but return the open response with its body unread."""
        return self.api_client.perform_without_preload_content(self._LIST_VPC, options, client_id, page, size)
