"""A program that uses everything public except the sandbox. It is not run: mypy and pyright check its types.

It also contains wrong code: each such line names the error that each of the two must report there. A missing report
fails too.
"""

from __future__ import annotations

import ssl
import warnings
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from datetime import datetime
from pathlib import Path

from pydantic import BaseModel, JsonValue
from typing_extensions import Never, Unpack, assert_type
from urllib3 import BaseHTTPResponse, HTTPHeaderDict, HTTPResponse, Retry

import gravscale
from gravscale.schema.service import AuthSetting, HostSetting, TokenSource

Timeout = float | tuple[float, float] | None


class Vault:
    """A user's own credentials."""

    def access_token(self, api_client: gravscale.ApiClient) -> str:
        return api_client.user_agent

    def renew(self, api_client: gravscale.ApiClient, rejected: str) -> str | None:
        return None if rejected else self.access_token(api_client)


class Shelf:
    """A user's own token store."""

    def load(self, key: str) -> gravscale.AuthorizationSchema | None:
        return gravscale.AuthorizationSchema.from_json(key)

    def save(self, key: str, authorization: gravscale.AuthorizationSchema) -> None: ...

    def lock(self, key: str) -> AbstractContextManager[None]:
        return nullcontext()


def settings(context: ssl.SSLContext) -> gravscale.Configuration:
    configuration = gravscale.Configuration(
        host="https://example.com",
        api_key={"Key": "k"},
        api_key_prefix={"Key": "Token"},
        username="u",
        password="p",
        access_token=lambda: "token",
        server_index=0,
        server_variables={"region": "br"},
        server_operation_index={0: 0},
        server_operation_variables={0: {"region": "br"}},
        ignore_operation_servers=False,
        ssl_ca_cert="authorities.pem",
        retries=Retry(3),
        ca_cert_data=b"",
        cert_file="certificate.pem",
        key_file="key.pem",
        verify_ssl=True,
        assert_hostname=True,
        tls_server_name="example.com",
        connection_pool_maxsize=10,
        proxy="http://proxy:3128",
        no_proxy="localhost",
        proxy_headers={"X-Mine": "1"},
        proxy_ssl_context=context,
        safe_chars_for_path_param="/",
        client_side_validation=True,
        socket_options=[(6, 1, 1)],
        datetime_format="%Y",
        date_format="%Y",
        credentials=None,
        timeout=(1, 2.5),
        max_response_size=1024,
        debug=False,
        event_hooks={"request": [told], "response": [told], "retry": [told], "error": [told]},
    )
    assert_type(configuration.event_hooks, gravscale.EventHooks)
    configuration.event_hooks = {"response": [lambda event: print(event.status)]}
    assert_type(configuration.host, str)
    assert_type(configuration.api_key, dict[str, str])
    assert_type(configuration.api_key_prefix, dict[str, str])
    assert_type(configuration.username, str | None)
    assert_type(configuration.password, str | None)
    assert_type(configuration.access_token, str | Callable[[], str] | None)
    assert_type(configuration.server_index, int | None)
    assert_type(configuration.server_variables, dict[str, str])
    assert_type(configuration.server_operation_index, dict[int, int])
    assert_type(configuration.server_operation_variables, dict[int, dict[str, str]])
    assert_type(configuration.ignore_operation_servers, bool)
    assert_type(configuration.ssl_ca_cert, str | None)
    assert_type(configuration.retries, int | Retry | None)
    assert_type(configuration.ca_cert_data, str | bytes | None)
    assert_type(configuration.cert_file, str | None)
    assert_type(configuration.key_file, str | None)
    assert_type(configuration.verify_ssl, bool)
    assert_type(configuration.assert_hostname, bool | None)
    assert_type(configuration.tls_server_name, str | None)
    assert_type(configuration.connection_pool_maxsize, int)
    assert_type(configuration.proxy, str | None)
    assert_type(configuration.no_proxy, str | None)
    assert_type(configuration.proxy_headers, Mapping[str, str] | None)
    assert_type(configuration.proxy_ssl_context, ssl.SSLContext | None)
    assert_type(configuration.safe_chars_for_path_param, str)
    assert_type(configuration.client_side_validation, bool)
    assert_type(configuration.socket_options, Sequence[tuple[int, int, int | bytes]] | None)
    assert_type(configuration.datetime_format, str)
    assert_type(configuration.date_format, str)
    assert_type(configuration.credentials, TokenSource[Never] | None)
    assert_type(configuration.timeouts(None).total, float)
    assert_type(configuration.timeout, Timeout)
    assert_type(configuration.max_response_size, int)
    assert_type(configuration.debug, bool)
    assert_type(configuration.logger_file, str | None)
    assert_type(configuration.logger_format, str)
    assert_type(configuration.refresh_api_key_hook, Callable[[gravscale.Configuration], None] | None)
    assert_type(configuration.get_api_key_with_prefix("Key", alias="Other"), str | None)
    assert_type(configuration.get_basic_auth_token(), str)
    assert_type(configuration.auth_setting("HTTPBearer"), AuthSetting | None)
    for setting in configuration.auth_settings().values():
        assert_type(setting["in"], str)
        assert_type(setting["key"], str)
        assert_type(setting["type"], str)
        assert_type(setting["value"], str)
    assert_type(configuration.to_debug_report(), str)
    assert_type(configuration.get_host_from_settings(0, {"region": "br"}), str)
    for server in configuration.get_host_settings():
        assert_type(server, HostSetting)
        assert_type(server["url"], str)
        assert_type(server["description"], str)
        for variable in server.get("variables", {}).values():
            assert_type(variable["default_value"], str)
            assert_type(variable["enum_values"], list[str])
    configuration.host = "https://example.org"
    configuration.timeout = None
    configuration.proxy = None
    configuration.debug = True
    configuration.logger_file = "gravscale.log"
    configuration.logger_format = "%(message)s"
    configuration.access_token = "token"
    configuration.credentials = Vault()
    gravscale.Configuration.set_default(configuration)
    assert_type(gravscale.Configuration.get_default(), gravscale.Configuration)
    assert_type(gravscale.Configuration.get_default_copy(), gravscale.Configuration)

    gravscale.Configuration(hosts="https://example.com")  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]
    gravscale.Configuration(retries="3")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    gravscale.Configuration(timeout="3")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    gravscale.Configuration(access_token=lambda: 3)  # type: ignore[arg-type, return-value]  # pyright: ignore[reportArgumentType]
    gravscale.Configuration(credentials=Shelf())  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    return gravscale.Configuration.from_env()


