"""Settings from the environment and from profiles: which one wins, and what the errors say."""

from __future__ import annotations

import copy
import os
import pickle
import stat
import sys
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from example_service import AuthenticationApi
from recording import EMAIL, PASSWORD, Service, recording

import gravscale
from gravscale.profile_file import Profile, ProfileFile
from gravscale.profiles import begin_session, end_session, resolve_settings

NEEDS_EXTRA = r"^profiles need the extra: pip install 'gravscale\[cli\]'$"
VARIABLES = ("HOST", "ACCESS_TOKEN", "EMAIL", "PASSWORD", "PROFILE")


@pytest.fixture
def service() -> Iterator[Service]:
    with recording() as running:
        yield running


@pytest.fixture(autouse=True)
def environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> pytest.MonkeyPatch:
    """A user without any settings, whose directories are the test's."""
    for name in VARIABLES:
        monkeypatch.delenv(f"GRAVSCALE_{name}", raising=False)
    monkeypatch.setattr("platformdirs.user_config_dir", lambda *_, **__: str(tmp_path / "config"))
    monkeypatch.setattr("platformdirs.user_state_dir", lambda *_, **__: str(tmp_path / "state"))
    return monkeypatch


def log_in(service: Service, name: str = "default", *, email: str = EMAIL) -> None:
    """Do what `gravscale login` does."""
    with gravscale.ApiClient(gravscale.Configuration(service.url)) as api_client:
        begin_session(api_client, email, PASSWORD)
    ProfileFile().save(Profile(name, service.url, email))


def nickname(configuration: gravscale.Configuration) -> str:
    with gravscale.ApiClient(configuration) as api_client:
        return AuthenticationApi(api_client).info().nickname


def test_a_profile_uses_the_session_of_the_login(service: Service) -> None:
    log_in(service)
    assert nickname(gravscale.Configuration.from_profile()) == "me"
    assert nickname(gravscale.Configuration.from_env()) == "me"
    assert service.counts() == {"sign-in": 1, "info": 2}


def test_a_renewed_session_of_a_profile_stays_bound_to_its_password(service: Service) -> None:
    log_in(service)
    service.revoke()
    assert nickname(gravscale.Configuration.from_profile()) == "me"
    credentials = gravscale.PasswordCredentials(EMAIL, PASSWORD, store=gravscale.FileTokenStore())
    nickname(gravscale.Configuration(service.url, credentials=credentials))
    nickname(gravscale.Configuration.from_profile())
    assert service.counts() == {"sign-in": 1, "401": 1, "refresh": 1, "info": 3}


def test_a_profile_can_use_a_session_of_password_credentials(service: Service) -> None:
    credentials = gravscale.PasswordCredentials(EMAIL, PASSWORD, store=gravscale.FileTokenStore())
    nickname(gravscale.Configuration(service.url, credentials=credentials))
    ProfileFile().save(Profile("default", service.url, EMAIL))
    nickname(gravscale.Configuration.from_profile())
    assert service.counts() == {"sign-in": 1, "info": 2}


def test_logging_in_again_ignores_the_stored_session(service: Service) -> None:
    log_in(service)
    service.failing["sign-in"] = (401, {"detail": "the password was changed"})
    with pytest.raises(gravscale.UnauthorizedException, match="the password was changed"):
        log_in(service)
    nickname(gravscale.Configuration.from_profile())
    assert service.counts() == {"sign-in": 2, "info": 1}


@pytest.mark.parametrize(
    ("name", "command"), [("default", "gravscale login"), ("work", "gravscale login --profile work")]
)
def test_a_session_that_has_expired_asks_to_log_in_again(service: Service, name: str, command: str) -> None:
    log_in(service, name)
    service.revoke(refresh=True)
    with pytest.raises(gravscale.UnauthorizedException, match=f"has expired for {EMAIL}; run: {command}$") as caught:
        nickname(gravscale.Configuration.from_profile())
    assert caught.value.status == 401


