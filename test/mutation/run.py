"""Change the code in every small way, one at a time, and check that the tests notice: `tox -e mutation`.

    tox -e mutation                         all modules below
    tox -e mutation -- pagination           one of them

A change that no test notices must be explained in README.md, beside this file. Any other such change fails the run, and
so does an unneeded explanation.
"""

from __future__ import annotations

import configparser
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]
README = Path(__file__).with_name("README.md")
COPIED = ("gravscale", "test", "docs", "templates", "openapi.json", "pyproject.toml", "setup.cfg", "README.md")

# Without those that interrupt a session everywhere, which take minutes.
SESSIONS = [
    f"test/credentials/test_{name}.py"
    for name in ("signing_in", "renewal", "odd_sessions", "two_renewals", "refused_again", "shared_sessions", "threads")
]
TESTS_OF_CONNECTING = (
    "test_a_dripping_tls_handshake_holds_no_call_beyond_its_timeout",
    "test_an_unreachable_address_holds_no_call_beyond_its_timeout",
    "test_a_name_server_that_hangs_holds_no_call_beyond_its_timeout",
    "test_a_second_address_is_tried_if_the_first_is_unreachable",
)
PROFILES = ["test/test_profiles.py", "test/service/cli/test_session.py"]

# The fastest tests that reach most of a module. Tests that start programs don't count: a program loads the code
# unchanged.
TESTS = {
    "exceptions": [
        *("test/test_exceptions.py", "test/test_configuration.py", "test/schema"),
        *("test/credentials/test_signing_in.py", "test/service/notebook/test_extension.py"),
    ],
    "pagination": ["test/test_pagination.py", "test/test_parallel_pages.py"],
    "tasks": ["test/test_tasks.py", "test/test_exceptions.py", "test/test_progress.py"],
    "prefetch": ["test/test_parallel_pages.py"],
    "session": SESSIONS,
    "cached_token": [
        f"test/credentials/test_{name}.py" for name in ("cached_token", "renewal", "odd_sessions", "shared_sessions")
    ],
    "token_refresh": [
        "test/pipeline/test_failing_imports.py",
        *(f"test/credentials/test_{name}.py" for name in ("token_refresh", "threads", "odd_sessions", "two_renewals")),
    ],
    "credentials": SESSIONS,
    "token_store/entry": ["test/credentials/test_token_store.py", "test/credentials/test_shared_sessions.py"],
    "token_store/file": ["test/credentials/test_token_store.py", "test/credentials/test_shared_sessions.py"],
    "configuration": ["test/test_configuration.py", "test/test_profiles.py", "test/pipeline/test_sharing.py"],
    "call_settings": [
        *("test/test_configuration.py", "test/test_api_client.py", "test/pipeline/test_event_hooks.py"),
    ],
    "profiles": PROFILES,
    "profile_file": PROFILES,
    "events": ["test/pipeline/test_event_hooks.py"],
    "api_response": ["test/test_api_client.py"],
    "schema/any_of": ["test/schema/test_unions.py", "test/schema/test_model.py"],
    "schema/faults": ["test/schema/test_faults.py", "test/schema/test_parameters.py"],
    "schema/operation": ["test/schema/test_operation.py", "test/pipeline/test_parse.py", "test/pipeline/test_raw.py"],
    "schema/parameters": ["test/schema/test_checked_arguments.py", "test/schema/test_parameters.py"],
    "support/escapes": ["test/support/test_escapes.py"],
    "support/logs": ["test/support/test_logs.py"],
    "support/redaction": ["test/secrets/test_redaction.py"],
    "support/times": ["test/support/test_times.py", "test/test_exceptions.py"],
    "pipeline/authenticate": ["test/pipeline/test_authenticate.py", "test/credentials/test_refused_again.py"],
    "pipeline/body": ["test/pipeline/test_body.py", "test/pipeline/test_build.py", "test/test_raw_requests.py"],
    "pipeline/build": [
        *("test/pipeline/test_build.py", "test/pipeline/test_body.py", "test/pipeline/test_raw.py"),
        *("test/test_raw_requests.py", "test/test_api_client.py"),
    ],
    "pipeline/errors": [
        *("test/pipeline/test_network_errors.py", "test/pipeline/test_errors.py", "test/pipeline/test_parse.py"),
        *("test/pipeline/test_authenticate.py", "test/pipeline/test_read.py"),
    ],
    "pipeline/files": ["test/pipeline/test_files.py", "test/test_raw_requests.py"],
    "pipeline/parse": ["test/pipeline/test_parse.py", "test/pipeline/test_errors.py"],
    "pipeline/raw": ["test/pipeline/test_raw.py", "test/test_raw_requests.py"],
    "pipeline/redirect": ["test/pipeline/test_redirect.py"],
    "pipeline/retry": ["test/pipeline/test_retry.py", "test/telemetry/test_logging.py"],
    "pipeline/serialization": ["test/pipeline/test_serialization.py"],
    "transport/connection": [
        *(f"test/transport/test_{name}.py" for name in ("connection", "intermediaries", "tls", "proxies")),
        *(f"test/pipeline/test_time_bounds.py::{name}" for name in TESTS_OF_CONNECTING),
    ],
    "transport/content_encoding": ["test/transport/test_content_encoding.py"],
    "transport/deadline": ["test/transport/test_deadline.py"],
    "transport/fields": ["test/transport/test_fields.py"],
    "transport/http1": ["test/transport/test_http1.py"],
    "transport/proxies": ["test/transport/test_choice_of_proxy.py"],
    "transport/request": ["test/transport/test_request.py"],
    "transport/response": ["test/transport/test_response.py", "test/pipeline/test_read.py"],
    "transport/urls": ["test/transport/test_urls.py", "test/test_configuration.py"],
}
LEFT_OUT = (
    "process",
    "killed",
    "child",
    "fork",
    "without_end_takes_no_more_memory",
    "megabyte",
    "takes_long_to_mask",
    "grows_linearly",
    # The functions that mutmut puts around ours keep errors alive.
    "leaves_no_garbage",
)


