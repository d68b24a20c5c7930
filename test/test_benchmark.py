"""Code that is there only for speed says so, and is measured."""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]


@pytest.fixture(autouse=True)
def benchmark(monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder of the benchmark, from which modules can be imported."""
    folder = ROOT / "test" / "benchmark"
    monkeypatch.syspath_prepend(folder)
    return folder


def test_each_speed_comment_has_a_row_in_the_benchmark() -> None:
    from tricks import TRICKS

    counted = Counter(
        source.stem
        for source in (ROOT / "gravscale").rglob("*.py")
        for _ in re.findall("# For speed: ", source.read_text("utf-8"))
    )
    assert counted == Counter(trick.where for trick in TRICKS)


def test_a_call_works_without_each_of_the_tricks(benchmark: Path) -> None:
    import clients
    import measure
    from server import canned
    from tricks import TRICKS

    with canned() as url:
        for trick in TRICKS:
            call = f"import clients\nclients.CONTESTANTS['gravscale']({url!r})[{trick.call!r}]()"
            if trick.call == "first answer":
                call = clients.FIRST_ANSWERS["gravscale"].replace("{url}", url)
            measure.output_of(f"{trick.undo}\n{call}", [ROOT, benchmark], timeout=60)


def test_support_for_event_hooks_costs_less_than_a_hundredth_of_a_call_without_any(benchmark: Path) -> None:
    import hooks
    from server import canned

    with canned() as url:
        counts = hooks.measured(url, [ROOT, benchmark])
    with_code, without_code, used = counts.values()
    assert 0.99 * with_code < without_code <= with_code < used