def told(
    event: gravscale.RequestEvent | gravscale.ResponseEvent | gravscale.RetryEvent | gravscale.ErrorEvent,
) -> None:
    """Take any event."""
    assert_type(event.operation, str)
    assert_type(event.method, str)
    assert_type(event.url, str)
    assert_type(event.attempt, int)
    if isinstance(event, gravscale.RequestEvent):
        event.headers["X-Trace"] = "1"
        assert_type(event.headers["Host"], str)
        event.headers["X-Trace"] = 1  # type: ignore[assignment]  # pyright: ignore[reportArgumentType]
        event.url = ""  # type: ignore[misc]  # pyright: ignore[reportAttributeAccessIssue]
    elif isinstance(event, gravscale.ResponseEvent):
        assert_type(event.headers, HTTPHeaderDict)
        assert_type(event.status, int)
        assert_type(event.elapsed, float)
        assert_type(event.request_id, str | None)
    elif isinstance(event, gravscale.RetryEvent):
        assert_type(event.pause, float)
        assert_type(event.reason, str)
    else:
        assert_type(event.error, Exception)
        assert_type(event.elapsed, float)


def label(event: gravscale.Event) -> str:
    """Read the attributes of each kind of event."""
    return f"{event.operation} {event.attempt}"


def told_of_answers(event: gravscale.ResponseEvent) -> None:
    print(event.status)


