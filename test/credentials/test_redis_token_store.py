"""Tokens in Redis: shared among machines, and calls without Redis. Needs a `redis-server`."""

from __future__ import annotations

import base64
import json
import pickle
import shutil
import signal
import socket
import subprocess
import sys
import textwrap
import time
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from example_service import AuthorizationSchema
from recording import EMAIL, PASSWORD, Service

import gravscale

redis = pytest.importorskip("redis")
SERVER = shutil.which("redis-server")
pytestmark = pytest.mark.skipif(SERVER is None, reason="there is no redis-server here (Debian: redis-server)")

Connect = Any
PROCESSES = 16


def start_server(folder: Path, *options: str) -> tuple[subprocess.Popen[bytes], int]:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    assert SERVER is not None
    ports = () if "--tls-port" in options else ("--port", str(port))
    command = [SERVER, *ports, "--bind", "127.0.0.1", "--save", "", "--dir", str(folder)]
    process = subprocess.Popen([*command, *(str(port) if each == "PORT" else each for each in options)])
    over = time.monotonic() + 20
    while True:
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
            return process, port
        except OSError:
            assert time.monotonic() < over, "redis-server does not start"
            time.sleep(0.01)


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    process, port = start_server(tmp_path_factory.mktemp("redis"))
    yield f"redis://127.0.0.1:{port}/0"
    process.kill()
    process.wait(10)


@pytest.fixture
def url(server: str) -> str:
    redis.Redis.from_url(server).flushall()
    return server


def jwt(expires_in: float) -> str:
    claims = base64.urlsafe_b64encode(json.dumps({"exp": time.time() + expires_in}).encode()).decode().rstrip("=")
    return f"e30.{claims}.c2lnbmF0dXJl"


def authorization(service: Service, **fields: Any) -> AuthorizationSchema:
    made = AuthorizationSchema.from_dict(service.issue() | fields)
    assert made is not None
    return made


@pytest.mark.parametrize("decode", [False, True])
def test_another_machine_need_not_sign_in_again(service: Service, connect: Connect, url: str, decode: bool) -> None:
    connect(store=gravscale.RedisTokenStore(url)).info()
    client = redis.Redis.from_url(url, decode_responses=decode)
    other = connect(store=gravscale.RedisTokenStore(client))
    other.info()
    service.revoke()
    other.info()
    connect(store=gravscale.RedisTokenStore(url)).info()
    assert service.counts() == {"sign-in": 1, "401": 1, "refresh": 1, "info": 4}


def test_no_password_no_address_and_no_lock_stay_in_redis(service: Service, connect: Connect, url: str) -> None:
    connect(store=gravscale.RedisTokenStore(url, prefix="mine:")).info()
    client = redis.Redis.from_url(url)
    (key,) = client.keys("*")
    assert key.startswith(b"mine:")
    for text in (key, client.get(key)):
        assert PASSWORD.encode() not in text
        assert EMAIL.encode() not in text


def test_a_store_can_be_sent_to_another_process(service: Service, connect: Connect, url: str) -> None:
    store = gravscale.RedisTokenStore(url, prefix="mine:")
    connect(store=store).info()
    connect(store=pickle.loads(pickle.dumps(store))).info()
    assert service.counts() == {"sign-in": 1, "info": 2}


def test_stores_with_different_prefixes_share_nothing(service: Service, connect: Connect, url: str) -> None:
    for prefix in ("one:", "another:"):
        connect(store=gravscale.RedisTokenStore(url, prefix=prefix)).info()
    assert service.counts() == {"sign-in": 2, "info": 2}


@pytest.mark.parametrize(
    ("refresh_token", "seconds"),
    [("a JWT", 1000), (None, 3600), ("opaque", 30 * 24 * 3600), ("a.b.c", 30 * 24 * 3600), ("a.bnVsbA.c", 2592000)],
)
def test_tokens_expire_with_their_refresh_token(service: Service, url: str, refresh_token: Any, seconds: int) -> None:
    store = gravscale.RedisTokenStore(url)
    given = jwt(seconds) if refresh_token == "a JWT" else refresh_token
    store.save("key", authorization(service, refreshToken=given))
    client = redis.Redis.from_url(url)
    (key,) = client.keys("*")
    assert abs(client.ttl(key) - seconds) < 30


