"""A local stand-in for the service, for experiments and for tests. Needs the extra `sandbox`."""

from __future__ import annotations

from gravscale.support.lazy import TYPE_CHECKING

if TYPE_CHECKING:
    from gravscale.sandbox.fixture import SandboxFixture as SandboxFixture
    from gravscale.sandbox.server import Sandbox as Sandbox

__all__ = ["Sandbox", "SandboxFixture"]


def __getattr__(name: str) -> object:
    # Import on first use only: pytest imports this package for its plugin wherever gravscale is installed.
    if name == "SandboxFixture":
        from gravscale.sandbox.fixture import SandboxFixture

        return SandboxFixture
    if name != "Sandbox":
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    try:
        from gravscale.sandbox.server import Sandbox
    except ModuleNotFoundError as error:
        if error.name is None or error.name.startswith("gravscale"):
            raise
        raise ModuleNotFoundError(
            f"the sandbox needs {error.name}: pip install 'gravscale[sandbox]'", name=error.name
        ) from None
    globals()[name] = Sandbox
    return Sandbox
