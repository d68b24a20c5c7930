"""Rewrite everything that comes from openapi.json: gravscale/api, gravscale/models, gravscale/contract.py, and their
pages in docs.

openapi-generator fills the templates beside this file into a scratch folder; from there what is generated, and nothing
else, replaces what was generated before. Run twice, it changes nothing.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import tempfile
import textwrap
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from examples import Examples, Model

TEMPLATES = Path(__file__).resolve().parent
ROOT = TEMPLATES.parent
CONTRACT = ROOT / "openapi.json"
HEADER = "Generated from openapi.json by templates/. Do not edit."
# The line length less the quotes.
FOLD_AT = 120 - 6

# Other names for models, for as long as the contract has them.
ALIASES = {"AccountSchema": "AppModulesAuthenticationSchemaAccountSchema"}

# Fields that would hide what pydantic's models have, and the parameter that would hide the options of a call, are
# named as openapi-generator names those that Python reserves.
TAKEN_FIELDS = (
    *("bytes", "construct", "copy", "dict", "from_orm", "parse_file", "parse_obj", "parse_raw"),
    *("schema_json", "str", "update_forward_refs", "validate"),
)
TAKEN_PARAMETERS = ("options",)

STRICT = {"int": "StrictInt", "float": "StrictFloat | StrictInt", "bool": "StrictBool", "str": "StrictStr"}


# How parameters are written (OpenAPI 3.1, section 4.8.12.2). No other way is covered.
STYLES = {"path": "simple", "query": "form", "header": "simple", "cookie": "form"}


def main() -> int:
    contract = json.loads(CONTRACT.read_text("utf-8"))
    if other := ", ".join(of_other_styles(contract)):
        sys.exit(f"{CONTRACT.name}: the SDK writes no parameters of the style of {other}")
    schemas = contract.get("components", {}).get("schemas", {})
    with tempfile.TemporaryDirectory() as scratch:
        run_generator(Path(scratch), schemas)
        files = collect(Path(scratch), schemas)
    write(files)
    tidy(list(files))
    print(f"{len(files)} files are generated from {CONTRACT.name}")
    return 0


def of_other_styles(node: Any) -> Iterator[str]:
    """The parameters anywhere in the contract that name a style in which the SDK does not write them."""
    if isinstance(node, dict):
        place, style = node.get("in"), node.get("style")
        if isinstance(place, str) and isinstance(style, str) and style != STYLES.get(place, style):
            yield f"{node.get('name')} ({style})"
        node = list(node.values())
    if isinstance(node, list):
        for part in node:
            yield from of_other_styles(part)


def run_generator(scratch: Path, schemas: dict[str, Any]) -> None:
    """Have openapi-generator fill the templates."""
    command = [
        # Beside the interpreter, whether or not its environment is activated.
        str(Path(sys.executable).with_name("openapi-generator-cli")),
        *("generate", "--generator-name", "python", "--input-spec", str(CONTRACT)),
        *("--template-dir", str(TEMPLATES), "--config", str(TEMPLATES / "config.yaml"), "--output", str(scratch)),
    ]
    fields = {spelt: f"var_{name}" for name in TAKEN_FIELDS for spelt in (name, camel_case(name))}
    parameters = {name: f"var_{name}" for name in TAKEN_PARAMETERS}
    taken = {plain(name): name for name in taken_classes()}
    models = {name: f"Model{taken[plain(name)]}" for name in schemas if plain(name) in taken}
    for kind, names in (("name", fields), ("parameter-name", parameters), ("model-name", models)):
        for name, other in names.items():
            command += (f"--{kind}-mappings", f"{name}={other}")
    # The run is too short for what Java compiles more thoroughly to be of use.
    environment = {"JAVA_OPTS": "-XX:TieredStopAtLevel=1", **os.environ}
    finished = subprocess.run(command, capture_output=True, text=True, check=False, env=environment)
    if finished.returncode:
        sys.exit(f"openapi-generator failed:\n{finished.stdout}{finished.stderr}")


def taken_classes() -> Iterator[str]:
    """What a model can't be called, as the package or the code that is generated has such a name already."""
    for source in (TEMPLATES / "api.mustache", TEMPLATES / "model.mustache", ROOT / "gravscale" / "__init__.py"):
        for names in re.findall(r"^ *from [\w.]+ import ([\w, ]+)$", source.read_text("utf-8"), re.MULTILINE):
            yield from (name.split()[-1] for name in names.split(","))


def camel_case(name: str) -> str:
    return re.sub("_(.)", lambda found: found[1].upper(), name)