class Playback:
    """A user's own transport."""

    network: gravscale.Transport

    def send(self, request: gravscale.Request, deadline: gravscale.Deadline) -> BaseHTTPResponse:
        assert_type(request.method, str)
        assert_type(request.origin, str)
        assert_type(request.target, str)
        assert_type(request.headers, dict[str, str])
        assert_type(request.body, bytes | None)
        assert_type(request.stream, bool)
        assert_type(deadline.step_seconds(), float | None)
        deadline.begin_sending()
        if request.stream:
            return self.network.send(request, deadline)
        return HTTPResponse(b"{}", {"Content-Type": "application/json"}, 200, preload_content=False)

    def close(self) -> None: ...


def wrong_hooks() -> None:
    gravscale.Configuration(event_hooks={"request": [told_of_answers]})  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    gravscale.Configuration(event_hooks={"requests": [told]})  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]


class Settings(gravscale.Configuration):
    """A user's own class."""


def sessions(authorization: gravscale.AuthorizationSchema, api_client: gravscale.ApiClient) -> None:
    assert_type(Settings.from_env(), Settings)
    assert_type(Settings.from_profile("work"), Settings)
    store = gravscale.FileTokenStore(Path("tokens"))
    assert_type(store.path, Path)
    assert_type(store.load("key"), gravscale.AuthorizationSchema | None)
    store.save("key", authorization)
    with store.lock("key"):
        pass
    shelf: gravscale.TokenStore = Shelf()
    signing_in = gravscale.PasswordCredentials("me@example.com", "…", leeway=30, store=store)
    going_on = gravscale.RefreshTokenCredentials(authorization, email="me@example.com", leeway=30.5, store=shelf)
    assert_type(signing_in.email, str)
    assert_type(signing_in.leeway, float)
    assert_type(signing_in.store, gravscale.TokenStore | None)
    signing_in.sign_out(api_client)
    store.delete("key")
    shared = gravscale.RedisTokenStore("rediss://cache.example.com", prefix="app:")
    assert_type(shared.prefix, str)
    assert_type(shared.load("key"), gravscale.AuthorizationSchema | None)
    shared.save("key", authorization)
    with shared.lock("key"):
        shared.delete("key")
    entry = gravscale.StoredAuthorization.from_json("null")
    assert entry is not None
    assert_type(entry.obtained_at, datetime | None)
    assert_type(entry.password_scrypt, str | None)
    credentials: gravscale.Credentials
    for credentials in (signing_in, going_on, Vault()):
        gravscale.Configuration(credentials=credentials)
        assert_type(credentials.access_token(api_client), str)
        assert_type(credentials.renew(api_client, "token"), str | None)

    gravscale.PasswordCredentials("e", "p", store=Vault())  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    gravscale.PasswordCredentials("e")  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]
    gravscale.RefreshTokenCredentials("token")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]


