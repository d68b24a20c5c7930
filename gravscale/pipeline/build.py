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
from gravscale.schema.parameters import Body, Cookie, Form, Path, Query
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
    path = redacted_path = operation.path
    # Each with the name of its argument.
    query: list[tuple[str, str, str | list[str]]] = []
    headers = _default_fields(client, origin, operation.accept, at_home=origin == home)
    content: Any = None
    form: list[tuple[str, object]] = []
    content_type: str | None = None
    body_name = "body"
    body: bytes | None = None
    secrets: list[str] = []
    for parameter, argument in zip(operation.parameters, arguments, strict=True):
        value = parameter.check(argument)
        if value is None:
            if parameter.required:
                # Only a body may be both required and null.
                body, content_type = b"null", parameter.content_type
            continue
        if isinstance(value, SecretStr):
            secrets.append(value.get_secret_value())
        elif is_list(value):
            secrets += [item.get_secret_value() for item in value if isinstance(item, SecretStr)]
        if isinstance(parameter, Query):
            query += [(parameter.name, *pair) for pair in as_pairs(parameter, value, configuration)]
        elif isinstance(parameter, Path):
            field, text = f"{{{parameter.wire}}}", as_path(value, parameter.name, configuration)
            path = path.replace(field, text)
            is_masked = isinstance(value, SecretStr) or is_secret(parameter.wire)
            redacted_path = redacted_path.replace(field, MASK if is_masked else text)
        elif isinstance(parameter, Body):
            body_name = parameter.name
            content_type = parameter.content_type
            if parameter.is_file:
                from gravscale.pipeline.files import file_body  # not needed without files

                content = file_body(value, body_name)
            else:
                content = as_plain(value, body_name, secrets)
        elif isinstance(parameter, Form):
            for item in values_of_field(value):
                form.append((parameter.wire, as_field(parameter, item, configuration)))
                if isinstance(item, (str, SecretStr, BaseModel, dict)) and not parameter.is_file:
                    secrets += secrets_of(as_plain(item, parameter.name, secrets), parameter.wire)
            content_type = parameter.content_type
        elif isinstance(parameter, Cookie):
            put_cookie(headers, parameter.wire, as_cookie(value, parameter.name, configuration), parameter.name)
        else:
            put_header(headers, parameter.wire, as_text(value, parameter.name, configuration))
    if content_type is not None:
        if chosen := options.get("_content_type"):
            if not isinstance(chosen, str):
                raise ApiTypeError(f"_content_type: expected a str, got {type(chosen).__name__}")
            content_type = chosen
        if body is None:
            body, content_type = encode_body(content, content_type, form, body_name)
        put_header(headers, "Content-Type", content_type)
        secrets += secrets_of(content)
    if (extra := options.get("_headers")) is not None:
        put_headers(headers, extra, "_headers")
    target, redacted_target = base.rstrip("/") + path, base.rstrip("/") + redacted_path
    if query:
        pairs = [
            (is_secret(name), percent_encode(name, argument), encode_value(value, argument))
            for argument, name, value in query
        ]
        target += "?" + "&".join(f"{name}={value}" for _, name, value in pairs)
        redacted_target += "?" + "&".join(f"{name}={MASK if secret else value}" for secret, name, value in pairs)
        secrets += [as_joined(value) for _, name, value in query if is_secret(name)]
    return Request(operation.method, origin, target, headers, body, secrets=secrets, redacted_target=redacted_target)


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
    return Request(method, origin, target or "/", headers, content, secrets=secrets, redacted_target=redacted_target)


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
