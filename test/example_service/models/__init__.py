# Generated from openapi.json by templates/. Do not edit.
"""The models."""

from gravscale.support.lazy import TYPE_CHECKING
from gravscale.support.lazy import lazy as _lazy

HOMES: dict[str, str] = {
    "AccountSchema": "example_service.models.account_schema",
    "AuthorizationSchema": "example_service.models.authorization_schema",
    "ClientSchema": "example_service.models.client_schema",
    "CreatePublicIpSchema": "example_service.models.create_public_ip_schema",
    "CreatePublicIpSchemaParams": "example_service.models.create_public_ip_schema",
    "HTTPValidationError": "example_service.models.http_validation_error",
    "IpSchema": "example_service.models.ip_schema",
    "LoginSchema": "example_service.models.login_schema",
    "LoginSchemaParams": "example_service.models.login_schema",
    "PageClientSchema": "example_service.models.page_client_schema",
    "PagePublicIpSchema": "example_service.models.page_public_ip_schema",
    "PageTaskTreeSchema": "example_service.models.page_task_tree_schema",
    "PublicIpSchema": "example_service.models.public_ip_schema",
    "TaskSchema": "example_service.models.task_schema",
    "TaskTreeSchema": "example_service.models.task_tree_schema",
    "UserInfoSchema": "example_service.models.user_info_schema",
    "ValidationError": "example_service.models.validation_error",
    "ValidationErrorLocInner": "example_service.models.validation_error_loc_inner",
    "VpcSchema": "example_service.models.vpc_schema",
}

if TYPE_CHECKING:
    from example_service.models.account_schema import AccountSchema as AccountSchema
    from example_service.models.authorization_schema import AuthorizationSchema as AuthorizationSchema
    from example_service.models.client_schema import ClientSchema as ClientSchema
    from example_service.models.create_public_ip_schema import CreatePublicIpSchema as CreatePublicIpSchema
    from example_service.models.create_public_ip_schema import CreatePublicIpSchemaParams as CreatePublicIpSchemaParams
    from example_service.models.http_validation_error import HTTPValidationError as HTTPValidationError
    from example_service.models.ip_schema import IpSchema as IpSchema
    from example_service.models.login_schema import LoginSchema as LoginSchema
    from example_service.models.login_schema import LoginSchemaParams as LoginSchemaParams
    from example_service.models.page_client_schema import PageClientSchema as PageClientSchema
    from example_service.models.page_public_ip_schema import PagePublicIpSchema as PagePublicIpSchema
    from example_service.models.page_task_tree_schema import PageTaskTreeSchema as PageTaskTreeSchema
    from example_service.models.public_ip_schema import PublicIpSchema as PublicIpSchema
    from example_service.models.task_schema import TaskSchema as TaskSchema
    from example_service.models.task_tree_schema import TaskTreeSchema as TaskTreeSchema
    from example_service.models.user_info_schema import UserInfoSchema as UserInfoSchema
    from example_service.models.validation_error import ValidationError as ValidationError
    from example_service.models.validation_error_loc_inner import ValidationErrorLocInner as ValidationErrorLocInner
    from example_service.models.vpc_schema import VpcSchema as VpcSchema
else:
    __getattr__, __dir__, __all__ = _lazy(__name__, HOMES)