def clients(configuration: gravscale.Configuration, login: gravscale.LoginSchema) -> None:
    with gravscale.ApiClient(configuration, "X-Mine", "1", cookie="a=b") as api_client:
        assert_type(api_client, gravscale.ApiClient)
    assert_type(api_client.configuration, gravscale.Configuration)
    assert_type(api_client.user_agent, str)
    assert_type(api_client.default_headers, dict[str, str])
    assert_type(api_client.cookie, str | None)
    api_client.user_agent += " mine/1"
    api_client.set_default_header("X-Mine", "2")
    gravscale.ApiClient.set_default(api_client)
    assert_type(gravscale.ApiClient.get_default(), gravscale.ApiClient)
    assert_type(api_client.sanitize_for_serialization(login), object)
    answer = api_client.call_api("GET", "https://example.com", {"X-Mine": "1"}, _request_timeout=(1, 2))
    api_client.call_api("POST", "https://example.com", body=login, _request_timeout=2.5)
    api_client.call_api("POST", "https://example.com", post_params={"a": "b", "file": ("name", b"")})
    api_client.call_api("POST", "https://example.com", post_params=[("a", "b"), ("a", 3)])
    assert_type(answer, gravscale.RESTResponse)
    assert_type(answer.status, int)
    assert_type(answer.reason, str | None)
    assert_type(answer.data, bytes | None)
    assert_type(answer.read(), bytes)
    assert_type(answer.headers, HTTPHeaderDict)
    assert_type(answer.getheaders(), HTTPHeaderDict)
    assert_type(answer.getheader("Date"), str | None)
    assert_type(answer.response, BaseHTTPResponse)
    transport: gravscale.Transport = Playback()
    gravscale.ApiClient(configuration, transport=transport)
    gravscale.ApiClient(configuration, transport=gravscale.Configuration())  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    other = api_client.with_options(timeout=(1, 2.5), retries=Retry(1), headers={"X-Mine": "1"})
    assert_type(other, gravscale.ApiClient)
    assert_type(api_client.transport, gravscale.Transport)
    options: gravscale.ClientOptions = {"timeout": None, "retries": 0}
    assert_type(other.with_options(**options), gravscale.ApiClient)
    assert_type(api_client.request("GET", "/new", query={"a": [1]}, answer=dict[str, int]), dict[str, int])
    assert_type(
        api_client.request("POST", "/new", body=login, answer=gravscale.UserInfoSchema), gravscale.UserInfoSchema
    )
    assert_type(api_client.request("GET", "/new", answer=list[int], _request_timeout=2), list[int])
    assert_type(api_client.request("GET", "/new"), JsonValue)
    assert_type(api_client.request("GET", "/new", answer=int | None), object)
    api_client.close()

    api_client.with_options(retry=3)  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]
    api_client.request("GET", "/new", query="a=b")  # type: ignore[call-overload]  # pyright: ignore[reportArgumentType]
    api_client.call_api("GET", "https://example.com", _request_timeout="2")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    api_client.call_api("GET", "https://example.com", {"X-Mine": 1})  # type: ignore[dict-item]  # pyright: ignore[reportArgumentType]
    api_client.call_api("POST", "https://example.com", post_params="a=b")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]


def authentication(api_client: gravscale.ApiClient, login: gravscale.LoginSchema) -> None:
    auth = gravscale.AuthenticationApi(api_client)
    assert_type(auth.api_client, gravscale.ApiClient)
    assert_type(auth.sign_up(login), gravscale.AppModulesAuthenticationSchemaAccountSchema)
    assert_type(auth.sign_up({"email": "e", "password": "p"}), gravscale.AccountSchema)
    assert_type(auth.sign_up_with_http_info(login), gravscale.ApiResponse[gravscale.AccountSchema])
    assert_type(auth.sign_up_without_preload_content(login), BaseHTTPResponse)
    assert_type(auth.sign_in(login), gravscale.AuthorizationSchema)
    assert_type(auth.sign_in_with_http_info(login), gravscale.ApiResponse[gravscale.AuthorizationSchema])
    assert_type(auth.sign_in_without_preload_content(login), BaseHTTPResponse)
    assert_type(auth.refresh_token("token"), gravscale.AuthorizationSchema)
    assert_type(auth.refresh_token_with_http_info("token"), gravscale.ApiResponse[gravscale.AuthorizationSchema])
    assert_type(auth.refresh_token_without_preload_content("token"), BaseHTTPResponse)
    assert_type(auth.info(), gravscale.UserInfoSchema)
    assert_type(auth.info_with_http_info(), gravscale.ApiResponse[gravscale.UserInfoSchema])
    assert_type(auth.info_without_preload_content(), BaseHTTPResponse)

    auth.sign_in("me@example.com")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    auth.sign_in()  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]
    auth.refresh_token(None)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]


