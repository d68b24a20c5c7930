"""Rewrite everything that comes from openapi.json: gravscale/api, gravscale/models and their pages in docs.

openapi-generator fills the templates beside this file into a scratch folder; from there what is generated, and nothing
else, replaces what was generated before. Run twice, it changes nothing.
"""

from __future__ import annotations

import argparse
import json
import re
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

TEMPLATES = Path(__file__).resolve().parent
HEADER = "Generated from openapi.json by templates/. Do not edit."

# Other names for models, for as long as the contract has them.
ALIASES = {"AccountSchema": "AppModulesAuthenticationSchemaAccountSchema"}

# What the documentation's examples pass: what a reader has of his own comes from the environment, anything else is a
# value that goes by its name or its type.
FROM_ENVIRONMENT = ("email", "password", "refresh_token", "task_id")
VALUES: dict[str, object] = {"address": "10.0.0.10", "vpc_name": "vpc-main", "client_id": 1, "page": 1, "size": 50}
VALUES_BY_TYPE: dict[str, object] = {
    "int": 1,
    "float": 1.5,
    "bool": True,
    "datetime": "2026-01-31T12:00:00Z",
    "date": "2026-01-31",
}


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--contract", type=Path, default=TEMPLATES.parent / "openapi.json", help="the OpenAPI document")
    parser.add_argument("--root", type=Path, default=TEMPLATES.parent, help="the tree to write into")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        run_generator(arguments.contract, Path(scratch))
        files = collect(Path(scratch), json.loads(arguments.contract.read_text("utf-8")))
    write(files, arguments.root)
    tidy([str(arguments.root / name) for name in files])
    print(f"{len(files)} files are generated from {arguments.contract.name}")
    return 0


def tidy(files: list[str]) -> None:
    """Drop the imports that a file does not need, and format, the examples of the pages too."""
    settings = ["--quiet", "--config", str(TEMPLATES.parent / "pyproject.toml"), *files]
    for command in (["check", "--fix", "--exit-zero", "--select", "F401,I"], ["format"], ["check"]):
        subprocess.run([sys.executable, "-m", "ruff", *command, *settings], check=True)


def run_generator(contract: Path, scratch: Path) -> None:
    """Have openapi-generator fill the templates."""
    kinds = "apis,models,apiDocs=true,modelDocs=true,apiTests=false,modelTests=false"
    command = [
        *("openapi-generator-cli", "generate", "--generator-name", "python", "--input-spec", str(contract)),
        *("--template-dir", str(TEMPLATES), "--output", str(scratch), "--global-property", kinds),
        *("--additional-properties", "packageName=gravscale,hideGenerationTimestamp=true"),
    ]
    finished = subprocess.run(command, capture_output=True, text=True, check=False)
    if finished.returncode:
        sys.exit(f"openapi-generator failed:\n{finished.stdout}{finished.stderr}")


def collect(scratch: Path, contract: dict[str, Any]) -> dict[str, str]:
    """What is to be written, by its path in the tree."""
    files: dict[str, str] = {}
    for package in ("api", "models"):
        homes: dict[str, str] = {}
        for source in sorted((scratch / "gravscale" / package).glob("[!_]*.py")):
            text = source.read_text("utf-8")
            text = tidy_model(text) if package == "models" else tidy_api(text)
            files[f"gravscale/{package}/{source.name}"] = text
            homes |= dict.fromkeys(re.findall(r"^class (\w+)", text, re.MULTILINE), source.stem)
        if package == "models":
            for alias, model in ALIASES.items():
                if model in homes and alias not in homes:
                    name = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", alias).lower()
                    files[f"gravscale/models/{name}.py"] = alias_module(alias, model, homes[model])
                    homes[alias] = name
        files[f"gravscale/{package}/__init__.py"] = export_list(package, homes)
    for page in sorted((scratch / "docs").glob("*.md")):
        files[f"docs/{page.name}"] = tidy_page(page.read_text("utf-8"), contract)
    return files


def tidy_api(text: str) -> str:
    """An API class without what says nothing: a name on the wire that is the argument's own, and no errors."""
    text = re.sub(r'\("(\w+)", (.+), wire="\1"', r'("\1", \2', text)
    return text.replace("        errors={  },\n", "")


