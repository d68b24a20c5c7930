"""Models that keep unlisted properties. They have their own module because most programs never use one."""

from __future__ import annotations

from typing import Any

from pydantic import model_validator

from gravscale.schema.model import Model, plain
from gravscale.support.type_guards import is_dict, is_mapping


class OpenModel(Model):
    """Base class of models that keep unlisted properties in `additional_properties`, and write them with the others."""

    @model_validator(mode="before")
    @classmethod
    def _gather(cls, value: Any) -> Any:
        if not is_mapping(value):
            return value
        known = {key for name, field in cls.model_fields.items() for key in (name, field.alias)}
        others = {key: item for key, item in value.items() if key not in known}
        if not others:
            return value
        additional = value.get("additional_properties")
        kept = {key: item for key, item in value.items() if key in known}
        return {**kept, "additional_properties": {**(additional if is_dict(additional) else {}), **others}}

    def to_dict(self) -> dict[str, object]:
        """Return the fields by their names in the contract, and the additional properties."""
        fields = super().to_dict()
        additional: Any = plain(fields.pop("additional_properties", None) or {})
        return {**fields, **additional}
