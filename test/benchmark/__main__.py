"""Measure the cost of a call, relative to the same call written by hand, in the same run: `tox -e bench`.

Prints a table; writes docs/performance.json, docs/performance.svg and the table of docs/performance.md.
"""

from __future__ import annotations

import argparse
import datetime
import importlib.metadata
import json
import os
import platform
import statistics
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import clients
import growth
import hooks
import lists
import measure
import soak
import urllib3
from server import canned
from tricks import TRICKS

GOALS = {"info": 0.50, "sign_in": 0.55, "list_tasks": 0.85, "import": 0.15, "first answer": 1.03, "growth": 1.10}
TIMES = {"info": 200, "sign_in": 200, "list_tasks": 25}
TITLES = {
    "info": "info",
    "sign_in": "sign_in",
    "list_tasks": "page of 100 tasks, 500 sub-tasks",
    "import": "import",
    "first answer": "fresh process to first answer",
}
THREADS = (1, 2, 4, 8, 16, 32)
LEAK_CALLS = 10_000
HERE = Path(__file__).resolve().parent
DOCS = measure.ROOT / "docs"


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=25, help="how often each contestant takes its turn (default: 25)")
    parser.add_argument("--quick", action="store_true", help="the SDK and the call by hand alone, nothing written")
    parser.add_argument("--soak", action="store_true", help="the soak alone, four minutes; the other figures are kept")
    options = parser.parse_args()
    if options.soak:
        results = json.loads((DOCS / "performance.json").read_text("utf-8"))
        results["soak"] = soaked([measure.ROOT])
        print("\n".join(soak.rows(results["soak"])))
        write(results)
        return 0
    with tempfile.TemporaryDirectory() as scratch, canned() as url:
        results = measured(url, Path(scratch), options.rounds, quick=options.quick)
    print(table(results))
    if not options.quick:
        write(results)
    return 0


