"""A Cloud Scheduler of one process, as published: jobs of a location in pages, and runs that are asked for.

Only ListJobs and RunJob are served, and no job runs by the clock. `drain` makes the calls, after RunJob has answered.
"""

import threading
from collections.abc import Mapping
from datetime import UTC, datetime

import grpc
from google.cloud.scheduler_v1 import HttpTarget, Job, ListJobsRequest, ListJobsResponse, OidcToken, RunJobRequest

from tests.protocol.grpc_service import Methods, Refused
from tests.protocol.http_call import post
from tests.protocol.tokens import INVOKER, Issuer

SERVICE = "google.cloud.scheduler.v1.CloudScheduler"
PAGE = 2  # small, so that clients have to page


class SchedulerServer:
    """Jobs by id under one location; `refuse` answers the next calls with a status."""

    def __init__(self, location: str, issuer: Issuer) -> None:
        self._location = location
        self._issuer = issuer
        self._lock = threading.Lock()
        self._runs: list[Job] = []
        self.jobs: dict[str, Job] = {}
        self.refuse: list[grpc.StatusCode] = []

    def add(self, job_id: str, schedule: str, url: str) -> None:
        """Make a job as Terraform does: a POST with `{}` and a token of the invoker for that URL."""
        name = f"{self._location}/jobs/{job_id}"
        token = OidcToken(service_account_email=INVOKER, audience=url)
        target = HttpTarget(uri=url, body=b"{}", headers={"Content-Type": "application/json"}, oidc_token=token)
        self.jobs[name] = Job(name=name, schedule=schedule, time_zone="Etc/UTC", http_target=target)

    def methods(self) -> Methods:
        return {"ListJobs": (ListJobsRequest, self._list), "RunJob": (RunJobRequest, self._run)}

    def drain(self) -> None:
        """Make the calls that were asked for."""
        with self._lock:
            runs, self._runs = self._runs, []
        for job in runs:
            target = job.http_target
            post(target.uri, target.body, self._headers(job), seconds=job.attempt_deadline.total_seconds() or 180)

    def _headers(self, job: Job) -> Mapping[str, str]:
        target = job.http_target
        token = self._issuer.token(target.oidc_token.audience or target.uri, target.oidc_token.service_account_email)
        return {
            "User-Agent": "Google-Cloud-Scheduler",
            **target.headers,
            "X-CloudScheduler": "true",
            "X-CloudScheduler-JobName": job.name.rpartition("/")[2],
            "X-CloudScheduler-ScheduleTime": datetime.now(UTC).isoformat().replace("+00:00", "Z"),
            "Authorization": f"Bearer {token}",
        }

    def _list(self, request: ListJobsRequest) -> ListJobsResponse:
        self._called()
        names = sorted(name for name in self.jobs if name.startswith(f"{request.parent}/jobs/"))
        start = int(request.page_token or 0)
        end = start + min(request.page_size or PAGE, PAGE)
        page = [self.jobs[name] for name in names[start:end]]
        return ListJobsResponse(jobs=page, next_page_token=str(end) if end < len(names) else "")

    def _run(self, request: RunJobRequest) -> Job:
        self._called()
        job = self.jobs.get(request.name)
        if job is None:
            raise Refused(grpc.StatusCode.NOT_FOUND, "Job not found.")
        with self._lock:
            self._runs.append(job)
        return job

    def _called(self) -> None:
        if self.refuse:
            raise Refused(self.refuse.pop(0), "refused by the test")
