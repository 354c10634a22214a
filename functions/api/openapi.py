"""GET /openapi.json: the OpenAPI document of this API, made of its code."""

import json
from importlib import import_module

from common.http.call import Answer, Call, Empty

FIVE_MINUTES = "public, max-age=300"

MEDIA_TYPE = "application/json"

# By where the service is reached, which is all that can differ within a process.
_made: dict[str, bytes] = {}


def handle(call: Call[Empty]) -> Answer:
    """OpenAPI 3.1, with an example, the error codes, roles and limits of every operation."""
    server = call.context.settings.public_url.rstrip("/")
    if server not in _made:
        # Only here, for it imports every endpoint.
        from common.http.openapi.document import document

        found = document(call.context.catalogue, import_module, server)
        _made[server] = json.dumps(found, ensure_ascii=False, separators=(",", ":")).encode()
    return Answer(body=_made[server], headers={"Cache-Control": FIVE_MINUTES})
