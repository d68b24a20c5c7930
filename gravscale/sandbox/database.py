"""What the sandbox remembers."""

from __future__ import annotations

import os
from datetime import datetime, timezone
from pathlib import Path

from sqlalchemy import URL, Connection, ForeignKey, create_engine, event
from sqlalchemy.engine import Engine
from sqlalchemy.exc import OperationalError, SQLAlchemyError
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column, relationship
from sqlalchemy.pool import StaticPool


class Base(DeclarativeBase):
    """The base of the tables."""


class Setting(Base):
    """What belongs to the sandbox itself, such as the key that signs tokens."""

    __tablename__ = "setting"

    name: Mapped[str] = mapped_column(primary_key=True)
    value: Mapped[str]


class Account(Base):
    """A client account. E-mails are kept in lower case, passwords as argon2 hashes."""

    __tablename__ = "account"

    client_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=True)
    uuid: Mapped[str] = mapped_column(unique=True)
    email: Mapped[str] = mapped_column(unique=True)
    password_hash: Mapped[str]
    status: Mapped[str] = mapped_column(default="active")
    vpcs: Mapped[list[Vpc]] = relationship(back_populates="account", order_by="Vpc.id")


class RefreshToken(Base):
    """A refresh token that was given out, as a hash."""

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
    """A public IP: from the moment it is asked for until its release is completed."""

    __tablename__ = "public_ip"

    id: Mapped[int] = mapped_column(primary_key=True)
    vpc_id: Mapped[int] = mapped_column(ForeignKey("vpc.id"))
    address: Mapped[str]
    public_address: Mapped[str]
    # Listed once its allocation is completed.
    ready: Mapped[bool] = mapped_column(default=False)
    vpc: Mapped[Vpc] = relationship()


class Task(Base):
    """A task. How far it has come follows from its age; see tasks.py."""

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
    # What it will fail with, if it is to fail.
    error: Mapped[str | None]
    settled: Mapped[bool] = mapped_column(default=False)


def open_database(path: str | os.PathLike[str] | None) -> Engine:
    """Open the database in a file, or a new one in memory, and create its tables where they are missing.

    A new file is readable by its owner alone, as it has password hashes and the key that signs tokens. A transaction
    of the engine takes the write lock when it begins, and raises OperationalError at once when another process has it.

    Raises:
        OSError: the file can't be created, read or written.
    """
    # A transaction's connection may be used by any thread; isolation_level=None leaves BEGIN to `_begin`.
    connect_args = {"check_same_thread": False, "isolation_level": None, "timeout": 0}
    try:
        if path is None:
            # In memory a second connection would be a second database.
            engine = create_engine("sqlite://", poolclass=StaticPool, connect_args=connect_args)
        else:
            os.close(os.open(path, os.O_RDWR | os.O_CREAT, 0o600))
            # Not written into a URL, in which a question mark or a percent sign would mean something.
            engine = create_engine(URL.create("sqlite", database=str(Path(path).absolute())), connect_args=connect_args)
        event.listen(engine, "begin", _begin)
        Base.metadata.create_all(engine)
    except (SQLAlchemyError, OSError, ValueError) as error:
        raise OSError(f"database: {os.fspath(path or '')} can't be opened: {error.__cause__ or error}") from error
    return engine


def is_locked(error: OperationalError) -> bool:
    """Return whether another process has the database's lock."""
    return "locked" in str(error.orig)


def _begin(connection: Connection) -> None:
    connection.exec_driver_sql("BEGIN IMMEDIATE")


def as_time(seconds: float) -> datetime:
    """A moment in seconds since the epoch as a time in UTC."""
    return datetime.fromtimestamp(seconds, timezone.utc)