def options(auth: gravscale.AuthenticationApi, setting: AuthSetting) -> gravscale.UserInfoSchema:
    auth.info(
        _request_timeout=2.0,
        _request_auth={"in": "header", "key": "Authorization", "value": "Bearer …"},
        _content_type=None,
        _headers={"X-Mine": "1"},
        _host_index=0,
    )
    auth.info_with_http_info(_request_timeout=(1, 2), _request_auth=setting)

    def patient(**given: Unpack[gravscale.CallOptions]) -> gravscale.UserInfoSchema:
        given["_request_timeout"] = None
        return auth.info(**given)

    mine: gravscale.CallOptions = {"_headers": {"X-Mine": "1"}}
    auth.info_without_preload_content(**mine)

    auth.info(_request_timeouts=2.0)  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]
    auth.info(_request_timeout="2")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    auth.info(_request_timeout=(1, 2, 3))  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    auth.info(_request_auth="token")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    auth.info_with_http_info(_headers={"X-Mine": 1})  # type: ignore[dict-item]  # pyright: ignore[reportArgumentType]
    auth.info_without_preload_content(_host_index="0")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    auth.info(_content_type=b"text/plain")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    return patient(**mine)


def accounts(api_client: gravscale.ApiClient) -> None:
    api = gravscale.AccountApi(api_client)
    assert_type(api.get_account(uuid="u", client_id=7), gravscale.AppModulesAccountSchemaAccountSchema)
    assert_type(
        api.get_account_with_http_info("u"), gravscale.ApiResponse[gravscale.AppModulesAccountSchemaAccountSchema]
    )
    assert_type(api.get_account_without_preload_content("u"), BaseHTTPResponse)
    assert_type(api.list_accounts(page=1, size=10), gravscale.PageAccountSchema)
    assert_type(api.list_accounts_with_http_info(1), gravscale.ApiResponse[gravscale.PageAccountSchema])
    assert_type(api.list_accounts_without_preload_content(), BaseHTTPResponse)
    assert_type(gravscale.paginate(api.list_accounts), gravscale.Pages[gravscale.AppModulesAccountSchemaAccountSchema])

    api.get_account(client_id="7")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]


def metals() -> None:
    api = gravscale.MetalApi()
    assert_type(api.get_metal(), JsonValue)
    assert_type(api.get_metal_with_http_info(), gravscale.ApiResponse[JsonValue])
    assert_type(api.get_metal_without_preload_content(), BaseHTTPResponse)


def networks(api_client: gravscale.ApiClient, wanted: gravscale.CreatePublicIpSchema) -> None:
    api = gravscale.NetworkApi(api_client)
    assert_type(api.create_public_ip(7, wanted), gravscale.TaskTreeSchema)
    assert_type(api.create_public_ip_with_http_info(7, wanted), gravscale.ApiResponse[gravscale.TaskTreeSchema])
    assert_type(api.create_public_ip_without_preload_content(7, {"vpc_name": "v", "address": "a"}), BaseHTTPResponse)
    assert_type(api.deallocate_public_ip(7, "10.0.0.1"), gravscale.TaskTreeSchema)
    assert_type(api.deallocate_public_ip_with_http_info(7, "10.0.0.1"), gravscale.ApiResponse[gravscale.TaskTreeSchema])
    assert_type(api.deallocate_public_ip_without_preload_content(7, "10.0.0.1"), BaseHTTPResponse)
    assert_type(api.list_all_public_ips(7, "v", page=1, size=5), gravscale.PagePublicIpSchema)
    assert_type(api.list_all_public_ips_with_http_info(7, "v"), gravscale.ApiResponse[gravscale.PagePublicIpSchema])
    assert_type(api.list_all_public_ips_without_preload_content(7, "v"), BaseHTTPResponse)
    assert_type(gravscale.paginate(api.list_all_public_ips, 7, vpc_name="v"), gravscale.Pages[gravscale.PublicIpSchema])

    api.create_public_ip(7, [wanted])  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]


