"""Gravscale's Python SDK: authentication, accounts, metals, public IPs, tasks and virtual private clouds.

import gravscale

configuration = gravscale.Configuration(access_token="…")
with gravscale.ApiClient(configuration) as api_client:
    print(gravscale.AuthenticationApi(api_client).info())
"""

from gravscale.api import HOMES as _API_HOMES
from gravscale.models import HOMES as _MODEL_HOMES
from gravscale.support.lazy import TYPE_CHECKING
from gravscale.support.lazy import lazy as _lazy
from gravscale.support.version import __version__ as __version__

if TYPE_CHECKING:
    from gravscale.api import *
    from gravscale.api_client import ApiClient as ApiClient
    from gravscale.api_response import ApiResponse as ApiResponse
    from gravscale.configuration import Configuration as Configuration
    from gravscale.credentials import Credentials as Credentials
    from gravscale.credentials import PasswordCredentials as PasswordCredentials
    from gravscale.credentials import RefreshTokenCredentials as RefreshTokenCredentials
    from gravscale.credentials import TokenStore as TokenStore
    from gravscale.events import ErrorEvent as ErrorEvent
    from gravscale.events import Event as Event
    from gravscale.events import EventHooks as EventHooks
    from gravscale.events import RequestEvent as RequestEvent
    from gravscale.events import ResponseEvent as ResponseEvent
    from gravscale.events import RetryEvent as RetryEvent
    from gravscale.exceptions import ApiAttributeError as ApiAttributeError
    from gravscale.exceptions import ApiConnectionError as ApiConnectionError
    from gravscale.exceptions import ApiException as ApiException
    from gravscale.exceptions import ApiKeyError as ApiKeyError
    from gravscale.exceptions import ApiResponseError as ApiResponseError
    from gravscale.exceptions import ApiTimeoutError as ApiTimeoutError
    from gravscale.exceptions import ApiTypeError as ApiTypeError
    from gravscale.exceptions import ApiValueError as ApiValueError
    from gravscale.exceptions import BadRequestException as BadRequestException
    from gravscale.exceptions import ConflictException as ConflictException
    from gravscale.exceptions import ForbiddenException as ForbiddenException
    from gravscale.exceptions import InsecureTransportWarning as InsecureTransportWarning
    from gravscale.exceptions import NotFoundException as NotFoundException
    from gravscale.exceptions import OpenApiException as OpenApiException
    from gravscale.exceptions import ServiceException as ServiceException
    from gravscale.exceptions import TokenStoreWarning as TokenStoreWarning
    from gravscale.exceptions import TooManyRequestsException as TooManyRequestsException
    from gravscale.exceptions import UnauthorizedException as UnauthorizedException
    from gravscale.exceptions import UnprocessableEntityException as UnprocessableEntityException
    from gravscale.models import *
    from gravscale.notebook import load_ipython_extension as load_ipython_extension
    from gravscale.notebook import unload_ipython_extension as unload_ipython_extension
    from gravscale.pagination import Pages as Pages
    from gravscale.pagination import paginate as paginate
    from gravscale.pipeline.response import RESTResponse as RESTResponse
    from gravscale.schema.call_options import CallOptions as CallOptions
    from gravscale.schema.call_options import ClientOptions as ClientOptions
    from gravscale.tasks import TaskFailedError as TaskFailedError
    from gravscale.tasks import TaskStatus as TaskStatus
    from gravscale.tasks import TaskTimeoutError as TaskTimeoutError
    from gravscale.tasks import wait_for_task as wait_for_task
    from gravscale.tasks import wait_for_tasks as wait_for_tasks
    from gravscale.token_store import FileTokenStore as FileTokenStore
    from gravscale.token_store import RedisTokenStore as RedisTokenStore
    from gravscale.token_store import StoredAuthorization as StoredAuthorization
    from gravscale.transport import Deadline as Deadline
    from gravscale.transport import Request as Request
    from gravscale.transport import Transport as Transport
else:
    _NAMES = {
        "api_client": ("ApiClient",),
        "api_response": ("ApiResponse",),
        "configuration": ("Configuration",),
        "credentials": ("Credentials", "PasswordCredentials", "RefreshTokenCredentials", "TokenStore"),
        "events": ("ErrorEvent", "Event", "EventHooks", "RequestEvent", "ResponseEvent", "RetryEvent"),
        "exceptions": (
            *("ApiAttributeError", "ApiConnectionError", "ApiException", "ApiKeyError", "ApiResponseError"),
            *("ApiTimeoutError", "ApiTypeError", "ApiValueError", "BadRequestException", "ConflictException"),
            *("ForbiddenException", "InsecureTransportWarning", "NotFoundException", "OpenApiException"),
            *("ServiceException", "TokenStoreWarning", "TooManyRequestsException", "UnauthorizedException"),
            "UnprocessableEntityException",
        ),
        "notebook": ("load_ipython_extension", "unload_ipython_extension"),
        "pagination": ("Pages", "paginate"),
        "pipeline.response": ("RESTResponse",),
        "schema.call_options": ("CallOptions", "ClientOptions"),
        "tasks": ("TaskFailedError", "TaskStatus", "TaskTimeoutError", "wait_for_task", "wait_for_tasks"),
        "token_store": ("FileTokenStore", "RedisTokenStore", "StoredAuthorization"),
        "transport": ("Deadline", "Request", "Transport"),
    }
    _HOMES = {name: f"gravscale.{module}" for module, names in _NAMES.items() for name in names}
    __getattr__, __dir__, __all__ = _lazy(__name__, {**_HOMES, **_API_HOMES, **_MODEL_HOMES})
