"""Check the built site: every internal link leads to an existing file and anchor.

python test/docs/site_links.py site

It checks the pages, each page as Markdown, and llms.txt.
"""

from __future__ import annotations

import posixpath
import re
import sys
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urlsplit

_MARKDOWN_LINK = re.compile(r"\]\(([^)\s]+)\)")
_CODE = re.compile(r"^ *```.*?^ *```$|`[^`\n]+`", re.MULTILINE | re.DOTALL)


class Page(HTMLParser):
    """The anchors of a page, and the targets of its links."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.anchors: set[str] = set()
        self.links: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note the anchor and the link of a tag."""
        given = dict(attrs)
        self.anchors |= {name for name in (given.get("id"), given.get("name") if tag == "a" else None) if name}
        link = given.get("href") if tag in ("a", "link") else given.get("src")
        if link:
            self.links.append(link)


def broken_links(site: Path) -> list[str]:
    """Return each broken link, with its file.

    Args:
        site: The folder of the built site.

    Returns:
        A line for each.
    """
    files = {path.relative_to(site).as_posix() for path in site.rglob("*") if path.is_file()}
    pages = {name: Page((site / name).read_text("utf-8")) for name in files if name.endswith(".html")}
    found = []
    for name in sorted(files):
        if name in pages:
            links = pages[name].links
        elif name.endswith(".md") or name == "llms.txt":
            links = _MARKDOWN_LINK.findall(_CODE.sub("", (site / name).read_text("utf-8")))
        else:
            continue
        for link in links:
            parts = urlsplit(link)
            # The 404 page is shown at any address, so its links start with the site's.
            if parts.scheme or parts.netloc or name == "404.html":
                continue
            target = (
                posixpath.normpath(posixpath.join(posixpath.dirname(name), unquote(parts.path))) if parts.path else name
            )
            if target in (".", "..") or (site / target).is_dir():
                target = posixpath.join(target, "index.html").removeprefix("./")
            page = pages.get(re.sub(r"\.md$", ".html", target))
            if target not in files:
                found.append(f"{name}: {link} leads to no file")
            elif parts.fragment and page and unquote(parts.fragment) not in {*page.anchors, "__skip", "__search"}:
                found.append(f"{name}: {link} leads to no anchor")
    return found


if __name__ == "__main__":
    folder = Path(sys.argv[1])
    broken = broken_links(folder)
    if broken or not (folder / "llms.txt").exists():
        sys.exit("\n".join(broken) or f"{folder} has no llms.txt")