def test_a_profile_without_a_session_asks_to_log_in(service: Service) -> None:
    ProfileFile().save(Profile("default", service.url, EMAIL))
    configuration = gravscale.Configuration.from_profile()
    with pytest.raises(gravscale.UnauthorizedException, match=f"not signed in to {service.url} as {EMAIL}; run: "):
        nickname(configuration)
    assert service.counts() == {}


def test_signing_out_ends_the_session_of_the_profile(service: Service) -> None:
    log_in(service)
    configuration = gravscale.Configuration.from_profile()
    assert isinstance(configuration.credentials, gravscale.session.RenewingCredentials)
    with gravscale.ApiClient(configuration) as api_client:
        configuration.credentials.sign_out(api_client)
    with pytest.raises(gravscale.UnauthorizedException, match="run: gravscale login"):
        nickname(gravscale.Configuration.from_profile())


def test_signing_out_of_a_profile_twice_is_not_an_error(service: Service) -> None:
    log_in(service)
    for _ in range(2):
        with gravscale.ApiClient(gravscale.Configuration(service.url)) as api_client:
            end_session(api_client, EMAIL)
    with pytest.raises(gravscale.UnauthorizedException, match="run: gravscale login"):
        nickname(gravscale.Configuration.from_profile())


def test_many_threads_with_a_profile_each_renew_once(service: Service) -> None:
    log_in(service)
    service.revoke()
    start = threading.Barrier(8)

    def call(_: int) -> str:
        start.wait(20)
        return nickname(gravscale.Configuration.from_profile())

    with ThreadPoolExecutor(8) as threads:
        assert list(threads.map(call, range(8))) == ["me"] * 8
    assert service.counts()["refresh"] == 1


def test_a_profiles_configuration_pickles_and_shows_no_token(service: Service) -> None:
    log_in(service)
    configuration = gravscale.Configuration.from_profile()
    nickname(configuration)
    assert "access-1" not in repr(configuration)
    for copied in (pickle.loads(pickle.dumps(configuration)), copy.deepcopy(configuration)):
        assert nickname(copied) == "me"


def test_the_first_profile_is_the_one_in_use_until_another_is_chosen() -> None:
    profiles = ProfileFile()
    profiles.save(Profile("work", "https://work.example.com", EMAIL))
    profiles.save(Profile("home", "https://home.example.com", EMAIL, 7))
    assert gravscale.Configuration.from_profile().host == "https://work.example.com"
    assert gravscale.Configuration.from_profile("home").host == "https://home.example.com"
    profiles.use("home")
    assert gravscale.Configuration.from_profile().host == "https://home.example.com"
    assert resolve_settings().client_id == 7


def test_the_environment_may_name_the_profile(environment: pytest.MonkeyPatch) -> None:
    ProfileFile().save(Profile("work", "https://work.example.com", EMAIL))
    ProfileFile().save(Profile("home", "https://home.example.com", EMAIL))
    environment.setenv("GRAVSCALE_PROFILE", "home")
    assert gravscale.Configuration.from_env().host == "https://home.example.com"
    assert gravscale.Configuration.from_profile().host == "https://home.example.com"
    assert gravscale.Configuration.from_profile("work").host == "https://work.example.com"


def test_the_environment_wins_over_the_profile(environment: pytest.MonkeyPatch) -> None:
    ProfileFile().save(Profile("default", "https://profile.example.com", EMAIL, 7))
    environment.setenv("GRAVSCALE_ACCESS_TOKEN", "token")
    configuration = gravscale.Configuration.from_env()
    assert (configuration.host, configuration.access_token) == ("https://profile.example.com", "token")
    assert configuration.credentials is None
    environment.delenv("GRAVSCALE_ACCESS_TOKEN")
    environment.setenv("GRAVSCALE_HOST", "https://environment.example.com")
    assert gravscale.Configuration.from_env().host == "https://environment.example.com"
    # A client id of one service means nothing to another.
    assert resolve_settings().client_id is None
    environment.setenv("GRAVSCALE_EMAIL", "other@example.com")
    environment.setenv("GRAVSCALE_PASSWORD", "password")
    credentials = gravscale.Configuration.from_env().credentials
    assert isinstance(credentials, gravscale.PasswordCredentials)
    assert credentials.email == "other@example.com"


