"""The settings of a Configuration: what it accepts, keeps and returns."""

from __future__ import annotations

import copy
import logging
import pickle
import platform
import socket
import ssl
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from example_service import AuthenticationApi
from misbehaving import answer, serving

import gravscale
from gravscale import ApiClient, ApiTypeError, ApiValueError, Configuration, PasswordCredentials


@pytest.fixture
def _no_defaults() -> Iterator[None]:
    """A program that has not used any default yet."""
    before = Configuration._default, ApiClient._default
    Configuration.set_default(None)
    ApiClient.set_default(None)
    yield
    Configuration._default, ApiClient._default = before


@pytest.mark.usefixtures("_no_defaults")
def test_there_is_one_default_configuration() -> None:
    assert Configuration.get_default() is Configuration.get_default()
    assert Configuration.get_default_copy() is Configuration.get_default()
    assert Configuration.get_default().host == Configuration().host


def test_the_types_of_its_settings_are_where_generated_clients_have_them() -> None:
    from gravscale.configuration import AuthSetting, HostSetting

    assert Configuration().get_host_settings()[0].keys() <= HostSetting.__annotations__.keys()
    assert "value" in AuthSetting.__annotations__


@pytest.mark.usefixtures("_no_defaults")
def test_clients_and_api_classes_use_the_defaults() -> None:
    with serving(answer()) as server:
        Configuration.set_default(Configuration(server.url, access_token="t"))
        with ApiClient.get_default() as first:
            assert ApiClient.get_default() is first
            assert AuthenticationApi().api_client is first
            assert AuthenticationApi().info().nickname == "me"
        with ApiClient() as another:
            ApiClient.set_default(another)
            assert AuthenticationApi().info().nickname == "me"
    assert AuthenticationApi().api_client is another
    assert len(server.requests) == 2


def test_a_host_may_be_set_later() -> None:
    configuration = Configuration(server_index=0)
    configuration.host = "https://api.example.com"
    assert configuration.host == "https://api.example.com"


def test_settings_can_be_read_back() -> None:
    configuration = Configuration(timeout=(1, 2), retries=0, proxy="http://proxy.example.com:3128")
    assert (configuration.timeout, configuration.retries) == ((1, 2), 0)
    assert configuration.proxy == "http://proxy.example.com:3128"
    assert (configuration.debug, configuration.logger_file) == (False, None)


def test_the_log_file_has_the_lines_format(tmp_path: Path) -> None:
    configuration = Configuration()
    before = list(logging.getLogger("gravscale").handlers)
    assert configuration.logger_format == "%(asctime)s %(levelname)s %(message)s"
    try:
        configuration.logger_file = str(tmp_path / "calls.log")
        assert configuration.logger_file == str(tmp_path / "calls.log")
        logging.getLogger("gravscale").error("as before")
        configuration.logger_format = "<%(message)s>"
        assert configuration.logger_format == "<%(message)s>"
        logging.getLogger("gravscale").error("olá")
        configuration.logger_file = str(tmp_path / "more.log")
        logging.getLogger("gravscale").error("elsewhere")
    finally:
        configuration.logger_file = None
    first, second = (tmp_path / "calls.log").read_text("utf-8").splitlines()
    assert first.endswith(" ERROR as before")
    assert second == "<olá>"
    assert (tmp_path / "more.log").read_text("utf-8") == "<elsewhere>\n"
    assert logging.getLogger("gravscale").handlers == before


def test_an_unwritable_log_file_keeps_the_previous_one(tmp_path: Path) -> None:
    configuration = Configuration()
    try:
        configuration.logger_file = str(tmp_path / "calls.log")
        with pytest.raises(OSError, match="nowhere"):
            configuration.logger_file = str(tmp_path / "nowhere" / "calls.log")
        assert configuration.logger_file == str(tmp_path / "calls.log")
        logging.getLogger("gravscale").error("still here")
    finally:
        configuration.logger_file = None
    assert (tmp_path / "calls.log").read_text("utf-8").endswith(" ERROR still here\n")


@pytest.mark.parametrize("odd", [Configuration(), "https://api.example.com"])
def test_an_argument_that_is_not_a_client_is_named(odd: Any) -> None:
    with pytest.raises(ApiTypeError, match=f"^api_client: expected an ApiClient, got {type(odd).__name__}$"):
        AuthenticationApi(odd)
    with pytest.raises(ApiTypeError, match=r"^configuration: expected a Configuration, got str$"):
        ApiClient("https://api.example.com")  # type: ignore[arg-type]


