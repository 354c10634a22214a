"""`scripts/bench engine`: what the engine costs, next to a bare loop of the same store writes.

The real engine runs pipelines whose handlers do nothing: a fan-out that one step joins, beside a chain. Its commits
are recorded and then written into a fresh store by a loop that does nothing else: the same documents in the same
commits, without guards and without a read. Both run in one thread, in turn, several times; medians are printed.
"""

import argparse
import json
import os
import statistics
import sys
import tempfile
import time
import uuid
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import asdict, dataclass, replace
from pathlib import Path

from common import runtime
from common.domain.catalogue import Catalogue, parse
from common.domain.pipeline import Outcome, Spec
from common.domain.request import PipelineRequest
from common.domain.settings import Settings
from common.engine import announce, control, deliveries, worker
from common.engine.context import Context
from common.engine.push import parse as parse_push
from common.engine.task import Task
from common.platform.clock import SystemClock
from common.platform.documents import Documents
from common.platform.embedded.delivery import Limits
from common.platform.embedded.documents import SqliteDocuments
from common.platform.embedded.messages import InProcessMessages
from common.platform.embedded.tasks import InProcessTasks
from common.platform.google import clients
from scripts.benchmarks.recorded import RecordedDocuments, bare

EMULATOR = "FIRESTORE_EMULATOR_HOST"
UNPACED = Limits(concurrency=1_000_000, per_second=1_000_000.0)

CATALOGUE: Catalogue = parse(
    """
defaults: {memory: 512Mi, cpu: 1, timeout: 60s, concurrency: 1, min: 0, max: 1}
functions:
  analyze: {summary: opens the graph, step: {lease: 60s, attempts: 3, deadline: 10m, progress: [0.0, 0.1]}}
  part: {summary: one of many, step: {lease: 60s, attempts: 3, deadline: 10m, queue: assets, progress: [0.1, 0.6]}}
  link: {summary: one of a chain, step: {lease: 60s, attempts: 3, deadline: 10m, progress: [0.1, 0.6]}}
  join: {summary: fan-in, step: {lease: 60s, attempts: 3, deadline: 10m, progress: [0.6, 1.0]}}
  announce: {summary: tells of public events, topic: announcements}
"""
)


@dataclass(frozen=True)
class Size:
    """How much one run does."""

    pipelines: int = 4
    parts: int = 60
    links: int = 12

    @property
    def steps(self) -> int:
        """Step runs in all: a first one, the parts, the links and the join, per pipeline."""
        return self.pipelines * (self.parts + self.links + 2)


@dataclass(frozen=True)
class Figures:
    """What was measured; times are medians of the rounds."""

    store: str
    rounds: int
    pipelines: int
    steps: int
    commits: int
    commits_per_step: float
    documents_per_step: float
    reads_per_step: float
    engine_seconds: float
    bare_seconds: float
    engine_steps_per_second: float
    bare_steps_per_second: float
    ratio: float


def measure(store: str, size: Size, rounds: int) -> Figures:
    """Run the engine and the bare loop in turn."""
    engine, loop = [], []
    for _ in range(rounds):
        with _store(store) as documents:
            recorded = RecordedDocuments(documents)
            engine.append(run(recorded, size))
        commits = bare(recorded.commits)
        with _store(store) as documents:
            began = time.perf_counter()
            for writes in commits:
                documents.commit(writes)
            loop.append(time.perf_counter() - began)
    engine_seconds, bare_seconds = statistics.median(engine), statistics.median(loop)
    written = sum(len(writes) for writes in recorded.commits)
    return Figures(
        store=store,
        rounds=rounds,
        pipelines=size.pipelines,
        steps=size.steps,
        commits=len(recorded.commits),
        commits_per_step=round(len(recorded.commits) / size.steps, 3),
        documents_per_step=round(written / size.steps, 3),
        reads_per_step=round(recorded.reads / size.steps, 3),
        engine_seconds=round(engine_seconds, 4),
        bare_seconds=round(bare_seconds, 4),
        engine_steps_per_second=round(size.steps / engine_seconds, 1),
        bare_steps_per_second=round(size.steps / bare_seconds, 1),
        ratio=round(engine_seconds / bare_seconds, 2),
    )


def run(documents: Documents, size: Size) -> float:
    """Seconds that the engine takes for pipelines of that size, from submit to the end of the last."""
    with tempfile.TemporaryDirectory() as folder, _context(Path(folder), documents, size) as (context, pump):
        request = PipelineRequest(content="What the engine itself costs")
        began = time.perf_counter()
        made = [control.submit(context, request, "bench") for _ in range(size.pipelines)]
        pump()
        seconds = time.perf_counter() - began
        ended = [control.load(context, pipeline.id) for pipeline in made]
    unfinished = [pipeline.id for pipeline in ended if pipeline.status != "completed"]
    if unfinished:
        raise RuntimeError(f"{len(unfinished)} of {len(ended)} pipelines did not complete, so nothing was measured")
    return seconds


