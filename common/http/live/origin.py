"""Whose page opened a socket: browsers send a session's cookie with a WebSocket that any site may open."""

from typing import Any
from urllib.parse import urlsplit

from common.http.call import Call
from common.http.problem import Problem


def check_origin(call: Call[Any]) -> None:
    """Problem 403 where a session's cookie is all that proves the caller, and no page of ours opened the socket."""
    if call.caller.via != "session":
        return
    settings = call.context.settings
    own = urlsplit(settings.public_url)
    if call.headers.get("Origin", "") not in settings.origins | {f"{own.scheme}://{own.netloc}"}:
        raise Problem(
            403,
            "origin_not_allowed",
            "A session's cookie opens a socket for pages of the service's own and its allowed origins only; "
            "any other page sends a token.",
        )
