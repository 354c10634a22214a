"""Check the finished file by measurement, and have faulty scenes made again."""

import tempfile
from pathlib import Path

from common.domain.pipeline import Outcome, Spec
from common.engine import production
from common.engine.task import Task
from common.media.checks.inspect import inspect


def run(task: Task) -> Outcome:
    """Find what is wrong with the film. Faulty scenes get another take, at most twice; the rest is for the review."""
    line = production.timeline_of(task)
    narrations = production.narrations_of(task)
    with tempfile.TemporaryDirectory(prefix="inspect-") as folder:
        path = production.fetch(task, production.film_of(task), "video.mp4", Path(folder))
        findings = inspect(path, line, narrations, cancelled=task.stop.is_set)
    task.check()
    found = [finding.model_dump(mode="json") for finding in findings]
    again = production.repair(task, [finding for finding in findings if finding.severity == "error"])
    if again:
        return Outcome(result={"findings": found, "repairs": [spec.key for spec in again]}, then=again)
    suffix = task.step.key.removeprefix("inspect")
    review = Spec(step="review", key=f"review{suffix}", input=dict(task.input))
    return Outcome(result={"findings": found}, facts={"findings": found}, then=(review,))
