"""The names that programs written for generated clients import from `gravscale.rest`."""

from __future__ import annotations

from urllib3 import BaseHTTPResponse as RESTResponseType

from gravscale.exceptions import ApiException
from gravscale.pipeline.response import RESTResponse
from gravscale.transport.urllib3_transport import Urllib3Transport as RESTClientObject

__all__ = ["ApiException", "RESTClientObject", "RESTResponse", "RESTResponseType"]
