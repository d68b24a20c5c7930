"""An eavesdropper: it records every log record, everything printed, every warning, and every object shown."""

from __future__ import annotations

import logging
import pickle
import pprint
import traceback
from pathlib import Path

from pydantic import BaseModel

from gravscale.exceptions import OpenApiException
from gravscale.schema.model import Model
from gravscale.schema.tables import list_as_html

# Each begins and ends with a word that is the same in every encoding, so that even half of one is recognized. Between
# them are all the characters that encodings treat differently.
PASSWORD = "pwhead C0rrect!hörse#42&b+$x/pwtail"
REFRESH_TOKEN = "rthead.eyJhbGciOiJIUzI1NiJ9.a-b_c~d/rttail"
ACCESS_TOKEN = "athead/Xy7+9zQ==.k/attail+=="
TESTS = Path(__file__).parent.parent

WORDS = ("pwhead", "pwtail", "rthead", "rttail", "athead", "attail")


class Eavesdropper(logging.Handler):
    """Keeps all the text that it sees."""

    def __init__(self) -> None:
        super().__init__(logging.DEBUG)
        self.seen: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        formatter = logging.Formatter("%(name)s %(message)s")
        self.seen += [formatter.format(record), record.getMessage(), repr(record.__dict__)]

    def look_at(self, *things: object) -> None:
        """Record everything that an object shows of itself."""
        for thing in things:
            self.seen += [repr(thing), str(thing), pprint.pformat(thing), f"{thing}", f"{[thing]}"]
            for notebook in ("_repr_markdown_", "_repr_json_", "_repr_mimebundle_"):
                assert not hasattr(type(thing), notebook)
            if isinstance(thing, BaseModel):
                self.seen.append(repr(list(thing.__rich_repr__())))
            if isinstance(thing, Model):
                self.seen += [thing.to_str(), thing._repr_html_(), list_as_html([thing])]
            else:
                assert not hasattr(type(thing), "_repr_html_")
            if isinstance(thing, OpenApiException):
                self.seen += thing._render_traceback_()

    def look_into(self, error: BaseException, *, variables: bool = True) -> None:
        """See an exception with its chain and its attributes, all that these hold, and the variables of its traceback,
        as error reports have them."""
        chain: list[BaseException] = []
        pending: list[BaseException | None] = [error]
        while pending:
            link = pending.pop()
            if link is not None and link not in chain:
                chain.append(link)
                pending += [link.__cause__, link.__context__]
        for link in chain:
            self.look_at(link, link.args, vars(link))
            self.seen += traceback.format_exception(link)
            if variables:
                for frame in traceback.TracebackException.from_exception(link, capture_locals=True).stack:
                    # The variables of the tests themselves don't count.
                    if not frame.filename.startswith(str(TESTS)):
                        self.seen.append(repr(frame.locals))
            for value in vars(link).values():
                self.seen.append(repr(value.to_dict() if isinstance(value, Model) else value))
        self.seen.append(repr(pickle.dumps(error)))

    def leaks(self) -> list[str]:
        """The secrets that were seen."""
        return [text for text in self.seen if any(word in text.lower() for word in WORDS)]
