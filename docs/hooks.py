"""What the site needs besides the pages in this folder."""

from __future__ import annotations

import posixpath
import re
from pathlib import Path

import griffe
import nbconvert
import nbformat
from mkdocs.config.defaults import MkDocsConfig
from mkdocs.exceptions import PluginError
from mkdocs.structure.files import File, Files
from mkdocs.structure.nav import Navigation, Section
from mkdocs.structure.pages import Page

NOTEBOOK = "notebook.ipynb"
REFERENCE = "reference.md"
# By where a link leads in the repository: where it leads on the site. Both as seen from this folder.
MOVED = {
    "../README.md": "index.md",
    "../README.pt-BR.md": "index.pt-BR.md",
    "README.md": REFERENCE,
    NOTEBOOK: "notebook.md",
    "../LICENSE": "LICENSE.md",
}
_FETCHED = re.compile(r"<(?:script|link|img|iframe)\b[^>]*\b(?:src|href)=[\"']?(?:https?:)?//[^>]*>")
_LINK = re.compile(r"\]\(((?:\.\./)*[\w./-]+\.\w+|(?:\.\./)*LICENSE)(#[^)\s]*)?\)")
_DIRECTIVE = re.compile(r"^::: (\S+)$(?:\n    .*)*", re.MULTILINE)
_REFERENCE = re.compile(r"\]\[(gravscale[\w.]*)\]")
# Where a link leads for which there is no page.
_NOWHERE = "nowhere"
# The text of each page, by its path on the site.
_texts: dict[str, str] = {}
_navigation: list[Navigation] = []


def on_files(files: Files, config: MkDocsConfig) -> Files:
    """Add the pages beside this folder, of which the README is where the site begins, and the notebook as a page."""
    # A README.md among the pages would be where the site begins; it is the overview of the reference.
    if overview := files.get_file_from_path("README.md"):
        files.remove(overview)
        files.append(File.generated(config, REFERENCE, content=overview.content_string))
    root = Path(config.docs_dir).parent
    for path in root.glob("*.md"):
        # As if they were in this folder.
        text = _LINK.sub(lambda link: _led(link, link[1].removeprefix("docs/")), path.read_text("utf-8"))
        text = text.replace("](README", "](index").replace("](LICENSE)", "](LICENSE.md)")
        files.append(File.generated(config, path.name.replace("README", "index"), content=text))
    licence = "# License\n\n" + (root / "LICENSE").read_text("utf-8")
    files.append(File.generated(config, "LICENSE.md", content=licence))
    notebook = nbformat.read(Path(config.docs_dir, NOTEBOOK), as_version=4)
    notebook.metadata["language_info"] = {"name": "python"}
    content, _ = nbconvert.MarkdownExporter().from_notebook_node(notebook)
    files.append(File.generated(config, "notebook.md", content=content))
    return files


def on_nav(nav: Navigation, config: MkDocsConfig, files: Files) -> None:
    """Keep the order of the pages for llms.txt."""
    _navigation[:] = [nav]


def on_page_markdown(markdown: str, page: Page, config: MkDocsConfig, files: Files) -> str:
    """Have links that work in the repository lead to a page, or be none where there is no page."""
    folder = posixpath.dirname(page.file.src_uri)

    def led(link: re.Match[str]) -> str:
        target = posixpath.normpath(posixpath.join(folder, link[1]))
        if page.file.generated_by is None or page.file.src_uri == REFERENCE:
            target = MOVED.get(target, target.removeprefix("../"))
        if files.get_file_from_path(target) is None and link[1].startswith("../"):
            return f"]({_NOWHERE})"
        return _led(link, posixpath.relpath(target, folder or "."))

    markdown = re.sub(rf"\[([^\]]+)\]\({_NOWHERE}\)", r"\1", _LINK.sub(led, markdown))
    # Not the beginning of a reference.
    markdown = re.sub(r"\[((?:optional|default to [^\]]*))\]", r"\\[\1\\]", markdown)
    _texts[page.file.src_uri] = markdown
    if folder == "reference" and "\n::: " in markdown:
        added = f"*Version {_version()}. Everything here was added in 1.0.0, unless its entry says otherwise.*"
        markdown = re.sub(r"^(# .*\n)", rf"\1\n{added}\n", markdown, count=1)
    return markdown


def on_page_content(html: str, page: Page, config: MkDocsConfig, files: Files) -> None:
    """Remove the headings below each operation from the table of contents of an API class."""
    if page.file.src_uri.endswith("Api.md"):
        for operation in (entry for top in page.toc for entry in top.children):
            operation.children = []


def on_post_page(output: str, page: Page, config: MkDocsConfig) -> str:
    """Refuse what a browser would fetch from elsewhere, and say of a page in Portuguese that it is."""
    if fetched := _FETCHED.search(output):
        raise PluginError(f"{page.file.src_uri}: {fetched[0]} is fetched from elsewhere")
    return output.replace('<html lang="en"', '<html lang="pt-BR"', 1) if ".pt-BR." in page.file.src_uri else output


def on_post_build(config: MkDocsConfig) -> None:
    """Write each page as Markdown beside its HTML, and llms.txt, which lists them (llmstxt.org)."""
    site = Path(config.site_dir)
    package = griffe.load("gravscale", search_paths=[str(Path(config.docs_dir).parent)])
    described = {name: uri for uri, text in _texts.items() for name in _DIRECTIVE.findall(text)}
    for uri, text in _texts.items():
        text = _REFERENCE.sub(
            lambda link, uri=uri: f"]({posixpath.relpath(described[link[1]], posixpath.dirname(uri))}#{link[1]})", text
        )
        text = _DIRECTIVE.sub(lambda directive: _described(package, directive[1]), text)
        (site / uri).parent.mkdir(parents=True, exist_ok=True)
        (site / uri).write_text(text, "utf-8")
    lines = [f"# {config.site_name}", "", f"> {config.site_description}."]
    for item in _navigation[0].items:
        pages = _pages(item) if isinstance(item, Section) else [item] if isinstance(item, Page) else []
        lines += ["", f"## {item.title}", "", *(f"- [{page.title}]({page.file.src_uri})" for page in pages)]
    (site / "llms.txt").write_text("\n".join(lines) + "\n", "utf-8")


def _led(link: re.Match[str], target: str) -> str:
    return f"]({target}{link[2] or ''})"


def _pages(section: Section) -> list[Page]:
    found: list[Page] = []
    for item in section.children:
        found += _pages(item) if isinstance(item, Section) else [item] if isinstance(item, Page) else []
    return found


def _version() -> str:
    source = Path(__file__).parents[1] / "gravscale" / "support" / "version.py"
    found = re.search(r'__version__ = "(.*)"', source.read_text("utf-8"))
    assert found is not None
    return found[1]


def _described(package: griffe.Object | griffe.Alias, name: str) -> str:
    """What the reference says of a name, as Markdown."""
    found = package[name.removeprefix("gravscale.")]
    parts = [f"## {name}"]
    for each in (found, *(member for member in found.members.values() if not member.name.startswith("_"))):
        if each.docstring is None:
            continue
        if each is not found:
            parts.append(f"### {each.name}")
        if each.is_function:
            parts.append(f"```python\n{each.signature()}\n```")
        parts.append(each.docstring.value)
    return "\n\n".join(parts)
