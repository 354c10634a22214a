"""The states of a pipeline and of its steps, as stored."""

from datetime import datetime
from typing import Any, Literal

from pydantic import Field

from common.domain import search
from common.domain.model import Model
from common.domain.presets import Priority
from common.domain.stamp import Stamp

Status = Literal["queued", "processing", "awaiting_approval", "completed", "failed", "cancelled"]
TERMINAL: frozenset[Status] = frozenset({"completed", "failed", "cancelled"})

StepState = Literal["ready", "running", "parked", "done", "failed", "cancelled"]
SETTLED: frozenset[StepState] = frozenset({"done", "failed", "cancelled"})


class Part(Model):
    """One node of a pipeline's graph. An optional part may fail without failing the pipeline."""

    step: str
    needs: tuple[str, ...] = ()
    optional: bool = False
    by: str = ""  # the step run that asked for it
    state: Literal["waiting", "ready", "done", "failed"] = "waiting"


class Cost(Model):
    """Money in micro-dollars; at every moment spent + reserved <= cap, where a cap is set."""

    cap: int | None = None
    spent: int = 0
    reserved: int = 0

    def room(self) -> int | None:
        """What may still be reserved; None without a cap."""
        return None if self.cap is None else self.cap - self.spent - self.reserved


class Failure(Model):
    """Why a step or a pipeline failed, for people (`detail`) and for programs (`code`)."""

    code: str = Field(description="For programs; stable.")
    detail: str = Field(description="For people.")
    step: str = Field(default="", description="The step that failed.")


class Pipeline(Model):
    """One video being made. Kept small: results of steps live with the steps, files in objects."""

    id: str
    owner: str
    replay_of: str = ""  # the failed pipeline that this one goes on from
    revision_of: str = ""  # the completed pipeline whose edited plan this one makes
    family: str = ""  # the first of a chain of revisions, which holds their books
    batch: str = ""  # the batch that it is a job of
    status: Status = "queued"
    stage: str = ""
    preset: str
    priority: Priority = "low"
    announces_progress: bool = False  # its owner had a webhook that asks for progress when it was submitted
    title: str = ""
    request: dict[str, Any]
    progress: float = 0.0
    seq: int = 0  # number of the last event
    parts: dict[str, Part] = Field(default_factory=dict)
    facts: dict[str, Any] = Field(default_factory=dict)  # what later steps and clients need to know of earlier ones
    cost: Cost = Cost()
    result: dict[str, Any] | None = None
    error: Failure | None = None
    words: tuple[str, ...] = ()  # what a search finds it by; none in a document older than the search
    created_at: Stamp
    updated_at: datetime

    @property
    def settled(self) -> bool:
        """Whether nothing about the outcome can change any more."""
        return self.status in TERMINAL


def titled(pipeline: Pipeline, title: str) -> Pipeline:
    """The pipeline under a title, to be found by the words of it and of the request."""
    words = search.tokens(title, str(pipeline.request.get("content", "")))
    return pipeline.model_copy(update={"title": title, "words": words})


class Step(Model):
    """One run of one step: who owns it, until when, and what came of it. `epoch` grows with every claim."""

    pipeline_id: str
    step: str
    key: str
    state: StepState = "ready"
    input: dict[str, Any] = Field(default_factory=dict)
    epoch: int = 0
    attempts: int = 0  # claims that count towards the bound; a throttled call gives its attempt back
    owner: str = ""
    lease_until: datetime | None = None
    deadline: datetime
    not_before: datetime | None = None
    resent: int = 0  # how often the sweep sent for it since it was claimed last
    result: dict[str, Any] = Field(default_factory=dict)
    failure: Failure | None = None
    created_at: datetime
    started_at: datetime | None = None
    finished_at: datetime | None = None


class Spec(Model):
    """A step that another step asks for. `key` names the run; it starts when all of `needs` are settled."""

    step: str
    key: str
    needs: tuple[str, ...] = ()
    input: dict[str, Any] = Field(default_factory=dict)
    optional: bool = False


class Charge(Model):
    """A ledger row that a step settles: what was really spent, in micro-dollars, and for what."""

    key: str
    engine: str
    version: str
    amount: int = 0
    reserved: int = 0  # what was reserved for it, and is freed with this
    unit: str = ""
    quantity: float = 0.0
    operation: str = ""  # the provider's own id of the work


class Outcome(Model):
    """What a step achieved: its result, what runs next, and what it changes on the pipeline."""

    result: dict[str, Any] = Field(default_factory=dict)
    then: tuple[Spec, ...] = ()
    facts: dict[str, Any] = Field(default_factory=dict)
    charges: tuple[Charge, ...] = ()
    title: str | None = None
    cap: int | None = None  # a further bound on the pipeline's cost, in micro-dollars; the lowest holds
    park: bool = False  # wait, without a worker, for someone to resume the step
    complete: dict[str, Any] | None = None  # the pipeline's result: it is finished


class Event(Model):
    """One entry of a pipeline's log; `seq` has no gap and never repeats."""

    seq: int
    type: str
    at: datetime
    data: dict[str, Any] = Field(default_factory=dict)
