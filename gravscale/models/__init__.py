# Generated from openapi.json by templates/. Do not edit.
"""The models."""

from gravscale.support.lazy import TYPE_CHECKING
from gravscale.support.lazy import lazy as _lazy

HOMES: dict[str, str] = {
    "AccountSchema": "gravscale.models.account_schema",
    "AppModulesAccountSchemaAccountSchema": "gravscale.models.app_modules_account_schema_account_schema",
    "AppModulesAuthenticationSchemaAccountSchema": "gravscale.models.app_modules_authentication_schema_account_schema",
    "AppModulesNetworkSchemaVpcSchema": "gravscale.models.app_modules_network_schema_vpc_schema",
    "AppModulesVpcSchemaVpcSchema": "gravscale.models.app_modules_vpc_schema_vpc_schema",
    "AuthorizationSchema": "gravscale.models.authorization_schema",
    "CreatePublicIpSchema": "gravscale.models.create_public_ip_schema",
    "CreatePublicIpSchemaParams": "gravscale.models.create_public_ip_schema",
    "GroupSchema": "gravscale.models.group_schema",
    "HTTPValidationError": "gravscale.models.http_validation_error",
    "IpSchema": "gravscale.models.ip_schema",
    "LoginSchema": "gravscale.models.login_schema",
    "LoginSchemaParams": "gravscale.models.login_schema",
    "PageAccountSchema": "gravscale.models.page_account_schema",
    "PagePublicIpSchema": "gravscale.models.page_public_ip_schema",
    "PageTaskTreeSchema": "gravscale.models.page_task_tree_schema",
    "PageVpcSchema": "gravscale.models.page_vpc_schema",
    "PublicIpSchema": "gravscale.models.public_ip_schema",
    "TaskSchema": "gravscale.models.task_schema",
    "TaskTreeSchema": "gravscale.models.task_tree_schema",
    "TenantSchema": "gravscale.models.tenant_schema",
    "UserInfoSchema": "gravscale.models.user_info_schema",
    "ValidationError": "gravscale.models.validation_error",
    "ValidationErrorLocInner": "gravscale.models.validation_error_loc_inner",
}

if TYPE_CHECKING:
    from gravscale.models.account_schema import AccountSchema as AccountSchema
    from gravscale.models.app_modules_account_schema_account_schema import (
        AppModulesAccountSchemaAccountSchema as AppModulesAccountSchemaAccountSchema,
    )
    from gravscale.models.app_modules_authentication_schema_account_schema import (
        AppModulesAuthenticationSchemaAccountSchema as AppModulesAuthenticationSchemaAccountSchema,
    )
    from gravscale.models.app_modules_network_schema_vpc_schema import (
        AppModulesNetworkSchemaVpcSchema as AppModulesNetworkSchemaVpcSchema,
    )
    from gravscale.models.app_modules_vpc_schema_vpc_schema import (
        AppModulesVpcSchemaVpcSchema as AppModulesVpcSchemaVpcSchema,
    )
    from gravscale.models.authorization_schema import AuthorizationSchema as AuthorizationSchema
    from gravscale.models.create_public_ip_schema import CreatePublicIpSchema as CreatePublicIpSchema
    from gravscale.models.create_public_ip_schema import CreatePublicIpSchemaParams as CreatePublicIpSchemaParams
    from gravscale.models.group_schema import GroupSchema as GroupSchema
    from gravscale.models.http_validation_error import HTTPValidationError as HTTPValidationError
    from gravscale.models.ip_schema import IpSchema as IpSchema
    from gravscale.models.login_schema import LoginSchema as LoginSchema
    from gravscale.models.login_schema import LoginSchemaParams as LoginSchemaParams
    from gravscale.models.page_account_schema import PageAccountSchema as PageAccountSchema
    from gravscale.models.page_public_ip_schema import PagePublicIpSchema as PagePublicIpSchema
    from gravscale.models.page_task_tree_schema import PageTaskTreeSchema as PageTaskTreeSchema
    from gravscale.models.page_vpc_schema import PageVpcSchema as PageVpcSchema
    from gravscale.models.public_ip_schema import PublicIpSchema as PublicIpSchema
    from gravscale.models.task_schema import TaskSchema as TaskSchema
    from gravscale.models.task_tree_schema import TaskTreeSchema as TaskTreeSchema
    from gravscale.models.tenant_schema import TenantSchema as TenantSchema
    from gravscale.models.user_info_schema import UserInfoSchema as UserInfoSchema
    from gravscale.models.validation_error import ValidationError as ValidationError
    from gravscale.models.validation_error_loc_inner import ValidationErrorLocInner as ValidationErrorLocInner
else:
    __getattr__, __dir__, __all__ = _lazy(__name__, HOMES)
