"""python -m gravscale.sandbox tour | serve"""

from __future__ import annotations

import argparse
import sys

from gravscale.exceptions import OpenApiException

try:
    from gravscale.sandbox import Sandbox
    from gravscale.sandbox.server import TASK_DURATION, TOKEN_TTL
    from gravscale.sandbox.tour import tour
except ModuleNotFoundError as _error:
    sys.exit(f"gravscale.sandbox: {_error}")


def main(arguments: list[str] | None = None) -> int:
    """Run the command line. Gives the exit status."""
    parser = argparse.ArgumentParser(prog="python -m gravscale.sandbox", description="A local stand-in for Gravscale.")
    commands = parser.add_subparsers(dest="command", required=True)
    commands.add_parser("tour", help="start one, and walk the SDK's main job against it")
    serving = commands.add_parser("serve", help="start one, and leave it running")
    serving.add_argument("--host", default="127.0.0.1", help="address to listen on (default: %(default)s)")
    serving.add_argument("--port", type=int, default=8000, help="port, 0 for a free one (default: %(default)s)")
    serving.add_argument("--database", metavar="FILE", help="keep what happens in this file (default: in memory)")

    def add_seconds(option: str, default: float, text: str) -> None:
        what = f"{text} (default: {default:g})"
        serving.add_argument(option, type=float, default=default, metavar="SECONDS", help=what)

    add_seconds("--token-ttl", TOKEN_TTL, "life of an access token")
    add_seconds("--task-duration", TASK_DURATION, "length of a task")
    add_seconds("--latency", 0.0, "added to each answer")
    serving.add_argument(
        "--failure-rate", type=float, default=0.0, metavar="SHARE", help="share of 503 answers, 0 to 1 (default: 0)"
    )
    chosen = parser.parse_args(arguments)
    try:
        return tour() if chosen.command == "tour" else _serve(chosen)
    except KeyboardInterrupt:
        return 0 if chosen.command == "serve" else 130
    except (OpenApiException, OSError) as error:
        print(f"gravscale.sandbox: {error}", file=sys.stderr)
        return 1


def _serve(chosen: argparse.Namespace) -> int:
    with Sandbox(
        chosen.host,
        chosen.port,
        database=chosen.database,
        token_ttl=chosen.token_ttl,
        task_duration=chosen.task_duration,
        latency=chosen.latency,
        failure_rate=chosen.failure_rate,
    ) as sandbox:
        print(f"The sandbox answers at {sandbox.url}", flush=True)
        print(f"  in a program:  gravscale.Configuration(host={sandbox.url!r})")
        print(f"  in a browser:  {sandbox.url}/docs")
        if sandbox.is_public:
            print("Careful: other machines can reach it, and it is made for trying things out, not for safety.")
        print("Ctrl-C stops it.", flush=True)
        try:
            sandbox.wait()
        except KeyboardInterrupt:
            print("Stopped.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
