"""The command as a process: in a terminal, in pipes, and several at once."""

from __future__ import annotations

import os
import re
import subprocess
import sys

import pytest
from command_runs import EMAIL, PASSWORD, PROGRAM, Gravscale, Terminal, log_in
from recording import recording

from gravscale.sandbox import Sandbox
from gravscale.sandbox.__main__ import main as by_module

unix_only = pytest.mark.skipif(sys.platform == "win32", reason="there are no pseudo-terminals on Windows")
STYLE = re.compile(r"\x1b\[[\d;]*m")


@unix_only
def test_a_login_asks_for_what_is_missing_and_hides_the_password(gravscale: Gravscale, own: Sandbox) -> None:
    with Terminal("login") as terminal:
        terminal.until("Base URL of the service: ")
        terminal.type(f"{own.url}\n")
        terminal.until("E-mail: ")
        terminal.type(f"{EMAIL}\n")
        terminal.until("Password: ")
        terminal.type(f"{PASSWORD}\n")
        terminal.until(f"Signed in to {own.url} as {EMAIL}.\n")
        assert terminal.end() == 0
        assert PASSWORD not in terminal.said
    assert gravscale("whoami").out == "ada@example.com\tada\n"


@unix_only
def test_an_interrupted_prompt_is_exit_status_130() -> None:
    with Terminal("login", "--host", "http://127.0.0.1:9", "--email", EMAIL) as terminal:
        terminal.until("Password: ")
        terminal.interrupt()
        assert terminal.end() == 130
        assert "Traceback" not in terminal.said


@unix_only
def test_a_call_asks_for_its_secrets_and_hides_them(demo: Sandbox) -> None:
    with Terminal("call", "sign-in", "--host", demo.url, "--email", EMAIL, "--columns", "type") as terminal:
        terminal.until("Password: ")
        terminal.type(f"{PASSWORD}\n")
        assert terminal.end() == 0
        assert '"Bearer"' in terminal.said
        assert PASSWORD not in terminal.said


@unix_only
def test_a_table_fits_the_terminal_and_keeps_every_character(signed_in: Gravscale) -> None:
    (account,) = signed_in("account", "list", "-o", "json").data
    with Terminal("account", "list") as wide, Terminal("account", "list", columns=40) as narrow:
        assert (wide.end(), narrow.end()) == (0, 0)
    assert STYLE.search(wide.said)
    header, row = [line.rstrip() for line in STYLE.sub("", wide.said).splitlines()]
    assert header.split() == ["clientId", "clientStatus", "uuid"]
    assert row.split() == ["1", "active", account["uuid"]]
    lines = STYLE.sub("", narrow.said).splitlines()
    assert max(map(len, lines)) <= 40
    assert len(lines) > 2
    assert "".join(line[24:].strip() for line in lines[1:]) == account["uuid"]


@unix_only
def test_columns_and_no_color_are_honored(signed_in: Gravscale) -> None:
    settings = {"COLUMNS": "40", "NO_COLOR": "1", "TERM": "dumb", "PYTHONIOENCODING": "ascii"}
    with Terminal("account", "list", **settings) as terminal:
        assert terminal.end() == 0
    assert max(map(len, terminal.said.splitlines())) <= 40
    assert "\x1b" not in terminal.said
    assert "active" in terminal.said


@unix_only
@pytest.mark.parametrize("columns", ["0", "1", "5", "20"])
def test_a_terminal_may_be_too_narrow_for_the_columns(signed_in: Gravscale, columns: str) -> None:
    servers = signed_in("metal", "list", "--columns", "name", "-o", "csv").out.split()[1:]
    with Terminal("metal", "list", COLUMNS=columns) as terminal:
        assert terminal.end() == 0
    first = "".join(line.split(" ")[0] for line in STYLE.sub("", terminal.said).splitlines())
    assert first == "name" + "".join(servers)


