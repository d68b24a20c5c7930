"""The commands `tour` and `serve`."""

from __future__ import annotations

import os
import re
import shutil
import signal
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import pytest
import urllib3

import gravscale
from gravscale.sandbox import __main__ as command_line
from gravscale.sandbox import tour

COMMAND = [sys.executable, "-X", "dev", "-W", "error", "-m", "gravscale.sandbox"]


def test_the_tour_completes_and_shows_no_token() -> None:
    # A proxy could not find the sandbox, so none is used.
    environment = {**os.environ, "HTTP_PROXY": "http://127.0.0.1:9"}
    run = subprocess.run([*COMMAND, "tour"], capture_output=True, text=True, check=False, env=environment)
    assert run.returncode == 0
    # Without a terminal, progress is shown as lines.
    assert re.fullmatch(r"(task [-0-9a-f]{36}: \w+, \d+ %\n)+", run.stderr)
    assert "was renewed automatically" in run.stdout
    steps = re.findall(r"^ *\d+\. (?:\w+\.)?(\w+)", run.stdout, re.MULTILINE)
    for step in (
        *("sign_up", "sign_in", "info", "refresh_token", "list_accounts", "get_metal", "list_vpc"),
        *("create_public_ip", "wait_for_task", "list_all_public_ips", "deallocate_public_ip"),
    ):
        assert step in steps
    assert "100 % completed" in run.stdout
    assert max(map(len, run.stdout.splitlines())) <= 79
    assert "eyJ" not in run.stdout
    assert "analytical engine" not in run.stdout


def test_a_tour_that_fails_says_why(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    class Broken(tour.Sandbox):
        def __init__(self, token_ttl: float) -> None:
            super().__init__(token_ttl=token_ttl, failure_rate=1)

    monkeypatch.setattr(tour, "Sandbox", Broken)
    assert command_line.main(["tour"]) == 1
    output = capsys.readouterr().err
    assert output.startswith("gravscale.sandbox: POST http://127.0.0.1:")
    assert "503 Service Unavailable" in output
    assert "Traceback" not in output


class Serving:
    """`serve` in a process.

    Attributes:
        process: The process, or that of the wrapper.
        output: Everything it has printed so far.
        variables: The environment variables that it tells users to set, as a shell reads them.
    """

    def __init__(self, *options: str, wrapper: Sequence[str] = ()) -> None:
        # If the tests run in the background of a shell, they ignore the signal, and so would their children.
        before = signal.signal(signal.SIGINT, signal.default_int_handler)
        command = [*wrapper, *COMMAND, "serve", "--port", "0", *options]
        self.process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        signal.signal(signal.SIGINT, before)
        assert self.process.stdout is not None
        self.output = ""
        for line in self.process.stdout:
            self.output += line
            if line == "Ctrl-C stops it.\n":
                break
        exports = "".join(re.findall(r"^  export .*\n", self.output, re.MULTILINE))
        shell = subprocess.run(["sh", "-c", f"{exports}env"], capture_output=True, text=True, check=True, env={})
        self.variables = dict(re.findall(r"^(GRAVSCALE_\w+)=(.*)$", shell.stdout, re.MULTILINE))

    def __enter__(self) -> Serving:
        return self

    def __exit__(self, *_: object) -> None:
        self.process.kill()
        self.process.communicate()


@pytest.mark.skipif(sys.platform == "win32", reason="on Windows, a signal can't be sent to one process alone")
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM], ids=lambda number: number.name)
def test_serve_answers_until_it_is_stopped(number: signal.Signals) -> None:
    with Serving() as serving:
        url = serving.variables["GRAVSCALE_HOST"]
        with urllib3.PoolManager(retries=False) as pool:
            assert pool.request("GET", f"{url}/docs").status == 200
        serving.process.send_signal(number)
        assert serving.process.communicate(timeout=20) == ("Stopped.\n", "")
        assert serving.process.returncode == 0
    assert f"{url}/docs" in serving.output


UNSHARE = ["unshare", "--pid", "--fork", "--kill-child"]
if sys.platform == "linux" and os.getuid() != 0:
    UNSHARE[1:1] = ["--user", "--map-root-user"]


def can_unshare() -> bool:
    return bool(shutil.which("unshare")) and subprocess.run([*UNSHARE, "true"], check=False).returncode == 0


@pytest.mark.skipif(not can_unshare(), reason="needs Linux, and the right to make namespaces")
def test_sigterm_ends_it_as_the_first_process_of_a_container() -> None:
    with Serving(wrapper=UNSHARE) as serving:
        first = Path(f"/proc/{serving.process.pid}/task/{serving.process.pid}/children").read_text().split()
        assert len(first) == 1
        # A process 1 without a handler would ignore it.
        os.kill(int(first[0]), signal.SIGTERM)
        assert serving.process.communicate(timeout=20) == ("Stopped.\n", "")
        assert serving.process.returncode == 0


