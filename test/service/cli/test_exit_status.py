"""Each exit status, with one line on stderr that says what to do."""

from __future__ import annotations

import os
import subprocess

import pytest
from command_runs import EMAIL, PASSWORD, PROGRAM, Gravscale, log_in
from misbehaving import refusing, serving, silence

from gravscale.sandbox import Sandbox


def assert_failed(run: object, status: int, *said: str) -> None:
    """Check that a command ended as expected, with one line and no data."""
    code, out, err = run  # type: ignore[misc]  # a Run is a tuple
    assert (code, out) == (status, ""), err
    assert err.startswith("gravscale: ")
    assert err.count("\n") == 1
    for part in said:
        assert part in err


def test_exit_status_0_means_done(signed_in: Gravscale) -> None:
    assert signed_in("vpc", "list").status == 0


def test_exit_status_1_means_refused(gravscale: Gravscale, own: Sandbox) -> None:
    log_in(gravscale, own)
    gravscale("ip", "allocate", "vpc-main", "10.0.0.10", "-q")
    run = gravscale("ip", "allocate", "vpc-main", "10.0.0.10", "-q")
    assert_failed(run, 1, "409 Conflict", "10.0.0.10 has a public IP already", "request id")


def test_exit_status_1_means_that_a_task_failed(gravscale: Gravscale, own: Sandbox) -> None:
    log_in(gravscale, own)
    run = gravscale("ip", "allocate", "vpc-main", "192.0.2.1", "-q")
    assert_failed(run, 1, "failed: no route can be announced for 192.0.2.1")


@pytest.mark.parametrize(
    ("command", "said"),
    [
        ("vpc lst", "No such command 'lst', did you mean 'list'? (see gravscale vpc --help)"),
        ("vpcs list", "No such command 'vpcs', did you mean 'vpc'? (see gravscale --help)"),
        ("call lst-tasks", "No such command 'lst-tasks', did you mean 'list-tasks'? (see gravscale call --help)"),
        ("call lst_tasks", "No such command 'lst_tasks', did you mean 'list-tasks'? (see gravscale call --help)"),
        ("sandbox srve", "No such command 'srve', did you mean 'serve'? (see gravscale sandbox --help)"),
        ("sandbox serve --port x", "Invalid value for '--port': 'x' is not a valid integer."),
        ("sandbox serve --prt 1", "(see gravscale sandbox serve --help)"),
        ("sandbox serve --port 70000", "port: "),
        ("--profile x sandbox serve", "--profile: goes after gravscale sandbox serve"),
        ("sandbox tour now", "Got unexpected extra argument"),
        ("vpc list --columns ,", "'--columns': expected names separated by commas, got none"),
        # A former command is not suggested.
        ("nat1", "No such command 'nat1' (see gravscale --help)"),
        ("vpc list --size 3", "No such option"),
        ("vpc list --limit 0", "--limit"),
        ("vpc list -o xml", "'table', 'json', 'jsonl', 'csv'"),
        ("ip allocate vpc-main", "Missing argument 'ADDRESS'"),
        ("vpc list --timeout -1", "timeout: "),
        ("vpc list --host nowhere", "host: expected an http or https URL"),
    ],
)
def test_exit_status_2_means_wrong_usage(signed_in: Gravscale, command: str, said: str) -> None:
    assert_failed(signed_in(*command.split()), 2, said)


def test_without_a_command_it_prints_help_with_exit_status_2(gravscale: Gravscale) -> None:
    for command in ([], ["vpc"]):
        run = gravscale(*command)
        assert (run.status, run.out) == (2, "")
        assert "Usage: gravscale" in run.err


def test_exit_status_4_means_not_found(signed_in: Gravscale) -> None:
    assert_failed(signed_in("task", "show", "none"), 4, "404 Not Found: there is no such task")
    assert_failed(signed_in("ip", "list", "--vpc", "none"), 4, "404 Not Found: there is no such VPC")


def test_exit_status_5_means_no_answer(gravscale: Gravscale) -> None:
    login = ("login", "--email", EMAIL, "--password-stdin", "--timeout", "0.2", "--host")
    with serving(silence) as server:
        assert_failed(gravscale(*login, server.url, stdin=PASSWORD), 5, "timed out")
    with refusing() as url:
        assert_failed(gravscale(*login, url, stdin=PASSWORD), 5, "refused")


def test_exit_status_5_means_that_a_task_is_still_running(gravscale: Gravscale, own: Sandbox) -> None:
    log_in(gravscale, own)
    own.task_duration = 60
    run = gravscale("ip", "allocate", "vpc-main", "10.0.0.10", "--timeout", "0.3", "-q")
    task_id = gravscale("task", "list").rows[0][0]
    assert_failed(
        run, 5, "did not end within 0.3 s", f"; it is still running, to wait again: gravscale task wait {task_id}\n"
    )


def test_a_debug_log_goes_to_stderr_without_secrets(gravscale: Gravscale, own: Sandbox) -> None:
    log_in(gravscale, own)
    run = gravscale("whoami", "--debug")
    assert (run.status, run.out) == (0, "ada@example.com\tada\n")
    assert run.err.count("GET /api/auth/info: status 200") == 1
    assert "eyJ" not in run.err
    assert "GET /api/auth/info" not in gravscale("whoami").err
    login = ("login", "--debug", "--host", own.url, "--email", EMAIL, "--password-stdin")
    assert gravscale(*login, stdin=PASSWORD).err.count("GET /api/auth/info") == 1


def test_a_warning_is_one_line() -> None:
    # In its own process, because this warning is issued once per process. The proxy keeps the request on this machine.
    with refusing() as proxy:
        ran = subprocess.run(
            [*PROGRAM, "whoami", "--host", "http://service.test"],
            env={**os.environ, "GRAVSCALE_ACCESS_TOKEN": "token", "http_proxy": proxy, "no_proxy": ""},
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
    assert ran.returncode == 5
    warned, failed = ran.stderr.splitlines()
    assert warned.startswith("gravscale: warning: credentials are sent to http://service.test over plain http")
    assert failed.startswith("gravscale: GET http://service.test")


@pytest.mark.parametrize(
    "command",
    [
        ("vpc", "list", "--columns", ""),
        ("whoami", "--host", ""),
        ("whoami", "--profile", " "),
        ("login", "--email", ""),
        ("profile", "show", ""),
        ("profile", "use", ""),
    ],
)
def test_an_empty_option_is_wrong_usage(signed_in: Gravscale, command: tuple[str, ...]) -> None:
    assert_failed(signed_in(*command), 2, "expected a value, got an empty one")


def test_an_argument_that_is_not_text_is_wrong_usage(signed_in: Gravscale) -> None:
    said = r"gravscale: 'vpc-\udcff': expected text, got bytes that are not UTF-8"
    assert_failed(signed_in("ip", "allocate", "vpc-\udcff", "10.0.0.1"), 2, said)


def test_a_refused_token_from_the_environment_is_attributed_to_it(
    signed_in: Gravscale, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GRAVSCALE_ACCESS_TOKEN", "old")
    assert_failed(signed_in("whoami"), 3, "401 Unauthorized", "; the token comes from GRAVSCALE_ACCESS_TOKEN\n")
