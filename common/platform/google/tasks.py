"""Tasks through Cloud Tasks: paced queues, delays, unique names, and a token that says who calls."""

import hashlib
import json
import re
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from google.api_core import exceptions
from google.auth.exceptions import GoogleAuthError
from google.cloud.tasks_v2 import CloudTasksClient, CreateTaskRequest, HttpMethod, HttpRequest, OidcToken, Task

from common.domain.addresses import function_url
from common.platform.documents import Unavailable
from common.platform.google.calls import PATIENCE, one_attempt, retries

DISPATCH_DEADLINE = timedelta(minutes=10)  # how long a call may take; no function with a queue is given more

_NAME = re.compile(r"[A-Za-z0-9_-]{1,500}")


class CloudTasks:
    """Enqueue in the queues of one project and region. Queues are Terraform's.

    `functions_url` is where functions are, with {function} in it; `invoker` is the e-mail address of the service
    account whose token the calls carry, or "" for calls without one (never on Google Cloud).
    """

    def __init__(
        self,
        client: CloudTasksClient,
        project: str,
        region: str,
        functions_url: str,
        invoker: str,
        *,
        dispatch_deadline: timedelta = DISPATCH_DEADLINE,
        patience: float = PATIENCE,
    ) -> None:
        self._client = client
        self._location = f"projects/{project}/locations/{region}"
        self._functions_url = functions_url
        self._invoker = invoker
        self._dispatch_deadline = dispatch_deadline
        self._retry = retries(patience)  # a named task is enqueued once however often it is asked for
        self._attempt = one_attempt(patience)

    def enqueue(
        self, queue: str, function: str, data: Mapping[str, Any], *, name: str, not_before: datetime | None = None
    ) -> bool:
        """Enqueue one call; False when a task of that name is already known (which counts as success)."""
        if not _NAME.fullmatch(name):
            raise ValueError(f"the task name {name!r} is not allowed: use 1 to 500 letters, digits, - and _")
        path = f"{self._location}/queues/{queue}"
        url = function_url(self._functions_url, function)
        task = Task(
            name=f"{path}/tasks/{task_id(name)}",
            http_request=HttpRequest(
                url=url,
                http_method=HttpMethod.POST,
                headers={"Content-Type": "application/json"},
                body=json.dumps(dict(data), allow_nan=False).encode(),
                oidc_token=OidcToken(service_account_email=self._invoker, audience=url) if self._invoker else None,
            ),
            schedule_time=not_before,
            dispatch_deadline=self._dispatch_deadline,
        )
        request = CreateTaskRequest(parent=path, task=task)
        try:
            self._client.create_task(request=request, retry=self._retry, timeout=self._attempt)
        except exceptions.AlreadyExists:
            return False
        except exceptions.NotFound as error:
            raise Unavailable(f"Cloud Tasks has no queue {path}; apply terraform, which makes it") from error
        except (exceptions.GoogleAPICallError, exceptions.RetryError, GoogleAuthError) as error:
            raise Unavailable(f"Cloud Tasks did not take a task for {function}: {error}") from error
        return True


def task_id(name: str) -> str:
    """The id of a task of that name. Hashed, since ids that follow one another make Cloud Tasks slow."""
    return hashlib.sha256(name.encode()).hexdigest()[:32]
