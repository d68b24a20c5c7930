"""The reference has everything that is public, and says where to read how it is used."""

from __future__ import annotations

import inspect
import re

import pytest
from pages import DOCS

import gravscale
import gravscale.sandbox

PAGES = {page.name: page.read_text("utf-8") for page in (DOCS / "reference").glob("*.md")}
ENTRIES = [name for text in PAGES.values() for name in re.findall(r"^::: (\S+)$", text, re.MULTILINE)]
# Classes of the API and models have generated pages.
GENERATED = {page.stem for page in DOCS.glob("[A-Z]*.md")}


def test_every_public_name_is_in_the_reference_once() -> None:
    public = {f"gravscale.{name}" for name in gravscale.__all__ if name.removesuffix("Params") not in GENERATED}
    public |= {f"gravscale.sandbox.{name}" for name in gravscale.sandbox.__all__}
    # An alias, which the page about the client tells.
    assert "`gravscale.AccountSchema` is another name" in PAGES["client.md"]
    assert public - {"gravscale.AccountSchema"} == set(ENTRIES) - {"gravscale.sandbox.pytest_plugin.gravscale_sandbox"}
    assert len(set(ENTRIES)) == len(ENTRIES)


def test_every_error_and_warning_is_on_the_page_of_exceptions() -> None:
    values = {name: getattr(gravscale, name) for name in gravscale.__all__}
    errors = {name for name, value in values.items() if inspect.isclass(value) and issubclass(value, Exception)}
    assert errors == set(re.findall(r"^::: gravscale\.(\w+)$", PAGES["exceptions.md"], re.MULTILINE))
    tree = re.search(r"```text\n(.*?)```", PAGES["exceptions.md"], re.DOTALL)
    assert tree is not None
    drawn = set(re.findall(r"\w+", tree[1]))
    assert drawn == {name for name in errors if not issubclass(values[name], Warning)}


def test_every_setting_is_in_the_table_of_settings_once() -> None:
    rows = "\n".join(line for line in PAGES["configuration.md"].splitlines() if line.startswith("|"))
    settings = re.findall(r"`(\w+)`", rows)
    assert len(set(settings)) == len(settings)
    arguments = inspect.signature(gravscale.Configuration).parameters.keys()
    # These are attributes alone.
    assert set(settings) - arguments == {"logger_file", "logger_format", "refresh_api_key_hook"}
    assert arguments <= set(settings)


@pytest.mark.parametrize("page", PAGES)
def test_a_page_of_the_reference_leads_to_the_guides(page: str) -> None:
    assert re.search(r"\]\(\.\./[a-z-]+\.md(#[\w-]+)?\)", PAGES[page])
