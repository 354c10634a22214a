"""Sees every commit as it happens, and holds it against the promises."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime

from common.domain.catalogue import Catalogue
from common.domain.pipeline import Event, Pipeline, Step
from common.engine import invariants
from common.engine.invariants import Snapshot, Transition, Violation
from common.engine.records import Dispatch, Reservation
from common.platform.documents import Delete, Documents, Write
from scripts.simulation.scheduler import Process


class Witness:
    """A copy of every pipeline, kept up to date commit by commit, and what was found wrong with them.

    `gone` tells whether the owner of a running step is known to be dead, whatever the lease says.
    """

    def __init__(self, catalogue: Catalogue, gone: Callable[[Step], bool]):
        self.seen: dict[str, Snapshot] = {}
        self.found: list[Violation] = []
        self.commits = 0
        self._catalogue = catalogue
        self._gone = gone
        self._outbox: dict[str, str] = {}

    def committed(self, writes: Sequence[Write], at: datetime, process: Process) -> list[tuple[Snapshot, Snapshot]]:
        """Take note of a commit by a process; each pipeline it touched, before and after."""
        self.commits += 1
        touched: dict[str, Snapshot] = {}
        for write in writes:
            folder, _, rest = write.path.partition("/")
            if folder == "pipelines":
                pipeline_id, _, inner = rest.partition("/")
            elif folder == "outbox":
                pipeline_id, inner = self._sender(write, rest), write.path
            elif folder == "dead_letters" and "." in rest:
                pipeline_id, _, key = rest.partition(".")
                inner = f"dead/{key}"
            else:
                continue
            before = touched.get(pipeline_id) or self.seen.get(pipeline_id)
            after = _applied(before, inner, write)
            if after is not None:
                touched[pipeline_id] = after
        changes = []
        for pipeline_id, after in touched.items():
            before = self.seen.get(pipeline_id) or invariants.unborn(after.pipeline)
            self.seen[pipeline_id] = after
            self._judge(before, after, at, process)
            changes.append((before, after))
        return changes

    def read(self, path: str, at: datetime, process: Process) -> None:
        """Take note that a process read a document."""
        process.read = at
        seen = self.seen.get(path.removeprefix("pipelines/"))
        if seen is not None and seen.pipeline.settled:
            process.aware.add(seen.pipeline.id)

    def late(self, now: datetime) -> None:
        """In a world that is well again nothing may lie around for long."""
        for seen in self.seen.values():
            self.found += invariants.late(seen, now, self._catalogue)

    def compare(self, documents: Documents) -> None:
        """Hold what was witnessed against what is stored, and what is stored against the promises at rest."""
        for pipeline_id, seen in self.seen.items():
            stored, _ = invariants.observe(documents, pipeline_id)
            if replace(stored, outbox=seen.outbox, dead=seen.dead) != seen:
                self.found.append(Violation("the store keeps what was committed", pipeline_id, "it reads otherwise"))
        self.found += invariants.audit(documents, self._catalogue, at_rest=True)

    def _judge(self, before: Snapshot, after: Snapshot, at: datetime, process: Process) -> None:
        pipeline_id = after.pipeline.id
        epochs = {key: epoch for (owner, key), epoch in process.epochs.items() if owner == pipeline_id}
        for key, step in after.steps.items():
            was = before.steps.get(key)
            if was is not step and step.state == "running" and step.epoch > (was.epoch if was else 0):
                epochs[key] = process.epochs[pipeline_id, key] = step.epoch
        gone = frozenset(key for key, step in before.steps.items() if step.state == "running" and self._gone(step))
        aware = pipeline_id in process.aware
        self.found += invariants.transition(Transition(before, after, at, epochs, gone, aware, process.read))
        self.found += invariants.state(after, self._catalogue)

    def _sender(self, write: Write, name: str) -> str:
        if isinstance(write, Delete):
            return self._outbox.get(name, "")
        return self._outbox.setdefault(name, str(write.data["pipeline_id"]))


def _applied(before: Snapshot | None, inner: str, write: Write) -> Snapshot | None:
    """The pipeline with one more of its documents written; `inner` is the path within the pipeline."""
    kind, _, name = inner.partition("/")
    if isinstance(write, Delete):
        if before is None or kind != "outbox":
            return before
        return replace(before, outbox={key: row for key, row in before.outbox.items() if key != name})
    if before is None:
        if kind:
            # The pipeline's own document comes first in the commit that makes it, or there is no pipeline.
            return None
        return Snapshot(Pipeline.model_validate(write.data))
    if not kind:
        return replace(before, pipeline=Pipeline.model_validate(write.data))
    if kind == "steps":
        return replace(before, steps={**before.steps, name: Step.model_validate(write.data)})
    if kind == "events":
        return replace(before, events={**before.events, int(name): Event.model_validate(write.data)})
    if kind == "ledger":
        return replace(before, ledger={**before.ledger, name: Reservation.model_validate(write.data)})
    if kind == "outbox":
        return replace(before, outbox={**before.outbox, name: Dispatch.model_validate(write.data)})
    return replace(before, dead=before.dead | {name})