def plain(name: str) -> str:
    """A name without what the ways of writing names differ in."""
    return re.sub(r"[\W_]", "", name).lower()


def collect(scratch: Path, schemas: dict[str, Any]) -> dict[str, str]:
    """What is to be written, by its path in the tree."""
    files: dict[str, str] = {}
    sources = sorted((scratch / "gravscale").glob("*/[!_]*.py"))
    models = {name for source in sources if source.parent.name == "models" for name in classes_in(source)}
    for package in ("api", "models"):
        homes: dict[str, str] = {}
        for source in (source for source in sources if source.parent.name == package):
            text = source.read_text("utf-8")
            text = tidy_model(text) if package == "models" else tidy_api(text, models)
            files[f"gravscale/{package}/{source.name}"] = tidy_docstrings(text)
            homes |= dict.fromkeys(classes_in(source), source.stem)
        if package == "models":
            for alias, model in ALIASES.items():
                if model in homes and alias not in homes:
                    name = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", alias).lower()
                    files[f"gravscale/models/{name}.py"] = alias_module(alias, model, homes[model])
                    homes[alias] = name
        files[f"gravscale/{package}/__init__.py"] = export_list(package, homes)
    files["gravscale/contract.py"] = (scratch / "gravscale" / "contract.py").read_text("utf-8")
    pages = {page.name: page.read_text("utf-8") for page in (scratch / "docs").glob("*.md")}
    return files | tidy_pages(pages, schemas)


def classes_in(source: Path) -> list[str]:
    return re.findall(r"^class (\w+)", source.read_text("utf-8"), re.MULTILINE)


def tidy_api(text: str, models: set[str]) -> str:
    """An API class without what says nothing: a name on the wire that is the argument's own, JSON, and no errors.

    Types that have a model in them are looked up when they are needed, so that a call loads no others.
    """
    a_model = re.compile(rf"""(?<!["'\w])({"|".join(sorted(models))})(?!["'\w])""")

    def on_need(found: re.Match[str]) -> str:
        named, count = a_model.subn(r"models.\1", found[1])
        return f"lambda: {named}" if models and count else found[1]

    text = re.sub("<<(.*?)>>", on_need, text, flags=re.DOTALL)
    text = re.sub(r'\("(\w+)", (.+), wire="\1"', r'("\1", \2', text)
    text = text.replace(', content_type="application/json"', "")
    # Of a body that is a plain value, the generator tells the type but not its kind.
    text = re.sub(r'(?<=Body\(")(\w+", )(int|float|bool|str)\b', lambda body: body[1] + STRICT[body[2]], text)
    text = re.sub(r' {8}(accept="(application/json)?"|errors={  }),\n', "", text)
    # Underscores in the tag's name stand for spaces.
    text = re.sub(r'(?<=""")\w+(?=[:.])', lambda name: re.sub("_+", " ", name[0]), text)
    return unhide_list(text)


def tidy_model(text: str) -> str:
    """A model without what says nothing: an alias that is the field's own name, and postponed annotations where no
    model is named before it is defined."""
    text = re.sub(r'^(    (\w+)): Annotated\[(.+), Field\(alias="\2"\)\]', r"\1: \3", text, flags=re.MULTILINE)
    text = re.sub(r'^(    (\w+): Annotated\[.+, Field\()alias="\2", ', r"\1", text, flags=re.MULTILINE)
    own = re.search(r"^class (\w+)", text, re.MULTILINE)
    if "model_rebuild" not in text and not (own and re.search(rf"^    \w+: .*\b{own[1]}\b", text, re.MULTILINE)):
        text = text.replace("from __future__ import annotations\n\n", "")
    return unhide_list(text)


def unhide_list(text: str) -> str:
    """A class that has a member of the name `list`, with the type of that name in reach."""
    hidden = re.search(r"^    (def )?list\b[:(]", text, re.MULTILINE)
    return re.sub(r"\blist\[", "builtins.list[", text) if hidden else text


def tidy_docstrings(text: str) -> str:
    """Docstrings as they are written by hand: folded, and with nothing escaped that needs not be."""

    def tidied(found: re.Match[str]) -> str:
        # The generator escapes each quote, but only the last of three, or of the docstring, has to be.
        doc = re.sub(r'(?<!")\\"(?!\\"|$)', '"', found[2])
        doc = re.sub(r"([.!?:])\.(?=\n|$)", r"\1", doc)
        lines = (fold(found[1] + line if number == 0 else line) for number, line in enumerate(doc.split("\n")))
        return found[1] + '"""' + "\n".join(lines).lstrip(" ") + '"""'

    return re.sub(r'^( *)"""((?:.|\n)*?)"""$', tidied, text, flags=re.MULTILINE)


