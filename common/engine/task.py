"""What a step's handler holds while it works: its input, earlier results, money, and news of a cancel."""

import threading
from collections import Counter
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from common.domain.pipeline import Charge, Pipeline, Step
from common.domain.request import PipelineRequest
from common.engine import store
from common.engine.context import Context


class Cancelled(Exception):
    """The pipeline ended while the step ran: stop at once, nothing of it counts."""


class LeaseLost(Exception):
    """Another worker owns the step now: stop at once, nothing of it counts."""


class StepFailed(Exception):
    """The step cannot succeed, however often it runs; `code` for programs, the text for people."""

    def __init__(self, code: str, detail: str):
        super().__init__(detail)
        self.code = code


class Handed(Exception):
    """The step goes on in a job, which will finish it; this worker lets go without an outcome."""


class Waiting(Exception):
    """The work goes on elsewhere: the step lets go of its worker and looks again `retry_after` seconds from now.

    `waited` says since when, so that a handler may lose patience before the step's deadline does.
    """

    def __init__(self, detail: str, retry_after: float, waited: timedelta):
        super().__init__(detail)
        self.retry_after = retry_after
        self.waited = waited


class Task:
    """One attempt at one step."""

    def __init__(self, context: Context, pipeline: Pipeline, step: Step):
        self.context = context
        self.pipeline = pipeline
        self.step = step
        self.stop = threading.Event()
        self.charges: list[Charge] = []
        self.paid_calls = 0
        self.operations: Counter[str] = Counter()  # begun or gone on with in this attempt, by engine
        self._why: type[Exception] = Cancelled
        self._progress = 0.0

    @property
    def id(self) -> str:
        """Name of this step run, unique in the system."""
        return f"{self.pipeline.id}.{self.step.key}"

    @property
    def input(self) -> Mapping[str, Any]:
        """What the step that asked for this one passed on."""
        return self.step.input

    @property
    def request(self) -> PipelineRequest:
        """What the client asked for."""
        return PipelineRequest.model_validate(self.pipeline.request)

    def result(self, key: str) -> dict[str, Any]:
        """The recorded result of an earlier step run; UnknownPipeline when there is none of that key."""
        step = store.read(self.context.documents, self.pipeline.id, key).step
        assert step is not None
        return step.result

    def results(self, step: str | None = None) -> dict[str, dict[str, Any]]:
        """Recorded results of finished step runs by key, of one step or of all."""
        rows = store.steps(self.context.documents, self.pipeline.id)
        return {row.key: row.result for row in rows if row.state == "done" and step in (None, row.step)}

    def check(self) -> None:
        """Raise Cancelled or LeaseLost if this attempt no longer counts."""
        if self.stop.is_set():
            raise self._why(
                f"{self.id} stops: {'it was cancelled' if self._why is Cancelled else 'its lease is lost'}."
            )

    def learn(self, found: store.Read) -> None:
        """Take from what is stored whether this attempt still counts; `check` says it."""
        assert found.step is not None
        if found.pipeline.settled:
            self.end(Cancelled)
        elif found.step.epoch != self.step.epoch or found.step.state != "running":
            self.end(LeaseLost)

    def end(self, why: type[Exception]) -> None:
        """Tell the handler, and everything that watches `stop`, to stop."""
        self._why = why
        self.stop.set()

    def report(self, fraction: float) -> None:
        """Say how much of this step is done, 0 to 1; the heartbeat carries it to the pipeline."""
        self._progress = max(self._progress, min(1.0, fraction))

    @property
    def reported(self) -> float:
        """The last reported fraction."""
        return self._progress