def use(serving: Serving, monkeypatch: pytest.MonkeyPatch) -> gravscale.ApiClient:
    """A client in a program whose environment variables were set as `serve` says."""
    for name in ("GRAVSCALE_ACCESS_TOKEN", "GRAVSCALE_PROFILE"):
        monkeypatch.delenv(name, raising=False)
    for name, value in serving.variables.items():
        monkeypatch.setenv(name, value)
    return gravscale.ApiClient(gravscale.Configuration.from_env())


@pytest.mark.skipif(sys.platform == "win32", reason="it says there what PowerShell understands")
def test_the_demo_has_an_account_with_public_ips_and_tasks(monkeypatch: pytest.MonkeyPatch) -> None:
    # The failure rate applies to the user's calls, and does not prevent the demo account.
    with (
        Serving("--demo", "--token-ttl", "600", "--task-duration", "0.1") as serving,
        use(serving, monkeypatch) as api_client,
    ):
        client_id = gravscale.AccountApi(api_client).list_accounts().items[0].client_id
        assert client_id == 1
        vpcs = gravscale.VirtualPrivateCloudApi(api_client).list_vpc(client_id).items
        network_api = gravscale.NetworkApi(api_client)
        counts = {vpc.name: len(network_api.list_all_public_ips(client_id, vpc.name).items) for vpc in vpcs}
        assert counts == {"vpc-main": 0, "vpc-lab": 2}
        tasks = list(gravscale.paginate(gravscale.TaskManagerApi(api_client).list_tasks, client_id))
        assert sorted(task.status for task in tasks)[:4] == ["completed"] * 4
        assert tasks[0].status in ("pending", "running")
        wanted = {"vpc_name": "vpc-main", "address": "10.0.0.10"}
        task = gravscale.wait_for_task(api_client, network_api.create_public_ip(client_id, wanted))
        assert task.status == "completed"


@pytest.mark.skipif(sys.platform == "win32", reason="it says there what PowerShell understands")
def test_an_existing_demo_account_stays_unchanged(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = str(tmp_path / "state.db")
    counts: list[int | None] = []
    for failure_rate in ("1", "0"):
        with Serving("--demo", "--database", file, "--failure-rate", failure_rate) as serving:
            assert serving.variables.keys() == {"GRAVSCALE_HOST", "GRAVSCALE_EMAIL", "GRAVSCALE_PASSWORD"}
            with use(serving, monkeypatch) as api_client:
                if failure_rate == "0":
                    counts.append(gravscale.TaskManagerApi(api_client).list_tasks(1).total)
    assert counts == [5]


@pytest.mark.skipif(sys.platform == "win32", reason="it says there what PowerShell understands")
def test_a_sandbox_that_other_machines_can_reach_prints_a_warning() -> None:
    with Serving("--host", "0.0.0.0") as serving:
        assert "Careful: other machines can reach it" in serving.output
        assert serving.variables["GRAVSCALE_HOST"].startswith("http://127.0.0.1:")


def test_a_taken_port_is_a_message_and_not_a_traceback(capsys: pytest.CaptureFixture[str]) -> None:
    with tour.Sandbox() as sandbox:
        assert command_line.main(["serve", "--port", str(sandbox.port)]) == 1
    assert re.search("in use|one usage", capsys.readouterr().err)


@pytest.mark.parametrize(
    ("option", "value"),
    [("port", "70000"), ("database", "missing/state.db"), ("failure-rate", "2"), ("token-ttl", "nan")],
)
def test_an_invalid_option_is_named(
    option: str, value: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.chdir(tmp_path)
    assert command_line.main(["serve", "--port", "0", f"--{option}", value]) == 1
    output = capsys.readouterr().err
    assert output.startswith(f"gravscale.sandbox: {option.replace('-', '_')}: ")
    assert output.count("\n") == 1


@pytest.mark.parametrize(
    ("use", "output"),
    [
        ("from gravscale.sandbox import Sandbox", "ModuleNotFoundError"),
        ("import runpy; runpy.run_module('gravscale.sandbox', run_name='__main__')", "gravscale.sandbox"),
    ],
)
def test_a_missing_extra_is_named(use: str, output: str) -> None:
    program = f"import sys; sys.modules['fastapi'] = None; {use}"
    run = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    assert run.returncode == 1
    complaint = f"{output}: the sandbox needs fastapi: pip install 'gravscale[sandbox]'\n"
    assert run.stderr.endswith(complaint)
    assert output != "gravscale.sandbox" or run.stderr == complaint
