"""Tokens in files: who may read them, how they are damaged, and 16 processes that share them."""

from __future__ import annotations

import json
import os
import signal
import stat
import subprocess
import sys
import textwrap
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pytest
from example_service import AuthenticationApi, AuthorizationSchema
from recording import EMAIL, PASSWORD, Service, recording

import gravscale
from gravscale.token_store.entry import key_digest, seal_for, warn_of_store

Connect = Any
PROCESSES = 16

posix = pytest.mark.skipif(os.name != "posix", reason="modes, signals and forks of POSIX")


def entries(path: Path) -> list[Path]:
    return sorted(path.glob("*.json"))


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


@pytest.fixture
def store(tmp_path: Path) -> gravscale.FileTokenStore:
    return gravscale.FileTokenStore(tmp_path / "state" / "gravscale")


def authorization(service: Service, **fields: Any) -> AuthorizationSchema:
    sealed = {"passwordScrypt": seal_for(PASSWORD)}
    made = gravscale.StoredAuthorization.from_dict({**service.issue(), **sealed, **fields})
    assert made is not None
    return made


def test_another_program_need_not_sign_in_again(
    service: Service, connect: Connect, store: gravscale.FileTokenStore
) -> None:
    connect(store=store).info()
    connect(store=gravscale.FileTokenStore(store.path)).info()
    assert service.counts() == {"sign-in": 1, "info": 2}


def test_a_short_lived_token_is_shared_too(service: Service, connect: Connect, store: gravscale.FileTokenStore) -> None:
    service.ttl = 20
    for _ in range(4):
        connect(store=store, leeway=60).info()
    assert service.counts() == {"sign-in": 1, "info": 4}


def test_a_stored_token_is_renewed_its_leeway_before_it_expires(
    service: Service, connect: Connect, store: gravscale.FileTokenStore
) -> None:
    connect(store=store).info()
    (entry,) = entries(store.path)
    kept = json.loads(entry.read_text())
    now = datetime.now(timezone.utc)
    kept.update(obtainedAt=(now - timedelta(hours=1)).isoformat(), expiresAt=(now + timedelta(seconds=50)).isoformat())
    entry.write_text(json.dumps(kept))
    connect(store=store, leeway=60).info()
    assert service.counts() == {"sign-in": 1, "refresh": 1, "info": 2}


@posix
@pytest.mark.parametrize(("found", "becomes"), [(0o666, 0o600), (0o400, 0o400)])
def test_a_file_that_others_could_read_is_made_private_again(
    service: Service, connect: Connect, store: gravscale.FileTokenStore, found: int, becomes: int
) -> None:
    connect(store=store).info()
    (entry,) = entries(store.path)
    entry.chmod(found)
    connect(store=store).info()
    assert mode(entry) == becomes
    assert service.counts() == {"sign-in": 1, "info": 2}


@pytest.mark.parametrize(
    ("path", "got"),
    [
        ("", "an empty one or one with a null character"),
        ("a\0b", "an empty one or one with a null character"),
        (b"bytes", "bytes"),
        (7, "int"),
    ],
)
def test_an_invalid_path_is_refused_at_once(path: Any, got: str) -> None:
    message = f"^path: expected a directory's path, got {got}$"
    with pytest.raises((gravscale.ApiTypeError, gravscale.ApiValueError), match=message):
        gravscale.FileTokenStore(path)


def test_the_repr_has_the_path(tmp_path: Path) -> None:
    assert repr(gravscale.FileTokenStore(tmp_path)) == f"FileTokenStore({str(tmp_path)!r})"
    # An error reporter may show an object whose __init__ failed.
    assert repr(gravscale.FileTokenStore.__new__(gravscale.FileTokenStore)) == "FileTokenStore('None')"


def test_the_default_directory_belongs_to_the_user() -> None:
    import platformdirs

    assert str(gravscale.FileTokenStore().path) == platformdirs.user_state_dir("gravscale", appauthor=False)


