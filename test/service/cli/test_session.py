"""Log in once and be signed in everywhere; profiles; environment variables."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest
from command_runs import EMAIL, PASSWORD, PROGRAM, Gravscale, log_in
from recording import recording

import gravscale as sdk
from gravscale.sandbox import Sandbox
from gravscale.sandbox.account import sign_up


def test_a_login_with_stdin_signs_in_commands_and_programs(gravscale: Gravscale, own: Sandbox, tmp_path: Path) -> None:
    run = gravscale("login", "--host", f"{own.url}/", "--email", EMAIL, "--password-stdin", stdin=f"{PASSWORD}\n")
    assert (run.status, run.out) == (0, "")
    assert run.err.splitlines() == [
        f"Signed in to {own.url} as {EMAIL}.",
        f"The session is stored in {tmp_path / 'state/gravscale'}, the profile 'default' in "
        f"{tmp_path / 'config/gravscale/config.toml'}.",
    ]
    assert gravscale("whoami").out == "ada@example.com\tada\n"
    with sdk.ApiClient(sdk.Configuration.from_profile()) as api_client:
        assert sdk.AuthenticationApi(api_client).info().email == EMAIL
    kept = "".join(path.read_text() for path in tmp_path.rglob("*") if path.is_file())
    assert PASSWORD not in kept


def test_the_password_cannot_be_an_argument(gravscale: Gravscale) -> None:
    run = gravscale("login", "--password", PASSWORD)
    assert run.status == 2
    assert PASSWORD not in run.err


def test_a_wrong_password_is_refused_and_changes_nothing(signed_in: Gravscale, demo: Sandbox) -> None:
    run = signed_in("login", "--host", demo.url, "--email", EMAIL, "--password-stdin", stdin="difference engine\n")
    assert run.status == 3
    assert "unknown e-mail or wrong password" in run.err
    assert signed_in("whoami").status == 0


def test_without_a_terminal_missing_options_are_named(gravscale: Gravscale) -> None:
    assert gravscale("login").err.startswith("gravscale: --host: required, because there is no terminal to ask on")
    run = gravscale("login", "--host", "http://127.0.0.1:9")
    assert (run.status, run.err.partition(":")[2].partition(":")[0]) == (2, " --email")
    run = gravscale("login", "--host", "http://127.0.0.1:9", "--email", EMAIL)
    assert (run.status, run.err.partition(":")[2].partition(":")[0]) == (2, " --password-stdin")
    run = gravscale("login", "--host", "http://127.0.0.1:9", "--email", EMAIL, "--password-stdin")
    assert "expected a password on the first line of stdin, got none" in run.err
    assert "--host: expected an http or https URL" in gravscale("login", "--host", "nowhere", "--email", EMAIL).err


def test_a_login_to_another_service_does_not_guess_the_account(signed_in: Gravscale, own: Sandbox) -> None:
    run = signed_in("login", "--host", own.url, "--password-stdin", stdin=PASSWORD)
    assert (run.status, run.err.startswith("gravscale: --email: required")) == (2, True)
    assert signed_in("whoami").status == 0


def test_an_account_in_the_environment_logs_in_without_a_prompt(
    gravscale: Gravscale, own: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in {"HOST": own.url, "EMAIL": EMAIL, "PASSWORD": PASSWORD}.items():
        monkeypatch.setenv(f"GRAVSCALE_{name}", value)
    assert gravscale("login").status == 0
    # Nothing else has this password.
    assert gravscale("login", "--email", "eve@example.com").status == 2


def test_logging_out_deletes_the_session_and_keeps_the_profile(gravscale: Gravscale, own: Sandbox) -> None:
    log_in(gravscale, own)
    run = gravscale("logout")
    assert (run.status, run.err) == (0, f"Signed out of {own.url} as {EMAIL}.\n")
    run = gravscale("whoami")
    assert run.status == 3
    assert run.err == f"gravscale: not signed in to {own.url} as {EMAIL}; run: gravscale login\n"
    assert gravscale("login", "--password-stdin", stdin=PASSWORD).status == 0
    assert gravscale("whoami").status == 0


def test_without_a_login_commands_say_how_to_log_in(gravscale: Gravscale) -> None:
    for command in (["whoami"], ["vpc", "list"], ["logout"], ["api", "GET", "/"], ["call", "info"]):
        run = gravscale(*command)
        assert (run.status, run.out, run.err) == (3, "", "gravscale: not signed in; run: gravscale login\n")


def test_the_hint_to_log_in_has_the_options_that_it_needs(
    signed_in: Gravscale, own: Sandbox, demo: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    def hint(*arguments: str) -> str:
        run = signed_in(*arguments)
        assert run.status in (2, 3), run.err
        return run.err.rstrip().rpartition("run: ")[2]

    assert hint("whoami", "--host", own.url) == f"gravscale login --host {own.url}"
    assert hint("whoami", "--profile", "my work") == "gravscale login --profile 'my work'"
    assert (
        hint("vpc", "list", "--profile", "new", "--host", own.url) == f"gravscale login --profile new --host {own.url}"
    )
    monkeypatch.setenv("GRAVSCALE_HOST", own.url)
    assert hint("whoami") == f"gravscale login --host {own.url}"
    monkeypatch.setenv("GRAVSCALE_PROFILE", "other")
    # There, it applies to the login too.
    assert hint("whoami") == "gravscale login --profile other"
    monkeypatch.delenv("GRAVSCALE_HOST")
    monkeypatch.delenv("GRAVSCALE_PROFILE")
    log_in(signed_in, demo, "--profile", "other")
    signed_in("profile", "use", "other")
    signed_in("logout", "--profile", "default")
    # Without it, the other profile would be logged in.
    assert hint("whoami", "--profile", "default") == "gravscale login --profile default"


def test_the_hint_for_a_new_user_repeats_the_given_options(gravscale: Gravscale) -> None:
    run = gravscale("whoami", "--host", "http://127.0.0.1:9")
    assert run.err == "gravscale: not signed in; run: gravscale login --host http://127.0.0.1:9\n"
    said = "there are no profiles yet; to create it, run: gravscale login --profile work --host http://127.0.0.1:9"
    assert said in gravscale("whoami", "--profile", "work", "--host", "http://127.0.0.1:9").err


def test_the_environments_host_and_profile_apply_to_every_command(
    signed_in: Gravscale, own: Sandbox, demo: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    log_in(signed_in, own, "--profile", "own")
    monkeypatch.setenv("GRAVSCALE_HOST", own.url)
    assert signed_in("logout").err == f"Signed out of {own.url} as {EMAIL}.\n"
    # An option overrides the environment.
    assert signed_in("logout", "--profile", "default").err == f"Signed out of {demo.url} as {EMAIL}.\n"
    run = signed_in("login", "--profile", "default", "--password-stdin", stdin=PASSWORD)
    assert run.err.startswith(f"Signed in to {demo.url} as {EMAIL}.\n")
    monkeypatch.setenv("GRAVSCALE_HOST", "nowhere")
    assert signed_in("logout").err.startswith("gravscale: GRAVSCALE_HOST: expected an http or https URL")
    monkeypatch.delenv("GRAVSCALE_HOST")
    monkeypatch.setenv("GRAVSCALE_PROFILE", "own")
    assert {row[0]: row[-1] for row in signed_in("profile", "list").rows} == {"default": "false", "own": "true"}
    assert signed_in("profile", "show", "-o", "json").data["inUse"] is True
    said = "Switched to the profile 'default', but GRAVSCALE_PROFILE still selects 'own'.\n"
    assert signed_in("profile", "use", "default").err == said


def test_a_logout_says_that_the_environment_still_signs_in(
    gravscale: Gravscale, own: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    log_in(gravscale, own)
    monkeypatch.setenv("GRAVSCALE_ACCESS_TOKEN", "a-token")
    assert gravscale("logout").err.endswith("Commands are still signed in by GRAVSCALE_ACCESS_TOKEN.\n")


@pytest.mark.parametrize("command", ["login", "sign-up"])
def test_a_password_that_is_not_text_is_refused_by_its_option(
    own: Sandbox, command: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    account = (command, "--host", own.url, "--email", EMAIL)
    # In the locale C, Python decodes any bytes.
    for locale in ("C", "C.UTF-8"):
        run = subprocess.run(
            [*PROGRAM, *account, "--password-stdin"],
            input=b"difference\xff engine\n",
            capture_output=True,
            env={**os.environ, "LC_ALL": locale, "PYTHONCOERCECLOCALE": "0"},
            check=False,
        )
        said = b"gravscale: --password-stdin: expected text, got bytes that are not UTF-8 "
        assert (run.returncode, run.stdout, run.stderr.startswith(said)) == (2, b"", True), run.stderr
        assert b"difference" not in run.stderr


def test_a_session_that_has_expired_is_one_line(gravscale: Gravscale) -> None:
    with recording() as service:
        service.others = lambda _: (200, {"items": [], "pages": 1})
        login = ("login", "--host", service.url, "--email", EMAIL, "--password-stdin", "--profile", "work")
        assert gravscale(*login, stdin=PASSWORD).status == 0
        service.revoke(refresh=True)
        run = gravscale("whoami")
    assert (run.status, run.out) == (3, "")
    expired = f"the session at {service.url} has expired for {EMAIL}"
    assert run.err.splitlines()[-1] == f"gravscale: {expired}; run: gravscale login --profile work"


def test_two_profiles_can_be_used(gravscale: Gravscale, own: Sandbox) -> None:
    with Sandbox() as other:
        sign_up(other)
        log_in(gravscale, own)
        login = ("login", "--profile", "other", "--host", other.url, "--email", EMAIL, "--password-stdin")
        run = gravscale(*login, stdin=PASSWORD)
        assert "Pass --profile other to use it, or switch to it: gravscale profile use other\n" in run.err
        assert own.url in gravscale("whoami").err
        assert other.url in gravscale("whoami", "--profile", "other").err
        assert gravscale("profile", "use", "other").err == "The profile in use is 'other'.\n"
        assert other.url in gravscale("whoami").err
        rows = gravscale("profile", "list").rows
        assert rows == [["default", own.url, EMAIL, "1", "false"], ["other", other.url, EMAIL, "1", "true"]]
        assert gravscale("profile", "show", "default", "--columns", "host").out == f"{own.url}\n"
        gravscale("logout")
        assert gravscale("whoami").status == 3
        assert gravscale("whoami", "--profile", "default").status == 0


@pytest.mark.parametrize(
    "command", [["profile", "use", "none"], ["profile", "show", "none"], ["--profile", "none", "whoami"]]
)
def test_a_missing_profile_is_named(signed_in: Gravscale, command: list[str]) -> None:
    run = signed_in(*command)
    assert run.status == 2
    assert "no profile 'none'; expected one of default; to create it, run: gravscale login --profile none" in run.err


def test_without_profiles_commands_say_how_to_create_one(gravscale: Gravscale) -> None:
    assert gravscale("profile", "list").out == ""
    assert gravscale("profile", "list", "-o", "csv").out == "name,host,email,clientId,inUse\n"
    assert gravscale("profile", "show").err == "gravscale: there are no profiles yet; run: gravscale login\n"


def test_the_environment_wins_over_the_profile(
    signed_in: Gravscale, own: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in {"HOST": own.url, "EMAIL": EMAIL, "PASSWORD": PASSWORD}.items():
        monkeypatch.setenv(f"GRAVSCALE_{name}", value)
    assert signed_in("whoami").err == f"Signed in to {own.url} through the environment.\n"
    assert "through the profile 'default'" in signed_in("whoami", "--profile", "default").err


def test_signing_up_says_how_to_sign_in(gravscale: Gravscale, sandbox: Sandbox) -> None:
    account = ("--host", sandbox.url, "--email", "new@example.com")
    run = gravscale("sign-up", *account, "--password-stdin", "-o", "json", stdin="a password\n")
    assert (run.status, run.data["email"]) == (0, "new@example.com")
    assert run.err == f"Now sign in: gravscale login --email new@example.com --host {sandbox.url}\n"
    assert gravscale("login", *account, "--password-stdin", stdin="a password\n").status == 0
    run = gravscale("sign-up", *account, "--password-stdin", stdin="a password\n")
    assert run.status == 1
    assert "an account with this e-mail address already exists" in run.err


def test_a_trailing_slash_in_the_host_does_not_matter(
    signed_in: Gravscale, demo: Sandbox, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert (
        signed_in("whoami", "--host", f"{demo.url}/").err == f"Signed in to {demo.url} through the profile 'default'.\n"
    )
    monkeypatch.setenv("GRAVSCALE_HOST", f"{demo.url}/")
    assert signed_in("whoami").status == 0
    monkeypatch.delenv("GRAVSCALE_HOST")
    file = tmp_path / "config/gravscale/config.toml"
    file.write_text(file.read_text().replace(demo.url, f"{demo.url}/"))
    assert signed_in("whoami").status == 0
    assert signed_in("logout", "--host", f"{demo.url}/").status == 0
    assert signed_in("whoami").status == 3


def test_a_session_that_cannot_be_stored_is_an_error(
    gravscale: Gravscale, own: Sandbox, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").touch()
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "file"))
    monkeypatch.setenv("LOCALAPPDATA", str(tmp_path / "file"))
    run = gravscale("login", "--host", own.url, "--email", EMAIL, "--password-stdin", stdin=PASSWORD)
    assert (run.status, run.out) == (1, "")
    assert run.err.splitlines()[-1].startswith("gravscale: the session can't be saved in ")
    assert gravscale("profile", "list").out == ""


def test_a_session_that_cannot_be_deleted_or_replaced_is_an_error(
    gravscale: Gravscale, own: Sandbox, tmp_path: Path
) -> None:
    log_in(gravscale, own)
    (stored,) = (tmp_path / "state").rglob("*.json")
    # A directory can be neither deleted as a file nor replaced by one, whoever the user is.
    stored.unlink()
    (stored / "in the way").mkdir(parents=True)
    run = gravscale("logout")
    assert (run.status, run.out) == (1, "")
    assert "gravscale: the session can't be deleted, so it is still signed in: " in run.err
    assert "Signed out" not in run.err
    run = gravscale("login", "--password-stdin", stdin=PASSWORD)
    assert (run.status, run.out) == (1, "")
    assert f"gravscale: the session can't be saved in {stored.parent}; make it writable\n" in run.err
    assert "Signed in" not in run.err


def test_an_account_from_the_environment_is_not_attributed_to_the_profile(
    signed_in: Gravscale, demo: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GRAVSCALE_EMAIL", EMAIL)
    monkeypatch.setenv("GRAVSCALE_PASSWORD", PASSWORD)
    assert signed_in("whoami").err == f"Signed in to {demo.url} through the environment.\n"


def test_a_missing_current_profile_is_named(signed_in: Gravscale, tmp_path: Path) -> None:
    file = tmp_path / "config/gravscale/config.toml"
    file.write_text(file.read_text().replace('current = "default"', 'current = "gone"'))
    assert "no profile 'gone'; expected one of default" in signed_in("profile", "show").err
    assert signed_in("whoami").err == "gravscale: not signed in; run: gravscale login --profile gone\n"


def test_an_environment_that_is_not_text_is_named(signed_in: Gravscale, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GRAVSCALE_EMAIL", EMAIL)
    monkeypatch.setenv("GRAVSCALE_PASSWORD", "\udcff")
    run = signed_in("whoami")
    said = "gravscale: GRAVSCALE_PASSWORD: expected text, got bytes that are not UTF-8\n"
    assert (run.status, run.out, run.err) == (2, "", said)
    assert signed_in("login").err.startswith(said.rstrip())
