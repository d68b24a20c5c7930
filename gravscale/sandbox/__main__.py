"""python -m gravscale.sandbox tour | serve"""

from __future__ import annotations

import argparse
import sys

from gravscale.exceptions import OpenApiException

try:
    from gravscale.sandbox.serving import OPTIONS, serve
    from gravscale.sandbox.tour import tour
except ModuleNotFoundError as _error:
    sys.exit(f"gravscale.sandbox: {_error}")


def main(arguments: list[str] | None = None) -> int:
    """Run the command line, and return the exit status.

    Args:
        arguments: The arguments after the command's name. Default: those of the process.

    Returns:
        The exit status.
    """
    parser = argparse.ArgumentParser(prog="python -m gravscale.sandbox", description="A local stand-in for Gravscale.")
    commands = parser.add_subparsers(dest="command", required=True)
    commands.add_parser("tour", help="start a sandbox and walk through the SDK's main features")
    serving = commands.add_parser("serve", help="start a sandbox and leave it running")
    for name, default, metavar, text in OPTIONS:
        if default is False:
            serving.add_argument(f"--{name}", action="store_true", help=text)
        else:
            kind, shown = (str, text) if default is None else (type(default), f"{text} Default: %(default)s.")
            serving.add_argument(f"--{name}", type=kind, default=default, metavar=metavar, help=shown)
    chosen = vars(parser.parse_args(arguments))
    try:
        return tour() if chosen.pop("command") == "tour" else serve(**chosen)
    except KeyboardInterrupt:
        return 130
    except (OpenApiException, OSError) as error:
        print(f"gravscale.sandbox: {error}", file=sys.stderr)
        return 1


if __name__ == "__main__":
    sys.exit(main())