def test_api_keys_have_their_prefix() -> None:
    configuration = Configuration(api_key={"one": "k1", "two": "k2"}, api_key_prefix={"one": "Bearer"})
    asked = []
    assert configuration.get_api_key_with_prefix("one") == "Bearer k1"
    configuration.refresh_api_key_hook = asked.append
    assert configuration.get_api_key_with_prefix("two") == "k2"
    assert configuration.get_api_key_with_prefix("other") is None
    assert configuration.get_api_key_with_prefix("other", alias="one") == "Bearer k1"
    assert configuration.get_api_key_with_prefix("other", alias="none") is None
    assert asked == [configuration] * 4


def test_an_unused_account_gives_a_warning_at_the_callers_line() -> None:
    with pytest.warns(UserWarning, match=r"username and password are not used: .* credentials=Pass") as caught:
        Configuration(username="me", password="open sesame")
    assert caught[0].filename == __file__
    assert "open sesame" not in str(caught[0].message)


def test_basic_authentication_follows_rfc_7617() -> None:
    configuration = Configuration()
    configuration.username, configuration.password = "Aladdin", "open sesame"
    assert configuration.get_basic_auth_token() == "Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ=="
    configuration.username, configuration.password = "é", None
    assert configuration.get_basic_auth_token() == "Basic w6k6"
    assert Configuration().get_basic_auth_token() == "Basic Og=="


def test_auth_settings_show_what_would_be_sent() -> None:
    bearer = {"type": "bearer", "in": "header", "key": "Authorization", "value": "Bearer t"}
    assert Configuration(access_token="t").auth_settings() == {"HTTPBearer": bearer}
    assert Configuration(access_token=lambda: "t").auth_settings() == {"HTTPBearer": bearer}
    assert Configuration().auth_settings() == {}
    odd: Any = 7
    with pytest.raises(ApiTypeError, match="access_token: expected a str or a callable that returns one, got int"):
        Configuration(access_token=odd)
    configuration = Configuration()
    configuration.access_token = odd
    with pytest.raises(ApiTypeError, match="access_token: expected a str or a callable that returns one, got int"):
        configuration.auth_settings()


def test_the_contracts_servers_can_be_read_but_not_changed() -> None:
    configuration = Configuration()
    (server,) = configuration.get_host_settings()
    assert server["url"] == configuration.host
    server["url"] = "http://elsewhere.example.com"
    assert configuration.get_host_settings() != [server]


SERVERS: Any = [
    {
        "url": "https://{region}.example.com/{stage}",
        "description": "",
        "variables": {
            "region": {"description": "", "default_value": "br", "enum_values": ["br", "us"]},
            "stage": {"description": "", "default_value": "v1"},
        },
    }
]


def test_a_server_may_have_variables() -> None:
    configuration = Configuration()
    assert configuration.get_host_from_settings(0, servers=SERVERS) == "https://br.example.com/v1"
    variables = {"region": "us", "stage": "v2"}
    assert configuration.get_host_from_settings(0, variables, SERVERS) == "https://us.example.com/v2"
    with pytest.raises(ApiValueError, match=r"server_variables: region must be one of \['br', 'us'\], got 'mars'"):
        configuration.get_host_from_settings(0, {"region": "mars"}, SERVERS)


@pytest.mark.parametrize("index", [-1, 1])
def test_an_unknown_server_is_refused(index: int) -> None:
    configuration = Configuration(server_index=index)
    with pytest.raises(ApiValueError, match=f"server_index: expected 0 to 0, got {index}"):
        configuration.get_host_from_settings(configuration.server_index)


async def a_token() -> str:
    return "t"


