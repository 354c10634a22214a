"""GET /docs/{file}: scripts and styles of the pages."""

from common.http import pages
from common.http.call import Answer, Call, Empty

MEDIA_TYPE = ("text/javascript; charset=utf-8", "text/css; charset=utf-8")


def handle(call: Call[Empty]) -> Answer:
    """One file, by the name that a page links it by; it never changes under that name."""
    return pages.asset(call.params["file"])
