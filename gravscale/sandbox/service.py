"""What the operations share: the settings and the database."""

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
    """What the service is like. May change while it runs.

    Attributes:
        token_ttl: how long an access token lives, in seconds.
        task_duration: how long a task takes, in seconds.
        latency: what is added to each response time, in seconds.
        failure_rate: the share of requests, 0 to 1, that get a 503 instead of being carried out.
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
    """What the operations share.

    Attributes:
        engine: the database.
        settings: what the service is like.
        lock: guards the engine; a SQLite database in memory has only one connection.
    """

    engine: Engine
    settings: Settings
    lock: asyncio.Lock = field(default_factory=asyncio.Lock)

    @asynccontextmanager
    async def transaction(self) -> AsyncGenerator[Session, None]:
        """Open a session with the database as of now; commit at the end, or roll back on an error.

        Yields:
            The session.

        Raises:
            OperationalError: another process has held the database's lock since before the request came.
        """
        # Counted from before this process's own lock, so that of many requests none waits for longer than one would.
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
                # SQLite writes to the file at each COMMIT, also where nothing has changed.
                if changes_of(session) != unchanged:
                    session.commit()