def test_a_deleted_entry_is_gone(service: Service, url: str) -> None:
    store = gravscale.RedisTokenStore(url)
    store.save("key", authorization(service))
    assert store.load("key") is not None
    store.delete("key")
    assert store.load("key") is None


@pytest.mark.parametrize("decode", [False, True])
def test_after_a_corrupt_entry_it_signs_in_again_with_a_warning(
    service: Service, connect: Connect, url: str, decode: bool
) -> None:
    client = redis.Redis.from_url(url, decode_responses=decode)
    connect(store=gravscale.RedisTokenStore(client)).info()
    (key,) = client.keys("*")
    client.set(key, b"\xff{")
    with pytest.warns(gravscale.TokenStoreWarning, match="signing in again"):
        connect(store=gravscale.RedisTokenStore(client)).info()
    connect(store=gravscale.RedisTokenStore(client)).info()
    assert service.counts() == {"sign-in": 2, "info": 3}


@pytest.mark.parametrize("foreign", ["a list", "a lock without its expiry", "a key that expires in an hour"])
def test_a_foreign_key_in_place_of_the_lock_blocks_nobody(
    service: Service, connect: Connect, url: str, foreign: str
) -> None:
    client, store = redis.Redis.from_url(url), gravscale.RedisTokenStore(url)
    with store.lock(f"{service.url} {EMAIL}"):
        (key,) = client.keys("*:lock")
    if foreign == "a list":
        client.rpush(key, "job")
    else:
        client.set(key, "value", ex=3600 if foreign == "a key that expires in an hour" else None)
    with pytest.warns(gravscale.TokenStoreWarning, match=f"{key.decode()} in Redis is not a lock that expires"):
        connect(store=store).info()
    connect(store=gravscale.RedisTokenStore(url)).info()
    assert client.exists(key)
    assert service.counts() == {"sign-in": 1, "info": 2}


def test_a_user_who_may_run_no_scripts_releases_the_lock(service: Service, connect: Connect, url: str) -> None:
    redis.Redis.from_url(url).execute_command("ACL SETUSER plain on nopass ~* +@all -@scripting")
    store = gravscale.RedisTokenStore(url.replace("//", "//plain:any@"))
    connect(store=store).info()
    assert not redis.Redis.from_url(url).keys("*:lock")


def test_a_foreign_key_in_place_of_an_entry_is_left_alone(service: Service, connect: Connect, url: str) -> None:
    client = redis.Redis.from_url(url)
    connect(store=gravscale.RedisTokenStore(url)).info()
    (key,) = client.keys("*")
    client.delete(key)
    client.rpush(key, "job")
    with pytest.warns(gravscale.TokenStoreWarning, match="can't be read"):
        connect(store=gravscale.RedisTokenStore(url)).info()
    assert client.lrange(key, 0, -1) == [b"job"]
    assert service.counts() == {"sign-in": 2, "info": 2}


def test_without_redis_it_warns_and_signs_in_on_its_own(service: Service, connect: Connect) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    store = gravscale.RedisTokenStore(f"redis://:secret-of-redis@127.0.0.1:{port}")
    with warnings.catch_warnings(record=True) as warned:
        warnings.simplefilter("always")
        auth = connect(store=store)
        auth.info()
        auth.info()
    assert {each.category for each in warned} == {gravscale.TokenStoreWarning}
    assert "secret-of-redis" not in " ".join(str(each.message) for each in warned)
    # Only one warning: an unavailable server is not asked again at each step.
    assert len(warned) == 1
    assert service.counts() == {"sign-in": 1, "info": 2}


def test_a_redis_that_hangs_costs_little_time(service: Service, connect: Connect) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        store = gravscale.RedisTokenStore(f"redis://127.0.0.1:{silent.getsockname()[1]}")
        started = time.monotonic()
        with pytest.warns(gravscale.TokenStoreWarning, match="Redis failed with TimeoutError"):
            connect(store=store).info()
        assert time.monotonic() - started < 8
    assert service.counts() == {"sign-in": 1, "info": 1}