def measured(url: str, scratch: Path, rounds: int, *, quick: bool) -> dict[str, Any]:
    names = ["by hand", "gravscale"] if quick else list(clients.CONTESTANTS)
    path = [measure.ROOT, HERE]
    if not quick:
        say("generating openapi-generator's own client")
        path.append(growth.generate_peer(scratch))
        sys.path.append(str(path[-1]))
    results: dict[str, Any] = {"about": about(names), "calls": {}, "processes": {}}
    contestants = {name: clients.CONTESTANTS[name](url) for name in names}
    for call, times in TIMES.items():
        say(f"{call}: {rounds} rounds of {times} calls")
        takers = {name: measure.calls(calls[call], times) for name, calls in contestants.items()}
        results["calls"][call] = figures(measure.in_turn(takers, rounds))
    for what, programs in (("import", clients.IMPORTS), ("first answer", clients.FIRST_ANSWERS)):
        say(f"{what}: {rounds} rounds of a process")
        takers = {name: measure.processes(programs[name].replace("{url}", url), path) for name in names}
        results["processes"][what] = figures(measure.in_turn(takers, rounds))
    if quick:
        return results
    say(f"threads: {', '.join(map(str, THREADS))}")
    results["threads"] = {
        threads: figures(
            measure.in_turn(
                {
                    name: measure.in_threads(contestants[name]["info"], threads, 640)
                    for name in ("by hand", "gravscale")
                },
                max(5, rounds // 3),
            )
        )
        for threads in THREADS
    }
    say("peak memory, and 10,000 calls")
    # On Linux, the system tells.
    if sys.platform == "linux":
        results["memory"] = {name: peak_of(name, url, path) for name in names}
        results["leaks"] = leaks(url, path)
        say(f"a list of {lists.ITEMS:,} items")
        results["lists"] = lists.measured(path, max(3, rounds // 5))
        results["soak"] = soaked(path)
    say("one answer of the sandbox")
    results["sandbox"] = {"milliseconds": answer_of_sandbox()}
    say("what is there for speed alone")
    results["tricks"] = {trick.what: saved(trick.call, trick.undo, url, path, rounds) for trick in TRICKS}
    say("event hooks")
    results["hooks"] = hooks.measured(url, path)
    say(f"a contract of {growth.OPERATIONS} operations and {growth.MODELS} models")
    large = growth.generate_large(scratch)
    results["growth"] = {
        what: figures(
            measure.in_turn(
                {
                    name: measure.processes(programs["gravscale"].replace("{url}", url), [root, HERE])
                    for name, root in (("today's contract", measure.ROOT), ("the large one", large))
                },
                rounds,
            )
        )
        for what, programs in (("import", clients.IMPORTS), ("first answer", clients.FIRST_ANSWERS))
    }
    return results


def soaked(path: list[Path]) -> dict[str, Any]:
    say(f"{soak.CALLS:,} calls to a service that fails now and then, twice")
    return soak.measured(path)


def figures(costs: dict[str, measure.Measured]) -> dict[str, dict[str, float]]:
    return {name: cost.as_dict() for name, cost in costs.items()}


def about(names: list[str]) -> dict[str, str]:
    packages = ["urllib3", "pydantic"] + [name for name in names if name in ("requests", "httpx")]
    versions = {name: importlib.metadata.version(name) for name in packages}
    if "openapi-generator" in names:
        versions["openapi-generator"] = importlib.metadata.version("openapi-generator-cli")
    return {
        "date": datetime.datetime.now(datetime.timezone.utc).date().isoformat(),
        "python": platform.python_version(),
        "machine": f"{platform.system()} {platform.machine()}, {os.cpu_count()} cores",
        **versions,
    }


PEAK = """
import sys
import clients
call = clients.CONTESTANTS[sys.argv[1]](sys.argv[2])["list_tasks"]
for _ in range(100):
    call()
# Not of getrusage(), which counts what this process was before it became another program.
with open("/proc/self/status") as file:
    print(next(line.split()[1] for line in file if line.startswith("VmHWM:")))
"""


def peak_of(name: str, url: str, path: list[Path]) -> float:
    """The peak in megabytes while a hundred long pages are read."""
    return round(int(measure.output_of(PEAK, path, name, url)) / 1024, 1)


LEAKS = """
import gc, json, os, sys
import clients
info = clients.CONTESTANTS["gravscale"](sys.argv[1])["info"]
def state():
    gc.collect()
    with open("/proc/self/statm") as file:
        pages = int(file.read().split()[1])
    sockets = sum(os.readlink(f"/proc/self/fd/{fd}").startswith("socket:") for fd in os.listdir("/proc/self/fd")
                  if os.path.islink(f"/proc/self/fd/{fd}"))
    megabytes = pages * os.sysconf("SC_PAGE_SIZE") / 2**20
    return {"megabytes": megabytes, "sockets": sockets, "objects": len(gc.get_objects())}
for _ in range(1000):
    info()
before = state()
for _ in range(int(sys.argv[2])):
    info()
print(json.dumps([before, state()]))
"""


def leaks(url: str, path: list[Path]) -> dict[str, Any]:
    """The memory of a process after 1,000 calls, and after 10,000 more."""
    before, after = json.loads(measure.output_of(LEAKS, path, url, str(LEAK_CALLS)))
    return {"before": before, "after": after}


def answer_of_sandbox() -> float:
    """The median response time of the sandbox on an open connection, in milliseconds, as a client sees it."""
    # Imported here, so that its many modules are not loaded while calls are measured.
    from gravscale.sandbox import Sandbox

    with Sandbox() as sandbox, urllib3.PoolManager() as pool:
        taken = []
        for _ in range(220):
            begun = time.perf_counter()
            pool.request("GET", f"{sandbox.url}/api/auth/info")
            taken.append(time.perf_counter() - begun)
        # The first responses also load modules that are imported on first use.
        return round(1000 * statistics.median(taken[20:]), 2)


TRICK = """
import os, statistics, sys, time
import clients
import gravscale.api_client, gravscale.api_response, gravscale.credentials
url, call, times, rounds, undo = sys.argv[1], sys.argv[2], int(sys.argv[3]), int(sys.argv[4]), sys.argv[5]

def cost(program):
    # In a child, so that both find the same memory; between two processes that may make a tenth.
    reading, writing = os.pipe()
    if os.fork() == 0:
        exec(program, {})
        function = clients.CONTESTANTS["gravscale"](url)[call]
        taken = []
        for _ in range(12):
            begun = time.process_time()
            for _ in range(times):
                function()
            taken.append(time.process_time() - begun)
        os.write(writing, repr(statistics.median(taken[2:])).encode())
        os._exit(0)
    os.wait()
    seconds = float(os.read(reading, 100))
    os.close(reading)
    os.close(writing)
    return seconds

print(statistics.median([(cost(undo) / cost("")) for _ in range(rounds)]))
"""


def saved(call: str, undo: str, url: str, path: list[Path], rounds: int) -> dict[str, Any]:
    """The cost of a call without a trick, relative to the cost with it."""
    if call == "first answer":
        program = clients.FIRST_ANSWERS["gravscale"].replace("{url}", url)
        takers = {"with": measure.processes(program, path), "without": measure.processes(f"{undo}\n{program}", path)}
        ratio = measure.in_turn(takers, rounds)["without"].cpu_ratio
    else:
        ratio = float(measure.output_of(TRICK, path, url, call, str(TIMES[call] // 5), str(max(5, rounds // 3)), undo))
    return {"call": call, "without": round(ratio, 3)}


def table(results: dict[str, Any]) -> str:
    """The results as a Markdown table: ratios of CPU time to the call written by hand."""
    columns = {**results["calls"], **results["processes"]}
    lines = [
        "| processor time, by hand = 1.00 | " + " | ".join(TITLES[column] for column in columns) + " |",
        "| --- |" + " ---: |" * len(columns),
    ]
    for name in columns["info"]:
        ratios = (f"{column[name]['cpu_ratio']:.2f}" for column in columns.values())
        lines.append(f"| {name} | " + " | ".join(ratios) + " |")
    by_hand = (column["by hand"]["cpu"] for column in columns.values())
    lines.append("| by hand, in ms | " + " | ".join(f"{1000 * seconds:.2f}" for seconds in by_hand) + " |")
    goals = ((GOALS[name], column["gravscale"]["cpu_ratio"]) for name, column in columns.items())
    lines.append(
        "| goal of gravscale | "
        + " | ".join(f"≤ {goal:.2f} {'met' if round(ratio, 3) <= goal else 'missed'}" for goal, ratio in goals)
        + " |"
    )
    if "threads" in results:
        lines += ["", *more_tables(results)]
    return "\n".join(lines)


def more_tables(results: dict[str, Any]) -> list[str]:
    threads = results["threads"]
    lines = [
        "| threads on one client | " + " | ".join(map(str, threads)) + " |",
        "| --- |" + " ---: |" * len(threads),
    ]
    for kind in ("cpu", "wall"):
        ratios = (f"{measured['gravscale'][f'{kind}_ratio']:.2f}" for measured in threads.values())
        lines.append(f"| gravscale, {kind} time of `info`, by hand = 1.00 | " + " | ".join(ratios) + " |")
    if "memory" in results:
        lines += ["", "| peak memory of a process that reads 100 long pages | MB |", "| --- | ---: |"]
        lines += [f"| {name} | {megabytes:.1f} |" for name, megabytes in results["memory"].items()]
        before, after = results["leaks"]["before"], results["leaks"]["after"]
        lines += ["", "| one process | MB | sockets | objects |", "| --- | ---: | ---: | ---: |"]
        for when, state in (("after 1,000 calls", before), (f"after {LEAK_CALLS:,} more", after)):
            lines.append(f"| {when} | {state['megabytes']:.1f} | {state['sockets']} | {state['objects']:,} |")
    if "lists" in results:
        lines += ["", *lists.rows(results["lists"])]
    if "soak" in results:
        lines += ["", *soak.rows(results["soak"])]
    if "sandbox" in results:
        lines += ["", "| one answer of the sandbox | median |", "| --- | ---: |"]
        lines.append(f"| `info`, without a token | {results['sandbox']['milliseconds']:.1f} ms |")
    if "hooks" in results:
        lines += ["", *hooks.rows(results["hooks"])]
    lines += ["", "| there for speed alone | measured by | without it |", "| --- | --- | ---: |"]
    lines += [f"| {what} | {row['call']} | {row['without']:.2f} |" for what, row in results["tricks"].items()]
    lines += [
        "",
        f"| {growth.OPERATIONS} operations and {growth.MODELS} models, today's contract = 1.00 | cpu | wall | goal |",
        "| --- | ---: | ---: | ---: |",
    ]
    for what, measured in results["growth"].items():
        large = measured["the large one"]
        lines.append(f"| {what} | {large['cpu_ratio']:.2f} | {large['wall_ratio']:.2f} | ≤ {GOALS['growth']:.2f} |")
    return lines


def write(results: dict[str, Any]) -> None:
    """Write the JSON file, the plot, and the page's table."""
    (DOCS / "performance.json").write_text(json.dumps(results, indent=1) + "\n", "utf-8")
    plot(results)
    page = DOCS / "performance.md"
    head, begin, rest = page.read_text("utf-8").partition("<!-- results: written by tox -e bench -->\n")
    _, end, tail = rest.partition("<!-- end of results -->\n")
    measured_with = ", ".join(f"{name} {version}" for name, version in results["about"].items() if name != "date")
    text = f"Measured on {results['about']['date']} with {measured_with}.\n\n{table(results)}\n"
    page.write_text(f"{head}{begin}\n{text}\n{end}{tail}", "utf-8")
    say(f"written: {', '.join(f'docs/performance.{kind}' for kind in ('json', 'svg', 'md'))}")


def plot(results: dict[str, Any]) -> None:
    import matplotlib as mpl

    mpl.use("svg")
    # So that the same figures give the same file.
    mpl.rcParams["svg.hashsalt"] = "gravscale"
    from matplotlib import pyplot

    columns = {**results["calls"], **results["processes"]}
    names = list(columns["info"])
    figure, axes = pyplot.subplots(figsize=(9, 4.2))
    width = 0.8 / len(names)
    for index, name in enumerate(names):
        places = [column + (index - (len(names) - 1) / 2) * width for column in range(len(columns))]
        axes.bar(places, [column[name]["cpu_ratio"] for column in columns.values()], width * 0.92, label=name)
    axes.axhline(1.0, color="0.3", linewidth=0.8)
    axes.set_xticks(range(len(columns)), ["\n".join(TITLES[column].split(", ")) for column in columns])
    axes.set_ylabel("processor time, by hand = 1")
    about = results["about"]
    axes.set_title(
        f"{about['date']}, Python {about['python']}, urllib3 {about['urllib3']}, pydantic {about['pydantic']}",
        fontsize=9,
    )
    axes.legend(frameon=False, ncols=len(names), fontsize=8, loc="upper left")
    axes.spines[["top", "right"]].set_visible(False)
    axes.set_ylim(0, 1.15 * axes.get_ylim()[1])
    figure.tight_layout()
    figure.savefig(DOCS / "performance.svg", metadata={"Date": None})


def say(what: str) -> None:
    print(what, file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(main())
