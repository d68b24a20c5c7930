"""What the site needs besides the pages in this folder."""

from __future__ import annotations

import re
from pathlib import Path

import nbconvert
import nbformat
from mkdocs.config.defaults import MkDocsConfig
from mkdocs.exceptions import PluginError
from mkdocs.structure.files import File, Files
from mkdocs.structure.pages import Page

NOTEBOOK = "notebook.ipynb"
REFERENCE = "reference.md"
_FETCHED = re.compile(r"<(?:script|link|img|iframe)\b[^>]*\b(?:src|href)=[\"']?(?:https?:)?//[^>]*>")


def on_files(files: Files, config: MkDocsConfig) -> Files:
    """Add the pages beside this folder, of which the README is where the site begins, and the notebook as a page."""
    # A README.md among the pages would be where the site begins; it is the overview of the reference.
    if overview := files.get_file_from_path("README.md"):
        files.remove(overview)
        files.append(File.generated(config, REFERENCE, content=overview.content_string))
    for path in Path(config.docs_dir).parent.glob("*.md"):
        text = path.read_text("utf-8").replace("](README", "](index").replace("](docs/", "](")
        files.append(File.generated(config, path.name.replace("README", "index"), content=text))
    notebook = nbformat.read(Path(config.docs_dir, NOTEBOOK), as_version=4)
    notebook.metadata["language_info"] = {"name": "python"}
    content, _ = nbconvert.MarkdownExporter().from_notebook_node(notebook)
    files.append(File.generated(config, "notebook.md", content=content))
    return files


def on_page_markdown(markdown: str, page: Page, config: MkDocsConfig, files: Files) -> str:
    """Have links that work in the repository lead to a page, or be none where there is no page."""
    for there, here in (("../README.md", "index.md"), ("README.md", REFERENCE), (NOTEBOOK, "notebook.md")):
        markdown = re.sub(rf"\]\({re.escape(there)}(?=[)#])", f"]({here}", markdown)
    markdown = re.sub(r"\]\(\.\./(\w+\.md)(?=[)#])", r"](\1", markdown)
    return re.sub(r"\[([^\]]+)\]\(\.\./[^)]+\)", r"\1", markdown)


def on_post_page(output: str, page: Page, config: MkDocsConfig) -> str:
    """Refuse what a browser would fetch from elsewhere, and say of a page in Portuguese that it is."""
    if fetched := _FETCHED.search(output):
        raise PluginError(f"{page.file.src_uri}: {fetched[0]} is fetched from elsewhere")
    return output.replace('<html lang="en"', '<html lang="pt-BR"', 1) if ".pt-BR." in page.file.src_uri else output
