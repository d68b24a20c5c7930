"""Code that is there only for speed, and the cost without it.

A program that runs before the measured one, in a separate process, disables each trick.
"""

from __future__ import annotations

from typing import NamedTuple


class Trick(NamedTuple):
    """A trick that is there only for speed.

    Attributes:
        where: The module with the `# For speed:` comment.
        what: The description in the table.
        call: What it speeds up: the name of a call, or "first answer".
        undo: A program that disables it.
    """

    where: str
    what: str
    call: str
    undo: str


TRICKS = [
    Trick(
        "connection",
        "a request is sent in one piece, head and body",
        "sign_in",
        # No body is small enough. As a size, the number stays what it is.
        "import gravscale.transport.connection as module\n"
        "module._SEND_BYTES = type('Size', (int,), {'__ge__': lambda *_: False})(module._SEND_BYTES)",
    ),
    Trick(
        "connection",
        "the clock that urllib3 makes for each use of a timeout is not made",
        "info",
        """
from gravscale.transport.connection import Exchange
import urllib3

def clone(self):
    urllib3.Timeout(connect=1.0, read=1.0).clone()
    return self

Exchange.clone = clone
""",
    ),
    Trick(
        "urllib3_transport",
        "urllib3 is not asked whether to try again",
        "info",
        """
import urllib3
from gravscale.transport import urllib3_transport

urllib3_transport._NoRetry.is_retry = urllib3.Retry.is_retry
""",
    ),
    Trick(
        "build",
        "the header fields of every request are checked once",
        "info",
        "import gravscale.pipeline.build as build\nbuild._checked_fields = build._checked_fields.__wrapped__\n"
        "build._checked_fields.__wrapped__ = build._checked_fields",
    ),
    Trick(
        "response",
        "header fields become a dict only when more than the value of one is asked",
        "info",
        "import urllib3\nfrom gravscale.transport import response\nresponse.Fields = urllib3.HTTPHeaderDict",
    ),
    Trick(
        "response",
        "an answer that was read has no dict of its header fields before somebody asks for it",
        "info",
        """
from urllib3 import BaseHTTPResponse
from gravscale.transport import response

made = response.ReadAnswer.__init__

def make(self, head, *more):
    BaseHTTPResponse.__init__(
        self, headers=None, status=200, version=11, version_string="", reason="", decode_content=False, request_url=""
    )
    made(self, head, *more)

response.ReadAnswer.__init__ = make
""",
    ),
    Trick(
        "http1",
        "the status line of nearly every answer is known",
        "info",
        """
import re
from gravscale.transport import http1

def parse(line):
    found = re.fullmatch(http1._STATUS_LINE, line)
    return int(found[1]), int(found[2]), (found[3] or "").strip()

http1._parse_status_line = parse
""",
    ),
    Trick(
        "http1",
        "names of header fields that were seen before are not checked again",
        "info",
        """
from gravscale.transport import http1


class Nothing(set):
    def add(self, name):
        pass


http1._known_names = Nothing()
""",
    ),
    Trick(
        "http1",
        "a chunk is not copied where one piece has nothing else",
        "info",
        """
from gravscale.transport import http1

take = http1.AnswerReader._take_chunks
http1.AnswerReader._take_chunks = lambda self, data: take(self, bytes(bytearray(data)))
""",
    ),
    Trick(
        "fields",
        "names of header fields that were sent before are not checked again",
        "info",
        "from gravscale.transport import fields\nfields._check_name = fields._check_name.__wrapped__",
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
        "operation",
        "what reads an operation's answers is made once",
        "info",
        """
from gravscale.schema import operation

operation.Operation._reader = lambda self, answer: operation.reader(answer)
""",
    ),
    Trick(
        "serialization",
        "a text or a number in a query is neither looked into nor joined",
        "list_tasks",
        """
from gravscale.pipeline import serialization


class Text(str):
    pass


as_text = serialization.as_text
serialization.type = lambda value: Text
""",
    ),
    Trick(
        "field_types",
        "a number without a fraction that is written with one is read at a second attempt",
        "list_tasks",
        """
from pydantic_core import core_schema
from gravscale.schema import field_types

strict = core_schema.int_schema(strict=True)
lenient = core_schema.with_info_before_validator_function(field_types._read_integer, strict)
field_types._Integers.__get_pydantic_core_schema__ = lambda self, source, handler: lenient
""",
    ),
    Trick(
        "field_types",
        "a time that is not ISO 8601 is read at a second attempt",
        "list_tasks",
        """
from gravscale.schema.field_types import _Times

schema_of = _Times.__get_pydantic_core_schema__
_Times.__get_pydantic_core_schema__ = lambda self, source, handler: schema_of(self, source, handler)["python_schema"]
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
gravscale.schema.operation.reader = lambda type_: (lambda read: lambda *args: mark(read(*args)))(reader(type_))
""",
    ),
    Trick(
        "session",
        "a token that is good is taken without asking whether it is being renewed",
        "info",
        """
from gravscale.session import RenewingCredentials

RenewingCredentials.access_token = lambda self, api_client: self._renewed(api_client, None)
""",
    ),
    Trick(
        "parameters",
        "a call loads no models but its own",
        "first answer",
        "import gravscale.models\nfor name in gravscale.models.HOMES:\n    getattr(gravscale.models, name)",
    ),
    Trick(
        "urls",
        "the parts of a URL are worked out once",
        "info",
        "import gravscale.pipeline.build as build\nbuild.split_url = build.split_url.__wrapped__",
    ),
    Trick(
        "forks",
        "what Python keeps for forks to its very end knows little",
        "first answer",
        "import os, typing\ndef keep():\n    return typing\nos.register_at_fork(after_in_child=keep)",
    ),
    Trick("lazy", "names are loaded on first use", "first answer", "from gravscale import *"),
]
