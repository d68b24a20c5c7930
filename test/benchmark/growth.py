"""Contracts for measuring: one with 500 operations and 800 models, and the peer's client for ours."""

from __future__ import annotations

import copy
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
OPERATIONS, MODELS, OPERATIONS_OF_A_TAG = 500, 800, 50


def large_contract() -> dict[str, Any]:
    """Our contract with additional operations and models. Each tag but the last has 50 operations."""
    contract: dict[str, Any] = json.loads((ROOT / "openapi.json").read_text("utf-8"))
    schemas, paths = contract["components"]["schemas"], contract["paths"]
    model = schemas["TaskSchema"]
    for number in range(MODELS - len(schemas)):
        schemas[f"Extra{number}Schema"] = copy.deepcopy(model) | {"title": f"Extra{number}Schema"}
    extra = [name for name in schemas if name.startswith("Extra")]
    present = sum(len(item) for item in paths.values())
    for number in range(OPERATIONS - present):
        # The first of them make the authentication tag as large as the others.
        tag = "Authentication" if number < OPERATIONS_OF_A_TAG else f"Extra {number // OPERATIONS_OF_A_TAG}"
        paths[f"/api/extra/{number}/{{thing_id}}"] = {
            "post": {
                "tags": [tag],
                "summary": f"Extra {number}",
                "operationId": f"extra_{number}",
                "security": [{"HTTPBearer": []}],
                "parameters": [
                    {"name": "thing_id", "in": "path", "required": True, "schema": {"type": "string"}},
                    {"name": "page", "in": "query", "required": False, "schema": {"type": "integer", "minimum": 1}},
                ],
                "requestBody": _json_of(extra[number % len(extra)]),
                "responses": {
                    "200": _json_of(extra[(number + 1) % len(extra)]) | {"description": "Successful Response"},
                    "422": _json_of("HTTPValidationError") | {"description": "Validation Error"},
                },
            }
        }
    return contract


def _json_of(schema: str) -> dict[str, Any]:
    return {"content": {"application/json": {"schema": {"$ref": f"#/components/schemas/{schema}"}}}}


def generate_large(scratch: Path) -> Path:
    """Generate the package for the large contract in a copy of the tree. Return the folder to import it from."""
    root = scratch / "large"
    for name in ("gravscale", "templates", "docs"):
        shutil.copytree(ROOT / name, root / name, ignore=shutil.ignore_patterns("__pycache__"))
    for name in ("pyproject.toml", "README.md"):
        shutil.copy(ROOT / name, root / name)
    (root / "openapi.json").write_text(json.dumps(large_contract()), "utf-8")
    _run(sys.executable, str(root / "templates" / "generate.py"))
    return root


def generate_peer(scratch: Path) -> Path:
    """Generate openapi-generator's own client for our contract, as the package `peer`. Return its folder."""
    root = scratch / "peer"
    _run(
        *("openapi-generator-cli", "generate", "--generator-name", "python", "--output", str(root)),
        *("--input-spec", str(ROOT / "openapi.json"), "--additional-properties", "packageName=peer"),
    )
    return root


def _run(*command: str) -> None:
    path = os.pathsep.join((str(Path(sys.executable).parent), os.environ.get("PATH", "")))
    run = subprocess.run(command, capture_output=True, text=True, check=False, env=os.environ | {"PATH": path})
    if run.returncode:
        sys.exit(f"{command[0]} failed:\n{run.stdout}{run.stderr}")
