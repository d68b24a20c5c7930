"""OpenTelemetry's instrumentation of urllib3 sees each request of the SDK once, and no secret."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

import pytest
from example_service import AuthenticationApi
from misbehaving import answer, reset, serving
from opentelemetry.instrumentation.urllib3 import URLLib3Instrumentor
from opentelemetry.sdk.trace import ReadableSpan, TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from opentelemetry.trace import SpanKind, StatusCode, Tracer
from recording import EMAIL, PASSWORD, Service, recording

import gravscale


class Telemetry:
    """The spans that the instrumentation recorded."""

    def __init__(self) -> None:
        self._exporter = InMemorySpanExporter()
        self.provider = TracerProvider()
        self.provider.add_span_processor(SimpleSpanProcessor(self._exporter))

    @property
    def tracer(self) -> Tracer:
        return self.provider.get_tracer("a program")

    @property
    def requests(self) -> list[ReadableSpan]:
        return [span for span in self._exporter.get_finished_spans() if span.kind is SpanKind.CLIENT]

    @property
    def text(self) -> str:
        """Everything in the spans: names, attributes, events."""
        return "\n".join(span.to_json() for span in self._exporter.get_finished_spans())


@pytest.fixture
def telemetry(monkeypatch: pytest.MonkeyPatch) -> Iterator[Telemetry]:
    monkeypatch.setattr("gravscale.pipeline.retry.BACKOFF_SECONDS", 0.001)
    seen = Telemetry()
    instrumentor = URLLib3Instrumentor()
    instrumentor.instrument(tracer_provider=seen.provider)
    yield seen
    instrumentor.uninstrument()
    seen.provider.shutdown()


@pytest.fixture
def service() -> Iterator[Service]:
    with recording() as running:
        yield running


def described(span: ReadableSpan) -> tuple[object, str, object]:
    """Method, path with query, and status."""
    attributes = span.attributes or {}
    url = urlsplit(str(attributes["http.url"]))
    return attributes["http.method"], url.path + (f"?{url.query}" if url.query else ""), attributes["http.status_code"]


def traced(headers: dict[str, str]) -> tuple[str, str]:
    """The trace and the span in a request's header."""
    _, trace_id, span_id, _ = headers["traceparent"].split("-")
    return trace_id, span_id


def of(span: ReadableSpan) -> tuple[str, str]:
    assert span.context is not None
    return f"{span.context.trace_id:032x}", f"{span.context.span_id:016x}"


def test_a_session_is_a_span_for_each_request_and_shows_no_secret(telemetry: Telemetry, service: Service) -> None:
    credentials = gravscale.PasswordCredentials(EMAIL, PASSWORD)
    with gravscale.ApiClient(gravscale.Configuration(service.url, credentials=credentials)) as client:
        auth = AuthenticationApi(client)
        auth.info()
        service.revoke()
        auth.info()
        tokens = ["access-1", "refresh-1", credentials.access_token(client), "refresh-2"]
    assert [described(span) for span in telemetry.requests] == [
        ("POST", "/api/auth/sign-in", 200),
        ("GET", "/api/auth/info", 200),
        ("GET", "/api/auth/info", 401),
        ("POST", "/api/auth/refresh?refresh_token=***", 200),
        ("GET", "/api/auth/info", 200),
    ]
    assert [secret for secret in (EMAIL, PASSWORD, *tokens) if secret in telemetry.text] == []
    # The service got the whole URL.
    assert [request.target for name, request in service.seen if name == "refresh"] == [
        "/api/auth/refresh?refresh_token=refresh-1"
    ]


def test_each_request_carries_the_context_of_its_span(telemetry: Telemetry, service: Service) -> None:
    credentials = gravscale.PasswordCredentials(EMAIL, PASSWORD)
    configuration = gravscale.Configuration(service.url, credentials=credentials)
    with gravscale.ApiClient(configuration) as client, telemetry.tracer.start_as_current_span("a job") as job:
        AuthenticationApi(client).info(_headers={"X-Own": "1"})
        service.revoke()
        AuthenticationApi(client).info()
    sent = [traced(request.headers) for _, request in service.seen]
    assert sent == [of(span) for span in telemetry.requests]
    assert {trace for trace, _ in sent} == {f"{job.get_span_context().trace_id:032x}"}
    # Nothing else of the request is lost.
    first = next(request for name, request in service.seen if name == "info").headers
    assert (first["authorization"], first["x-own"]) == ("Bearer access-1", "1")
    assert first["user-agent"].startswith("gravscale/")
    assert json.loads(service.seen[0][1].body) == {"email": EMAIL, "password": PASSWORD}


