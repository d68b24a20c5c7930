"""A call for each method that the contract has."""

from __future__ import annotations

from example_service import AuthenticationApi, NetworkApi

from gravscale import ApiClient


def get(client: ApiClient) -> object:
    return AuthenticationApi(client).info()


def post(client: ApiClient) -> object:
    return NetworkApi(client).create_public_ip(7, {"vpcName": "vpc", "address": "10.0.0.1"})


def delete(client: ApiClient) -> object:
    return NetworkApi(client).deallocate_public_ip(7, "10.0.0.1")
