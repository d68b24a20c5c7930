"""Make the links of README.md absolute, because a package index has no files beside it.

python .github/absolute_links.py https://github.com/OWNER/NAME/blob/v1.0.0
"""

from __future__ import annotations

import re
import sys
from pathlib import Path

README = Path(__file__).parents[1] / "README.md"


def absolute_links(text: str, base: str) -> str:
    """Return a Markdown text whose relative links lead to files below `base`.

    Args:
        text: The text.
        base: The URL of the folder that relative links start from.

    Returns:
        The text with absolute links.
    """
    return re.sub(r"\]\((?![a-z]+:|#)", f"]({base.rstrip('/')}/", text)


if __name__ == "__main__":
    README.write_text(absolute_links(README.read_text("utf-8"), sys.argv[1]), "utf-8")