def tasks(api_client: gravscale.ApiClient) -> None:
    api = gravscale.TaskManagerApi(api_client)
    assert_type(api.get_task("t", client_id=7), gravscale.TaskTreeSchema)
    assert_type(api.get_task_with_http_info("t", 7), gravscale.ApiResponse[gravscale.TaskTreeSchema])
    assert_type(api.get_task_without_preload_content("t", 7), BaseHTTPResponse)
    assert_type(api.list_tasks(7, status="failed"), gravscale.PageTaskTreeSchema)
    assert_type(api.list_tasks_with_http_info(7), gravscale.ApiResponse[gravscale.PageTaskTreeSchema])
    assert_type(api.list_tasks_without_preload_content(7), BaseHTTPResponse)
    assert_type(gravscale.paginate(api.list_tasks, client_id=7), gravscale.Pages[gravscale.TaskTreeSchema])
    task = gravscale.wait_for_task(
        api_client, "t", 7, timeout=60, poll_interval=0.5, progress=lambda seen: print(seen.percentage_complete)
    )
    assert_type(task, gravscale.TaskTreeSchema)
    assert_type(gravscale.wait_for_task(api_client, task, progress=True), gravscale.TaskTreeSchema)
    assert_type(gravscale.wait_for_task(api_client, task, progress=print), gravscale.TaskTreeSchema)

    gravscale.paginate(api.list_tasks, client_id="7")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    gravscale.paginate(api.get_task, "t", 7)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    gravscale.paginate(api.list_tasks, 7, sizes=5)  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]
    gravscale.wait_for_task(api_client, task, timeout=None)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    gravscale.wait_for_task(api_client, 7)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    gravscale.wait_for_task(api_client, task, progress=len)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]


def networks_of_ones_own(api_client: gravscale.ApiClient) -> None:
    api = gravscale.VirtualPrivateCloudApi(api_client)
    assert_type(api.list_vpc(7, page=1, size=5), gravscale.PageVpcSchema)
    assert_type(api.list_vpc_with_http_info(7), gravscale.ApiResponse[gravscale.PageVpcSchema])
    assert_type(api.list_vpc_without_preload_content(7), BaseHTTPResponse)
    for vpc in gravscale.paginate(api.list_vpc, 7, size=5, _request_timeout=2):
        assert_type(vpc, gravscale.AppModulesVpcSchemaVpcSchema)
        assert_type(vpc.name, str)
        assert_type(vpc.tenant, gravscale.TenantSchema)
        assert_type(vpc.tenant.name, str)
        assert_type(vpc.tenant.group, gravscale.GroupSchema)
        assert_type(vpc.tenant.group.name, str)


def answers(response: gravscale.ApiResponse[gravscale.UserInfoSchema]) -> None:
    assert_type(response.status_code, int)
    assert_type(response.headers, HTTPHeaderDict | None)
    assert_type(response.data, gravscale.UserInfoSchema)
    assert_type(response.data.email, str)
    assert_type(response.data.nickname, str)
    assert_type(response.raw_data, bytes)


def models() -> None:
    fields: gravscale.LoginSchemaParams = {"email": "me@example.com", "password": "…"}
    wanted: gravscale.CreatePublicIpSchemaParams = {"vpc_name": "main", "address": "10.0.0.1"}
    wrong: gravscale.CreatePublicIpSchemaParams = {"vpc": "main", "address": "10.0.0.1"}  # type: ignore[typeddict-unknown-key, typeddict-item]  # pyright: ignore[reportAssignmentType]
    print(fields, wanted, wrong)
    login = gravscale.LoginSchema(email="me@example.com", password="…")
    assert_type(login.email, str)
    assert_type(login.password, str)
    login.password = "another"
    assert_type(login.to_dict(), dict[str, object])
    assert_type(login.to_json(), str)
    assert_type(login.to_str(), str)
    assert_type(gravscale.LoginSchema.from_dict({"email": "e", "password": "p"}), gravscale.LoginSchema | None)
    assert_type(gravscale.LoginSchema.from_json(b"null"), gravscale.LoginSchema | None)
    gravscale.LoginSchema.from_dict(login.to_dict())

    gravscale.LoginSchema(email="e")  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]
    gravscale.LoginSchema(email="e", password=1)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    gravscale.LoginSchema(email="e", pasword="p")  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]
    gravscale.LoginSchema.from_dict("e")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    gravscale.LoginSchema.from_json({"email": "e"})  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    login.email = 3  # type: ignore[assignment]  # pyright: ignore[reportAttributeAccessIssue]
    assert login.mail  # type: ignore[attr-defined]  # pyright: ignore[reportAttributeAccessIssue, reportUnknownMemberType]


