"""GET /docs: the API to read and to try, in Swagger UI."""

from markupsafe import Markup

from common.http import pages
from common.http.call import Answer, Call, Empty

MEDIA_TYPE = pages.HTML


def handle(_call: Call[Empty]) -> Answer:
    """A page that shows /openapi.json and sends requests; everything it loads comes from this service."""
    return pages.page(
        "AIPROD API",
        Markup('<div id="page"></div>'),
        pages.SWAGGER_POLICY,
        styles=("swagger-ui.css",),
        scripts=("swagger-ui-bundle.js", "swagger.js"),
    )
