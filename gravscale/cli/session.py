"""`gravscale login`, `logout`, `whoami` and `sign-up`"""

from __future__ import annotations

import os
import shlex
from contextlib import suppress
from itertools import islice
from typing import TYPE_CHECKING

import click

import gravscale
from gravscale.cli.invocation import Invocation, NotSignedIn
from gravscale.cli.options import Command
from gravscale.cli.questions import ask, check_given, check_text, read_line

if TYPE_CHECKING:
    from gravscale.profile_file import Profile

_email = click.option("--email", metavar="ADDRESS", callback=check_given, help="E-mail address of the account.")
_password_stdin = click.option("--password-stdin", is_flag=True, help="Read the password from the first line of stdin.")


@click.command(cls=Command)
@_email
@_password_stdin
@click.pass_obj
def login(invocation: Invocation, email: str | None, password_stdin: bool) -> None:
    """Sign in, and stay signed in.

    After that, commands, scripts and notebooks need no password. You are asked for whatever is missing. The session is
    stored for your user on this machine; the password is not stored.
    """
    profile = choose_account(invocation, email)
    log_in(invocation, profile, _password(profile, password_stdin))


@click.command(cls=Command)
@click.pass_obj
def logout(invocation: Invocation) -> None:
    """Delete the profile's session on this machine."""
    from gravscale.profiles import end_session

    profile = invocation.profile_file.find(invocation.profile_name)
    if profile is None or profile.email is None:
        raise NotSignedIn(invocation.login_command)
    client = invocation.open_client(invocation.host_for(profile))
    end_session(client, profile.email)
    invocation.say(f"Signed out of {client.configuration.host} as {profile.email}.")
    for name in ("GRAVSCALE_ACCESS_TOKEN", "GRAVSCALE_PASSWORD"):
        if os.environ.get(name):
            invocation.say(f"Commands are still signed in by {name}.")


@click.command(cls=Command)
@click.pass_obj
def whoami(invocation: Invocation) -> None:
    """Show who is signed in."""
    from gravscale.profiles import ProfileCredentials

    invocation.show_one(gravscale.AuthenticationApi(invocation.api_client).info(), "email", "nickname")
    credentials = invocation.settings.credentials
    via = f"the profile {credentials.profile!r}" if isinstance(credentials, ProfileCredentials) else "the environment"
    invocation.say(f"Signed in to {invocation.api_client.configuration.host} through {via}.")


@click.command("sign-up", cls=Command)
@_email
@_password_stdin
@click.pass_obj
def sign_up(invocation: Invocation, email: str | None, password_stdin: bool) -> None:
    """Create an account."""
    profile = choose_account(invocation, email, is_new=True)
    password = _password(profile, password_stdin, is_new=True)
    client = invocation.open_client(profile.host)
    account = gravscale.AuthenticationApi(client).sign_up({"email": profile.email or "", "password": password})
    invocation.show_one(account, "accountId", "email", "nickname")
    options = ["--email", account.email]
    if invocation.host is None:
        options += ["--host", client.configuration.host]
    invocation.say(f"Now sign in: {invocation.command('login', *options)}")


def log_in(invocation: Invocation, profile: Profile, password: str) -> None:
    """Sign in, check that the stored session works, and save the profile."""
    from gravscale.profiles import ProfileCredentials, begin_session
    from gravscale.token_store import FileTokenStore

    email = profile.email or ""
    begin_session(invocation.open_client(profile.host), email, password)
    client = invocation.open_client(profile.host, credentials=ProfileCredentials(email, profile.name))
    gravscale.AuthenticationApi(client).info()
    client_id = _only_account(client) if invocation.client_id is None else invocation.client_id
    file = invocation.profile_file
    file.save(profile._replace(client_id=client_id))
    invocation.say(f"Signed in to {client.configuration.host} as {email}.")
    invocation.say(f"The session is stored in {FileTokenStore().path}, the profile {profile.name!r} in {file.path}.")
    if profile.name != file.in_use():
        name = shlex.quote(profile.name)
        invocation.say(f"Pass --profile {name} to use it, or switch to it: gravscale profile use {name}")


def _only_account(client: gravscale.ApiClient) -> int | None:
    """Return the account to act for if there is only one."""
    # A user who may not list the accounts can still be signed in.
    with suppress(gravscale.ApiException):
        accounts = list(islice(gravscale.paginate(gravscale.AccountApi(client).list_accounts), 2))
        return accounts[0].client_id if len(accounts) == 1 else None
    return None


def choose_account(invocation: Invocation, email: str | None, is_new: bool = False) -> Profile:
    """Return the profile to sign in with, from the options, the environment, the saved profile, or a prompt."""
    from gravscale.profiles import default_host
    from gravscale.transport.urls import check_host

    file = invocation.profile_file
    known = file.get(invocation.profile or file.in_use())
    host = invocation.host_for(known) or default_host() or ask("Base URL of the service", "--host")
    host = check_host(host, "--host").rstrip("/")
    of_profile = known.email if host == known.host and not is_new else None
    of_environment = os.environ.get("GRAVSCALE_EMAIL")
    email = email or (of_profile if invocation.profile else None) or of_environment or of_profile
    return known._replace(host=host, email=check_text(email or ask("E-mail", "--email"), "--email"))


def _password(profile: Profile, from_stdin: bool, is_new: bool = False) -> str:
    if from_stdin:
        return read_line("--password-stdin", "a password")
    if profile.email == os.environ.get("GRAVSCALE_EMAIL") and (known := os.environ.get("GRAVSCALE_PASSWORD")):
        return check_text(known, "GRAVSCALE_PASSWORD")
    return ask("Password", "--password-stdin", hidden=True, twice=is_new)
