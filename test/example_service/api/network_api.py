# Generated from openapi.json by templates/. Do not edit.

"""Network: `create_public_ip`, `deallocate_public_ip`, `list_all_public_ips`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pydantic import StrictInt, StrictStr
from typing_extensions import Unpack
from urllib3 import BaseHTTPResponse

from example_service import models
from gravscale.api_base import Api
from gravscale.schema.call_options import CallOptions
from gravscale.schema.operation import Operation
from gravscale.schema.parameters import Body, Query

if TYPE_CHECKING:
    from example_service.models import (
        CreatePublicIpSchema,
        CreatePublicIpSchemaParams,
        PagePublicIpSchema,
        TaskTreeSchema,
    )
    from gravscale.api_response import ApiResponse


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
        """create_public_ip.

        Args:
            client_id: the client_id.
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
        """deallocate_public_ip.

        Args:
            client_id: the client_id.
            address: the address.
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
        """list_all_public_ips.

        Args:
            client_id: the client_id.
            vpc_name: the vpc_name.
            page: the page.
            size: the size.
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
