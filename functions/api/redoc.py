"""GET /redoc: the API to read, in Redoc."""

from markupsafe import Markup

from common.http import pages
from common.http.call import Answer, Call, Empty

MEDIA_TYPE = pages.HTML


def handle(_call: Call[Empty]) -> Answer:
    """A page that shows /openapi.json; everything it loads comes from this service."""
    return pages.page(
        "AIPROD API reference",
        Markup('<div id="page"></div>'),
        pages.REDOC_POLICY,
        scripts=("redoc.standalone.js", "redoc.js"),
    )