def test_an_argument_wins_over_the_environment(environment: pytest.MonkeyPatch) -> None:
    ProfileFile().save(Profile("work", "https://work.example.com", EMAIL))
    environment.setenv("GRAVSCALE_HOST", "https://environment.example.com")
    environment.setenv("GRAVSCALE_ACCESS_TOKEN", "token")
    assert resolve_settings("work").host == "https://work.example.com"
    assert resolve_settings("work").access_token is None
    assert "t0ken" not in repr(resolve_settings()._replace(access_token="t0ken"))
    assert resolve_settings("work", "https://argument.example.com").host == "https://argument.example.com"
    assert resolve_settings(host="https://argument.example.com").host == "https://argument.example.com"


def test_no_session_of_the_profile_goes_to_another_host(service: Service, environment: pytest.MonkeyPatch) -> None:
    log_in(service)
    with recording() as other:
        environment.setenv("GRAVSCALE_HOST", other.url)
        with pytest.raises(gravscale.UnauthorizedException, match=f"not signed in to {other.url}"):
            nickname(gravscale.Configuration.from_env())
        assert other.counts() == {}


def test_a_host_alone_is_enough_to_sign_up_with(environment: pytest.MonkeyPatch) -> None:
    environment.setenv("GRAVSCALE_HOST", "https://api.example.com")
    configuration = gravscale.Configuration.from_env()
    assert (configuration.host, configuration.credentials) == ("https://api.example.com", None)


@pytest.mark.parametrize("given", ["https://api.example.com/X", "https://api.example.com/X/"])
def test_a_slash_at_the_end_of_a_host_does_not_matter(environment: pytest.MonkeyPatch, given: str) -> None:
    ProfileFile().save(Profile("work", given, EMAIL))
    assert gravscale.Configuration.from_profile().host == "https://api.example.com/X"
    environment.setenv("GRAVSCALE_HOST", given)
    assert gravscale.Configuration.from_env().host == "https://api.example.com/X"


def test_without_any_setting_the_error_says_what_to_set() -> None:
    with pytest.raises(gravscale.ApiValueError) as caught:
        gravscale.Configuration.from_env()
    for name in (
        "GRAVSCALE_HOST",
        "GRAVSCALE_EMAIL",
        "GRAVSCALE_PASSWORD",
        "GRAVSCALE_ACCESS_TOKEN",
        "gravscale login",
    ):
        assert name in str(caught.value)
    with pytest.raises(gravscale.ApiValueError, match=r"no profile to use; run: gravscale login$"):
        gravscale.Configuration.from_profile()


@pytest.mark.parametrize(
    ("variables", "message"),
    [
        ({"EMAIL": "x"}, "GRAVSCALE_PASSWORD: not set, while GRAVSCALE_EMAIL is; set both or neither"),
        ({"PASSWORD": "x"}, "GRAVSCALE_EMAIL: not set, while GRAVSCALE_PASSWORD is; set both or neither"),
        (
            {"EMAIL": "x", "PASSWORD": "x", "ACCESS_TOKEN": "x"},
            "GRAVSCALE_ACCESS_TOKEN: can't be used together with GRAVSCALE_EMAIL",
        ),
        ({"ACCESS_TOKEN": "x\n"}, "GRAVSCALE_ACCESS_TOKEN: expected a token, got one with white space around it"),
        ({"HOST": "nowhere"}, "GRAVSCALE_HOST: expected an http or https URL with a host"),
        pytest.param(
            {"EMAIL": "\udcff", "PASSWORD": "x"},
            "GRAVSCALE_EMAIL: expected text, got bytes that are not UTF-8",
            marks=pytest.mark.skipif(os.name != "posix", reason="variables are text there"),
        ),
    ],
)
def test_invalid_incomplete_and_conflicting_variables_are_named(
    environment: pytest.MonkeyPatch, variables: dict[str, str], message: str
) -> None:
    for name, value in variables.items():
        environment.setenv(f"GRAVSCALE_{name}", value)
    with pytest.raises(gravscale.ApiValueError, match=f"^{message}$"):
        gravscale.Configuration.from_env()


