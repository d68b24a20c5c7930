"""The first step: check the arguments of a call and build its request."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from pydantic import BaseModel, SecretStr

from gravscale.configuration import Configuration
from gravscale.exceptions import ApiTypeError, ApiValueError
from gravscale.pipeline.body import encode_body, secrets_of, values_of_field
from gravscale.pipeline.call import Caller
from gravscale.pipeline.serialization import (
    as_cookie,
    as_field,
    as_joined,
    as_pairs,
    as_path,
    as_plain,
    as_text,
    encode_value,
)
from gravscale.schema.call_options import CallOptions
from gravscale.schema.operation import Operation
from gravscale.schema.parameters import Body, Cookie, Form, Parameter, Path, Query
from gravscale.support.redaction import MASK, is_secret, redact
from gravscale.support.text import format_number
from gravscale.support.type_guards import is_list, is_mapping, type_name
from gravscale.transport.fields import check_header, find_header, put_cookie, put_header, put_headers
from gravscale.transport.request import Request, check_method
from gravscale.transport.urls import authority, percent_encode, split_url


def build_request(
    client: Caller, operation: Operation[object], options: CallOptions, arguments: tuple[object, ...]
) -> Request:
    """Build the request for an operation with these arguments, without credentials.

    Raises ApiTypeError or ApiValueError, which name the argument that can't be sent.
    """
    configuration = client.configuration
    origin, base = home, _ = split_url(configuration.host, "host")
    if (index := options.get("_host_index", 0)) != 0:
        origin, base = split_url(_server(configuration, index), "host")
    headers = _default_fields(client, origin, operation.accept, at_home=origin == home)
    draft = _Draft(base.rstrip("/") + operation.path, headers, configuration)
    for parameter, argument in zip(operation.parameters, arguments, strict=True):
        draft.put(parameter, parameter.check(argument))
    body = draft.encode_body(options.get("_content_type"))
    if (extra := options.get("_headers")) is not None:
        put_headers(headers, extra, "_headers")
    target, redacted_target = draft.targets()
    return Request(
        *(operation.method, origin, target, headers, body),
        secrets=draft.secrets,
        redacted_target=redacted_target,
        max_response_size=configuration.max_response_size,
    )


class _Draft:
    """A request while its arguments are put into their places."""

    def __init__(self, path: str, headers: dict[str, str], configuration: Configuration) -> None:
        self.secrets: list[str] = []
        self._headers = headers
        self._configuration = configuration
        self._path = self._redacted_path = path
        # Each with the name of its argument.
        self._query: list[tuple[str, str, str | list[str]]] = []
        self._form: list[tuple[str, object]] = []
        # The body, or the last field of a form. None if the request has no body.
        self._body: Parameter | None = None
        # The body as plain data. None is sent as null.
        self._content: Any = None

    def put(self, parameter: Parameter, value: Any) -> None:
        """Put a checked argument into its place. None is left out, unless it is the body that the contract requires."""
        if value is None:
            if parameter.required:
                self._body = parameter
            return
        items = value if is_list(value) else (value,)
        self.secrets += [item.get_secret_value() for item in items if isinstance(item, SecretStr)]
        configuration = self._configuration
        if isinstance(parameter, Query):
            self._query += [(parameter.name, *pair) for pair in as_pairs(parameter, value, configuration)]
        elif isinstance(parameter, Path):
            self._put_into_path(parameter, value)
        elif isinstance(parameter, Body):
            self._body = parameter
            if parameter.is_file:
                from gravscale.pipeline.files import file_body  # not needed without files

                self._content = file_body(value, parameter.name)
            else:
                self._content = as_plain(value, parameter.name, self.secrets)
        elif isinstance(parameter, Form):
            self._put_into_form(parameter, value)
        elif isinstance(parameter, Cookie):
            text = as_cookie(value, parameter.name, configuration)
            put_cookie(self._headers, parameter.wire, text, parameter.name)
        else:
            put_header(self._headers, parameter.wire, as_text(value, parameter.name, configuration))

    def _put_into_path(self, parameter: Path, value: Any) -> None:
        place, encoded = f"{{{parameter.wire}}}", as_path(value, parameter.name, self._configuration)
        has_secret_name = is_secret(parameter.wire)
        is_masked = has_secret_name or isinstance(value, SecretStr)
        self._path = self._path.replace(place, encoded)
        self._redacted_path = self._redacted_path.replace(place, MASK if is_masked else encoded)
        if has_secret_name:
            self.secrets.append(as_text(value, parameter.name, self._configuration))

    def _put_into_form(self, parameter: Form, value: Any) -> None:
        self._body = parameter
        for item in values_of_field(value):
            self._form.append((parameter.wire, as_field(parameter, item, self._configuration)))
            if isinstance(item, (str, SecretStr, BaseModel, dict)) and not parameter.is_file:
                self.secrets += secrets_of(as_plain(item, parameter.name, self.secrets), parameter.wire)

    def encode_body(self, content_type: object) -> bytes | None:
        """Return the body, and set its Content-Type: the given one, or that of the contract."""
        parameter = self._body
        if parameter is None:
            return None
        chosen = content_type or parameter.content_type
        if not isinstance(chosen, str):
            raise ApiTypeError(f"_content_type: expected a str, got {type(chosen).__name__}")
        body: bytes | None
        if isinstance(parameter, Form):
            body, media = encode_body(None, chosen, self._form, "body")
        elif self._content is None:
            body, media = b"null", chosen
        else:
            body, media = encode_body(self._content, chosen, None, parameter.name)
            self.secrets += secrets_of(self._content)
        if media is not None:
            put_header(self._headers, "Content-Type", media)
        return body

    def targets(self) -> tuple[str, str]:
        """Return the path and the query, percent-encoded, and the same with secrets masked."""
        if not self._query:
            return self._path, self._redacted_path
        query: list[str] = []
        redacted: list[str] = []
        for name, wire, value in self._query:
            key, text = percent_encode(wire, name), encode_value(value, name)
            query.append(f"{key}={text}")
            if is_secret(wire):
                self.secrets.append(as_joined(value))
                text = MASK
            redacted.append(f"{key}={text}")
        return f"{self._path}?{'&'.join(query)}", f"{self._redacted_path}?{'&'.join(redacted)}"


def build_direct_request(
    client: Caller, method: str, url: str, fields: Mapping[str, str] | None, body: object, form: Any
) -> Request:
    """Build a request to any URL, without credentials.

    Raises ApiTypeError or ApiValueError, which name the argument of `ApiClient.call_api` that can't be sent.
    """
    method = check_method(method)
    if not isinstance(url, str):
        raise ApiTypeError(f"url: expected a str, got {type(url).__name__}")
    origin, target = split_url(url)
    home, _ = split_url(client.configuration.host, "host")
    headers = _default_fields(client, origin, "application/json", at_home=origin == home)
    if fields is not None:
        put_headers(headers, fields, "header_params")
    secrets: list[str] = []
    plain = as_plain(body, "body", secrets)
    found = find_header(headers, "Content-Type")
    chosen = None if found is None else headers.pop(found)
    content, content_type = encode_body(plain, chosen or "application/json", form, "post_params" if form else "body")
    if content_type:
        headers["Content-Type"] = content_type
    secrets += secrets_of(plain) + secrets_of(form)
    # The query is part of the URL, so its values may be secret.
    redacted_target = redact(target, secrets) if "?" in target else None
    return Request(
        *(method, origin, target or "/", headers, content),
        secrets=secrets,
        redacted_target=redacted_target,
        max_response_size=client.configuration.max_response_size,
    )


def _server(configuration: Configuration, index: object) -> str:
    if isinstance(index, bool) or not isinstance(index, int):
        raise ApiTypeError(f"_host_index: expected an int, got {type(index).__name__}")
    last = len(configuration.get_host_settings()) - 1
    if not 0 <= index <= last:
        raise ApiValueError(f"_host_index: expected 0 to {last}, got {format_number(index)}")
    return configuration.get_host_from_settings(index, configuration.server_variables)


def _default_fields(client: Caller, origin: str, accept: str, *, at_home: bool) -> dict[str, str]:
    """Return the headers of every request. Credentials among them go only to the configured service."""
    defaults = client.default_headers
    if not is_mapping(defaults):
        raise ApiTypeError(f"default_headers: expected a dict of headers, got {type_name(defaults)}")
    try:
        return dict(_checked_fields(origin, at_home, accept, tuple(defaults.items()), client.cookie))
    except TypeError:
        # The user may have put anything into the dict. What is not hashable is no value of a header either.
        for name, value in (*defaults.items(), ("Cookie", client.cookie)):
            check_header(name, value)
        raise


# For speed: these are the same for each call of an operation.
@lru_cache(maxsize=128)
def _checked_fields(
    origin: str, at_home: bool, accept: str, defaults: tuple[tuple[str, str], ...], cookie: str | None
) -> dict[str, str]:
    headers = {"Host": authority(origin), "Accept-Encoding": "identity", "Accept": accept}
    for name, value in defaults:
        if at_home or not is_secret(name):
            put_header(headers, name, value)
    if cookie is not None and at_home:
        put_header(headers, "Cookie", cookie)
    return headers