def tidy_model(text: str) -> str:
    """A model without what says nothing: an alias that is the field's own name, and postponed annotations where no
    model is named before it is defined."""
    text = re.sub(r'^(    (\w+)): Annotated\[(.+), Field\(alias="\2"\)\]', r"\1: \3", text, flags=re.MULTILINE)
    text = re.sub(r'^(    (\w+): Annotated\[.+, Field\()alias="\2", ', r"\1", text, flags=re.MULTILINE)
    own = re.search(r"^class (\w+)", text, re.MULTILINE)
    if "model_rebuild" in text or (own and re.search(rf"^    \w+: .*\b{own[1]}\b", text, re.MULTILINE)):
        return text
    return text.replace("from __future__ import annotations\n\n", "")


def alias_module(alias: str, model: str, home: str) -> str:
    return (
        f'# {HEADER}\n"""{alias}, another name for {model}."""\n\n'
        f"from gravscale.models.{home} import {model}\n\n{alias} = {model}\n"
    )


def export_list(package: str, homes: dict[str, str]) -> str:
    """The package's `__init__`: its names, loaded on first use at run time, imported for type checkers."""
    names = sorted(homes.items(), key=lambda item: item[0].lower())
    what = {"api": "The API classes, one for each tag of the contract.", "models": "The models."}[package]
    return "\n".join(
        [
            f"# {HEADER}",
            f'"""{what}"""\n',
            "from gravscale._lazy import TYPE_CHECKING",
            "from gravscale._lazy import lazy as _lazy\n",
            "HOMES: dict[str, str] = {",
            *(f'    "{name}": "gravscale.{package}.{module}",' for name, module in names),
            "}\n",
            "if TYPE_CHECKING:",
            *(f"    from gravscale.{package}.{module} import {name} as {name}" for name, module in names),
            "else:",
            "    __getattr__, __dir__, __all__ = _lazy(__name__, HOMES)\n",
        ]
    )


def tidy_page(text: str, contract: dict[str, Any]) -> str:
    """A documentation page with the examples' values in place."""
    text = re.sub(r"<<json (\w+)>>", lambda match: json_of(match[1], contract), text)
    # Of the optional arguments an example shows those that have a value of some meaning.
    meaning = "|".join(VALUES)
    text = re.sub(rf"^ +\w+=<<optional \w+ (?!(?:{meaning})>>)\w+>>,\n", "", text, flags=re.MULTILINE)
    text = re.sub(r"<<(?:optional )?(\w+) (\w+)>>", lambda match: source_of(match[1], match[2]), text)
    text = re.sub(r"\(\n +\)\n", "()\n", text)
    return re.sub(r"\n{3,}", "\n\n", text).strip() + "\n"


def source_of(type_: str, name: str) -> str:
    """An example's argument as Python source."""
    if name in FROM_ENVIRONMENT:
        return f'os.environ["GRAVSCALE_{name.upper()}"]'
    return json.dumps(VALUES.get(name, VALUES_BY_TYPE.get(type_, name.replace("_", "-")))).replace("true", "True")


def json_of(model: str, contract: dict[str, Any]) -> str:
    """JSON text that is such a model, with the fields that it must have."""
    plain = re.compile(r"[^a-z0-9]")
    schemas = {plain.sub("", name.lower()): schema for name, schema in contract["components"]["schemas"].items()}
    schema = schemas.get(plain.sub("", model.lower()))
    return json.dumps(sample(schema, contract) if schema else "body")


def sample(schema: dict[str, Any], contract: dict[str, Any]) -> Any:
    """A value that fits a schema."""
    if "$ref" in schema:
        return sample(contract["components"]["schemas"][schema["$ref"].rpartition("/")[2]], contract)
    for several in ("anyOf", "oneOf"):
        if several in schema:
            return sample(schema[several][0], contract)
    if "enum" in schema:
        return schema["enum"][0]
    kind = schema.get("type")
    if kind == "object":
        fields = schema.get("properties", {})
        return {name: sample(fields[name], contract) for name in schema.get("required", ()) if name in fields}
    if kind == "array":
        return [sample(schema.get("items", {}), contract)]
    if schema.get("format") in ("date-time", "date"):
        return VALUES_BY_TYPE["datetime" if schema["format"] == "date-time" else "date"]
    return {"integer": schema.get("minimum", 1), "number": 1.5, "boolean": True}.get(str(kind), "text")


def write(files: dict[str, str], root: Path) -> None:
    """Replace what was generated before."""
    for folder, pattern in (("gravscale/api", "*.py"), ("gravscale/models", "*.py"), ("docs", "*.md")):
        for present in (root / folder).glob(pattern):
            # Only what says that it is generated goes.
            if HEADER in present.read_text("utf-8").partition("\n")[0]:
                present.unlink()
    for name, text in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, "utf-8")


if __name__ == "__main__":
    sys.exit(main())
