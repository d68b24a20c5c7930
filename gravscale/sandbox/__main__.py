"""python -m gravscale.sandbox tour | serve"""

from __future__ import annotations

import sys

from gravscale.exceptions import OpenApiException

try:
    # First of all, because it says which extra is missing.
    from gravscale.sandbox import Sandbox as Sandbox
    from gravscale.sandbox.commands import sandbox
except ModuleNotFoundError as _error:
    sys.exit(f"gravscale.sandbox: {_error}")


def main(arguments: list[str] | None = None) -> int:
    """Run the command line with these arguments or those of the process, and return the exit status."""
    try:
        sandbox.main(arguments, prog_name="python -m gravscale.sandbox")
    except (OpenApiException, OSError) as error:
        print(f"gravscale.sandbox: {error}", file=sys.stderr)
        return 1


if __name__ == "__main__":
    sys.exit(main())
