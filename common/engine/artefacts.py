"""Artefacts: files addressed by the hash of everything that made them, so that equal work is done once.

`make` also says why it ran or did not, by comparing with the last artefact of the same slot (the same asset of the
same project), which is what `explain` prints.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

from common.domain.model import digest
from common.engine import store
from common.engine.context import Context
from common.engine.task import Task
from common.platform.documents import Put


@dataclass(frozen=True)
class Made:
    """What a producer made: files by name, and small facts to remember with them."""

    files: Mapping[str, bytes | Path]
    facts: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Artefact:
    """A stored artefact: object keys by file name, its facts, and why it was made now or not."""

    slot: str
    key: str
    files: Mapping[str, str]
    facts: Mapping[str, Any]
    decision: Literal["ran", "reused"]
    why: str
    marks: Mapping[str, str]
    engine: Sequence[str]

    def note(self) -> dict[str, Any]:
        """What a step's result keeps of an artefact."""
        return {
            "artefact": self.key,
            "files": dict(self.files),
            "facts": dict(self.facts),
            "decision": self.decision,
            "why": self.why,
            "inputs": dict(self.marks),
            "engine": list(self.engine),
        }


def make(task: Task, slot: str, inputs: Mapping[str, Any], produce: Callable[[], Made]) -> Artefact:
    """The artefact of these inputs: taken from the store when it is whole there, made and stored otherwise.

    `inputs` must name everything that affects the files, engine and version included. `slot` says which asset of the
    project this is, for comparing with what stood there before. An input named `engine` is its name and version.
    """
    context = task.context
    key = digest({"slot": slot.split("/")[0], **inputs})
    path = f"artefacts/{key}"
    marks = {name: digest(value) for name, value in inputs.items()}
    engine = inputs.get("engine", ())
    lineage = f"lineage/{digest({'owner': task.pipeline.owner, 'project': project(task), 'slot': slot})}"
    known = context.documents.get(path)
    whole = known is not None and all(context.objects.stat(name) for name in known.data["files"].values())
    if known is not None and whole:
        _write(context, Put(lineage, {"key": key, "marks": marks}))
        return Artefact(
            slot,
            key,
            known.data["files"],
            known.data["facts"],
            "reused",
            "the same inputs made it before",
            marks,
            engine,
        )
    before = context.documents.get(lineage)
    why = _why(marks, before.data["marks"] if before else None, lost=known is not None)
    task.check()
    made = produce()
    task.check()
    files = {}
    for name, content in made.files.items():
        files[name] = f"artefacts/{key[:2]}/{key}/{name}"
        context.objects.put(files[name], content)
    now = context.clock.now().isoformat()
    stored = {"slot": slot, "files": files, "facts": dict(made.facts), "created_at": now}
    _write(context, Put(path, stored), Put(lineage, {"key": key, "marks": marks}))
    return Artefact(slot, key, files, dict(made.facts), "ran", why, marks, engine)


def _write(context: Context, *puts: Put) -> None:
    """Repeated where the store does not answer: what was made is worth more than another attempt of the step."""
    store.settle(context.clock, lambda: context.documents.commit(puts))


def project(task: Task) -> str:
    """What successive versions of one video share: the client's title, or else how the content begins."""
    request = task.request
    return request.title or request.content.strip().splitlines()[0][:80]


def _why(marks: Mapping[str, str], before: Mapping[str, str] | None, *, lost: bool) -> str:
    if lost:
        return "its files were deleted"
    if before is None:
        return "nothing was made here before"
    changed = sorted(name for name in {*marks, *before} if marks.get(name) != before.get(name))
    return f"changed since the last run: {', '.join(changed)}" if changed else "its record was deleted"
