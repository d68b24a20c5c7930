"""Bytes in, bytes out: HTTP/1.1, connections, TLS, proxies, deadlines."""
