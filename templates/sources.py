"""Post-process the generated files, so that they read as if a person had written them."""

from __future__ import annotations

import re
import textwrap
from pathlib import Path

import names

HEADER = "Generated from openapi.json by templates/. Do not edit."
# The line length without the quotes.
FOLD_AT = 120 - 6

# Other names for models, as long as the contract has these models.
ALIASES = {"AccountSchema": "AppModulesAuthenticationSchemaAccountSchema"}


def collect(scratch: Path, titles: dict[str, str], needed: dict[str, set[str]]) -> dict[str, str]:
    """Return the text of each file to write, by its path in the tree.

    Args:
        scratch: The folder with openapi-generator's output.
        titles: The titles of the tags in the contract, by name.
        needed: The names that hand-written code imports from each package.
    """
    files: dict[str, str] = {}
    sources = sorted((scratch / "gravscale").glob("*/[!_]*.py"))
    for package in ("api", "models"):
        homes: dict[str, str] = {}
        for source in (source for source in sources if source.parent.name == package):
            text = source.read_text("utf-8")
            text = _tidy_model(text) if package == "models" else _tidy_api(text, titles)
            classes = _classes_in(source)
            home = names.snake_case(classes[0])
            files[f"gravscale/{package}/{home}.py"] = _tidy_docstrings(text)
            homes |= dict.fromkeys(classes, home)
        if package == "models":
            for alias, model in ALIASES.items():
                if model in homes and alias not in homes:
                    name = names.snake_case(alias)
                    files[f"gravscale/models/{name}.py"] = _alias_module(alias, model, homes[model])
                    homes[alias] = name
        files[f"gravscale/{package}/__init__.py"] = _export_list(package, homes, sorted(needed[package] - homes.keys()))
    contract = (scratch / "gravscale" / "contract.py").read_text("utf-8")
    # An operation with several tags is found by the first.
    seen: set[str] = set()
    lines = [
        line
        for line in contract.splitlines(keepends=True)
        if not ((found := re.match(r'    ("[^"]*": )\("', line)) and (found[1] in seen or seen.add(found[1])))
    ]
    files["gravscale/contract.py"] = "".join(lines)
    for page in sorted((scratch / "docs").glob("*.md")):
        text = page.read_text("utf-8")
        heading = re.search(r"^# (?:gravscale\.)?(\w+)$", text, re.MULTILINE)
        name = page.name if page.name == "README.md" or heading is None else f"{heading[1]}.md"
        files[f"docs/{name}"] = _tidy_page(text)
    return files


def of_package(package: str, files: dict[str, str]) -> dict[str, str]:
    """Return the generated modules as those of another package, by their paths in it."""
    generated = re.compile(r"\bgravscale(?=\.(api|models)\b| import models$)", re.MULTILINE)
    return {
        name.removeprefix("gravscale/"): generated.sub(package, text)
        for name, text in files.items()
        if name.endswith(".py")
    }


def _classes_in(source: Path) -> list[str]:
    return re.findall(r"^class (\w+)", source.read_text("utf-8"), re.MULTILINE)


def _tidy_api(text: str, titles: dict[str, str]) -> str:
    """Return an API class with its tag's title, and without lines that have nothing to show."""
    text = re.sub(r'^( *""")⟦title (.*?)⟧', lambda found: found[1] + titles.get(found[2], found[2]), text, flags=re.M)
    return re.sub(r"^ {8}\n", "", text, flags=re.MULTILINE)


def _tidy_model(text: str) -> str:
    """Return a model that postpones annotations only if it uses a name before its definition."""
    own = "|".join(re.findall(r"^class (\w+)", text, re.MULTILINE))
    refers = re.search(rf"^    \w+: .*\b({own})\b", text, re.MULTILINE)
    if "model_rebuild" not in text and "if TYPE_CHECKING" not in text and not refers:
        text = text.replace("from __future__ import annotations\n\n", "")
    return text


