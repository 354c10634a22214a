"""Check the finished file by measurement, and have faulty scenes made again."""

import tempfile
from pathlib import Path

from common.domain.findings import Finding
from common.domain.pipeline import Outcome, Spec
from common.engine import artefacts, production
from common.engine.artefacts import Made
from common.engine.task import Task
from common.media.checks.inspect import inspect

CHECKS = "1"  # grows when the same film is judged differently


def run(task: Task) -> Outcome:
    """Find what is wrong with the film. Faulty scenes get another take, at most twice; the rest is for the review."""
    line = production.timeline_of(task)
    narrations = production.narrations_of(task)
    film = production.film_of(task)
    inputs = {"film": film["video.mp4"], "timeline": line, "narrations": narrations, "engine": ["checks", CHECKS]}

    def produce() -> Made:
        with tempfile.TemporaryDirectory(prefix="inspect-") as folder:
            path = production.fetch(task, film, "video.mp4", Path(folder))
            findings = inspect(path, line, narrations, cancelled=task.stop.is_set)
        return Made({}, {"findings": [finding.model_dump(mode="json") for finding in findings]})

    made = artefacts.make(task, "inspection", inputs, produce)
    findings = [Finding.model_validate(finding) for finding in made.facts["findings"]]
    found = made.facts["findings"]
    work = [{"name": "inspection", **made.note()}]
    again = production.repair(task, [finding for finding in findings if finding.severity == "error"])
    if again:
        return Outcome(result={"findings": found, "work": work, "repairs": [spec.key for spec in again]}, then=again)
    suffix = task.step.key.removeprefix("inspect")
    review = Spec(step="review", key=f"review{suffix}", input=dict(task.input))
    return Outcome(result={"findings": found, "work": work}, facts={"findings": found}, then=(review,))
