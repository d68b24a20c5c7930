"""The hand-written pages, and their code blocks."""

from __future__ import annotations

import re
from pathlib import Path
from typing import NamedTuple

from sybil import Document
from sybil.parsers.markdown.lexers import RawFencedCodeBlockLexer

ROOT = Path(__file__).parents[3]
DOCS = ROOT / "docs"
PAGES = [
    page
    for page in sorted([*ROOT.glob("README*.md"), *DOCS.glob("*.md")])
    if not page.read_text("utf-8").startswith("<!-- Generated")
]
EVERY_PAGE = sorted([*ROOT.glob("*.md"), *DOCS.rglob("*.md")])
TRANSLATIONS = [page for page in PAGES if page.name.endswith(".pt-BR.md")]


def original_of(page: Path) -> Path:
    """The English page for a Portuguese one, or an English page itself."""
    return page.with_name(page.name.replace(".pt-BR.", "."))


class Block(NamedTuple):
    """A block of code."""

    language: str
    title: str | None
    source: str


def blocks(page: Path) -> list[Block]:
    """Every block of code on a page."""
    lexer = RawFencedCodeBlockLexer(re.compile(r'(?P<language>\w*)(?: title="(?P<title>[^"]+)")?$\n', re.MULTILINE))
    document = Document(page.read_text("utf-8"), str(page))
    found = [region.lexemes or {} for region in lexer(document)]
    return [Block(each["language"], each["title"], str(each["source"])) for each in found]


def files(page: Path) -> dict[str, str]:
    """The files that a page shows, by the names that it gives them."""
    titled = [(block.title, block.source) for block in blocks(page) if block.title]
    assert len(dict(titled)) == len(titled)
    return dict(titled)
