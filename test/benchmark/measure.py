"""How time and memory are measured: in turn (A B B A), as medians, and as ratios within one round."""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, NamedTuple

ROOT = Path(__file__).resolve().parents[2]


class Cost(NamedTuple):
    """The CPU time and the wall time of one call or one process, in seconds."""

    cpu: float
    wall: float


class Measured(NamedTuple):
    """Medians over all rounds. The ratios are those to the first contestant in the same round."""

    cpu: float
    wall: float
    cpu_ratio: float
    wall_ratio: float

    def as_dict(self) -> dict[str, float]:
        return {name: round(value, 9) for name, value in self._asdict().items()}


def in_turn(takers: Mapping[str, Callable[[], Cost]], rounds: int) -> dict[str, Measured]:
    """Let each contestant run in each round. The others are compared with the first one."""
    costs: dict[str, list[Cost]] = {name: [] for name in takers}
    for take in takers.values():
        take()
    for number in range(rounds):
        # In either order, because whoever comes first may find a rested processor.
        for name in reversed(list(takers)) if number % 2 else takers:
            costs[name].append(takers[name]())
    first = costs[next(iter(takers))]
    return {
        name: Measured(
            *(statistics.median(values) for values in zip(*own, strict=True)),
            statistics.median(cost.cpu / base.cpu for cost, base in zip(own, first, strict=True)),
            statistics.median(cost.wall / base.wall for cost, base in zip(own, first, strict=True)),
        )
        for name, own in costs.items()
    }


def calls(call: Callable[[], object], times: int) -> Callable[[], Cost]:
    """Measures the cost of one call, averaged over several."""

    def take() -> Cost:
        cpu, wall = time.process_time(), time.perf_counter()
        for _ in range(times):
            call()
        return Cost((time.process_time() - cpu) / times, (time.perf_counter() - wall) / times)

    return take


def in_threads(call: Callable[[], object], threads: int, times: int) -> Callable[[], Cost]:
    """Measures the cost of one call while several threads make calls together."""

    def work(start: threading.Barrier) -> None:
        start.wait()
        for _ in range(times // threads):
            call()

    def take() -> Cost:
        start = threading.Barrier(threads + 1)
        workers = [threading.Thread(target=work, args=(start,)) for _ in range(threads)]
        for worker in workers:
            worker.start()
        start.wait()
        cpu, wall = time.process_time(), time.perf_counter()
        for worker in workers:
            worker.join()
        done = times // threads * threads
        return Cost((time.process_time() - cpu) / done, (time.perf_counter() - wall) / done)

    return take


def processes(program: str, path: list[Path]) -> Callable[[], Cost]:
    """Measures the cost of a Python process that runs the program, including the start of the interpreter."""
    environment = _environment(path)

    def take() -> Cost:
        wall = time.perf_counter()
        process = subprocess.Popen([sys.executable, "-c", program], env=environment)
        _, status, used = os.wait4(process.pid, 0)
        if status:
            raise RuntimeError(f"status {status} of:\n{program}")
        process.returncode = 0
        return Cost(used.ru_utime + used.ru_stime, time.perf_counter() - wall)

    return take


def output_of(program: str, path: list[Path], *arguments: str, timeout: float | None = None) -> Any:
    """Return what a Python process prints. Raises subprocess.TimeoutExpired if it takes longer than the timeout."""
    run = subprocess.run(
        [sys.executable, "-c", program, *arguments],
        env=_environment(path),
        stdout=subprocess.PIPE,
        text=True,
        timeout=timeout,
        check=True,
    )
    return run.stdout.strip()


def _environment(path: list[Path]) -> dict[str, str]:
    # Bytecode is cached, as in any program that runs for the second time.
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    return environment | {"PYTHONPATH": os.pathsep.join(map(str, path))}