def test_redis_over_tls_is_reached_by_its_url(service: Service, connect: Connect, tmp_path: Path) -> None:
    trustme = pytest.importorskip("trustme")
    authority = trustme.CA()
    issued = authority.issue_cert("127.0.0.1")
    authority.cert_pem.write_to_path(tmp_path / "ca.pem")
    issued.cert_chain_pems[0].write_to_path(tmp_path / "cert.pem")
    issued.private_key_pem.write_to_path(tmp_path / "key.pem")
    files = ["--tls-cert-file", str(tmp_path / "cert.pem"), "--tls-key-file", str(tmp_path / "key.pem")]
    files += ["--tls-ca-cert-file", str(tmp_path / "ca.pem"), "--tls-auth-clients", "no"]
    process, port = start_server(tmp_path, "--port", "0", "--tls-port", "PORT", *files)
    try:
        url = f"rediss://127.0.0.1:{port}/0?ssl_ca_certs={tmp_path / 'ca.pem'}"
        for _ in range(2):
            connect(store=gravscale.RedisTokenStore(url)).info()
    finally:
        process.kill()
        process.wait(10)
    assert service.counts() == {"sign-in": 1, "info": 2}


HOLDER = """
    import sys, gravscale
    with gravscale.RedisTokenStore(sys.argv[1]).lock(sys.argv[2]):
        print("held", flush=True)
        sys.stdin.read()
"""


def test_a_lock_is_held_while_its_holder_lives_and_free_soon_after(
    service: Service, connect: Connect, url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    command = [sys.executable, "-c", textwrap.dedent(HOLDER), url, f"{service.url} {EMAIL}"]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == "held\n"
        # Longer than a lock lives if nobody extends it.
        with pytest.raises(gravscale.ApiTimeoutError, match="while waiting for another process"):
            connect(store=gravscale.RedisTokenStore(url)).info(_request_timeout=7.5)
        holder.send_signal(signal.SIGKILL)
        holder.wait(10)
    connect(store=gravscale.RedisTokenStore(url)).info()
    assert service.counts() == {"sign-in": 1, "info": 1}


WORKERS = """
    import os, sys, gravscale, example_service, gravscale.token_store
    example_service.stand_in()
    url, place, password, count = sys.argv[1:]
    ready, start = os.pipe()
    children = []
    for number in range(int(count)):
        child = os.fork()
        if child:
            children.append(child)
            continue
        os.close(start)
        os.read(ready, 1)
        email = f"{number % 2}@example.com"
        credentials = gravscale.PasswordCredentials(email, password, store=gravscale.RedisTokenStore(place))
        configuration = gravscale.Configuration(url, credentials=credentials, timeout=30, retries=0)
        try:
            example_service.AuthenticationApi(gravscale.ApiClient(configuration)).info()
        except BaseException as error:
            print(repr(error), flush=True)
            os._exit(1)
        os._exit(0)
    os.close(start)
    sys.exit(sum(os.waitpid(child, 0)[1] != 0 for child in children))
"""


def test_16_processes_on_two_accounts_sign_in_once_for_each(service: Service, url: str) -> None:
    command = [sys.executable, "-W", "error", "-c", textwrap.dedent(WORKERS), service.url, url, PASSWORD, "16"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert (done.returncode, done.stdout) == (0, "")
    assert service.counts() == {"sign-in": 2, "info": PROCESSES}


@pytest.mark.parametrize("given", [7, None, object(), redis.Redis])
def test_an_argument_that_is_not_redis_is_refused(given: Any) -> None:
    with pytest.raises(gravscale.ApiTypeError, match=r"^url_or_client: expected a URL or a redis\.Redis, got "):
        gravscale.RedisTokenStore(given)


@pytest.mark.parametrize("given", ["", "http://user:secret-of-redis@host", "redis://host:port"])
def test_an_invalid_url_is_refused_and_not_shown(given: str) -> None:
    with pytest.raises(gravscale.ApiValueError, match=r"^url_or_client: expected a URL such as rediss://") as refused:
        gravscale.RedisTokenStore(given)
    assert "secret" not in repr(refused.value)


def test_an_invalid_prefix_is_refused() -> None:
    prefix: Any = 7
    with pytest.raises(gravscale.ApiTypeError, match=r"^prefix: expected a str, got int"):
        gravscale.RedisTokenStore("redis://localhost", prefix=prefix)


def test_the_missing_extra_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "redis", None)
    with pytest.raises(gravscale.ApiValueError, match=r"pip install 'gravscale\[redis\]'"):
        gravscale.RedisTokenStore("redis://localhost")