@unix_only
def test_a_wait_shows_a_bar_and_then_the_task(gravscale: Gravscale, own: Sandbox) -> None:
    log_in(gravscale, own)
    own.task_duration = 0.4
    with Terminal("ip", "allocate", "vpc-main", "10.0.0.10") as terminal:
        assert terminal.end() == 0
    assert re.search(r"task [0-9a-f]{8} \w+ .*━.* 100 %", STYLE.sub("", terminal.said))
    assert re.search(r"status +completed", STYLE.sub("", terminal.said))


@unix_only
def test_an_interrupted_wait_says_that_the_task_is_still_running(gravscale: Gravscale, own: Sandbox) -> None:
    log_in(gravscale, own)
    own.task_duration = 60
    with Terminal("ip", "allocate", "vpc-main", "10.0.0.10") as terminal:
        terminal.until("pending")
        terminal.interrupt()
        assert terminal.end() == 130
    task_id = gravscale("task", "list").rows[0][0]
    assert f"The task is still running. To see it: gravscale task show {task_id}\n" in terminal.said
    assert "Traceback" not in terminal.said
    assert gravscale("task", "show", task_id).rows[0][1] in ("pending", "running")


@unix_only
def test_releasing_asks_in_a_terminal(gravscale: Gravscale, own: Sandbox) -> None:
    log_in(gravscale, own)
    gravscale("ip", "allocate", "vpc-main", "10.0.0.10")
    with Terminal("ip", "release", "10.0.0.10") as terminal:
        terminal.until("Release the public IP of 10.0.0.10? [y/N]: ")
        terminal.type("y\n")
        assert terminal.end() == 0
    assert gravscale("ip", "list").rows == []


@unix_only
def test_a_question_has_no_control_characters(signed_in: Gravscale) -> None:
    with Terminal("ip", "release", "10.0.0.\x1b[31m10") as terminal:
        terminal.until("[y/N]: ")
        terminal.type("n\n")
        assert terminal.end() == 1
    assert "\x1b" not in terminal.said


@unix_only
def test_a_closed_pipe_ends_the_command_quietly(signed_in: Gravscale) -> None:
    read_end, write_end = os.pipe()
    os.close(read_end)
    for command in (["metal", "list"], ["metal", "list", "-o", "json"], ["--help"]):
        run = subprocess.run([*PROGRAM, *command], stdout=write_end, stderr=subprocess.PIPE, check=False)
        assert run.stderr == b""
        assert run.returncode == 0 or command == ["--help"]
    os.close(write_end)


@unix_only
@pytest.mark.parametrize(
    ("command", "closed", "status"),
    [
        ("vpc list", ">&-", 0),
        ("vpc list -o json", ">&-", 0),
        ("--help", ">&-", 0),
        ("whoami", "2>&-", 0),
        ("vpc lst", "2>&-", 2),
        ("vpc list", "<&- >&- 2>&-", 0),
        ("login --email new@example.com", "<&-", 2),
        ("login --password-stdin", "<&-", 2),
        ("api POST /api/new -d -", "<&-", 2),
        ("ip release 10.0.0.10", "<&-", 2),
    ],
)
def test_a_closed_stream_is_replaced_by_the_null_device(
    signed_in: Gravscale, command: str, closed: str, status: int
) -> None:
    shell = ["sh", "-c", f'exec "$@" {closed}', "sh", *PROGRAM, *command.split()]
    run = subprocess.run(shell, capture_output=True, text=True, check=False)
    assert run.returncode == status, run.stderr
    assert "Traceback" not in run.stderr


