"""The cost of event hooks per call: without any, and with one for each event.

Timings vary by more than a hundredth on a busy machine. So this counts the instructions of Python's virtual machine,
which are the same in every run.
"""

from __future__ import annotations

from pathlib import Path

import measure

# Programs that run before the measured one, by the hooks that they set.
PROGRAMS = {
    "the SDK, without hooks": "",
    "the SDK without the code for event hooks": """
import gravscale.api_client
import gravscale.pipeline
import gravscale.pipeline.parse

gravscale.pipeline.Observe = lambda send: send
gravscale.api_client.parse_answer = gravscale.pipeline.parse._parse
""",
    "a function for each event": """
import gravscale

made = gravscale.Configuration.__init__
hooks = {event: [lambda event: None] for event in ("request", "response", "retry", "error")}
gravscale.Configuration.__init__ = lambda self, *args, **kwargs: made(self, *args, **kwargs, event_hooks=hooks)
""",
}

_COUNT = """
import sys, time

exec(sys.argv[2], {})
import clients

info = clients.CONTESTANTS["gravscale"](sys.argv[1])["info"]
for _ in range(100):
    info()

def count():
    def trace(frame, event, arg):
        if event == "call" and frame.f_code.co_name == "getresponse":
            # Looking for an answer that is not there yet takes more.
            time.sleep(0.005)
        frame.f_trace_opcodes, frame.f_trace_lines = True, False
        counted.append(event == "opcode")
        return trace
    counted = []
    sys.settrace(trace)
    info()
    sys.settrace(None)
    return sum(counted)

# So does an answer that arrives in two pieces.
print(min(count() for _ in range(50)))
"""


def measured(url: str, path: list[Path]) -> dict[str, int]:
    """Return how many instructions of the virtual machine a call takes, by program."""
    return {what: int(measure.output_of(_COUNT, path, url, program)) for what, program in PROGRAMS.items()}


def rows(counts: dict[str, int]) -> list[str]:
    """The results as a table in Markdown."""
    first = next(iter(counts.values()))
    lines = ["| event hooks: `info` | bytecode instructions | ratio |", "| --- | ---: | ---: |"]
    return lines + [f"| {what} | {count:,} | {count / first:.4f} |" for what, count in counts.items()]
