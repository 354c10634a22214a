"""Which certificates outgoing calls trust: read once per process, for reading them takes as long as a short call."""

import ssl
from functools import cache

import httpx


@cache
def authorities() -> ssl.SSLContext:
    """Those of certifi, or of SSL_CERT_FILE and SSL_CERT_DIR where they are set, as httpx reads them."""
    return httpx.create_ssl_context()