@pytest.mark.parametrize(
    ("settings", "error", "complaint"),
    [
        ({"host": 7}, ApiTypeError, "host: expected the service's base URL as a str, got int"),
        (
            {"host": "https://api.example.com/?a=b"},
            ApiValueError,
            "host: expected a base URL without a query or fragment",
        ),
        ({"credentials": ("me", "p")}, ApiTypeError, r"credentials: expected PasswordCredentials\(email.*, got tuple$"),
        ({"credentials": PasswordCredentials}, ApiTypeError, "credentials: expected PasswordCredentials"),
        ({"access_token": b"t"}, ApiTypeError, "access_token: expected a str or a callable .*, got bytes$"),
        ({"access_token": a_token}, ApiTypeError, "access_token: expected .*, got an async function$"),
        ({"api_key": []}, ApiTypeError, "api_key: expected dict, got list$"),
        ({"api_key_prefix": 0}, ApiTypeError, "api_key_prefix: expected dict, got int$"),
        ({"server_variables": ()}, ApiTypeError, "server_variables: expected dict, got tuple$"),
        ({"username": 7}, ApiTypeError, "username: expected str or None, got int$"),
        ({"cert_file": 7}, ApiTypeError, "cert_file: expected str or PathLike or None, got int$"),
        ({"ca_cert_data": 5}, ApiTypeError, "ca_cert_data: expected str or bytes or None, got int$"),
        ({"datetime_format": None}, ApiTypeError, "datetime_format: expected str, got NoneType$"),
        ({"api_key": "key"}, ApiTypeError, "api_key: expected dict, got str$"),
        ({"verify_ssl": None}, ApiTypeError, "verify_ssl: expected bool, got NoneType$"),
        ({"server_index": "0"}, ApiTypeError, "server_index: expected int or None, got str$"),
        ({"proxy_headers": ["X"]}, ApiTypeError, "proxy_headers: expected Mapping or None, got list$"),
        ({"socket_options": 5}, ApiTypeError, "socket_options: expected Sequence or None, got int$"),
        ({"connection_pool_maxsize": 2.5}, ApiTypeError, "connection_pool_maxsize: expected an int, got float"),
        ({"connection_pool_maxsize": True}, ApiTypeError, "connection_pool_maxsize: expected an int, got bool"),
        ({"connection_pool_maxsize": 0}, ApiValueError, "connection_pool_maxsize: expected 1 or more, got 0"),
        ({"max_response_size": 0}, ApiValueError, "max_response_size: expected 1 or more, got 0"),
        ({"retries": 1.5}, ApiTypeError, "retries: expected an int, a urllib3.Retry or None, got float"),
        ({"retries": True}, ApiTypeError, "retries: expected an int, a urllib3.Retry or None, got bool"),
        ({"retries": -(10**30) + 1}, ApiValueError, f"retries: expected 0 or more, got -{'9' * 30}$"),
        ({"retries": -(10**30)}, ApiValueError, "retries: expected 0 or more, got one far beyond that$"),
        ({"retries": -1}, ApiValueError, "retries: expected 0 or more, got -1"),
        ({"timeout": "5"}, ApiTypeError, "timeout: expected seconds as a number, got str"),
        ({"timeout": True}, ApiTypeError, "timeout: expected seconds as a number, got bool"),
        ({"timeout": 0}, ApiValueError, "timeout: expected seconds above 0 and at most"),
        ({"timeout": 10**400}, ApiValueError, "timeout: expected seconds above 0 and at most"),
        ({"timeout": (1, 2, 3)}, ApiValueError, r"timeout: expected seconds or a pair \(connect, read\), got 3 values"),
        ({"timeout": (1, "2")}, ApiTypeError, "timeout: expected seconds as a number, got str"),
        ({"timeout": (0, 1)}, ApiValueError, "timeout: expected seconds above 0 and at most"),
    ],
    ids=lambda value: str(value)[:40] if isinstance(value, dict) else "",
)
def test_an_invalid_setting_is_named(settings: Any, error: type[Exception], complaint: str) -> None:
    with pytest.raises(error, match=f"^{complaint}"):
        Configuration(**settings)


@pytest.mark.parametrize(
    ("name", "value", "error", "complaint"),
    [
        ("max_response_size", "10", ApiTypeError, "max_response_size: expected an int, got str"),
        ("connection_pool_maxsize", 0, ApiValueError, "connection_pool_maxsize: expected 1 or more, got 0"),
        ("username", 3, ApiTypeError, "username: expected str or None, got int"),
        ("password", b"C0rrect!horse", ApiTypeError, "password: expected str or None, got bytes"),
        ("verify_ssl", None, ApiTypeError, "verify_ssl: expected bool, got NoneType"),
        ("timeout", "5", ApiTypeError, "timeout: expected seconds as a number, got str"),
        ("retries", -1, ApiValueError, "retries: expected 0 or more, got -1"),
    ],
)
def test_an_invalid_setting_is_refused_later_too(name: str, value: Any, error: type[Exception], complaint: str) -> None:
    configuration = Configuration()
    before = getattr(configuration, name)
    with pytest.raises(error, match=f"^{complaint}"):
        setattr(configuration, name, value)
    assert getattr(configuration, name) == before


def test_a_subclass_may_compute_a_setting_later() -> None:
    class OfVault(Configuration):
        def __init__(self, host: str) -> None:
            super().__init__(host)
            self.vault = {"password": "p"}

        @property
        def password(self) -> str:  # type: ignore[override]
            return self.vault["password"]

        @password.setter
        def password(self, value: str | None) -> None: ...

    assert OfVault("https://api.example.com").password == "p"


