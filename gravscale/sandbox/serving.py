"""Run a sandbox until the user stops it."""

from __future__ import annotations

import shlex
import signal
import sys
import threading
import warnings
from collections.abc import Generator
from contextlib import contextmanager
from typing import Any

from gravscale.exceptions import ApiValueError, InsecureTransportWarning
from gravscale.sandbox import Sandbox
from gravscale.sandbox.account import EMAIL, PASSWORD, sign_up


def serve(demo: bool, profile: str | None, replace: bool, **settings: Any) -> int:
    """Start a sandbox, print how to use it, and leave it running until Ctrl-C or SIGTERM. Return the exit status.

    With `demo`, it has an account. It is saved as `profile`, if any; `replace` allows that to change a profile that
    belongs to another service.
    """
    try:
        with _ended_by_sigterm(), _start(**settings) as sandbox:
            _introduce(sandbox, demo, profile, replace)
            try:
                sandbox.wait()
            except KeyboardInterrupt:
                print("Stopped.")
    except KeyboardInterrupt:
        pass
    return 0


def _start(**settings: Any) -> Sandbox:
    with warnings.catch_warnings():
        # The same warning is printed below.
        warnings.simplefilter("ignore", InsecureTransportWarning)
        return Sandbox(**settings)


@contextmanager
def _ended_by_sigterm() -> Generator[None]:
    """Make SIGTERM act like Ctrl-C. Process 1 of a container would otherwise ignore it."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


def _introduce(sandbox: Sandbox, demo: bool, profile: str | None, replace: bool) -> None:
    if profile and not replace:
        _check_profile(sandbox, profile, EMAIL if demo else None)
    variables = {"GRAVSCALE_HOST": sandbox.url}
    if demo:
        sign_up(sandbox, demo=True)
        variables.update(GRAVSCALE_EMAIL=EMAIL, GRAVSCALE_PASSWORD=PASSWORD)
    print(f"The sandbox runs at {sandbox.url}. Its operations are listed at {sandbox.url}/docs")
    if sandbox.is_public:
        print("Careful: other machines can reach it. It is meant for experiments and is not secure.")
    if profile:
        _write_profile(sandbox, profile, signed_in=demo)
        print(f"To use it: gravscale --profile {shlex.quote(profile)}, or Configuration.from_profile({profile!r})")
    else:
        print("In the terminal where your program runs:\n")
        for name, value in variables.items():
            print(f"  {_setting(name, value)}")
    print("\nCtrl-C stops it.", flush=True)


def _check_profile(sandbox: Sandbox, name: str, email: str | None) -> None:
    """Raise ApiValueError if the profile exists and belongs to another service or account."""
    from gravscale.profile_file import ProfileFile

    known = ProfileFile().get(name)
    if known.host not in (None, sandbox.url) or known.email not in (None, email):
        whose = " ".join(filter(None, (known.host, known.email and f"as {known.email}")))
        raise ApiValueError(f"--profile: the profile {name!r} exists, {whose}; choose another name or pass --replace")


def _write_profile(sandbox: Sandbox, name: str, *, signed_in: bool) -> None:
    """Save the sandbox's URL as a profile, with a session of the demo account if signed in."""
    from gravscale.api_client import ApiClient
    from gravscale.configuration import Configuration
    from gravscale.profile_file import Profile, ProfileFile
    from gravscale.profiles import begin_session

    if signed_in:
        # The failure rate applies to the user's calls, not to this one.
        failure_rate, sandbox.failure_rate = sandbox.failure_rate, 0.0
        with ApiClient(Configuration(sandbox.url, no_proxy="*")) as api_client:
            begin_session(api_client, EMAIL, PASSWORD)
        sandbox.failure_rate = failure_rate
    ProfileFile().save(Profile(name, sandbox.url, EMAIL if signed_in else None))


def _setting(name: str, value: str) -> str:
    """Return the command that sets an environment variable, for PowerShell on Windows or else a POSIX shell."""
    return f"$env:{name} = '{value}'" if sys.platform == "win32" else f"export {name}={shlex.quote(value)}"
