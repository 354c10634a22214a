"""Schedules of Cloud Scheduler, as Terraform made them: one job per function, of the function's name."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager

from google.api_core import exceptions, retry, timeout
from google.auth.exceptions import GoogleAuthError
from google.cloud.scheduler_v1 import CloudSchedulerClient

from common.domain.addresses import function_url
from common.platform.documents import Unavailable

PATIENCE = 8.0  # seconds for all attempts to read
ATTEMPT = 5.0  # seconds for one call

_AGAIN = retry.if_exception_type(
    exceptions.DeadlineExceeded, exceptions.InternalServerError, exceptions.ServiceUnavailable, exceptions.Unknown
)


class CloudSchedules:
    """The jobs of one project and region that call our functions; jobs of others are none of our business."""

    def __init__(
        self, client: CloudSchedulerClient, project: str, region: str, functions_url: str, *, patience: float = PATIENCE
    ) -> None:
        self._client = client
        self._location = f"projects/{project}/locations/{region}"
        self._functions_url = functions_url
        self._retry = retry.Retry(predicate=_AGAIN, initial=0.1, maximum=1.0, multiplier=2.0, timeout=patience)
        self._attempt = timeout.ConstantTimeout(min(ATTEMPT, patience))  # type: ignore[no-untyped-call]

    def entries(self) -> Mapping[str, str]:
        """Function name to cron expression (UTC)."""
        with _answering():
            jobs = list(self._client.list_jobs(parent=self._location, retry=self._retry, timeout=self._attempt))
        named = ((job.name.rpartition("/")[2], job) for job in jobs)
        return {
            name: job.schedule for name, job in named if job.http_target.uri == function_url(self._functions_url, name)
        }

    def run_now(self, function: str) -> None:
        """Have Cloud Scheduler call a scheduled function at once; ValueError when it has no schedule."""
        entries = self.entries()
        if function not in entries:
            raise ValueError(f"{function!r} has no schedule; there are: {', '.join(sorted(entries))}")
        with _answering():
            # Not tried again: an answer that was lost may have started the call.
            self._client.run_job(name=f"{self._location}/jobs/{function}", retry=None, timeout=self._attempt)


@contextmanager
def _answering() -> Iterator[None]:
    """Turn what Cloud Scheduler refuses into the port's own word."""
    try:
        yield
    except (exceptions.GoogleAPICallError, exceptions.RetryError, GoogleAuthError) as error:
        raise Unavailable(f"Cloud Scheduler did not answer: {error}") from error