@pytest.mark.parametrize("copied_by", [copy.copy, copy.deepcopy])
def test_a_copy_is_independent_and_works(tmp_path: Path, copied_by: Callable[[Configuration], Configuration]) -> None:
    with serving(answer()) as server:
        options: list[Any] = []
        configuration = Configuration(
            server.url,
            access_token="t",
            api_key={"one": "k"},
            proxy_ssl_context=ssl.create_default_context(),
            socket_options=options,
        )
        configuration.logger_file = str(tmp_path / "calls.log")
        try:
            copied = copied_by(configuration)
            copied.api_key["one"] = "another"
            options.append((socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1))
            copied.host = "https://api.example.com"
            copied.host = server.url
            assert configuration.api_key == {"one": "k"}
            assert copied.socket_options == []
            assert copied.proxy_ssl_context is configuration.proxy_ssl_context
            with ApiClient(copied) as api_client:
                assert AuthenticationApi(api_client).info().nickname == "me"
        finally:
            configuration.logger_file = None


def test_a_deep_copy_keeps_what_is_shared_and_what_refers_to_itself() -> None:
    class Registered(Configuration):
        def __init__(self, keys: dict[str, str]) -> None:
            super().__init__("https://api.example.com", api_key=keys)
            self.registry = {"me": self}

    keys = {"one": "k"}
    copied, copied_keys = copy.deepcopy((Registered(keys), keys))
    assert copied.api_key is copied_keys
    assert copied.registry["me"] is copied


def test_a_configuration_pickles() -> None:
    restored = pickle.loads(pickle.dumps(Configuration("https://api.example.com", access_token="t", timeout=2.0)))
    assert (restored.host, restored.access_token, restored.timeout) == ("https://api.example.com", "t", 2.0)


def test_socket_options_are_set() -> None:
    option = (socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
    with serving(answer()) as server:
        configuration = Configuration(server.url, access_token="t", socket_options=[option])
        with ApiClient(configuration) as api_client:
            api_client.call_api("GET", f"{server.url}/x").read()
            pool = api_client.transport._pool_for(server.url)
            connection = pool._get_conn()
            assert connection.sock is not None
            assert connection.sock.getsockopt(*option[:2]) != 0
            # urllib3's own default, which the list replaces.
            assert connection.sock.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY) == 0
            connection.close()


def test_the_repr_has_what_is_set_and_no_secret() -> None:
    configuration = Configuration("https://api.example.com", access_token="only-a-token", connection_pool_maxsize=5)
    assert repr(configuration) == (
        "Configuration(host='https://api.example.com', verify_ssl=True, connection_pool_maxsize=5, "
        "max_response_size=67108864, access_token=***, client_side_validation=True, "
        "datetime_format='%Y-%m-%dT%H:%M:%S.%f%z', date_format='%Y-%m-%d', timeout=30.0)"
    )
    risky = repr(Configuration(verify_ssl=False, assert_hostname=False, retries=0, timeout=None))
    for setting in ("verify_ssl=False", "assert_hostname=False", "retries=0", "timeout=None"):
        assert setting in risky
    # An error reporter may show an object whose __init__ failed.
    assert repr(Configuration.__new__(Configuration)) == "Configuration()"


def test_the_debug_report_has_versions_and_settings() -> None:
    configuration = Configuration("https://api.example.com", access_token="only-a-token")
    assert configuration.to_debug_report().splitlines() == [
        "Python SDK Debug Report:",
        f"OS: {sys.platform}",
        f"Python Version: {platform.python_version()}",
        f"SDK Package Version: {gravscale.__version__}",
        repr(configuration),
    ]


@pytest.mark.parametrize(
    ("host", "meant"),
    [
        ("127.0.0.1:8000", "http://127.0.0.1:8000"),
        ("localhost:8000/base", "http://localhost:8000/base"),
        ("api.example.com", "https://api.example.com"),
    ],
)
def test_a_host_without_a_scheme_gets_a_suggestion(host: str, meant: str) -> None:
    with pytest.raises(ApiValueError, match=f"^host: expected .* got '{host}'; did you mean '{meant}'\\?$"):
        Configuration(host)


@pytest.mark.parametrize(
    "host",
    [
        "me:secret@api.example.com",
        "ftp://h.example/secret",
        "api.example.com?k=secret",
        "secret-token",
        "eyJhbGciOiJIUzI1NiJ9.c2VjcmV0.secretAqAw",
    ],
)
def test_a_host_that_may_hold_a_secret_is_not_repeated(host: str) -> None:
    with pytest.raises(ApiValueError, match=r"^host: ") as caught:
        Configuration(host)
    assert "secret" not in str(caught.value)


def test_positional_credentials_are_named() -> None:
    wrong: Any = PasswordCredentials("me@example.com", "open sesame")
    with pytest.raises(ApiTypeError, match=r"^api_key: .* credentials=PasswordCredentials\("):
        Configuration("https://api.example.com", wrong)
