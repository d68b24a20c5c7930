"""The classes that are generated for schemas."""

from __future__ import annotations

from dataclasses import dataclass, field

from annotations import Annotation
from document import Schema
from faults import Place


@dataclass
class Member:
    """A field of a model.

    Attributes:
        is_in_answers: Whether answers have it, if it is required.
    """

    name: str
    wire: str
    type: Annotation
    required: bool
    default: str | None
    schema: Schema
    is_in_answers: bool = True


@dataclass
class Class:
    """A generated class.

    Attributes:
        kind: model, enum or union.
        additional: The type of unlisted properties, if they are kept.
    """

    name: str
    kind: str
    schema: Schema
    place: Place
    members: list[Member] = field(default_factory=list)
    additional: Annotation | None = None
    alternatives: list[Annotation] = field(default_factory=list)
    tags: tuple[str, str, dict[str, str]] | None = None
