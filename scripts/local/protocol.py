"""What waitress refuses by itself, before any function sees it, told in the shape of all our answers."""

import json
import uuid

from waitress.channel import HTTPChannel
from waitress.task import ErrorTask

from common.http import headers
from common.http.problem import MEDIA_TYPE, Problem

_REFUSALS = {
    413: ("body_too_large", "The body is larger than this service reads; send a smaller one."),
    431: ("headers_too_large", "The headers are larger than this service reads; send fewer or shorter ones."),
    500: ("internal", "The service failed to handle this request; try again."),
}


class ProblemTask(ErrorTask):  # type: ignore[misc]
    """Answer a request that is no HTTP, or is too large in its head, with a problem document."""

    def execute(self) -> None:
        """Write the whole answer and close the connection, for what follows on it cannot be trusted."""
        error = self.request.error
        code, detail = _REFUSALS.get(error.code, ("bad_request", f"The request cannot be read: {error.body}"[:200]))
        request_id = uuid.uuid4().hex
        problem = Problem(error.code, code, detail)
        payload = json.dumps(problem.body(base="", instance="", request_id=request_id)).encode()
        self.status = f"{error.code} {error.reason}"
        self.response_headers.extend(
            [*headers.SECURITY.items(), ("X-Request-Id", request_id), ("Cache-Control", headers.NOT_STORED)]
        )
        self.response_headers.append(("Content-Type", MEDIA_TYPE))
        self.set_close_on_finish()
        self.content_length = len(payload)
        self.write(payload)


class Channel(HTTPChannel):  # type: ignore[misc]
    """A connection whose protocol errors are ours."""

    error_task_class = ProblemTask
