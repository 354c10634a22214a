"""What the checks look at: the documents of a pipeline, and what a commit made of them."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property

from common.domain.pipeline import Event, Pipeline, Step
from common.engine.records import Dispatch, Reservation


@dataclass(frozen=True)
class Violation:
    """A promise that does not hold: which, of which pipeline, and what was found."""

    invariant: str
    pipeline_id: str
    detail: str

    def __str__(self) -> str:
        return f"{self.invariant}: pipeline {self.pipeline_id}: {self.detail}"


@dataclass(frozen=True)
class Snapshot:
    """Every document of one pipeline at one moment. `dead` are the keys of steps with a dead letter."""

    pipeline: Pipeline
    steps: Mapping[str, Step] = field(default_factory=dict)
    events: Mapping[int, Event] = field(default_factory=dict)
    ledger: Mapping[str, Reservation] = field(default_factory=dict)
    outbox: Mapping[str, Dispatch] = field(default_factory=dict)
    dead: frozenset[str] = frozenset()


def unborn(pipeline: Pipeline) -> Snapshot:
    """What stood before the commit that made a pipeline."""
    return Snapshot(pipeline.model_copy(update={"parts": {}, "seq": 0, "progress": 0.0}))


@dataclass(frozen=True)
class Transition:
    """One commit: the pipeline before (`unborn` for a new one) and after, when, and what the writer may speak for.

    `epochs` are the attempts the writer worked for: step key to epoch. A sweep or a client has none. `gone` are steps
    whose owner is known to be dead, whatever their lease says. `aware`: the writer had read how the pipeline ended, if
    it had; a step that is taken or given back just then stays without an outcome, and is put away later. `decided`:
    when the writer last read what it decided on, at the latest `at`.
    """

    before: Snapshot
    after: Snapshot
    at: datetime
    epochs: Mapping[str, int] = field(default_factory=dict)
    gone: frozenset[str] = frozenset()
    aware: bool = True
    decided: datetime | None = None

    @cached_property
    def moved(self) -> tuple[tuple[str, Step, Step], ...]:
        """Steps that the commit changed: key, before and after."""
        before, after = self.before.steps, self.after.steps
        pairs = ((key, was, after.get(key)) for key, was in before.items())
        return tuple((key, was, now) for key, was, now in pairs if now is not None and now is not was and now != was)