@posix
@pytest.mark.parametrize(
    ("chosen", "found", "becomes"), [(False, 0o777, 0o700), (False, 0o500, 0o500), (True, 0o777, 0o777)]
)
def test_only_the_default_directory_is_made_private(
    chosen: bool, found: int, becomes: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    place = tmp_path / "gravscale"
    place.mkdir()
    place.chmod(found)
    monkeypatch.setattr("platformdirs.user_state_dir", lambda *_, **__: str(place))
    store = gravscale.FileTokenStore(place if chosen else None)
    with store.lock("me"):
        assert mode(place) == becomes


@posix
def test_a_file_system_without_modes_keeps_tokens_too(
    service: Service, connect: Connect, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(descriptor: int, mode: int) -> None:
        raise PermissionError(1, "Operation not permitted")

    monkeypatch.setattr("platformdirs.user_state_dir", lambda *_, **__: str(tmp_path))
    connect(store=gravscale.FileTokenStore()).info()
    for path in (tmp_path, *entries(tmp_path)):
        path.chmod(0o777)
    monkeypatch.setattr("gravscale.token_store.file.os.fchmod", refuse)
    connect(store=gravscale.FileTokenStore()).info()
    assert service.counts() == {"sign-in": 1, "info": 2}


@pytest.mark.parametrize("gone", [True, False])
def test_tokens_that_cannot_be_saved_leave_nothing_behind(
    service: Service, store: gravscale.FileTokenStore, monkeypatch: pytest.MonkeyPatch, gone: bool
) -> None:
    def full(saving: str, _: object) -> None:
        # In the same directory, so that replacing is atomic, and with a name that tells whose left-over it is.
        assert Path(saving).parent == store.path
        assert Path(saving).name.startswith(f".saving-{key_digest('key')}-")
        if gone:
            Path(saving).unlink()
        raise OSError("No space left on device")

    monkeypatch.setattr("gravscale.token_store.file.os.replace", full)
    with pytest.warns(gravscale.TokenStoreWarning, match=r"^tokens can't be stored: No space left on device$"):
        store.save("key", authorization(service))
    assert list(store.path.iterdir()) == []


@posix
def test_tokens_are_private_from_the_first_byte(
    service: Service, connect: Connect, store: gravscale.FileTokenStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    modes: list[int] = []
    write = os.fsync

    def look(descriptor: int) -> None:
        modes.append(stat.S_IMODE(os.fstat(descriptor).st_mode))
        write(descriptor)

    opened: list[int] = []

    def watch(event: str, arguments: tuple[Any, ...]) -> None:
        if watching and event == "open" and str(arguments[0]).startswith(str(store.path)) and arguments[2] & os.O_CREAT:
            opened.append(arguments[2])

    watching = True
    sys.addaudithook(watch)
    monkeypatch.setattr(os, "fsync", look)
    before = os.umask(0)
    try:
        connect(store=store).info()
    finally:
        os.umask(before)
        watching = False
    assert modes == [0o600]
    # Create it anew, so that no looser mode of an earlier file is kept.
    assert any(flags & os.O_EXCL for flags in opened)
    assert mode(store.path) == 0o700
    assert {mode(file) for file in store.path.iterdir()} == {0o600}


def test_neither_the_password_nor_the_e_mail_address_is_stored(
    service: Service, connect: Connect, store: gravscale.FileTokenStore
) -> None:
    connect(store=store).info()
    for file in store.path.iterdir():
        assert PASSWORD.encode() not in file.read_bytes()
        assert "example" not in file.name
    assert PASSWORD not in repr(store)


def test_another_version_of_the_sdk_finds_the_same_entry(store: gravscale.FileTokenStore, service: Service) -> None:
    store.save("https://api.example.com me@example.com", authorization(service))
    assert [file.name for file in entries(store.path)] == ["a810892643323f2fb579df175046c66d.json"]


def test_any_text_may_be_a_key(store: gravscale.FileTokenStore, service: Service) -> None:
    saved = authorization(service)
    store.save("\udcff", saved)
    assert store.load("\udcff") == saved


def test_each_account_and_host_has_its_own_entry(
    service: Service, connect: Connect, store: gravscale.FileTokenStore
) -> None:
    with recording() as other:
        for url in (service.url, other.url):
            for email in ("one@example.com", "two@example.com"):
                for _ in range(2):
                    credentials = gravscale.PasswordCredentials(email, PASSWORD, store=store)
                    with gravscale.ApiClient(gravscale.Configuration(url, credentials=credentials)) as api_client:
                        AuthenticationApi(api_client).info()
        assert service.counts() == other.counts() == {"sign-in": 2, "info": 4}
    assert len(entries(store.path)) == 4


NO_FILE = ": not a token file"
SPOILED = {
    "half-written": (lambda file: file.write_bytes(file.read_bytes()[:40]), ""),
    "empty": (lambda file: file.write_bytes(b""), ""),
    "null": (lambda file: file.write_bytes(b"null"), ": accessToken: not a bearer token"),
    "of another program": (lambda file: file.write_text('{"version": 1, "sessions": []}'), ""),
    "binary": (lambda file: file.write_bytes(bytes(range(256))), ""),
    "no token": (
        lambda file: file.write_text(file.read_text().replace("access-1", "")),
        ": accessToken: not a bearer token",
    ),
    "a header of its own": (
        lambda file: file.write_text(file.read_text().replace("access-1", r"a\r\nX: y")),
        ": accessToken: not a bearer token",
    ),
    "huge": (lambda file: file.write_bytes(file.read_bytes().ljust(1024 * 1024 + 1)), NO_FILE),
    "a directory": (lambda file: (file.unlink(), file.mkdir()), ""),
}
if hasattr(os, "mkfifo"):
    SPOILED["a pipe"] = (lambda file: (file.unlink(), os.mkfifo(file)), NO_FILE)


@pytest.mark.parametrize(("spoil", "reason"), SPOILED.values(), ids=SPOILED.keys())
def test_after_a_corrupt_file_it_signs_in_again_with_a_warning(
    service: Service, connect: Connect, store: gravscale.FileTokenStore, spoil: Any, reason: str
) -> None:
    connect(store=store).info()
    (entry,) = entries(store.path)
    spoil(entry)
    with warnings.catch_warnings(record=True) as warned:
        warnings.simplefilter("always")
        connect(store=store).info()
    message = str(warned[0].message)
    assert message.startswith(f"stored tokens can't be used, signing in again: {entry}: ")
    assert message.endswith(reason)
    assert service.counts() == {"sign-in": 2, "info": 2}
    assert all("access-" not in str(warning.message) for warning in warned)


def test_an_entry_may_have_a_mebibyte(service: Service, connect: Connect, store: gravscale.FileTokenStore) -> None:
    connect(store=store).info()
    (entry,) = entries(store.path)
    entry.write_bytes(entry.read_bytes().ljust(1024 * 1024))
    connect(store=store).info()
    assert service.counts() == {"sign-in": 1, "info": 2}


@posix
def test_after_an_unreadable_file_it_signs_in_again_with_a_warning(
    service: Service, connect: Connect, store: gravscale.FileTokenStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    connect(store=store).info()
    entry = entries(store.path)[0]
    entry.chmod(0)
    if os.geteuid() == 0:
        # Root can read everything.
        def refuse(path: Any, *rest: Any, really: Any = os.open, **named: Any) -> int:
            if Path(path) == entry:
                raise PermissionError(13, "Permission denied")
            return int(really(path, *rest, **named))

        monkeypatch.setattr("gravscale.token_store.file.os.open", refuse)
    with pytest.warns(UserWarning, match="signing in again.*Permission denied"):
        connect(store=store).info()
    monkeypatch.undo()
    connect(store=store).info()
    assert service.counts() == {"sign-in": 2, "info": 3}


@posix
def test_a_file_of_another_user_is_not_trusted(
    service: Service, connect: Connect, store: gravscale.FileTokenStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    connect(store=store).info()
    mine = os.geteuid()
    monkeypatch.setattr("gravscale.token_store.file.os.geteuid", lambda: mine + 1)
    with pytest.warns(UserWarning, match=": it belongs to another user$"):
        connect(store=store).info()
    assert service.counts() == {"sign-in": 2, "info": 2}


@posix
def test_without_a_writable_directory_it_warns_and_signs_in(service: Service, connect: Connect, tmp_path: Path) -> None:
    # Nobody can create a directory below a file, not even root.
    (tmp_path / "file").touch()
    auth = connect(store=gravscale.FileTokenStore(tmp_path / "file" / "gravscale"))
    with warnings.catch_warnings(record=True) as warned:
        warnings.simplefilter("always")
        auth.info()
    shared, load, stored = (str(warning.message).partition(": ") for warning in warned)
    assert shared[0] == "tokens can't be shared"
    assert load[0] == "stored tokens can't be used, signing in again"
    assert stored[0] == "tokens can't be stored"
    assert all("Not a directory" in text or "File exists" in text for _, _, text in (shared, load, stored))
    auth.info()
    assert service.counts() == {"sign-in": 1, "info": 2}


@posix
@pytest.mark.skipif(os.name == "posix" and os.geteuid() == 0, reason="root writes everywhere")
def test_a_read_only_directory_gives_a_warning_and_calls_work(
    service: Service, connect: Connect, tmp_path: Path
) -> None:
    tmp_path.chmod(0o500)
    try:
        with pytest.warns(UserWarning, match="tokens can't be"):
            connect(store=gravscale.FileTokenStore(tmp_path)).info()
    finally:
        tmp_path.chmod(0o700)
    assert service.counts() == {"sign-in": 1, "info": 1}


def test_waiting_for_another_process_ends_at_the_timeout(
    service: Service, connect: Connect, store: gravscale.FileTokenStore
) -> None:
    auth = connect(store=store)
    late = pytest.raises(gravscale.ApiTimeoutError, match=r"after 0\.2 s while waiting for another process")
    with store.lock(f"{service.url} {EMAIL}"), late:
        auth.info(_request_timeout=0.2)
    auth.info()
    assert service.counts() == {"sign-in": 1, "info": 1}


@contextmanager
def program(text: str, *arguments: str) -> Iterator[subprocess.Popen[str]]:
    command = [sys.executable, "-W", "error", "-c", textwrap.dedent(text), *arguments]
    process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    with process:
        try:
            yield process
        finally:
            process.kill()


@posix
def test_a_process_killed_with_the_lock_blocks_nobody(
    service: Service, connect: Connect, store: gravscale.FileTokenStore
) -> None:
    holder = """
        import sys, gravscale
        with gravscale.FileTokenStore(sys.argv[1]).lock(sys.argv[2]):
            print("held", flush=True)
            sys.stdin.read()
    """
    with program(holder, str(store.path), f"{service.url} {EMAIL}") as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "held\n"
        with pytest.raises(gravscale.ApiTimeoutError):
            connect(store=store).info(_request_timeout=0.1)
        process.send_signal(signal.SIGKILL)
        process.wait(10)
        connect(store=store).info()
    assert service.counts() == {"sign-in": 1, "info": 1}


@posix
@pytest.mark.parametrize("moment", ["os.fsync", "os.replace"])
def test_a_process_killed_while_saving_leaves_the_old_tokens(
    service: Service, connect: Connect, store: gravscale.FileTokenStore, moment: str
) -> None:
    connect(store=store).info()
    before = entries(store.path)[0].read_bytes()
    saver = f"""
        import os, signal, sys, gravscale, example_service
        {moment} = lambda *arguments: os.kill(os.getpid(), signal.SIGKILL)
        authorization = example_service.AuthorizationSchema.from_json(sys.argv[3])
        gravscale.FileTokenStore(sys.argv[1]).save(sys.argv[2], authorization)
    """
    key = f"{service.url} {EMAIL}"
    with program(saver, str(store.path), key, authorization(service).to_json()) as process:
        assert process.wait(20) == -signal.SIGKILL
    assert entries(store.path)[0].read_bytes() == before
    connect(store=store).info()
    assert service.counts() == {"sign-in": 1, "info": 2}


# Forked from a process that has loaded everything, so that 16 starts of Python are not part of the test.
WORKERS = """
    import os, sys, gravscale, example_service, gravscale.token_store.entry
    example_service.stand_in()
    url, path, email, password, count = sys.argv[1:]
    ready, start = os.pipe()
    children = []
    for _ in range(int(count)):
        child = os.fork()
        if child:
            children.append(child)
            continue
        os.close(start)
        os.read(ready, 1)
        credentials = gravscale.PasswordCredentials(email, password, store=gravscale.FileTokenStore(path))
        configuration = gravscale.Configuration(url, credentials=credentials, timeout=30, retries=0)
        auth = example_service.AuthenticationApi(gravscale.ApiClient(configuration))
        try:
            auth.info()
        except BaseException as error:
            print(repr(error), flush=True)
            os._exit(1)
        os._exit(0)
    os.close(start)
    sys.exit(sum(os.waitpid(child, 0)[1] != 0 for child in children))
"""


def sixteen_processes(service: Service, store: gravscale.FileTokenStore) -> None:
    arguments = (service.url, str(store.path), EMAIL, PASSWORD, str(PROCESSES))
    with program(WORKERS, *arguments) as process:
        output, _ = process.communicate(timeout=60)
        assert (process.returncode, output) == (0, "")


@posix
def test_16_new_processes_sign_in_once_together(service: Service, store: gravscale.FileTokenStore) -> None:
    sixteen_processes(service, store)
    assert service.counts() == {"sign-in": 1, "info": PROCESSES}


@posix
def test_16_processes_with_a_short_lived_token_sign_in_once_together(
    service: Service, store: gravscale.FileTokenStore
) -> None:
    service.ttl = 50
    sixteen_processes(service, store)
    assert service.counts() == {"sign-in": 1, "info": PROCESSES}


@posix
def test_16_processes_with_an_expired_token_renew_once_together(
    service: Service, store: gravscale.FileTokenStore
) -> None:
    store.save(f"{service.url} {EMAIL}", authorization(service, expiresAt="2020-01-01T00:00:00Z"))
    sixteen_processes(service, store)
    assert service.counts() == {"refresh": 1, "info": PROCESSES}


@posix
def test_16_processes_with_a_revoked_token_renew_once_together(
    service: Service, store: gravscale.FileTokenStore
) -> None:
    store.save(f"{service.url} {EMAIL}", authorization(service))
    service.revoke()
    sixteen_processes(service, store)
    counts = service.counts()
    # Processes that start late find the new token already.
    assert 1 <= counts.pop("401") <= PROCESSES
    assert counts == {"refresh": 1, "info": PROCESSES}


def test_deleting_an_entry_twice_is_not_an_error(
    service: Service, store: gravscale.FileTokenStore, caplog: pytest.LogCaptureFixture
) -> None:
    store.save("key", authorization(service))
    store.delete("key")
    store.delete("key")
    assert store.load("key") is None
    assert entries(store.path) == []
    assert caplog.messages == []


def test_an_entry_that_cannot_be_deleted_gives_a_warning(store: gravscale.FileTokenStore) -> None:
    # A directory can't be deleted as a file, whoever the user is.
    (store.path / f"{key_digest('key')}.json").mkdir(parents=True)
    with pytest.warns(gravscale.TokenStoreWarning, match=r"^stored tokens can't be deleted: .*json"):
        store.delete("key")


@pytest.fixture
def left_over(store: gravscale.FileTokenStore) -> Path:
    """A file that a killed process left behind a long time ago, between files of another program."""
    store.path.mkdir(parents=True)
    old = store.path / ".saving-old"
    for file in (*(store.path / f"theirs-{number}" for number in range(10)), old):
        file.touch()
        os.utime(file, (0, 0))
    return old


@posix
def test_left_overs_of_earlier_programs_are_removed(store: gravscale.FileTokenStore, left_over: Path) -> None:
    recent, own = (store.path / f".saving-{name}" for name in ("recent", f"{key_digest('key')}-x"))
    recent.touch()
    own.touch()
    with store.lock("key"):
        assert not left_over.exists()
        assert not own.exists()
    # A file that another process may be saving under another key stays.
    assert recent.exists()
    assert len(list(store.path.glob("theirs-*"))) == 10


@posix
def test_left_overs_that_cannot_be_removed_do_no_harm(
    store: gravscale.FileTokenStore,
    left_over: Path,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    def refuse(path: str) -> None:
        raise PermissionError(13, "Permission denied", path)

    monkeypatch.setattr("gravscale.token_store.file.os.unlink", refuse)
    with store.lock("key"):
        assert left_over.exists()
    assert caplog.messages == []


@posix
@pytest.mark.parametrize("link", [os.symlink, os.link])
def test_a_symbolic_link_in_place_of_an_entry_is_refused(
    service: Service, connect: Connect, store: gravscale.FileTokenStore, tmp_path: Path, link: Any
) -> None:
    connect(store=store).info()
    (entry,) = entries(store.path)
    outside = tmp_path / "outside"
    entry.rename(outside)
    outside.chmod(0o644)
    content = outside.read_bytes()
    link(outside, entry)
    with pytest.warns(gravscale.TokenStoreWarning, match="signing in again"):
        connect(store=store).info()
    assert (outside.read_bytes(), mode(outside)) == (content, 0o644)
    assert service.counts() == {"sign-in": 2, "info": 2}


@posix
def test_a_symbolic_link_in_place_of_a_lock_is_refused(
    service: Service, connect: Connect, store: gravscale.FileTokenStore, tmp_path: Path
) -> None:
    outside = tmp_path / "outside"
    outside.write_text("mine")
    outside.chmod(0o644)
    with store.lock(f"{service.url} {EMAIL}"):
        (lock,) = store.path.glob("*.lock")
    lock.unlink()
    lock.symlink_to(outside)
    with pytest.warns(gravscale.TokenStoreWarning, match="tokens can't be shared: not a regular file"):
        connect(store=store).info()
    assert (outside.read_text(), mode(outside)) == ("mine", 0o644)


@posix
def test_a_linked_default_directory_keeps_its_mode(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    outside, place = tmp_path / "outside", tmp_path / "gravscale"
    outside.mkdir(mode=0o755)
    outside.chmod(0o755)
    place.symlink_to(outside)
    monkeypatch.setattr("platformdirs.user_state_dir", lambda *_, **__: str(place))
    with gravscale.FileTokenStore().lock("me"):
        assert mode(outside) == 0o755


@pytest.mark.parametrize("given", ["~/.local/state", "state", RuntimeError("no home"), KeyError(), OSError("no home")])
def test_without_a_home_directory_the_default_directory_is_refused(given: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    def place(*_: Any, **__: Any) -> str:
        if isinstance(given, Exception):
            raise given
        return str(given)

    def nobody(path: Path) -> Path:
        if str(path).startswith("~"):
            raise RuntimeError("Could not determine home directory.")
        return path

    monkeypatch.setattr("platformdirs.user_state_dir", place)
    monkeypatch.setattr(Path, "expanduser", nobody)
    with pytest.raises(
        gravscale.ApiValueError, match=r"^path: there is no home directory .* as in FileTokenStore\(.*'\)$"
    ):
        gravscale.FileTokenStore()


def test_a_relative_directory_survives_a_change_of_working_directory(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    store = gravscale.FileTokenStore("tokens")
    assert store.path == tmp_path / "tokens"


@pytest.mark.parametrize("module", ["filelock", "platformdirs"])
def test_the_missing_extra_is_named(monkeypatch: pytest.MonkeyPatch, module: str) -> None:
    monkeypatch.setitem(sys.modules, module, None)
    with pytest.raises(
        gravscale.ApiValueError, match=r"^FileTokenStore needs the extra: pip install 'gravscale\[store\]'$"
    ):
        gravscale.FileTokenStore()


def test_the_working_directory_may_be_the_place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert gravscale.FileTokenStore(".").path == tmp_path


@posix
def test_a_relative_directory_is_refused_if_the_working_directory_is_gone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    gone = tmp_path / "gone"
    gone.mkdir()
    monkeypatch.chdir(gone)
    gone.rmdir()
    with pytest.raises(gravscale.ApiValueError, match=r"^path: expected an absolute path, since the .* is gone$"):
        gravscale.FileTokenStore("tokens")


def test_a_warning_that_is_only_logged_names_no_account(caplog: pytest.LogCaptureFixture) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error", gravscale.TokenStoreWarning)
        warn_of_store("tokens can't be stored: no 100% of /srv/ada@example.com/tokens")
    assert caplog.messages == ["tokens can't be stored: no 100% of /srv/***/tokens"]
