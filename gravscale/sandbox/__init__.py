"""A local stand-in for the service, for experiments and for tests. Needs the extra `sandbox`."""

from __future__ import annotations

from gravscale.support.lazy import TYPE_CHECKING, lazy

if TYPE_CHECKING:
    from gravscale.sandbox.fixture import SandboxFixture as SandboxFixture
    from gravscale.sandbox.server import Sandbox as Sandbox
else:
    # pytest imports this package for its plugin wherever gravscale is installed.
    _homes = {"Sandbox": "gravscale.sandbox.server", "SandboxFixture": "gravscale.sandbox.fixture"}
    _load, __dir__, __all__ = lazy(__name__, _homes)

    def __getattr__(name: str) -> object:
        try:
            return _load(name)
        except ModuleNotFoundError as error:
            if error.name is None or error.name.startswith("gravscale"):
                raise
            missing, text = error.name, f"the sandbox needs {error.name}: pip install 'gravscale[sandbox]'"
        raise ModuleNotFoundError(text, name=missing)
