"""Named points where a test may kill the process as a crash would."""

import os
import signal

POINTS = (
    "before_claim",  # the message arrived, nothing is written
    "after_claim",  # the step is ours, no work was done
    "after_intent",  # money is reserved and the intent written, the provider not called
    "after_submit",  # the provider was called, its answer not recorded
    "after_work",  # the work is done, its outcome not committed
    "after_commit",  # the outcome is committed, nothing published
    "after_publish",  # published, the outbox not emptied
    "after_job_start",  # the job runs, its start not acknowledged
)


class FailPoints:
    """Kills the process at one chosen point, once reached; `chosen` is empty, POINT or POINT:STEP."""

    def __init__(self, chosen: str = ""):
        self.point, _, self.step = chosen.partition(":")
        if self.point and self.point not in POINTS:
            raise ValueError(f"There is no fail-point {self.point!r}; known ones are {', '.join(POINTS)}.")

    def reach(self, point: str, step: str) -> None:
        """Pass a point on behalf of a step."""
        if point == self.point and self.step in ("", step):
            os.kill(os.getpid(), signal.SIGKILL)
