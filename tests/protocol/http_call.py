"""One HTTP call of a Google service to a function: no redirect is followed, as the services do not either."""

import http.client
from collections.abc import Mapping
from urllib.parse import urlsplit


def post(url: str, body: bytes, headers: Mapping[str, str], *, seconds: float) -> int:
    """The status of the answer; OSError where there is none."""
    parts = urlsplit(url)
    kind = http.client.HTTPSConnection if parts.scheme == "https" else http.client.HTTPConnection
    connection = kind(parts.hostname or "", parts.port, timeout=seconds)
    try:
        connection.request("POST", f"{parts.path or '/'}{'?' if parts.query else ''}{parts.query}", body, dict(headers))
        return connection.getresponse().status
    finally:
        connection.close()
