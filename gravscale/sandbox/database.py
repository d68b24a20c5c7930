"""The sandbox's database."""

from __future__ import annotations

import os
import sqlite3
import time
from datetime import datetime, timezone
from pathlib import Path
from typing import cast

from sqlalchemy import URL, Connection, ForeignKey, create_engine, event
from sqlalchemy.engine import Engine
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.exc import DBAPIError, OperationalError, SQLAlchemyError
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column, relationship
from sqlalchemy.pool import StaticPool

# How long to wait for another process to release a database, and how often to check.
LOCK_SECONDS = 5.0
LOCK_POLL_SECONDS = 0.02


class Base(DeclarativeBase):
    """Base class of the tables."""


class Setting(Base):
    """A value that belongs to the sandbox itself, such as the key that signs tokens."""

    __tablename__ = "setting"

    name: Mapped[str] = mapped_column(primary_key=True)
    value: Mapped[str]


class Account(Base):
    """A client account. E-mail addresses are stored in lower case, passwords as argon2 hashes."""

    __tablename__ = "account"

    client_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=True)
    uuid: Mapped[str] = mapped_column(unique=True)
    email: Mapped[str] = mapped_column(unique=True)
    password_hash: Mapped[str]
    status: Mapped[str] = mapped_column(default="active")
    vpcs: Mapped[list[Vpc]] = relationship(back_populates="account", order_by="Vpc.id")


class RefreshToken(Base):
    """The hash of a refresh token that was issued."""

    __tablename__ = "refresh_token"

    token_hash: Mapped[str] = mapped_column(primary_key=True)
    client_id: Mapped[int] = mapped_column(ForeignKey("account.client_id"))
    expires_at: Mapped[float]


class Vpc(Base):
    """A virtual private cloud."""

    __tablename__ = "vpc"

    id: Mapped[int] = mapped_column(primary_key=True)
    client_id: Mapped[int] = mapped_column(ForeignKey("account.client_id"))
    name: Mapped[str]
    tenant: Mapped[str]
    group: Mapped[str]
    account: Mapped[Account] = relationship(back_populates="vpcs")


class PublicIp(Base):
    """A public IP, from the moment it is requested until its release has completed."""

    __tablename__ = "public_ip"

    id: Mapped[int] = mapped_column(primary_key=True)
    vpc_id: Mapped[int] = mapped_column(ForeignKey("vpc.id"))
    address: Mapped[str]
    public_address: Mapped[str]
    # It is listed once its allocation has completed.
    ready: Mapped[bool] = mapped_column(default=False)
    vpc: Mapped[Vpc] = relationship()


class Task(Base):
    """A task. Its progress follows from its age; see tasks.py."""

    __tablename__ = "task"

    id: Mapped[str] = mapped_column(primary_key=True)
    client_id: Mapped[int] = mapped_column(ForeignKey("account.client_id"))
    correlation_id: Mapped[str]
    email: Mapped[str]
    action: Mapped[str]
    created_at: Mapped[float]
    duration: Mapped[float]
    public_ip_id: Mapped[int]
    address: Mapped[str]
    public_address: Mapped[str]
    # The error it will fail with, or None if it will succeed.
    error: Mapped[str | None]
    settled: Mapped[bool] = mapped_column(default=False)


def open_database(path: str | os.PathLike[str] | None) -> Engine:
    """Open the database in a file, or a new one in memory, and create missing tables.

    Only its owner can read a new file, because it contains password hashes and the key that signs tokens. A transaction
    takes the write lock when it begins, and raises OperationalError at once if another process has the lock.

    Raises OSError if the file can't be created, read or written.
    """
    # With isolation_level=None, only `_begin` starts a transaction.
    connect_args = {"check_same_thread": False, "isolation_level": None, "timeout": 0}
    try:
        if path is None:
            # In memory, a second connection would open a second database.
            engine = create_engine("sqlite://", poolclass=StaticPool, connect_args=connect_args)
        else:
            os.close(os.open(path, os.O_RDWR | os.O_CREAT, 0o600))
            # URL.create, because in a URL string a question mark or a percent sign would have a meaning.
            engine = create_engine(URL.create("sqlite", database=str(Path(path).absolute())), connect_args=connect_args)
        event.listen(engine, "begin", _begin)
        event.listen(engine, "checkin", _roll_back)
        try:
            _create_tables(engine)
        except SQLAlchemyError:
            engine.dispose()
            raise
    except (SQLAlchemyError, OSError, ValueError) as error:
        raise OSError(f"database: {path!r} can't be opened: {error.__cause__ or error}") from error
    return engine


def is_locked(error: DBAPIError) -> bool:
    """Return whether another process has the database's lock."""
    return "locked" in str(error.orig)


def changes_of(session: Session) -> int:
    """Return how many rows the session's connection has changed since it was opened."""
    return cast("sqlite3.Connection", session.connection().connection.driver_connection).total_changes


def _create_tables(engine: Engine) -> None:
    expires_at = time.monotonic() + LOCK_SECONDS
    while True:
        try:
            Base.metadata.create_all(engine)
            return
        except OperationalError as error:
            if not is_locked(error) or time.monotonic() >= expires_at:
                raise
        time.sleep(LOCK_POLL_SECONDS)


def _begin(connection: Connection) -> None:
    connection.exec_driver_sql("BEGIN IMMEDIATE")


def _roll_back(connection: DBAPIConnection | None, _: object) -> None:
    # A COMMIT fails while another process reads. SQLAlchemy then assumes that the transaction is over, but it is not.
    if connection is not None:
        connection.rollback()


def as_time(seconds: float) -> datetime:
    """Convert seconds since the epoch to a datetime in UTC."""
    return datetime.fromtimestamp(seconds, timezone.utc)
