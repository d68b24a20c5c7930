# Generated from openapi.json by templates/. Do not edit.

"""Authentication: `info`, `refresh_token`, `sign_in`, `sign_up`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pydantic import StrictStr
from typing_extensions import Unpack
from urllib3 import BaseHTTPResponse

from example_service import models
from gravscale.api_base import Api
from gravscale.schema.call_options import CallOptions
from gravscale.schema.operation import Operation
from gravscale.schema.parameters import Body, Query

if TYPE_CHECKING:
    from example_service.models import (
        AccountSchema,
        AuthorizationSchema,
        LoginSchema,
        LoginSchemaParams,
        UserInfoSchema,
    )
    from gravscale.api_response import ApiResponse


class AuthenticationApi(Api):
    """Authentication."""

    _INFO: Operation[UserInfoSchema] = Operation(
        "info",
        "GET",
        "/api/auth/info",
        security=("HTTPBearer",),
        answer=lambda: models.UserInfoSchema,
    )

    def info(self, **options: Unpack[CallOptions]) -> UserInfoSchema:
        """info.

        Args:
            options: See CallOptions.

        Raises ApiTypeError or ApiValueError if an argument is wrong, and ApiException if the call fails.
        """
        return self.api_client.perform(self._INFO, options)

    def info_with_http_info(self, **options: Unpack[CallOptions]) -> ApiResponse[UserInfoSchema]:
        """Like `info`, but return the status and the headers of the answer too."""
        return self.api_client.perform_with_http_info(self._INFO, options)

    def info_without_preload_content(self, **options: Unpack[CallOptions]) -> BaseHTTPResponse:
        """Like `info`, but return the open response with its body unread."""
        return self.api_client.perform_without_preload_content(self._INFO, options)

    _REFRESH_TOKEN: Operation[AuthorizationSchema] = Operation(
        "refresh_token",
        "POST",
        "/api/auth/refresh",
        Query("refresh_token", StrictStr),
        answer=lambda: models.AuthorizationSchema,
        errors=lambda: {422: models.HTTPValidationError},
    )

    def refresh_token(self, refresh_token: str, **options: Unpack[CallOptions]) -> AuthorizationSchema:
        """refresh_token.

        Args:
            refresh_token: the refresh_token.
            options: See CallOptions.

        Raises ApiTypeError or ApiValueError if an argument is wrong, and ApiException if the call fails.
        """
        return self.api_client.perform(self._REFRESH_TOKEN, options, refresh_token)

    def refresh_token_with_http_info(
        self, refresh_token: str, **options: Unpack[CallOptions]
    ) -> ApiResponse[AuthorizationSchema]:
        """Like `refresh_token`, but return the status and the headers of the answer too."""
        return self.api_client.perform_with_http_info(self._REFRESH_TOKEN, options, refresh_token)

    def refresh_token_without_preload_content(
        self, refresh_token: str, **options: Unpack[CallOptions]
    ) -> BaseHTTPResponse:
        """Like `refresh_token`, but return the open response with its body unread."""
        return self.api_client.perform_without_preload_content(self._REFRESH_TOKEN, options, refresh_token)

    _SIGN_IN: Operation[AuthorizationSchema] = Operation(
        "sign_in",
        "POST",
        "/api/auth/sign-in",
        Body("login_schema", lambda: models.LoginSchema),
        answer=lambda: models.AuthorizationSchema,
        errors=lambda: {422: models.HTTPValidationError},
    )

    def sign_in(
        self, login_schema: LoginSchema | LoginSchemaParams, **options: Unpack[CallOptions]
    ) -> AuthorizationSchema:
        """sign_in.

        Args:
            login_schema: LoginSchema, or a dict of its fields.
            options: See CallOptions.

        Raises ApiTypeError or ApiValueError if an argument is wrong, and ApiException if the call fails.
        """
        return self.api_client.perform(self._SIGN_IN, options, login_schema)

    def sign_in_with_http_info(
        self, login_schema: LoginSchema | LoginSchemaParams, **options: Unpack[CallOptions]
    ) -> ApiResponse[AuthorizationSchema]:
        """Like `sign_in`, but return the status and the headers of the answer too."""
        return self.api_client.perform_with_http_info(self._SIGN_IN, options, login_schema)

    def sign_in_without_preload_content(
        self, login_schema: LoginSchema | LoginSchemaParams, **options: Unpack[CallOptions]
    ) -> BaseHTTPResponse:
        """Like `sign_in`, but return the open response with its body unread."""
        return self.api_client.perform_without_preload_content(self._SIGN_IN, options, login_schema)

    _SIGN_UP: Operation[AccountSchema] = Operation(
        "sign_up",
        "POST",
        "/api/auth/sign-up",
        Body("login_schema", lambda: models.LoginSchema),
        answer=lambda: models.AccountSchema,
        errors=lambda: {422: models.HTTPValidationError},
    )

    def sign_up(self, login_schema: LoginSchema | LoginSchemaParams, **options: Unpack[CallOptions]) -> AccountSchema:
        """sign_up.

        Args:
            login_schema: LoginSchema, or a dict of its fields.
            options: See CallOptions.

        Raises ApiTypeError or ApiValueError if an argument is wrong, and ApiException if the call fails.
        """
        return self.api_client.perform(self._SIGN_UP, options, login_schema)

    def sign_up_with_http_info(
        self, login_schema: LoginSchema | LoginSchemaParams, **options: Unpack[CallOptions]
    ) -> ApiResponse[AccountSchema]:
        """Like `sign_up`, but return the status and the headers of the answer too."""
        return self.api_client.perform_with_http_info(self._SIGN_UP, options, login_schema)

    def sign_up_without_preload_content(
        self, login_schema: LoginSchema | LoginSchemaParams, **options: Unpack[CallOptions]
    ) -> BaseHTTPResponse:
        """Like `sign_up`, but return the open response with its body unread."""
        return self.api_client.perform_without_preload_content(self._SIGN_UP, options, login_schema)