def fold(line: str) -> str:
    """A line of a docstring as several, where it is too long; what explains an argument is indented."""
    if len(line) <= FOLD_AT:
        return line
    indent = " " * (len(line) - len(line.lstrip()))
    if re.match(r" {12}\w+: ", line):
        indent += "    "
    return textwrap.fill(line, FOLD_AT, subsequent_indent=indent, break_long_words=False, break_on_hyphens=False)


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
            "from typing import TYPE_CHECKING\n",
            "from gravscale.support.lazy import lazy as _lazy\n",
            "HOMES: dict[str, str] = {",
            *(f'    "{name}": "gravscale.{package}.{module}",' for name, module in names),
            "}\n",
            "if TYPE_CHECKING:",
            *(f"    from gravscale.{package}.{module} import {name} as {name}" for name, module in names),
            "else:",
            "    __getattr__, __dir__, __all__ = _lazy(__name__, HOMES)\n",
        ]
    )


def tidy_pages(pages: dict[str, str], schemas: dict[str, Any]) -> dict[str, str]:
    """The documentation's pages, with what the templates leave between ⟦ and ⟧ in place, by their paths."""
    models: dict[str, Model] = {}
    for page in pages.values():
        for found in re.findall(r"⟦model (.*?)⟧", page, re.DOTALL):
            model = json.loads(found)
            models[model["name"]] = Model(model["class"], model["fields"], model["schema"])
    examples = Examples(schemas, models)
    return {f"docs/{name}": tidy_page(pages[name], examples) for name in sorted(pages)}


def tidy_page(text: str, examples: Examples) -> str:
    """A documentation page with its examples' values in place."""

    def filled(found: re.Match[str]) -> str:
        kind, content = found[1], found[2].strip()
        if kind == "argument":
            parameter = json.loads(content)
            return examples.argument(parameter["name"], parameter["in"], required=parameter["required"])
        if kind == "value":
            return repr(examples.value({"$ref": content}))
        if kind == "json":
            return repr(json.dumps(examples.value({"$ref": content})))
        content = re.sub(r'\\(["\\])', r"\1", content)
        # A table's cell is one line, and ends at a bar.
        return " ".join(content.split()).replace("|", "\\|") if kind == "cell" else content

    text = re.sub(r"⟦model .*?⟧\n", "", text, flags=re.DOTALL)
    text = re.sub(r"⟦(\w+) (.*?)⟧", filled, text, flags=re.DOTALL)
    text = re.sub(r"```python\n.*?```", lambda found: without_unused_imports(found[0]), text, flags=re.DOTALL)
    text = re.sub(r"\(\n\s+\)\n", "()\n", text)
    return re.sub(r"\n{3,}", "\n\n", text).strip() + "\n"


def without_unused_imports(example: str) -> str:
    """An example that imports what it uses of os, datetime and uuid."""

    def used(found: re.Match[str]) -> str:
        names = [name for name in found[2].split(", ") if re.search(rf"\b{name}[(.]", example)]
        return f"from {found[1]} import {', '.join(names)}\n" if names else ""

    if "os." not in example:
        example = example.replace("import os\n", "")
    return re.sub(r"^from (datetime|uuid) import (.+)\n", used, example, flags=re.MULTILINE)


def write(files: dict[str, str]) -> None:
    """Replace what was generated before."""
    for folder, pattern in (("gravscale", "**/*.py"), ("docs", "*.md")):
        for present in (ROOT / folder).glob(pattern):
            # Only what says that it is generated goes.
            if HEADER in present.read_text("utf-8").partition("\n")[0]:
                present.unlink()
    for name, text in files.items():
        path = ROOT / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, "utf-8")


def tidy(files: list[str]) -> None:
    """Drop the imports that a file does not need, and format, the examples of the pages too."""
    ruff(["check", "--fix", "--exit-zero", "--select", "F401,I"], files)
    for file in files:
        # Where imports went, their blank lines stayed.
        path = ROOT / file
        path.write_text(re.sub(r"\n{3,}(?=from|import)", "\n\n", path.read_text("utf-8"), count=1), "utf-8")
    ruff(["format"], files)
    ruff(["check"], files)


def ruff(command: list[str], files: list[str]) -> None:
    if subprocess.run([sys.executable, "-m", "ruff", *command, "--quiet", *files], cwd=ROOT, check=False).returncode:
        sys.exit(f"ruff {command[0]} failed")


if __name__ == "__main__":
    sys.exit(main())
