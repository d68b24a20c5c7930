"""A program's whole day over a transport of its own: recorded from the sandbox, and replayed without a network."""

from __future__ import annotations

import io
import json

import urllib3

import gravscale
from gravscale import ApiClient, Configuration
from gravscale.sandbox import Sandbox

Answer = tuple[str, int, dict[str, str], bytes]


class Recorder:
    """Sends requests with another transport, and records the answers."""

    def __init__(self, network: gravscale.Transport) -> None:
        self.network = network
        self.answers: list[Answer] = []

    def send(self, request: gravscale.Request, deadline: gravscale.Deadline) -> urllib3.BaseHTTPResponse:
        response = self.network.send(request, deadline)
        body = response.read(decode_content=False)
        self.answers.append((f"{request.method} {request.target}", response.status, dict(response.headers), body))
        return urllib3.HTTPResponse(io.BytesIO(body), response.headers, response.status, preload_content=False)

    def close(self) -> None:
        self.network.close()


class Player:
    """Answers each request with the next recorded answer."""

    def __init__(self, answers: list[Answer]) -> None:
        self.answers = list(answers)

    def send(self, request: gravscale.Request, deadline: gravscale.Deadline) -> urllib3.BaseHTTPResponse:
        target, status, headers, body = self.answers.pop(0)
        assert target == f"{request.method} {request.target}"
        return urllib3.HTTPResponse(body, headers, status, preload_content=False)

    def close(self) -> None: ...


def session(configuration: Configuration, transport: gravscale.Transport) -> list[object]:
    """A typical program: sessions, lists, tasks, errors, options and raw calls. Returns all results."""
    with ApiClient(configuration, transport=transport) as api_client:
        api = gravscale.AuthenticationApi(api_client)
        learnt: list[object] = [api.sign_up({"email": "me@example.com", "password": "C0rrect!horse"})]
        learnt += [api.info(), api.info_with_http_info().status_code, api_client.request("GET", "/api/auth/info")]
        learnt.append(json.loads(api.info_without_preload_content().data))
        accounts = gravscale.paginate(gravscale.AccountApi(api_client).list_accounts, size=1)
        learnt += [*accounts, accounts.total]
        client_id = gravscale.AccountApi(api_client).list_accounts().items[0].client_id
        network_api = gravscale.NetworkApi(api_client)
        for address in ("10.0.0.10", "192.0.2.10"):
            task = network_api.create_public_ip(client_id, {"vpc_name": "vpc-main", "address": address})
            try:
                learnt.append(gravscale.wait_for_task(api_client, task, poll_interval=0.01).status)
            except gravscale.TaskFailedError as error:
                learnt.append(str(error))
        learnt += list(gravscale.paginate(network_api.list_all_public_ips, client_id, "vpc-main").parallel(2))
        for wrong in ("no-uuid", "00000000-0000-0000-0000-000000000000"):
            try:
                gravscale.AccountApi(api_client.with_options(retries=0)).get_account(wrong)
            except gravscale.ApiException as error:
                learnt += [type(error), error.status, error.data]
    return learnt


def test_a_recorded_session_can_be_replayed_without_a_network() -> None:
    def configuration(host: str) -> Configuration:
        credentials = gravscale.PasswordCredentials("me@example.com", "C0rrect!horse")
        return Configuration(host, credentials=credentials)

    with Sandbox(task_duration=0.02) as sandbox, ApiClient(Configuration(sandbox.url)) as direct:
        recorder = Recorder(direct.transport)
        first = session(configuration(sandbox.url), recorder)
    player = Player(recorder.answers)
    # This host never exists (RFC 6761, section 6.4).
    again = session(configuration("https://service.invalid"), player)
    assert [str(each) for each in again] == [str(each) for each in first]
    assert player.answers == []
