"""A refusal where no boundary is near: the same problem document, and the same headers, as everywhere."""

import json
import uuid

from common.http import headers
from common.http.problem import MEDIA_TYPE, Problem


def refused(status: int, code: str, detail: str) -> tuple[dict[str, str], bytes]:
    """Headers and body of the answer."""
    request_id = uuid.uuid4().hex
    body = json.dumps(Problem(status, code, detail).body(base="", instance="", request_id=request_id)).encode()
    later = {"Retry-After": "2"} if status == 503 else {}
    return {
        **headers.SECURITY,
        **later,
        "X-Request-Id": request_id,
        "Cache-Control": headers.NOT_STORED,
        "Content-Type": MEDIA_TYPE,
        "Content-Length": str(len(body)),
    }, body
