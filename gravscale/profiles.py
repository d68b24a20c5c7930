"""Configurations from outside of the program: from the environment."""

from __future__ import annotations

import os
from typing import Protocol, TypeVar

from gravscale.credentials import PasswordCredentials
from gravscale.exceptions import ApiValueError
from gravscale.transport.urls import check_host

T_co = TypeVar("T_co", covariant=True)


class _Configuration(Protocol[T_co]):
    """The class of configurations, which lies below and hands itself in."""

    def __call__(
        self,
        host: str | None = None,
        *,
        access_token: str | None = None,
        credentials: PasswordCredentials | None = None,
    ) -> T_co: ...


def configuration_from_env(make: _Configuration[T_co]) -> T_co:
    """Return a configuration from the environment. See `Configuration.from_env`."""
    host, token, email, password = (
        os.environ.get(f"GRAVSCALE_{name}") or None for name in ("HOST", "ACCESS_TOKEN", "EMAIL", "PASSWORD")
    )
    if host is not None:
        check_host(host, "GRAVSCALE_HOST")
    if token is not None and token != token.strip():
        raise ApiValueError("GRAVSCALE_ACCESS_TOKEN: expected a token, got one that has white space around it")
    if (email is None) != (password is None):
        raise ApiValueError("GRAVSCALE_EMAIL and GRAVSCALE_PASSWORD: expected both or none")
    if email is not None and password is not None:
        if token is not None:
            raise ApiValueError("GRAVSCALE_ACCESS_TOKEN: can't be used together with GRAVSCALE_EMAIL")
        return make(host, credentials=PasswordCredentials(email, password))
    return make(host, access_token=token)