def fields(
    authorization: gravscale.AuthorizationSchema,
    account: gravscale.AccountSchema,
    own_accounts: gravscale.PageAccountSchema,
    ips: gravscale.PagePublicIpSchema,
    vpcs: gravscale.PageVpcSchema,
    trees: gravscale.PageTaskTreeSchema,
    tree: gravscale.TaskTreeSchema,
    sub_task: gravscale.TaskSchema,
) -> None:
    assert_type(authorization.access_token, str)
    assert_type(authorization.refresh_token, str | None)
    assert_type(authorization.type, str)
    assert_type(authorization.expires_at, datetime)
    assert_type(account.account_id, str)
    assert_type(account.email, str)
    assert_type(account.nickname, str)
    assert_type(account.picture, str)
    assert_type(own_accounts.items, list[gravscale.AppModulesAccountSchemaAccountSchema])
    assert_type(own_accounts.items[0].uuid, str)
    assert_type(own_accounts.items[0].client_id, int)
    assert_type(own_accounts.items[0].client_status, str)
    for page in (own_accounts, ips, vpcs, trees):
        assert_type(page.total, int | None)
        assert_type(page.page, int | None)
        assert_type(page.size, int | None)
        assert_type(page.pages, int | None)
    assert_type(ips.items, list[gravscale.PublicIpSchema])
    assert_type(ips.items[0].address, str)
    assert_type(ips.items[0].vpc, gravscale.AppModulesNetworkSchemaVpcSchema)
    assert_type(ips.items[0].vpc.name, str)
    assert_type(ips.items[0].public_ip, list[gravscale.IpSchema])
    assert_type(ips.items[0].public_ip[0].address, str)
    assert_type(vpcs.items, list[gravscale.AppModulesVpcSchemaVpcSchema])
    assert_type(trees.items, list[gravscale.TaskTreeSchema])
    assert_type(tree.percentage_complete, int | None)
    assert_type(tree.sub_tasks, list[gravscale.TaskSchema] | None)
    task: gravscale.TaskTreeSchema | gravscale.TaskSchema
    for task in (tree, sub_task):
        assert_type(task.id, str)
        assert_type(task.status, str)
        assert_type(task.action, str | None)
        assert_type(task.result, JsonValue)
        assert_type(task.correlation_id, str | None)
        assert_type(task.client_id, int | None)
        assert_type(task.email, str | None)
        assert_type(task.error, str | None)
        assert_type(task.created_at, datetime)
        assert_type(task.updated_at, datetime)
    wanted = gravscale.CreatePublicIpSchema(vpc_name="v", address="10.0.0.1")
    assert_type(wanted.vpc_name, str)
    assert_type(wanted.address, str)
    place = gravscale.ValidationErrorLocInner("body")
    assert_type(place.actual_instance, str | int | None)
    assert_type(place.to_dict(), object)
    assert_type(gravscale.ValidationErrorLocInner.from_dict(3), gravscale.ValidationErrorLocInner)
    assert_type(gravscale.ValidationErrorLocInner.from_json("3"), gravscale.ValidationErrorLocInner)
    fault = gravscale.ValidationError(loc=[place], msg="Field required", type="missing")
    assert_type(fault.loc, list[gravscale.ValidationErrorLocInner])
    assert_type(fault.msg, str)
    assert_type(fault.type, str)
    assert_type(gravscale.HTTPValidationError(detail=[fault]).detail, list[gravscale.ValidationError] | None)

    gravscale.ValidationErrorLocInner(3.5)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]


