"""A long list from a service far away: one page after the other, and in parallel."""

from __future__ import annotations

import json
import statistics
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import measure

ITEMS, SIZE, LATENCY = 5_000, 100, 0.05
TIME = "2026-01-31T12:00:00.123456+00:00"

BY_HAND = """
import clients
list_tasks = clients.by_hand("{url}")["list_tasks"]
def items():
    number = pages = 1
    while number <= pages:
        page = list_tasks(number)
        yield from page.items
        number, pages = number + 1, page.pages
"""
GRAVSCALE = """
import gravscale
client = gravscale.ApiClient(gravscale.Configuration("{url}", access_token="t"))
def items():
    return gravscale.paginate(gravscale.TaskManagerApi(client).list_tasks, 7){parallel}
"""
# The first two pages also load modules that are imported on first use.
MEASURED = """
import itertools, time
list(itertools.islice(items(), 150))
begun = time.perf_counter()
count = sum(1 for _ in items())
taken = time.perf_counter() - begun
with open("/proc/self/status") as file:
    print(count, taken, next(line.split()[1] for line in file if line.startswith("VmHWM:")))
"""
CONTESTANTS = {
    "by hand": BY_HAND,
    "gravscale": GRAVSCALE.replace("{parallel}", ""),
    "gravscale, `.parallel(4)`": GRAVSCALE.replace("{parallel}", ".parallel(4)"),
    "gravscale, `.parallel(8)`": GRAVSCALE.replace("{parallel}", ".parallel(8)"),
}
GOAL = {"gravscale, `.parallel(4)`": 0.30}


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        number = int(parse_qs(urlsplit(self.path).query)["page"][0])
        times = {"createdAt": TIME, "updatedAt": TIME}
        items = [{"id": f"task-{number}-{n}", "status": "running", "clientId": 7, **times} for n in range(SIZE)]
        facts = {"total": ITEMS, "page": number, "size": SIZE, "pages": ITEMS // SIZE}
        body = json.dumps({"items": items, **facts}).encode()
        time.sleep(LATENCY)
        self.wfile.write(
            b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%b" % (len(body), body)
        )

    def log_message(self, *_: object) -> None:
        pass


@contextmanager
def _far_away() -> Iterator[str]:
    """Yield the URL of a service that takes 50 ms for each answer. It runs in another process."""
    with subprocess.Popen([sys.executable, __file__], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as run:
        assert run.stdin is not None
        assert run.stdout is not None
        try:
            yield f"http://127.0.0.1:{run.stdout.readline().strip()}"
        finally:
            run.stdin.close()


def measured(path: list[Path], rounds: int) -> dict[str, dict[str, float]]:
    """For each contestant: the median seconds, their ratio to those by hand, and the peak in megabytes."""
    runs: dict[str, list[tuple[float, float]]] = {name: [] for name in CONTESTANTS}
    with _far_away() as url:
        for _ in range(rounds):
            for name, program in CONTESTANTS.items():
                output = measure.output_of(program.replace("{url}", url) + MEASURED, path)
                count, seconds, kilobytes = output.split()
                assert int(count) == ITEMS
                runs[name].append((float(seconds), int(kilobytes) / 1024))
    by_hand = [seconds for seconds, _ in runs["by hand"]]
    return {
        name: {
            "wall": round(statistics.median(seconds for seconds, _ in own), 3),
            "wall_ratio": round(statistics.median(a / b for (a, _), b in zip(own, by_hand, strict=True)), 3),
            "megabytes": round(statistics.median(megabytes for _, megabytes in own), 1),
        }
        for name, own in runs.items()
    }


def rows(results: dict[str, dict[str, float]]) -> list[str]:
    """The results as a table in Markdown."""
    lines = [
        f"| {ITEMS:,} items, {SIZE} on a page, {1000 * LATENCY:.0f} ms for each | s | by hand = 1.00 | peak MB |",
        "| --- | ---: | ---: | ---: |",
    ]
    for name, row in results.items():
        goal = f" (goal ≤ {GOAL[name]:.2f})" if name in GOAL else ""
        lines.append(f"| {name} | {row['wall']:.2f} | {row['wall_ratio']:.2f}{goal} | {row['megabytes']:.1f} |")
    return lines


def serve() -> None:
    """Print the port, and answer until stdin ends."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Handler)
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, daemon=True).start()
    print(server.server_port, flush=True)
    sys.stdin.read()


if __name__ == "__main__":
    serve()
