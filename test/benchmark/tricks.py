"""What is there for speed alone: each with what the same takes without it.

Each trick is undone by a program that runs before the measured one, in a process of its own.
"""

from __future__ import annotations

from typing import NamedTuple


class Trick(NamedTuple):
    """Something that is there for speed alone.

    Attributes:
        where: the module whose comment says so.
        what: as a reader of the table knows it.
        call: what it speeds up: a call, or "first answer".
        undo: a program that does without it.
    """

    where: str
    what: str
    call: str
    undo: str


TRICKS = [
    Trick(
        "connection",
        "a request is written in one piece, not field by field",
        "sign_in",
        """
from urllib3.connection import HTTPConnection
from gravscale.transport.connection import DeadlineConnection
from gravscale.transport.deadline import current_attempt

def request(self, method, url, body=None, headers=None, *, chunked=False, preload_content=True, decode_content=True,
            enforce_content_length=True):
    if self.sock is None:
        self.connect()
    current_attempt().begin_sending()
    self._asked = method, url, preload_content, decode_content, enforce_content_length
    self._HTTPConnection__state = "Idle"
    HTTPConnection.request(self, method, url, body, headers, preload_content=preload_content)

DeadlineConnection.request = request
""",
    ),
    Trick(
        "framing",
        "header fields are read by their own grammar, not by the parser of e-mails",
        "info",
        "import gravscale.transport.framing, http.client\n"
        "gravscale.transport.framing._read_fields = lambda fp: http.client.parse_headers(fp).items()",
    ),
    Trick(
        "redaction",
        "whether a name is that of a secret is worked out once",
        "info",
        "import gravscale.transport.request, gravscale.support.redaction\n"
        "gravscale.transport.request.is_secret = gravscale.support.redaction.is_secret.__wrapped__",
    ),
    Trick(
        "request",
        "the query of a request is searched for secrets only if it may hold one",
        "list_tasks",
        "import gravscale.transport.request as request\nrequest.unquote = lambda text: 'a' * 1000",
    ),
    Trick(
        "model",
        "a time that is not ISO 8601 is read at a second attempt",
        "list_tasks",
        """
from pydantic_core import core_schema
import gravscale.schema.model

def lenient(self, source, handler):
    iso = handler(source)
    other = core_schema.no_info_before_validator_function(gravscale.schema.model._read_time, iso)
    return core_schema.union_schema([iso, other], mode="left_to_right")

gravscale.schema.model._Times.__get_pydantic_core_schema__ = lenient
""",
    ),
    Trick(
        "model",
        "models that users make are marked, not those that are read",
        "list_tasks",
        """
import gravscale.schema.model as model

def mark(value):
    if type(value) is list:
        for item in value:
            mark(item)
    elif isinstance(value, model.Model):
        value.__pydantic_fields_set__.update(value.__dict__)
        for item in value.__dict__.values():
            mark(item)
    return value

reader = model.reader
import gravscale.schema.operation
gravscale.schema.operation.reader = lambda type_: (lambda read: lambda raw: mark(read(raw)))(reader(type_))
""",
    ),
    Trick(
        "redaction",
        "patterns of secrets are compiled when there is something to hide",
        "first answer",
        "import gravscale.support.redaction\ngravscale.support.redaction._patterns()",
    ),
    Trick(
        "parameters",
        "a call loads no models but its own",
        "first answer",
        "import gravscale.models\nfor name in gravscale.models.HOMES:\n    getattr(gravscale.models, name)",
    ),
    Trick(
        "request",
        "the parts of a URL are worked out once",
        "info",
        "import gravscale.api_client, gravscale.transport.request\n"
        "gravscale.api_client.split_url = gravscale.transport.request.split_url.__wrapped__",
    ),
    Trick(
        "model",
        "long answers are gone through by a loop, not by a call for each model",
        "list_tasks",
        """
import gravscale.schema.model as model

def as_read(value):
    if model.is_list(value):
        for item in value:
            as_read(item)
    elif model.is_dict(value):
        for item in value.values():
            as_read(item)
    elif isinstance(value, model.Model):
        with_default, with_models = model._to_read(type(value))
        for name, field in with_default:
            if getattr(value, name) is None:
                object.__setattr__(value, name, field.get_default())
        for name in with_models:
            as_read(getattr(value, name))
    return value

model.as_read = as_read
""",
    ),
    Trick(
        "connection",
        "an ASCII name is resolved without the codec of international ones",
        "first answer",
        "import encodings.idna",
    ),
    Trick(
        "forks",
        "what Python keeps for forks to its very end knows little",
        "first answer",
        "import os, typing\ndef keep():\n    return typing\nos.register_at_fork(after_in_child=keep)",
    ),
    Trick("lazy", "names are loaded on first use", "first answer", "from gravscale import *"),
]
