"""Create TLS contexts from the settings."""

from __future__ import annotations

import errno
import ssl
from typing import Any

from urllib3.util.ssl_ import create_urllib3_context

from gravscale.exceptions import ApiValueError
from gravscale.transport.settings import ConnectionSettings

# The system has run out of files or memory, which is not the fault of a setting.
_EXHAUSTED = frozenset((errno.EMFILE, errno.ENFILE, errno.ENOMEM))


def tls_context(settings: ConnectionSettings) -> ssl.SSLContext:
    """Return a TLS context for the settings. It requires TLS 1.2, and verifies certificates unless configured not to.

    Raises ApiValueError, which names the setting, if a certificate or key can't be loaded, and OSError if the process
    can't open any more files.
    """
    context: Any = create_urllib3_context(ssl_minimum_version=ssl.TLSVersion.TLSv1_2)
    # No other falsy value, such as None, turns verification off.
    if settings.verify_ssl is False:
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    name = f"ssl_ca_cert: {settings.ssl_ca_cert!r}"
    try:
        if settings.ssl_ca_cert:
            context.load_verify_locations(cafile=settings.ssl_ca_cert)
        name = "ca_cert_data"
        if settings.ca_cert_data:
            context.load_verify_locations(cadata=settings.ca_cert_data)
        name = f"cert_file, key_file: {settings.cert_file!r}, {settings.key_file!r}"
        if settings.cert_file or settings.key_file:
            # Without a password, OpenSSL would prompt for one on the terminal.
            context.load_cert_chain(settings.cert_file or "", settings.key_file, password="")
    except (OSError, ValueError, TypeError) as error:
        if isinstance(error, OSError) and error.errno in _EXHAUSTED:
            raise
        raise ApiValueError(f"{name}: can't be loaded: {error}") from None
    if not (settings.ssl_ca_cert or settings.ca_cert_data):
        # pyOpenSSL's context has another method for the same purpose.
        load = getattr(context, "load_default_certs", None) or context.set_default_verify_paths
        load()
    verified: ssl.SSLContext = context
    return verified
