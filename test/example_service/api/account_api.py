# Generated from openapi.json by templates/. Do not edit.

"""Account: `get_account`, `list_accounts`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pydantic import StrictInt, StrictStr
from typing_extensions import Unpack
from urllib3 import BaseHTTPResponse

from example_service import models
from gravscale.api_base import Api
from gravscale.schema.call_options import CallOptions
from gravscale.schema.operation import Operation
from gravscale.schema.parameters import Query

if TYPE_CHECKING:
    from example_service.models import ClientSchema, PageClientSchema
    from gravscale.api_response import ApiResponse


class AccountApi(Api):
    """Account."""

    _GET_ACCOUNT: Operation[ClientSchema] = Operation(
        "get_account",
        "GET",
        "/api/account/",
        Query("uuid", StrictStr, required=False),
        Query("client_id", StrictInt, required=False),
        security=("HTTPBearer",),
        answer=lambda: models.ClientSchema,
        errors=lambda: {422: models.HTTPValidationError},
    )

    def get_account(
        self, uuid: str | None = None, client_id: int | None = None, **options: Unpack[CallOptions]
    ) -> ClientSchema:
        """get_account.

        Args:
            uuid: the uuid.
            client_id: the client_id.
            options: See CallOptions.

        Raises ApiTypeError or ApiValueError if an argument is wrong, and ApiException if the call fails.
        """
        return self.api_client.perform(self._GET_ACCOUNT, options, uuid, client_id)

    def get_account_with_http_info(
        self, uuid: str | None = None, client_id: int | None = None, **options: Unpack[CallOptions]
    ) -> ApiResponse[ClientSchema]:
        """Like `get_account`, but return the status and the headers of the answer too."""
        return self.api_client.perform_with_http_info(self._GET_ACCOUNT, options, uuid, client_id)

    def get_account_without_preload_content(
        self, uuid: str | None = None, client_id: int | None = None, **options: Unpack[CallOptions]
    ) -> BaseHTTPResponse:
        """Like `get_account`, but return the open response with its body unread."""
        return self.api_client.perform_without_preload_content(self._GET_ACCOUNT, options, uuid, client_id)

    _LIST_ACCOUNTS: Operation[PageClientSchema] = Operation(
        "list_accounts",
        "GET",
        "/api/account/all",
        Query("page", StrictInt, required=False, ge=1),
        Query("size", StrictInt, required=False, ge=1, le=100),
        security=("HTTPBearer",),
        answer=lambda: models.PageClientSchema,
        errors=lambda: {422: models.HTTPValidationError},
    )

    def list_accounts(
        self, page: int | None = None, size: int | None = None, **options: Unpack[CallOptions]
    ) -> PageClientSchema:
        """list_accounts.

        Args:
            page: the page.
            size: the size.
            options: See CallOptions.

        Raises ApiTypeError or ApiValueError if an argument is wrong, and ApiException if the call fails.
        """
        return self.api_client.perform(self._LIST_ACCOUNTS, options, page, size)

    def list_accounts_with_http_info(
        self, page: int | None = None, size: int | None = None, **options: Unpack[CallOptions]
    ) -> ApiResponse[PageClientSchema]:
        """Like `list_accounts`, but return the status and the headers of the answer too."""
        return self.api_client.perform_with_http_info(self._LIST_ACCOUNTS, options, page, size)

    def list_accounts_without_preload_content(
        self, page: int | None = None, size: int | None = None, **options: Unpack[CallOptions]
    ) -> BaseHTTPResponse:
        """Like `list_accounts`, but return the open response with its body unread."""
        return self.api_client.perform_without_preload_content(self._LIST_ACCOUNTS, options, page, size)
