"""What is there for speed alone says so, and is measured."""

from __future__ import annotations

import re
import sys
from collections import Counter
from pathlib import Path

ROOT = Path(__file__).parents[1]


def test_each_speed_comment_has_a_row_in_the_benchmark() -> None:
    sys.path.append(str(ROOT / "test" / "benchmark"))
    try:
        from tricks import TRICKS
    finally:
        sys.path.remove(str(ROOT / "test" / "benchmark"))
    said = Counter(
        source.stem
        for source in (ROOT / "gravscale").rglob("*.py")
        for _ in re.findall("# For speed: ", source.read_text("utf-8"))
    )
    assert said == Counter(trick.where for trick in TRICKS)
