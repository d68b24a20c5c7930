"""Read a proxy's answer to CONNECT (RFC 9110, section 9.3.6)."""

from __future__ import annotations

import http.client
from typing import Any, BinaryIO

from gravscale.transport.http1 import MAX_INTERIM_ANSWERS

_MAX_LINES = 100


class TunnelAnswer(http.client.HTTPResponse):
    """http.client's answer to CONNECT, without the interim answers before it, which http.client takes for refusals."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fp: Any = _AfterInterimAnswers(self.fp)


class _AfterInterimAnswers:
    """A file that skips interim answers (RFC 9110, section 15.2)."""

    def __init__(self, fp: BinaryIO) -> None:
        self._fp = fp
        self._is_begun = False

    def readline(self, limit: int = -1) -> bytes:
        line = self._fp.readline(limit)
        if not self._is_begun:
            self._is_begun = True
            for _ in range(MAX_INTERIM_ANSWERS):
                if line[:7] != b"HTTP/1." or line[8:10] != b" 1":
                    break
                for _ in range(_MAX_LINES):
                    if self._fp.readline(limit).strip() == b"":
                        break
                line = self._fp.readline(limit)
        return line

    def __getattr__(self, name: str) -> Any:
        return getattr(self._fp, name)
