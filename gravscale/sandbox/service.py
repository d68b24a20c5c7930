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

from gravscale.sandbox.database import is_locked
from gravscale.sandbox.tasks import settle

# How long a request waits for another process to release the database.
LOCK_SECONDS = 2.0
_LOCK_POLL_SECONDS = 0.02


class Settings(Protocol):
    """What the service is like. May change while it runs.

    Attributes:
        token_ttl: seconds that an access token lives.
        task_duration: seconds that a task takes.
        latency: seconds added to each answer.
        failure_rate: the share of requests, 0 to 1, answered by a 503 instead of being carried out.
    """

    token_ttl: float
    task_duration: float
    latency: float
    failure_rate: float


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
                    await asyncio.sleep(_LOCK_POLL_SECONDS)
                settle(session)
                yield session
                session.commit()