def errors(auth: gravscale.AuthenticationApi) -> None:
    try:
        auth.info()
    except gravscale.UnprocessableEntityException as error:
        if isinstance(error.data, gravscale.HTTPValidationError):
            assert_type(error.data.detail, list[gravscale.ValidationError] | None)
        elif isinstance(error.data, dict):
            detail: JsonValue = error.data["detail"]
            print(detail)
    except (
        gravscale.BadRequestException,
        gravscale.UnauthorizedException,
        gravscale.ForbiddenException,
        gravscale.NotFoundException,
        gravscale.ConflictException,
        gravscale.TooManyRequestsException,
        gravscale.ServiceException,
    ) as error:
        answered: gravscale.ApiException = error
        assert_type(answered.status, int | None)
        assert_type(answered.reason, str | None)
        assert_type(answered.headers, HTTPHeaderDict | None)
        assert_type(answered.body, str | None)
        assert_type(answered.data, BaseModel | JsonValue)
        assert_type(answered.method, str | None)
        assert_type(answered.url, str | None)
        assert_type(answered.request_id, str | None)
        assert_type(answered.retry_after, float | None)
        assert_type(answered.hint, str | None)
        assert answered.stats  # type: ignore[attr-defined]  # pyright: ignore[reportAttributeAccessIssue, reportUnknownMemberType]
    except gravscale.ApiTimeoutError as error:
        no_answer: tuple[gravscale.ApiConnectionError, TimeoutError] = (error, error)
        print(no_answer)
    except (gravscale.ApiConnectionError, gravscale.ApiResponseError) as error:
        assert_type(error, gravscale.ApiConnectionError | gravscale.ApiResponseError)
        answered = error
    except gravscale.TaskFailedError as error:
        assert_type(error.task, gravscale.TaskTreeSchema)
    except gravscale.TaskTimeoutError as error:
        late: TimeoutError = error
        assert_type(error.task, gravscale.TaskTreeSchema | None)
        print(late)
    except gravscale.ApiTypeError as error:
        wrong_type: TypeError = error
        assert_type(error.path_to_item, Sequence[str | int] | None)
        assert_type(error.valid_classes, tuple[type, ...] | None)
        assert_type(error.key_type, bool | None)
        print(wrong_type)
    except gravscale.ApiValueError as error:
        wrong_value: ValueError = error
        assert_type(error.path_to_item, Sequence[str | int] | None)
        print(wrong_value)
    except gravscale.ApiKeyError as error:
        wrong_key: KeyError = error
        assert_type(error.path_to_item, Sequence[str | int] | None)
        print(wrong_key)
    except gravscale.ApiAttributeError as error:
        wrong_attribute: AttributeError = error
        assert_type(error.path_to_item, Sequence[str | int] | None)
        print(wrong_attribute)
    except gravscale.OpenApiException as error:
        assert_type(str(error), str)
    assert_type(gravscale.ApiException.of_status(404), type[gravscale.ApiException])
    own = gravscale.ApiException(404, "Not Found", body="", data={"detail": "gone"}, headers=None, method="GET", url="")
    wrong_arguments: list[gravscale.OpenApiException] = [
        own,
        gravscale.ApiTypeError("no", ["items", 0], (int,), key_type=False),
        gravscale.ApiValueError("no", ("items",)),
        gravscale.ApiKeyError("no"),
        gravscale.ApiAttributeError("no"),
    ]
    print(wrong_arguments)


def raised(answer: gravscale.RESTResponse) -> int:
    # No return statement is missing, because this call never returns.
    gravscale.ApiException.from_response(http_resp=answer, body=None, data={"detail": None})


def transport() -> None:
    warnings.simplefilter("error", gravscale.InsecureTransportWarning)
    warnings.simplefilter("error", gravscale.TokenStoreWarning)
    insecure: type[UserWarning] = gravscale.InsecureTransportWarning
    print(insecure, gravscale.__version__.upper())


class Shell:
    """The part of IPython's shell that an extension needs."""

    display_formatter = object()


def notebooks() -> None:
    gravscale.load_ipython_extension(Shell())
    gravscale.unload_ipython_extension(Shell())

    gravscale.load_ipython_extension(None)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
