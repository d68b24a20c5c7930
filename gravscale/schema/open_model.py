"""Models that keep what the contract does not list. Apart from the others, as most programs never meet one."""

from __future__ import annotations

from typing import Any

from pydantic import model_validator

from gravscale.schema.model import Model, plain
from gravscale.support.type_guards import is_dict, is_mapping


class OpenModel(Model):
    """The base of models that keep further properties in `additional_properties`, and write them with the others."""

    @model_validator(mode="before")
    @classmethod
    def _gather(cls, value: Any) -> Any:
        if not is_mapping(value):
            return value
        known = {key for name, field in cls.model_fields.items() for key in (name, field.alias)}
        others = {key: item for key, item in value.items() if key not in known}
        if not others:
            return value
        given = value.get("additional_properties")
        kept = {key: item for key, item in value.items() if key in known}
        return {**kept, "additional_properties": {**(given if is_dict(given) else {}), **others}}

    def to_dict(self) -> dict[str, object]:
        """The fields by their names in the contract, and the additional properties."""
        fields = super().to_dict()
        additional: Any = plain(fields.pop("additional_properties", None) or {})
        return {**fields, **additional}
