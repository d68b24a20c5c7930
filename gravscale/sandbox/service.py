"""The settings and the database, which all operations share."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Protocol

from sqlalchemy import Engine
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from gravscale.sandbox.database import LOCK_POLL_SECONDS, LOCK_SECONDS, changes_of, is_locked
from gravscale.sandbox.tasks import settle


class Settings(Protocol):
    """The settings of the service. They may change while it runs.

    Attributes:
        token_ttl: The lifetime of an access token, in seconds.
        task_duration: How long a task takes, in seconds.
        latency: How many seconds to add to each response time.
        failure_rate: The share of requests, 0 to 1, that get a 503 and are not carried out.
    """

    @property
    def token_ttl(self) -> float: ...
    @property
    def task_duration(self) -> float: ...
    @property
    def latency(self) -> float: ...
    @property
    def failure_rate(self) -> float: ...


@dataclass
class Service:
    """The state that the operations share.

    Attributes:
        engine: The database.
        settings: The settings of the service.
        lock: Guards the engine, because a SQLite database in memory has only one connection.
    """

    engine: Engine
    settings: Settings
    lock: asyncio.Lock = field(default_factory=asyncio.Lock)

    @asynccontextmanager
    async def transaction(self) -> AsyncGenerator[Session, None]:
        """Open a session after applying the effects of ended tasks. Commit at the end, or roll back on an error.

        Raises OperationalError if another process has held the database's lock ever since the request came.
        """
        # Start the clock before taking this process's own lock, so that many requests wait no longer than one would.
        expires_at = time.monotonic() + LOCK_SECONDS
        async with self.lock:
            with Session(self.engine) as session:
                while True:
                    try:
                        session.connection()
                        break
                    except OperationalError as error:
                        if not is_locked(error) or time.monotonic() >= expires_at:
                            raise
                        session.rollback()
                    await asyncio.sleep(LOCK_POLL_SECONDS)
                unchanged = changes_of(session)
                settle(session)
                yield session
                session.flush()
                # SQLite writes to the file at each COMMIT, even if nothing has changed.
                if changes_of(session) != unchanged:
                    session.commit()
