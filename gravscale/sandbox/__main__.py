"""python -m gravscale.sandbox tour | serve"""

from __future__ import annotations

import argparse
import shlex
import signal
import sys
import threading
import warnings

from gravscale.exceptions import InsecureTransportWarning, OpenApiException

try:
    from gravscale.sandbox import Sandbox
    from gravscale.sandbox.account import EMAIL, PASSWORD, sign_up
    from gravscale.sandbox.server import TASK_DURATION, TOKEN_TTL
    from gravscale.sandbox.tour import tour
except ModuleNotFoundError as _error:
    sys.exit(f"gravscale.sandbox: {_error}")


def main(arguments: list[str] | None = None, prog: str = "python -m gravscale.sandbox") -> int:
    """Run the command line, and return the exit status.

    Args:
        arguments: The arguments after the command's name. Default: those of the process.
        prog: The command's name in its help.

    Returns:
        The exit status.
    """
    parser = argparse.ArgumentParser(prog=prog, description="A local stand-in for Gravscale.")
    commands = parser.add_subparsers(dest="command", required=True)
    commands.add_parser("tour", help="start a sandbox and walk through the SDK's main features")
    serving = commands.add_parser("serve", help="start a sandbox and leave it running")
    serving.add_argument("--host", default="127.0.0.1", help="address to listen on (default: %(default)s)")
    serving.add_argument("--port", type=int, default=8000, help="port, 0 for a free one (default: %(default)s)")
    serving.add_argument("--database", metavar="FILE", help="keep the data in this file (default: in memory)")
    serving.add_argument("--demo", action="store_true", help="create an account with some public IPs and tasks")
    serving.add_argument(
        "--profile", metavar="NAME", help="save it as this profile of the command line, signed in with --demo"
    )

    def add_seconds(option: str, default: float, text: str) -> None:
        what = f"{text} (default: {default:g})"
        serving.add_argument(option, type=float, default=default, metavar="SECONDS", help=what)

    add_seconds("--token-ttl", TOKEN_TTL, "lifetime of an access token")
    add_seconds("--task-duration", TASK_DURATION, "duration of a task")
    add_seconds("--latency", 0.0, "delay added to each response")
    serving.add_argument(
        "--failure-rate",
        type=float,
        default=0.0,
        metavar="SHARE",
        help="share of requests that get a 503, 0 to 1 (default: 0)",
    )
    chosen = parser.parse_args(arguments)
    before = None
    if threading.current_thread() is threading.main_thread():
        # As process 1 of a container, this would ignore a signal without a handler. Make SIGTERM act like Ctrl-C.
        before = signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        return tour() if chosen.command == "tour" else _serve(chosen)
    except KeyboardInterrupt:
        return 0 if chosen.command == "serve" else 130
    except (OpenApiException, OSError) as error:
        print(f"gravscale.sandbox: {error}", file=sys.stderr)
        return 1
    finally:
        if before is not None:
            signal.signal(signal.SIGTERM, before)


def _serve(chosen: argparse.Namespace) -> int:
    with warnings.catch_warnings():
        # The same warning is printed below.
        warnings.simplefilter("ignore", InsecureTransportWarning)
        sandbox = Sandbox(
            chosen.host,
            chosen.port,
            database=chosen.database,
            token_ttl=chosen.token_ttl,
            task_duration=chosen.task_duration,
            latency=chosen.latency,
            failure_rate=chosen.failure_rate,
        )
    with sandbox:
        variables = {"GRAVSCALE_HOST": sandbox.url}
        if chosen.demo:
            sign_up(sandbox, demo=True)
            variables.update(GRAVSCALE_EMAIL=EMAIL, GRAVSCALE_PASSWORD=PASSWORD)
        print(f"The sandbox runs at {sandbox.url}. Its operations are listed at {sandbox.url}/docs")
        if sandbox.is_public:
            print("Careful: other machines can reach it. It is meant for experiments and is not secure.")
        if chosen.profile:
            _write_profile(sandbox, chosen.profile, signed_in=chosen.demo)
            print(f"To use it: gravscale --profile {chosen.profile}, or Configuration.from_profile({chosen.profile!r})")
        else:
            print("In the terminal where your program runs:\n")
            for name, value in variables.items():
                print(f"  {_setting(name, value)}")
        print("\nCtrl-C stops it.", flush=True)
        try:
            sandbox.wait()
        except KeyboardInterrupt:
            print("Stopped.")
    return 0


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


if __name__ == "__main__":
    sys.exit(main())
