# Generated from openapi.json by templates/. Do not edit.

"""Network: `create_public_ip`, `deallocate_public_ip`, `list_all_public_ips`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pydantic import StrictInt, StrictStr
from typing_extensions import Unpack
from urllib3 import BaseHTTPResponse

from gravscale import models
from gravscale.api_base import Api
from gravscale.schema.call_options import CallOptions
from gravscale.schema.operation import Operation
from gravscale.schema.parameters import Body, Query

if TYPE_CHECKING:
    from gravscale.api_response import ApiResponse
    from gravscale.models import CreatePublicIpSchema, CreatePublicIpSchemaParams, PagePublicIpSchema, TaskTreeSchema


class NetworkApi(Api):
    """Network."""

    _CREATE_PUBLIC_IP: Operation[TaskTreeSchema] = Operation(
        "create_public_ip",
        "POST",
        "/api/network/public-ip",
        Query("client_id", StrictInt),
        Body("create_public_ip_schema", lambda: models.CreatePublicIpSchema),
        security=("HTTPBearer",),
        answer=lambda: models.TaskTreeSchema,
        errors=lambda: {422: models.HTTPValidationError},
    )

    def create_public_ip(
        self,
        client_id: int,
        create_public_ip_schema: CreatePublicIpSchema | CreatePublicIpSchemaParams,
        **options: Unpack[CallOptions],
    ) -> TaskTreeSchema:
        """Create Public Ip.

        Start a task that allocates a public IP to an address in a VPC. Follow the task with `get_task` until its
        status is `completed` or `failed`. Answers 401 without a valid access token, 404 if there is no such
        account or VPC, 409 if the address has a public IP already or a task is allocating one, and 422 if the
        address is not an IP address.

        Args:
            client_id: Client id of the account to act for.
            create_public_ip_schema: CreatePublicIpSchema, or a dict of its fields.
            options: See CallOptions.

        Raises ApiTypeError or ApiValueError if an argument is wrong, and ApiException if the call fails.
        """
        return self.api_client.perform(self._CREATE_PUBLIC_IP, options, client_id, create_public_ip_schema)

    def create_public_ip_with_http_info(
        self,
        client_id: int,
        create_public_ip_schema: CreatePublicIpSchema | CreatePublicIpSchemaParams,
        **options: Unpack[CallOptions],
    ) -> ApiResponse[TaskTreeSchema]:
        """Like `create_public_ip`, but return the status and the headers of the answer too."""
        return self.api_client.perform_with_http_info(
            self._CREATE_PUBLIC_IP, options, client_id, create_public_ip_schema
        )

    def create_public_ip_without_preload_content(
        self,
        client_id: int,
        create_public_ip_schema: CreatePublicIpSchema | CreatePublicIpSchemaParams,
        **options: Unpack[CallOptions],
    ) -> BaseHTTPResponse:
        """Like `create_public_ip`, but return the open response with its body unread."""
        return self.api_client.perform_without_preload_content(
            self._CREATE_PUBLIC_IP, options, client_id, create_public_ip_schema
        )

    _DEALLOCATE_PUBLIC_IP: Operation[TaskTreeSchema] = Operation(
        "deallocate_public_ip",
        "DELETE",
        "/api/network/public-ip",
        Query("client_id", StrictInt),
        Query("address", StrictStr),
        security=("HTTPBearer",),
        answer=lambda: models.TaskTreeSchema,
        errors=lambda: {422: models.HTTPValidationError},
    )

    def deallocate_public_ip(self, client_id: int, address: str, **options: Unpack[CallOptions]) -> TaskTreeSchema:
        """Deallocate Public Ip.

        Start a task that releases a public IP. Follow the task with `get_task` until its status is `completed` or
        `failed`. Answers 401 without a valid access token, 404 if there is no such account or the address has no
        public IP, 409 if another task for the address is still running, and 422 if the address is not an IP
        address.

        Args:
            client_id: Client id of the account to act for.
            address: Address that has the public IP, or the public IP itself.
            options: See CallOptions.

        Raises ApiTypeError or ApiValueError if an argument is wrong, and ApiException if the call fails.
        """
        return self.api_client.perform(self._DEALLOCATE_PUBLIC_IP, options, client_id, address)

    def deallocate_public_ip_with_http_info(
        self, client_id: int, address: str, **options: Unpack[CallOptions]
    ) -> ApiResponse[TaskTreeSchema]:
        """Like `deallocate_public_ip`, but return the status and the headers of the answer too."""
        return self.api_client.perform_with_http_info(self._DEALLOCATE_PUBLIC_IP, options, client_id, address)

    def deallocate_public_ip_without_preload_content(
        self, client_id: int, address: str, **options: Unpack[CallOptions]
    ) -> BaseHTTPResponse:
        """Like `deallocate_public_ip`, but return the open response with its body unread."""
        return self.api_client.perform_without_preload_content(self._DEALLOCATE_PUBLIC_IP, options, client_id, address)

    _LIST_ALL_PUBLIC_IPS: Operation[PagePublicIpSchema] = Operation(
        "list_all_public_ips",
        "GET",
        "/api/network/public-ip",
        Query("client_id", StrictInt),
        Query("vpc_name", StrictStr),
        Query("page", StrictInt, required=False, ge=1),
        Query("size", StrictInt, required=False, ge=1, le=100),
        security=("HTTPBearer",),
        answer=lambda: models.PagePublicIpSchema,
        errors=lambda: {422: models.HTTPValidationError},
    )

    def list_all_public_ips(
        self,
        client_id: int,
        vpc_name: str,
        page: int | None = None,
        size: int | None = None,
        **options: Unpack[CallOptions],
    ) -> PagePublicIpSchema:
        """List Public Ips.

        List the public IPs of a VPC, page by page. A public IP is listed once the task that allocates it has
        completed. Answers 401 without a valid access token, and 404 if there is no such account or VPC.

        Args:
            client_id: Client id of the account to act for.
            vpc_name: Name of the VPC, as `list_vpc` returns it.
            page: Number of the page, counted from 1.
            size: Number of items on a page, at most 100.
            options: See CallOptions.

        Raises ApiTypeError or ApiValueError if an argument is wrong, and ApiException if the call fails.
        """
        return self.api_client.perform(self._LIST_ALL_PUBLIC_IPS, options, client_id, vpc_name, page, size)

    def list_all_public_ips_with_http_info(
        self,
        client_id: int,
        vpc_name: str,
        page: int | None = None,
        size: int | None = None,
        **options: Unpack[CallOptions],
    ) -> ApiResponse[PagePublicIpSchema]:
        """Like `list_all_public_ips`, but return the status and the headers of the answer too."""
        return self.api_client.perform_with_http_info(
            self._LIST_ALL_PUBLIC_IPS, options, client_id, vpc_name, page, size
        )

    def list_all_public_ips_without_preload_content(
        self,
        client_id: int,
        vpc_name: str,
        page: int | None = None,
        size: int | None = None,
        **options: Unpack[CallOptions],
    ) -> BaseHTTPResponse:
        """Like `list_all_public_ips`, but return the open response with its body unread."""
        return self.api_client.perform_without_preload_content(
            self._LIST_ALL_PUBLIC_IPS, options, client_id, vpc_name, page, size
        )
