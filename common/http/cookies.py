"""The cookies of a request."""

from collections.abc import Mapping

from werkzeug.datastructures import Headers
from werkzeug.sansio.http import parse_cookie


def sent_in(headers: Headers) -> Mapping[str, str]:
    """Cookies by name, of whatever bytes a client sends; one that is no UTF-8 is none of ours, and no error."""
    return parse_cookie(headers.get("Cookie", "").encode("latin-1", "replace").decode(errors="replace"))