def test_processes_that_start_together_share_one_session(gravscale: Gravscale) -> None:
    with recording() as service:
        service.others = lambda _: (200, {"items": [], "pages": 1})
        login = ("login", "--host", service.url, "--email", EMAIL, "--password-stdin")
        assert gravscale(*login, stdin=PASSWORD).status == 0
        service.revoke()
        service.forget()
        processes = [
            subprocess.Popen([*PROGRAM, "whoami"], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
            for _ in range(8)
        ]
        ended = [process.communicate(timeout=60) for process in processes]
        assert [process.returncode for process in processes] == [0] * 8, ended
        assert [out for out, _ in ended] == ["me@example.com\tme\n"] * 8
        counts = service.counts()
    assert (counts["info"], counts["refresh"], counts.get("sign-in")) == (8, 1, None)


def test_help_and_version_load_neither_the_sdk_nor_its_dependencies() -> None:
    program = """
import sys
from gravscale.cli import main
main([sys.argv[1]])
print(sorted({"pydantic", "urllib3", "rich", "http.client", "ssl", "json"} & set(sys.modules)), file=sys.stderr)
"""
    for option in ("--help", "--version"):
        run = subprocess.run([sys.executable, "-c", program, option], capture_output=True, text=True, check=True)
        assert run.stderr == "[]\n"
    assert run.stdout.startswith("gravscale 1")


def test_without_the_extra_the_command_says_how_to_install_it() -> None:
    program = "import sys; sys.modules['click'] = None; from gravscale.cli import main; sys.exit(main(['--help']))"
    run = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    assert (run.returncode, run.stdout) == (1, "")
    assert run.stderr == "gravscale: the command line needs its extra: pip install 'gravscale[cli]'\n"


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_a_shell_completes_commands_and_operations(gravscale: Gravscale, shell: str) -> None:
    run = gravscale("completion", shell)
    assert run.status == 0
    assert "_GRAVSCALE_COMPLETE" in run.out
    if shell != "bash":
        return
    for words, known in {
        "gravscale ": "whoami",
        "gravscale call list-": "list-tasks",
        "gravscale ip ": "allocate",
    }.items():
        variables = {"_GRAVSCALE_COMPLETE": "bash_complete", "COMP_WORDS": words, "COMP_CWORD": str(words.count(" "))}
        completed = subprocess.run(
            PROGRAM, env={**os.environ, **variables}, capture_output=True, text=True, check=False
        )
        assert f"plain,{known}" in completed.stdout.split()


def test_gravscale_sandbox_equals_its_module(gravscale: Gravscale, capsys: pytest.CaptureFixture[str]) -> None:
    helps = gravscale("sandbox", "serve", "--help").out
    with pytest.raises(SystemExit):
        by_module(["serve", "--help"])
    assert set(re.findall("--[a-z-]+", helps)) == set(re.findall("--[a-z-]+", capsys.readouterr().out))
    assert helps.startswith("Usage: gravscale sandbox serve [OPTIONS]\n")
    run = gravscale("sandbox")
    assert (run.status, run.out) == (2, "")
    assert "tour " in run.err


def test_a_sandbox_replaces_a_profile_only_on_request(signed_in: Gravscale, demo: Sandbox) -> None:
    run = signed_in("sandbox", "serve", "--port", "0", "--profile", "default")
    assert (run.status, run.out) == (2, "")
    said = f"gravscale: --profile: the profile 'default' exists, {demo.url} as {EMAIL}; choose another"
    assert run.err.startswith(said)
    assert signed_in("whoami").status == 0
    serve = [*PROGRAM, "sandbox", "serve", "--port", "0", "--profile", "default", "--replace"]
    with subprocess.Popen(serve, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            said = "".join(iter(process.stdout.readline, "Ctrl-C stops it.\n"))
        finally:
            process.terminate()
            process.communicate(timeout=30)
    assert re.findall("runs at ([^ ]*)[.] ", said) == [signed_in("profile", "show", "-o", "json").data["host"]]


def test_a_sandbox_may_be_a_profile_that_is_signed_in(gravscale: Gravscale) -> None:
    serve = [*PROGRAM, "sandbox", "serve", "--port", "0", "--demo", "--profile", "sandbox"]
    with subprocess.Popen(serve, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            said = list(iter(process.stdout.readline, "Ctrl-C stops it.\n"))
            assert "To use it: gravscale --profile sandbox, or Configuration.from_profile('sandbox')\n" in said
            assert gravscale("ip", "list").rows[0] == ["vpc-lab", "10.0.1.11", "203.0.113.2"]
        finally:
            process.terminate()
            process.communicate(timeout=30)
    assert process.returncode == 0
