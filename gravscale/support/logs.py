"""The SDK's loggers: `gravscale`, and below it one for each concern."""

from __future__ import annotations

import logging

_all = logging.getLogger("gravscale")
# A program that set up no logging would otherwise find warnings on its stderr.
_all.addHandler(logging.NullHandler())


def logger(concern: str) -> logging.Logger:
    """The logger of a concern, such as `gravscale.rest`."""
    return _all.getChild(concern)