def test_each_form_of_an_operation_is_one_span(telemetry: Telemetry) -> None:
    with serving(answer()) as server, gravscale.ApiClient(gravscale.Configuration(server.url)) as client:
        auth = AuthenticationApi(client)
        auth.info()
        auth.info_with_http_info()
        auth.info_without_preload_content().close()
        client.call_api("GET", f"{server.url}/api/auth/info")
        assert [traced(request.headers) for request in server.requests] == [of(span) for span in telemetry.requests]
    assert [described(span) for span in telemetry.requests] == [("GET", "/api/auth/info", 200)] * 4


def test_a_retry_has_its_own_span(telemetry: Telemetry) -> None:
    with serving(answer({}, 503), reset, answer()) as server:
        with gravscale.ApiClient(gravscale.Configuration(server.url)) as client:
            AuthenticationApi(client).info()
        sent = [traced(request.headers) for request in server.requests]
    assert sent == [of(span) for span in telemetry.requests]
    assert len(set(sent)) == 3
    assert [span.status.status_code for span in telemetry.requests] == [
        StatusCode.ERROR,
        StatusCode.ERROR,
        StatusCode.UNSET,
    ]


def test_a_request_that_fails_with_a_secret_in_its_url_shows_none(telemetry: Telemetry) -> None:
    with serving(reset) as server, gravscale.ApiClient(gravscale.Configuration(server.url)) as client:
        with pytest.raises(gravscale.ApiConnectionError):
            AuthenticationApi(client).refresh_token("hunter2-refresh")
        assert server.requests[0].target == "/api/auth/refresh?refresh_token=hunter2-refresh"
    (span,) = telemetry.requests
    assert [event.name for event in span.events] == ["exception"]
    assert "refresh_token=***" in telemetry.text
    assert "hunter2" not in telemetry.text


def test_through_a_proxy_the_url_shows_no_secret_either(telemetry: Telemetry) -> None:
    with serving(answer({"accessToken": "a", "type": "Bearer", "expiresAt": "2100-01-01T00:00:00Z"})) as proxy:
        configuration = gravscale.Configuration("http://api.test.localhost:9", proxy=proxy.url, no_proxy="")
        with gravscale.ApiClient(configuration) as client:
            AuthenticationApi(client).refresh_token("hunter2-refresh")
        assert "hunter2-refresh" in proxy.requests[0].target
        assert traced(proxy.requests[0].headers) == of(telemetry.requests[0])
    assert described(telemetry.requests[0]) == ("POST", "/api/auth/refresh?refresh_token=***", 200)
    assert "hunter2" not in telemetry.text


@pytest.mark.parametrize("added", ["a\r\nX-Other: b", "5 \u20ac"])
def test_an_invalid_header_from_telemetry_is_refused_and_shows_no_secret(added: str) -> None:
    instrumentor = URLLib3Instrumentor()

    def add(_: object, __: object, request: Any) -> None:
        request.headers["baggage"] = added

    instrumentor.instrument(tracer_provider=TracerProvider(), request_hook=add)
    try:
        with (
            serving(answer()) as server,
            gravscale.ApiClient(gravscale.Configuration(server.url, access_token="hunter2-access")) as client,
            pytest.raises(gravscale.ApiValueError, match="headers: a header contains") as caught,
        ):
            AuthenticationApi(client).info()
        assert server.requests == []
        error: BaseException | None = caught.value
        while error is not None:
            assert "hunter2" not in repr((error.args, vars(error), getattr(error, "object", None)))
            error = error.__cause__ or error.__context__
    finally:
        instrumentor.uninstrument()
