"""64 threads share one client for half a million calls, while the service fails now and then."""

from __future__ import annotations

import heapq
import json
import random
import selectors
import socket
import struct
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import measure

CALLS, THREADS = 500_000, 64
# Shares of the calls. Sign-ins and renewals never fail.
RESET, UNAVAILABLE, SLOW, UNAUTHORIZED = 0.01, 0.03, 0.01, 0.01
SLOW_SECONDS = 0.2
GOAL_ERRORS = 40

# Both define `call`, which returns None or the class of the error that ended the call.
BY_HAND = """
import urllib3
from pydantic import BaseModel

class UserInfo(BaseModel):
    email: str
    nickname: str

retries = urllib3.Retry(2, status_forcelist=(502, 503, 504), backoff_factor=0.25, backoff_jitter=0.25,
                        raise_on_status=False)
pool = urllib3.PoolManager(maxsize=64, retries=retries, timeout=30)
headers = {"Authorization": "Bearer " + "a" * 200}

def call():
    try:
        answer = pool.request("GET", url + "/api/auth/info", headers=headers)
    except urllib3.exceptions.HTTPError:
        return "no answer"
    if answer.status != 200:
        return str(answer.status)
    UserInfo.model_validate_json(answer.data)
"""
GRAVSCALE = """
import gravscale

credentials = gravscale.PasswordCredentials("me@example.com", "correct horse battery staple")
auth = gravscale.AuthenticationApi(gravscale.ApiClient(gravscale.Configuration(url, credentials=credentials)))

def call():
    try:
        auth.info()
    except gravscale.ApiException as error:
        return str(error.status or "no answer")
"""
CONTESTANTS = {"by hand, `Retry(2)`": BY_HAND, "gravscale": GRAVSCALE}
MEASURED = """
import collections, json, os, sys, threading, time

def megabytes():
    with open("/proc/self/statm") as file:
        return int(file.read().split()[1]) * os.sysconf("SC_PAGE_SIZE") / 2**20

def run(count):
    def work(kinds):
        for _ in range(count // threads):
            kinds[call()] += 1
    found = [collections.Counter() for _ in range(threads)]
    workers = [threading.Thread(target=work, args=(kinds,)) for kinds in found]
    cpu = time.process_time()
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    total = sum(found, collections.Counter())
    return total, (time.process_time() - cpu) / total.total()

calls, threads = int(sys.argv[2]), int(sys.argv[3])
run(calls // 10)
before = megabytes()
kinds, cpu = run(calls)
fds = [f"/proc/self/fd/{fd}" for fd in os.listdir("/proc/self/fd")]
print(json.dumps({
    "calls": kinds.total(), "errors": {kind: count for kind, count in kinds.items() if kind}, "cpu": cpu,
    "before": before, "megabytes": megabytes(),
    "sockets": sum(os.path.islink(fd) and os.readlink(fd).startswith("socket:") for fd in fds),
}))
"""


def measured(path: list[Path], calls: int = CALLS) -> dict[str, Any]:
    """The outcomes of each contestant's calls, and their cost."""
    results = {}
    for name, program in CONTESTANTS.items():
        with _unreliable() as url:
            output = measure.output_of(
                f"import sys\nurl = sys.argv[1]\n{program}{MEASURED}", path, url, str(calls), str(THREADS)
            )
        results[name] = json.loads(output)
    return results


def rows(results: dict[str, Any]) -> list[str]:
    """The results as a table in Markdown."""
    kinds = sorted({kind for row in results.values() for kind in row["errors"]})
    heads = ["calls", *(f"ended with {kind}" for kind in kinds), "errors in all", "µs a call", "MB before, after"]
    lines = [
        f"| {THREADS} threads, 1 client | {' | '.join([*heads, 'sockets'])} |",
        f"| --- |{' ---: |' * (len(heads) + 1)}",
    ]
    for name, row in results.items():
        errors = [row["errors"].get(kind, 0) for kind in kinds]
        in_all = f"{sum(errors):,}" + (f" (goal < {GOAL_ERRORS})" if name == "gravscale" else "")
        lines.append(
            f"| {name} | {row['calls']:,} | {' | '.join(f'{count:,}' for count in errors)} | {in_all} | "
            f"{1e6 * row['cpu']:.0f} | {row['before']:.1f}, {row['megabytes']:.1f} | {row['sockets']} |"
        )
    return lines


