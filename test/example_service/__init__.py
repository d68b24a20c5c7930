"""A service of the tests' own: sessions, accounts, addresses and tasks, whatever the contract of the SDK has.

The modules are generated from openapi.json beside this file.
"""

from collections.abc import Set
from contextlib import ExitStack
from importlib import import_module
from typing import Any

import example_service.models
import gravscale.models
from example_service.api import *


def _fields(model: Any) -> Any:
    return {name: (each.alias, each.annotation, each.is_required()) for name, each in model.model_fields.items()}


# What is kept in a token store derives from the SDK's own, which is as good as long as it has the same fields.
_OWN, _SDKS = (getattr(each, "AuthorizationSchema", None) for each in (example_service.models, gravscale.models))
if _SDKS is not None and _fields(_SDKS) == _fields(_OWN):
    example_service.models.AuthorizationSchema = _SDKS

from example_service.models import *


def stand_in() -> ExitStack:
    """Have the SDK find the service, its operations, models and security schemes here, not in its own contract.

    Returns:
        What ends that when it is closed.
    """
    stack = ExitStack()

    def put(values: dict[str, Any], target: dict[str, Any], gone: Set[str] = frozenset()) -> None:
        before = {name: target[name] for name in target.keys() & (values.keys() | gone)}
        target.update(values)
        for name in gone:
            del target[name]
        stack.callback(lambda: [target.pop(name) for name in values.keys() - before.keys()])
        stack.callback(target.update, before)

    ours, theirs = import_module("example_service.contract"), import_module("gravscale.contract")
    put(ours.OPERATIONS, theirs.OPERATIONS)
    put(ours.SECURITY_SCHEMES, theirs.SECURITY_SCHEMES, theirs.SECURITY_SCHEMES.keys() - ours.SECURITY_SCHEMES.keys())
    servers = list(theirs.SERVERS)
    theirs.SERVERS[:] = ours.SERVERS
    stack.callback(theirs.SERVERS.__setitem__, slice(None), servers)
    for package in ("api", "models"):
        module = import_module(f"example_service.{package}")
        names = {name: getattr(module, name) for name in module.HOMES}
        put(names, vars(import_module(f"gravscale.{package}")))
        put(names, vars(import_module("gravscale")))
    return stack


if example_service.models.AuthorizationSchema is _OWN:
    with stand_in():
        import_module("gravscale.token_store.entry")
