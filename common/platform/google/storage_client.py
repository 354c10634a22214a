"""The client of Cloud Storage, with connections for all threads of a process."""

from typing import Any

from google.auth.credentials import Credentials
from google.auth.transport.requests import AuthorizedSession
from google.cloud.storage import Client
from requests import Response
from requests.adapters import HTTPAdapter

CONNECTIONS = 32  # kept open; more threads than that make more, and drop them


def connect(project: str, credentials: Credentials, endpoint: str = "") -> Client:
    """A client for one project; STORAGE_EMULATOR_HOST is read by the library itself."""
    session: Any = AuthorizedSession(credentials)  # type: ignore[no-untyped-call]
    for scheme in ("https://", "http://"):
        session.mount(scheme, HTTPAdapter(pool_maxsize=CONNECTIONS))
    session.hooks["response"].append(_read_refusal)
    return Client(project, credentials, _http=session, client_options={"api_endpoint": endpoint or None})


def _read_refusal(response: Response, **_: Any) -> None:
    # The library leaves a refused download unread, and with it the connection open until it is collected.
    if response.status_code >= 400:
        response.content  # noqa: B018 - reads it