def handlers(size: Size) -> Mapping[str, Callable[[Task], Outcome]]:
    """Steps that do nothing but grow the graph and end it."""
    parts = [Spec(step="part", key=f"part.{number}") for number in range(size.parts)]
    links = [
        Spec(step="link", key=f"link.{number}", needs=(f"link.{number - 1}",) if number else ())
        for number in range(size.links)
    ]
    last = [part.key for part in parts] + [link.key for link in links[-1:]]
    graph = (*parts, *links, Spec(step="join", key="join", needs=tuple(last)))
    return {
        "analyze": lambda _: Outcome(then=graph),
        "part": lambda task: Outcome(result={"made": task.step.key}),
        "link": lambda task: Outcome(result={"made": task.step.key}),
        "join": lambda task: Outcome(complete={"by": task.step.key}),
    }


@contextmanager
def _context(folder: Path, documents: Documents, size: Size) -> Iterator[tuple[Context, Callable[[], None]]]:
    """A world whose steps do nothing, and what delivers until nothing is left to deliver."""
    work = handlers(size)

    def deliver(function: str, body: bytes, headers: Mapping[str, str]) -> int:
        data = parse_push(body, headers).data
        if function == announce.FUNCTION:
            deliveries.fan_out(context, data["row"])
            return 204
        worker.deliver(context, work[function], data["pipeline_id"], data["key"])
        return 204

    clock = SystemClock()
    paces = dict.fromkeys(CATALOGUE, UNPACED)
    messages = InProcessMessages(deliver, clock, consumers=CATALOGUE.topics(), limits=paces)
    lanes = {f"{queue}-{priority}": UNPACED for queue in ("assets", "steps") for priority in ("low", "medium", "high")}
    tasks = InProcessTasks(deliver, clock, limits=lanes)
    built = runtime.build(CATALOGUE, Settings(home=folder))
    context = replace(built, documents=documents, messages=messages, tasks=tasks)

    def pump() -> None:
        while messages.dispatcher.run_one() or tasks.dispatcher.run_one():
            pass

    yield context, pump
    assert isinstance(built.documents, SqliteDocuments)
    built.documents.close()


@contextmanager
def _store(name: str) -> Iterator[Documents]:
    """An empty store, closed afterwards; in the emulator it is a project of its own."""
    if name == "firestore":
        project = f"demo-bench-{uuid.uuid4().hex[:8]}"
        with closing(clients.documents(Settings(profile="emulators", project=project))) as emulated:
            yield emulated
        return
    with tempfile.TemporaryDirectory() as folder, closing(SqliteDocuments(Path(folder) / "documents")) as documents:
        yield documents


def _shown(figures: Figures) -> str:
    return "\n".join(
        [
            f"engine on the {figures.store} store: {figures.pipelines} pipelines, {figures.steps} steps,"
            f" median of {figures.rounds} rounds, one thread",
            f"  engine     {figures.engine_steps_per_second:9.1f} steps/s   {figures.engine_seconds:.3f} s",
            f"  bare loop  {figures.bare_steps_per_second:9.1f} steps/s   {figures.bare_seconds:.3f} s"
            "   (the same commits, written without the engine)",
            f"  ratio      {figures.ratio:9.2f}",
            f"  per step   {figures.commits_per_step:.2f} commits, {figures.documents_per_step:.2f} documents written,"
            f" {figures.reads_per_step:.2f} reads",
        ]
    )


def main(words: Sequence[str]) -> int:
    """Measure and print."""
    parser = argparse.ArgumentParser(prog="bench engine", description="What the engine costs beside bare store writes.")
    parser.add_argument("--store", choices=("embedded", "firestore"), default="embedded")
    parser.add_argument("--pipelines", type=int, default=Size.pipelines)
    parser.add_argument("--parts", type=int, default=Size.parts, help="steps that one step joins")
    parser.add_argument("--links", type=int, default=Size.links, help="steps in a chain beside them")
    parser.add_argument("--rounds", type=int, default=5, help="runs of each, in turn; medians are printed")
    parser.add_argument("--json", action="store_true")
    asked = parser.parse_args(words)
    if min(asked.pipelines, asked.parts, asked.links, asked.rounds) < 1:
        parser.error("every number must be at least 1")
    if asked.store == "firestore" and EMULATOR not in os.environ:
        parser.error(
            f"--store firestore needs {EMULATOR}; scripts/emulators firestore -- scripts/bench engine ... sets it"
        )
    figures = measure(asked.store, Size(asked.pipelines, asked.parts, asked.links), asked.rounds)
    print(json.dumps(asdict(figures)) if asked.json else _shown(figures))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