def test_without_the_extra_for_profiles_the_environment_is_enough(environment: pytest.MonkeyPatch) -> None:
    environment.setitem(sys.modules, "platformdirs", None)
    with pytest.raises(gravscale.ApiValueError, match=r"^GRAVSCALE_HOST: not set, and there is no profile; set "):
        gravscale.Configuration.from_env()
    environment.setenv("GRAVSCALE_HOST", "https://api.example.com")
    assert gravscale.Configuration.from_env().host == "https://api.example.com"
    environment.setenv("GRAVSCALE_PROFILE", "work")
    with pytest.raises(gravscale.ApiValueError, match=NEEDS_EXTRA):
        gravscale.Configuration.from_env()


@pytest.mark.parametrize("module", ["platformdirs", "filelock", "tomli_w"])
def test_saving_a_profile_without_the_extra_names_it(environment: pytest.MonkeyPatch, module: str) -> None:
    environment.setitem(sys.modules, module, None)
    with pytest.raises(gravscale.ApiValueError, match=NEEDS_EXTRA):
        ProfileFile().save(Profile("work"))


@pytest.mark.parametrize("names", [("ACCESS_TOKEN",), ("EMAIL", "PASSWORD")])
def test_no_secret_goes_to_a_plain_http_host_by_default(
    environment: pytest.MonkeyPatch, names: tuple[str, ...]
) -> None:
    for name in names:
        environment.setenv(f"GRAVSCALE_{name}", "x")
    with pytest.raises(gravscale.ApiValueError, match=r"^GRAVSCALE_HOST: required"):
        gravscale.Configuration.from_env()
    environment.setattr("gravscale.profiles.SERVERS", [{"url": "https://api.example.com", "description": ""}])
    gravscale.Configuration.from_env()


def test_a_profile_without_a_host_needs_one_too() -> None:
    ProfileFile().save(Profile("default", None, EMAIL))
    with pytest.raises(gravscale.ApiValueError, match="the host of the profile 'default': required"):
        gravscale.Configuration.from_profile()


def test_a_profile_without_an_account_asks_to_log_in_to_it() -> None:
    ProfileFile().save(Profile("home", "https://api.example.com"))
    ProfileFile().save(Profile("work", "https://api.example.com"))
    with pytest.raises(
        gravscale.ApiValueError, match=r"^name: the profile 'work' has no account; run: gravscale login --profile work$"
    ):
        gravscale.Configuration.from_profile("work")


def test_a_missing_profile_is_named(environment: pytest.MonkeyPatch) -> None:
    for name in ("work", "home"):
        ProfileFile().save(Profile(name, "https://api.example.com", EMAIL))
    wrong = "no profile 'none'; expected one of home, work; to create it, run: gravscale login --profile none$"
    with pytest.raises(gravscale.ApiValueError, match=f"^name: {wrong}"):
        gravscale.Configuration.from_profile("none")
    with pytest.raises(gravscale.ApiValueError, match=f"^profile: {wrong}"):
        ProfileFile().use("none")
    environment.setenv("GRAVSCALE_PROFILE", "none")
    for make in (gravscale.Configuration.from_env, gravscale.Configuration.from_profile):
        with pytest.raises(gravscale.ApiValueError, match=f"^GRAVSCALE_PROFILE: {wrong}"):
            make()