class _Service:
    """Answers from one thread. Some answers are late, and some are bad."""

    def __init__(self, listener: socket.socket) -> None:
        self.listener = listener
        self.selector = selectors.DefaultSelector()
        self.selector.register(listener, selectors.EVENT_READ, self.accept)
        self.late: list[tuple[float, int, socket.socket]] = []
        self.tokens = 0
        self.draw = random.Random(1).random
        info = {"email": "me@example.com", "nickname": "me"}
        self.info, self.unavailable = _message(info), _message({"detail": "busy"}, "503 Service Unavailable")
        self.unauthorized = _message({"detail": "token?"}, "401 Unauthorized")

    def run(self) -> None:
        """Answer forever."""
        while True:
            pause = max(0.0, self.late[0][0] - time.monotonic()) if self.late else None
            for key, _ in self.selector.select(pause):
                key.data(key.fileobj)
            while self.late and self.late[0][0] <= time.monotonic():
                self.send(heapq.heappop(self.late)[2], self.info)

    def accept(self, listener: socket.socket) -> None:
        connection, _ = listener.accept()
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.selector.register(connection, selectors.EVENT_READ, self.answer)

    def answer(self, connection: socket.socket) -> None:
        """Answer a request. Each is so small that it arrives in one piece."""
        try:
            request = connection.recv(65536)
        except OSError:
            request = b""
        if not request:
            self.close(connection)
        elif not request.startswith(b"GET "):
            self.tokens += 1
            granted = {"accessToken": f"{self.tokens:0200}", "refreshToken": f"{self.tokens:040}", "type": "Bearer"}
            self.send(connection, _message({**granted, "expiresAt": "2100-01-01T00:00:00Z"}))
        elif (draw := self.draw()) < RESET:
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            self.close(connection)
        elif (draw := draw - RESET) < UNAVAILABLE:
            self.send(connection, self.unavailable)
        elif (draw := draw - UNAVAILABLE) < UNAUTHORIZED:
            self.send(connection, self.unauthorized)
        elif draw - UNAUTHORIZED < SLOW:
            heapq.heappush(self.late, (time.monotonic() + SLOW_SECONDS, id(connection), connection))
        else:
            self.send(connection, self.info)

    def send(self, connection: socket.socket, data: bytes) -> None:
        try:
            connection.sendall(data)
        except OSError:
            self.close(connection)

    def close(self, connection: socket.socket) -> None:
        self.selector.unregister(connection)
        connection.close()


def _message(body: object, status: str = "200 OK") -> bytes:
    content = json.dumps(body).encode()
    return (
        f"HTTP/1.1 {status}\r\ncontent-type: application/json\r\ncontent-length: {len(content)}\r\n\r\n"
    ).encode() + content


@contextmanager
def _unreliable() -> Iterator[str]:
    """Yield the URL of such a service. It runs in another process."""
    with subprocess.Popen([sys.executable, __file__, "serve"], stdout=subprocess.PIPE, text=True) as run:
        assert run.stdout is not None
        try:
            yield f"http://127.0.0.1:{run.stdout.readline().strip()}"
        finally:
            run.kill()


if __name__ == "__main__":
    if sys.argv[1:] == ["serve"]:
        listening = socket.create_server(("127.0.0.1", 0), backlog=256)
        print(listening.getsockname()[1], flush=True)
        _Service(listening).run()
    print("\n".join(rows(measured([measure.ROOT], *map(int, sys.argv[1:])))))
