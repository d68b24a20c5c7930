"""The base class of the API classes, which completes the generated methods."""

from __future__ import annotations

import inspect
from collections import ChainMap
from collections.abc import Callable
from functools import cache
from textwrap import indent
from typing import Any, get_type_hints

from gravscale.api_client import ApiClient
from gravscale.exceptions import ApiTypeError
from gravscale.schema.call_options import CALL_OPTIONS, CallOptions
from gravscale.schema.operation import Operation
from gravscale.support.frames import PACKAGE
from gravscale.support.lazy import load
from gravscale.support.type_guards import has_methods, type_name
from gravscale.tracebacks import hide_sdk_frames

_SEE_OPTIONS = "options: See CallOptions.\n"


class Api:
    """Base class of the API classes.

    Args:
        api_client: The client to call with. Default: `ApiClient.get_default()`.
    """

    @hide_sdk_frames
    def __init__(self, api_client: ApiClient | None = None) -> None:
        if api_client is not None and not has_methods(api_client, "perform"):
            raise ApiTypeError(f"api_client: expected an ApiClient, got {type_name(api_client)}")
        self.api_client: ApiClient = ApiClient.get_default() if api_client is None else api_client

    def __init_subclass__(cls) -> None:
        super().__init_subclass__()
        operations: list[Operation[object]] = [value for value in vars(cls).values() if isinstance(value, Operation)]
        for operation in operations:
            names = [operation.name + form for form in ("", "_with_http_info", "_without_preload_content")]
            methods: dict[str, Callable[..., object]] = {name: vars(cls)[name] for name in names if name in vars(cls)}
            if methods:
                # All forms have the same ones.
                parameters = _parameters(next(iter(methods.values())))
                for name, method in methods.items():
                    setattr(cls, name, _spelled_out(method, parameters))


def _parameters(method: Callable[..., object]) -> list[inspect.Parameter]:
    """Return a method's parameters, with each call option."""
    own = inspect.signature(method).parameters.values()
    return [*(each for each in own if each.kind is not inspect.Parameter.VAR_KEYWORD), *_option_parameters()]


def _spelled_out(method: Callable[..., object], parameters: list[inspect.Parameter]) -> Callable[..., object]:
    """Return the method with each call option in its signature and docstring, so that consoles can complete them."""
    called = hide_sdk_frames(method)
    # `inspect` looks here for the signature of a function that stands in for another (PEP 362).
    vars(called)["__signature__"] = inspect.Signature(parameters, return_annotation=method.__annotations__["return"])
    called.__doc__ = _with_options(method.__doc__)
    return called


@cache
def _option_parameters() -> list[inspect.Parameter]:
    return [
        inspect.Parameter(name, inspect.Parameter.KEYWORD_ONLY, default=0 if name == "_host_index" else None)
        for name in CALL_OPTIONS
    ]


class _PublicNames(dict[str, object]):
    """The SDK's public names, for annotations in modules that import them for type checkers only."""

    def __missing__(self, name: str) -> object:
        try:
            return getattr(load(PACKAGE), name)
        except AttributeError:
            raise KeyError(name) from None


def hints_of(operation: Callable[..., object]) -> dict[str, Any]:
    """Return an operation's type hints. Raises NameError, TypeError or AttributeError if they can't be resolved."""
    # A function of the user's means its own module's names, even where the SDK has the same ones.
    own: dict[str, object] = getattr(inspect.unwrap(operation), "__globals__", {})
    return get_type_hints(operation, localns=ChainMap(own, _PublicNames()))


def _with_options(documentation: str | None) -> str | None:
    """Return a method's docstring with the call options added."""
    if documentation is None:
        return None
    before, see, after = documentation.partition(_SEE_OPTIONS)
    if see:
        args, indentation = before[: before.rindex("\n") + 1], before[before.rindex("\n") + 1 :]
        return f"{args}{_documented_options(indentation)}{after}"
    return f"{documentation}\n\nArgs:\n{_documented_options('    ')}"


@cache
def _documented_options(indentation: str) -> str:
    # With `python -OO` there are no docstrings.
    attributes = inspect.cleandoc(CallOptions.__doc__ or "").partition("Attributes:\n")[2]
    return indent(attributes, indentation.removeprefix("    "))