def test_the_profile_file_has_only_what_was_given() -> None:
    ProfileFile().save(Profile("work", "https://api.example.com", EMAIL, 7))
    ProfileFile().save(Profile("home", email=EMAIL))
    assert ProfileFile().path.read_text("utf-8").splitlines() == [
        'current = "work"',
        "",
        "[profile.work]",
        'host = "https://api.example.com"',
        f'email = "{EMAIL}"',
        "client_id = 7",
        "",
        "[profile.home]",
        f'email = "{EMAIL}"',
    ]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("profile", "config.toml: not a valid profile file: .*; fix it, or delete it and log in again$"),
        ("profile = 1", "config.toml: expected profile to be a table, got int$"),
        ("[profile]\ndefault = 1", "config.toml: expected profile.default to be a table, got int$"),
        ("[profile.default]\nemail = 1", "expected profile.default.email to be of type str, got int$"),
        ("[profile.default]\nclient_id = true", "expected profile.default.client_id to be of type int, got bool$"),
        ("[profile.default]\nhost = 1", "expected profile.default.host to be of type str, got int$"),
        ("[profile.default]\nhost = 'nowhere'", "profile.default.host: expected an http or https URL"),
        ("current = 1\n", "expected current to be of type str, got int$"),
        ("caf\xe9", "not a valid profile file"),
    ],
)
def test_an_invalid_profile_file_is_named(content: str, message: str) -> None:
    path = ProfileFile().path
    path.parent.mkdir(parents=True)
    path.write_bytes(content.encode("latin-1"))
    for make in (gravscale.Configuration.from_env, gravscale.Configuration.from_profile):
        with pytest.raises(gravscale.ApiValueError, match=message):
            make()


def test_other_content_of_the_profile_file_is_kept() -> None:
    path = ProfileFile().path
    path.parent.mkdir(parents=True)
    path.write_text('[profile.work]\nhost = "https://a.example.com"\n[theirs]\nkey = 1\n')
    ProfileFile().save(Profile("home", "https://b.example.com"))
    assert "[theirs]\nkey = 1\n" in path.read_text()
    assert set(ProfileFile().profiles()) == {"work", "home"}


def test_profiles_saved_at_the_same_time_are_all_kept() -> None:
    with ThreadPoolExecutor(8) as threads:
        list(threads.map(lambda number: ProfileFile().save(Profile(f"p{number}", email=EMAIL)), range(16)))
    assert len(ProfileFile().profiles()) == 16
    assert [path.name for path in ProfileFile().path.parent.iterdir() if path.name.startswith(".saving-")] == []


@pytest.mark.skipif(os.name != "posix", reason="modes of POSIX")
def test_profiles_are_private_to_the_user() -> None:
    ProfileFile().save(Profile("work", email=EMAIL))
    folder = ProfileFile().path.parent
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert {stat.S_IMODE(file.stat().st_mode) for file in folder.iterdir()} == {0o600}


@pytest.mark.parametrize("gone", [True, False])
def test_a_profile_that_cannot_be_saved_is_an_error_and_leaves_nothing_behind(
    environment: pytest.MonkeyPatch, gone: bool
) -> None:
    file = ProfileFile()
    file.save(Profile("work", email=EMAIL))

    def full(saving: str, _: object) -> None:
        # In the same directory, so that replacing is atomic, and with a name that explains itself.
        assert Path(saving).parent == file.path.parent
        assert Path(saving).name.startswith(".saving-")
        if gone:
            Path(saving).unlink()
        raise OSError("No space left on device")

    environment.setattr("gravscale.profile_file.os.replace", full)
    with pytest.raises(gravscale.ApiValueError, match=r"^profile: can't be saved: No space left on device$"):
        file.save(Profile("home", email=EMAIL))
    assert set(file.profiles()) == {"work"}
    assert {path.suffix for path in file.path.parent.iterdir()} == {".toml", ".lock"}


def test_a_profile_file_that_cannot_be_read_is_an_error() -> None:
    ProfileFile().path.mkdir(parents=True)
    with pytest.raises(gravscale.ApiValueError, match=r"^the profile file can't be read: "):
        gravscale.Configuration.from_env()