def _tidy_docstrings(text: str) -> str:
    """Format docstrings as if written by hand: wrapped, and without unnecessary escapes."""

    def tidied(found: re.Match[str]) -> str:
        # Only the last of three quotes, or one at the end of the docstring, must be escaped.
        doc = re.sub(r'(?<!")\\"(?!\\"|$)', '"', found[2])
        doc = re.sub(r"([.!?:])\.(?=\n|$)", r"\1", doc)
        lines = (_fold(found[1] + line if number == 0 else line) for number, line in enumerate(doc.split("\n")))
        return found[1] + '"""' + "\n".join(lines).lstrip(" ") + '"""'

    return re.sub(r'^( *)"""((?:.|\n)*?)"""$', tidied, text, flags=re.MULTILINE)


def _fold(line: str) -> str:
    """Wrap a line of a docstring that is too long. The explanation of an argument is indented."""
    if len(line) <= FOLD_AT:
        return line
    indent = " " * (len(line) - len(line.lstrip()))
    if re.match(r" {12}\w+: ", line):
        indent += "    "
    return textwrap.fill(line, FOLD_AT, subsequent_indent=indent, break_long_words=False, break_on_hyphens=False)


def _alias_module(alias: str, model: str, home: str) -> str:
    return (
        f'# {HEADER}\n"""{alias}, another name for {model}."""\n\n'
        f"from gravscale.models.{home} import {model}\n\n{alias} = {model}\n"
    )


# Names that hand-written code uses and the contract lacks. The code checks for them before it uses them.
_MISSING = {
    "api": """
    class {0}(_Api):
        def __getattr__(self, name: str) -> _Any: ...
""",
    "models": """
    class {0}(_Model):
        def __init__(self, **fields: _Any) -> None: ...
        def __getattr__(self, name: str) -> _Any: ...
""",
}
_BASES = {
    "api": "from gravscale.api_base import Api as _Api",
    "models": "from gravscale.schema.model import Model as _Model",
}


def _export_list(package: str, homes: dict[str, str], missing: list[str]) -> str:
    """Return the package's `__init__`, whose names are loaded on first use and imported for type checkers."""
    listed = sorted(homes.items(), key=lambda item: item[0].lower())
    what = {"api": "The API classes, one for each tag of the contract.", "models": "The models."}[package]
    return "\n".join(
        [
            f"# {HEADER}",
            f'"""{what}"""\n',
            "from gravscale.support.lazy import TYPE_CHECKING",
            "from gravscale.support.lazy import lazy as _lazy\n",
            "HOMES: dict[str, str] = {",
            *(f'    "{name}": "gravscale.{package}.{module}",' for name, module in listed),
            "}\n",
            "if TYPE_CHECKING:" if listed or missing else "if not TYPE_CHECKING:",
            *(f"    from gravscale.{package}.{module} import {name} as {name}" for name, module in listed),
            *([f"    from typing import Any as _Any\n    {_BASES[package]}"] if missing else []),
            *(_MISSING[package].format(name) for name in missing),
            *(["else:"] if listed or missing else []),
            "    __getattr__, __dir__, __all__ = _lazy(__name__, HOMES)\n",
        ]
    )


def _tidy_page(text: str) -> str:
    """Return a documentation page whose examples import everything they use."""
    text = re.sub(r"```python\n.*?```", lambda found: _without_unused_imports(found[0]), text, flags=re.DOTALL)
    text = re.sub(r"\(\n\s+\)\n", "()\n", text)
    text = re.sub(r"^>  ", "> ", text, flags=re.MULTILINE)
    return re.sub(r"\n{3,}", "\n\n", text).strip() + "\n"


def _without_unused_imports(example: str) -> str:
    """Return an example that imports whatever it uses from os, datetime and uuid."""

    def used(found: re.Match[str]) -> str:
        needed = [name for name in found[2].split(", ") if re.search(rf"\b{name}[(.]", example)]
        return f"from {found[1]} import {', '.join(needed)}\n" if needed else ""

    if "os." not in example:
        example = example.replace("import os\n", "")
    return re.sub(r"^from (datetime|uuid) import (.+)\n", used, example, flags=re.MULTILINE)
