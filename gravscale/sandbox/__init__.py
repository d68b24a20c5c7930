"""A local stand-in for the service, for trying things out and for tests. Needs the extra `sandbox`."""

from __future__ import annotations

try:
    from gravscale.sandbox.server import Sandbox
except ModuleNotFoundError as error:
    if error.name is None or error.name.startswith("gravscale"):
        raise
    raise ModuleNotFoundError(
        f"the sandbox needs {error.name}: pip install 'gravscale[sandbox]'", name=error.name
    ) from None

__all__ = ["Sandbox"]
