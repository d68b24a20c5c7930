# Generated from openapi.json by templates/. Do not edit.
"""AccountSchema, another name for AppModulesAuthenticationSchemaAccountSchema."""

from gravscale.models.app_modules_authentication_schema_account_schema import (
    AppModulesAuthenticationSchemaAccountSchema,
)

AccountSchema = AppModulesAuthenticationSchemaAccountSchema
