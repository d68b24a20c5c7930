# Generated from openapi.json by templates/. Do not edit.

"""Authentication: `info`, `refresh_token`, `sign_in`, `sign_up`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pydantic import StrictStr
from typing_extensions import Unpack
from urllib3 import BaseHTTPResponse

from gravscale import models
from gravscale.api_base import Api
from gravscale.schema.call_options import CallOptions
from gravscale.schema.operation import Operation
from gravscale.schema.parameters import Body, Query

if TYPE_CHECKING:
    from gravscale.api_response import ApiResponse
    from gravscale.models import (
        AppModulesAuthenticationSchemaAccountSchema,
        AuthorizationSchema,
        LoginSchema,
        LoginSchemaParams,
        UserInfoSchema,
    )


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
        """Authenticated User Information.

        Return the user that the access token belongs to. Answers 401 without a valid access token.

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
        """Refresh Access Token.

        Exchange a refresh token for a new access token and a new refresh token. Answers 401 if the refresh token
        has expired, was used before, or is unknown.

        Args:
            refresh_token: Refresh token from the last sign-in or refresh.
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
        """Sign In.

        Exchange an e-mail address and a password for an access token and a refresh token. Answers 401 if the
        e-mail address is unknown or the password is wrong.

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

    _SIGN_UP: Operation[AppModulesAuthenticationSchemaAccountSchema] = Operation(
        "sign_up",
        "POST",
        "/api/auth/sign-up",
        Body("login_schema", lambda: models.LoginSchema),
        answer=lambda: models.AppModulesAuthenticationSchemaAccountSchema,
        errors=lambda: {422: models.HTTPValidationError},
    )

    def sign_up(
        self, login_schema: LoginSchema | LoginSchemaParams, **options: Unpack[CallOptions]
    ) -> AppModulesAuthenticationSchemaAccountSchema:
        """Sign Up.

        Register a new client account with an e-mail address and a password. Answers 409 if an account with this
        e-mail address exists, and 422 if the e-mail address is not valid or the password is empty.

        Args:
            login_schema: LoginSchema, or a dict of its fields.
            options: See CallOptions.

        Raises ApiTypeError or ApiValueError if an argument is wrong, and ApiException if the call fails.
        """
        return self.api_client.perform(self._SIGN_UP, options, login_schema)

    def sign_up_with_http_info(
        self, login_schema: LoginSchema | LoginSchemaParams, **options: Unpack[CallOptions]
    ) -> ApiResponse[AppModulesAuthenticationSchemaAccountSchema]:
        """Like `sign_up`, but return the status and the headers of the answer too."""
        return self.api_client.perform_with_http_info(self._SIGN_UP, options, login_schema)

    def sign_up_without_preload_content(
        self, login_schema: LoginSchema | LoginSchemaParams, **options: Unpack[CallOptions]
    ) -> BaseHTTPResponse:
        """Like `sign_up`, but return the open response with its body unread."""
        return self.api_client.perform_without_preload_content(self._SIGN_UP, options, login_schema)
