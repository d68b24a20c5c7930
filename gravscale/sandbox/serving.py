"""A sandbox that runs until it is stopped: what `serve` takes, does and says."""

from __future__ import annotations

import shlex
import signal
import sys
import threading
import warnings
from collections.abc import Generator
from contextlib import contextmanager
from typing import Any, NamedTuple

from gravscale.exceptions import ApiValueError, InsecureTransportWarning
from gravscale.sandbox import Sandbox
from gravscale.sandbox.account import EMAIL, PASSWORD, sign_up
from gravscale.sandbox.server import TASK_DURATION, TOKEN_TTL


class Option(NamedTuple):
    """An option of `serve`. `default` tells the type, too, where it is not None; a flag is False by default."""

    name: str
    default: str | float | bool | None
    metavar: str | None
    help: str


OPTIONS = (
    Option("host", "127.0.0.1", "ADDRESS", "Address to listen on."),
    Option("port", 8000, "NUMBER", "Port; 0 for a free one."),
    Option("database", None, "FILE", "Keep the data in this file, and not in memory."),
    Option("demo", False, None, "Sign up an account with some public IPs and tasks."),
    Option("profile", None, "NAME", "Make it this profile of the command line, signed in if --demo."),
    Option("replace", False, None, "Replace the profile if it is that of another service."),
    Option("token-ttl", TOKEN_TTL, "SECONDS", "Life of an access token."),
    Option("task-duration", TASK_DURATION, "SECONDS", "Length of a task."),
    Option("latency", 0.0, "SECONDS", "Time added to each answer."),
    Option("failure-rate", 0.0, "SHARE", "Share of answers that are 503, 0 to 1."),
)


def serve(demo: bool, profile: str | None, replace: bool, **settings: Any) -> int:
    """Start a sandbox, say how to use it, and leave it running until Ctrl-C or SIGTERM.

    Args:
        demo: whether to sign up the account of `gravscale.sandbox.account`.
        profile: the profile to make it.
        replace: whether that may be another service's profile so far.
        **settings: those of `Sandbox`.

    Returns:
        The exit status.
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
        # What runs it says so itself.
        warnings.simplefilter("ignore", InsecureTransportWarning)
        return Sandbox(**settings)


@contextmanager
def _ended_by_sigterm() -> Generator[None]:
    """Have SIGTERM end it as Ctrl-C does. Process 1 of a container ignores a signal that it has no handler for."""
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
    print(f"The sandbox runs at {sandbox.url}, and shows its operations in a browser at {sandbox.url}/docs")
    if sandbox.is_public:
        print("Careful: other machines can reach it, and it is made for trying things out, not for safety.")
    if profile:
        _write_profile(sandbox, profile, signed_in=demo)
        print(f"To use it: gravscale --profile {shlex.quote(profile)}, or Configuration.from_profile({profile!r})")
    else:
        print("In the terminal where your program runs:\n")
        for name, value in variables.items():
            print(f"  {_setting(name, value)}")
    print("\nCtrl-C stops it.", flush=True)


def _check_profile(sandbox: Sandbox, name: str, email: str | None) -> None:
    """Raise ApiValueError if there is such a profile already, of another service or of another account."""
    from gravscale.profile_file import ProfileFile

    known = ProfileFile().get(name)
    if known.host not in (None, sandbox.url) or known.email not in (None, email):
        whose = " ".join(filter(None, (known.host, known.email and f"as {known.email}")))
        raise ApiValueError(f"--profile: there is a profile {name!r} already, {whose}; choose another, or --replace it")


def _write_profile(sandbox: Sandbox, name: str, *, signed_in: bool) -> None:
    """Keep where the sandbox is, and a session of the demo's account."""
    from gravscale.api_client import ApiClient
    from gravscale.configuration import Configuration
    from gravscale.profile_file import Profile, ProfileFile
    from gravscale.profiles import begin_session

    if signed_in:
        # The failures are for the user's calls, not for this one.
        failure_rate, sandbox.failure_rate = sandbox.failure_rate, 0.0
        with ApiClient(Configuration(sandbox.url, no_proxy="*")) as api_client:
            begin_session(api_client, EMAIL, PASSWORD)
        sandbox.failure_rate = failure_rate
    ProfileFile().save(Profile(name, sandbox.url, EMAIL if signed_in else None))


def _setting(name: str, value: str) -> str:
    """Return the line that sets an environment variable: for PowerShell on Windows, else for a POSIX shell."""
    return f"$env:{name} = '{value}'" if sys.platform == "win32" else f"export {name}={shlex.quote(value)}"