def main(modules: list[str], work: Path) -> int:
    """Run the modules named, or all. Return the exit status."""
    unknown = set(modules) - set(TESTS)
    if unknown:
        print(f"no tests are chosen for {', '.join(unknown)}: expected some of {', '.join(TESTS)}", file=sys.stderr)
        return 2
    explained = explanations(README.read_text("utf-8"))
    wrong = 0
    for module in modules or TESTS:
        tree = work / module.replace("/", "-")
        prepare(tree, module)
        survivors, summary = mutate(tree)
        new = [survivor for survivor in survivors if survivor not in explained.get(module, set())]
        print(f"\n{module}: {summary}; {len(survivors)} not noticed, {len(new)} of them not explained")
        for survivor in new:
            print(f"\n{survivor}")
        gone = explained.get(module, set()).difference(survivors)
        for survivor in gone:
            print(f"\nexplained, but noticed or not made any more:\n{survivor}")
        # If a test can't run at all, it seems to notice everything.
        wrong += len(new) + len(gone)
    return 1 if wrong else 0


def prepare(tree: Path, module: str) -> None:
    """A copy of the project that is set up for one module."""
    shutil.rmtree(tree, ignore_errors=True)
    tree.mkdir(parents=True)
    for name in COPIED:
        source = ROOT / name
        if source.is_dir():
            shutil.copytree(source, tree / name, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy(source, tree / name)
    settings = configparser.ConfigParser(interpolation=None)
    settings.read(tree / "setup.cfg")
    # Many changes make a test hang, even while it ends. The method ends the process.
    options = ["--timeout", "30", "--timeout-method", "thread", "-p", "no:randomly", "-p", "no:cacheprovider"]
    options += ["-k", " and ".join(f"not {name}" for name in LEFT_OUT)]
    settings["mutmut"] = {
        "source_paths": "gravscale",
        "only_mutate": f"gravscale/{module}.py",
        "also_copy": "\n" + "\n".join(name for name in COPIED if name not in ("gravscale", "test")),
        # The tests may take ten times as long as without a change.
        "timeout_multiplier": "10",
        "pytest_add_cli_args": "\n" + "\n".join(options),
        "pytest_add_cli_args_test_selection": "\n" + "\n".join(TESTS[module]),
    }
    with (tree / "setup.cfg").open("w", encoding="utf-8") as file:
        settings.write(file)


def mutate(tree: Path) -> tuple[list[str], str]:
    """The changes that the tests did not notice, as changed lines, and how many changes there were."""
    with (tree / "log").open("w", encoding="utf-8") as log:
        # Most tests wait for sockets, so each processor can run more than one.
        command = ["mutmut", "run", "--max-children", str(2 * (os.cpu_count() or 1))]
        run = subprocess.run(command, cwd=tree, stdout=log, stderr=log, check=False)
    if run.returncode != 0:
        raise SystemExit(f"mutmut failed:\n{(tree / 'log').read_text('utf-8')[-3000:]}")
    results = dict(re.findall(r"^ +(\S+): (.+)$", mutmut_output(tree, "results", "--all", "true"), re.MULTILINE))
    survivors = [name for name, result in results.items() if result not in ("killed", "timeout")]
    changes = [changed(mutmut_output(tree, "show", name)) for name in survivors]
    return [change for change in changes if matters(change)], f"{len(results)} changes"


def mutmut_output(tree: Path, *arguments: str) -> str:
    return subprocess.run(["mutmut", *arguments], cwd=tree, capture_output=True, text=True, check=True).stdout


def changed(diff: str) -> str:
    """The changed lines of a diff, without indentation."""
    lines = [line for line in diff.splitlines() if re.match(r"[-+](?![-+])", line)]
    return "\n".join(f"{line[0]} {line[1:].strip()}" for line in lines)


def matters(change: str) -> bool:
    """Whether a change may have an effect. The type of a cast has none, nor the case of the name of a header or an
    encoding."""
    before, after = (
        "\n".join(re.sub(r"cast\([^,]+,", "cast(", line[1:]) for line in change.splitlines() if line[0] == sign)
        for sign in "-+"
    )
    for name in re.findall(r'"(utf-8|latin-1|[A-Z][a-z]+(?:-[A-Z][a-z]+)*)"', before):
        before, after = (
            text.replace(f'"{name.lower()}"', f'"{name}"').replace(f'"{name.upper()}"', f'"{name}"')
            for text in (before, after)
        )
    return before != after


def explanations(text: str) -> dict[str, set[str]]:
    """The explained changes, by module."""
    found: dict[str, set[str]] = {}
    for module, section in re.findall(r"^## ([\w/]+)\n(.*?)(?=^## |\Z)", text, re.MULTILINE | re.DOTALL):
        for block in re.findall(r"```diff\n(.*?)```", section, re.DOTALL):
            found.setdefault(module, set()).update(each.strip() for each in block.split("\n\n"))
    return found


if __name__ == "__main__":
    sys.exit(main(sys.argv[2:], Path(sys.argv[1])))
