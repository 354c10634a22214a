"""Check the finished file by measurement, and have faulty scenes made again."""

import tempfile
from pathlib import Path

from common.domain.findings import Finding
from common.domain.pipeline import Outcome, Spec
from common.engine import artefacts, production
from common.engine.artefacts import Made
from common.engine.task import Task
from common.media.checks.inspect import Script, inspect
from common.media.painter import Painter

CHECKS = "5"  # grows when the same film is judged differently


def run(task: Task) -> Outcome:
    """Find what is wrong with the film. What is at fault is made again, at most twice; the rest is for the review."""
    film = production.film_of(task)
    inputs = {
        "film": film["video.mp4"],
        "plan": production.plan_of(task),
        "timeline": production.timeline_of(task),
        "narrations": production.narrations_of(task),
        "voices": {scene: work["artefact"] for scene, work in production.work_of(task, "generate_narration").items()},
        "pictures": {scene: work["artefact"] for scene, work in production.work_of(task, "generate_visual").items()},
        "engine": ["checks", CHECKS],
    }
    with tempfile.TemporaryDirectory(prefix="inspect-") as name:
        folder = Path(name)

        def produce() -> Made:
            path = production.fetch(task, film, "video.mp4", folder)
            script = script_of(task, folder)
            findings = inspect(path, script, folder, watched=ObjectStretches(task), cancelled=task.stop.is_set)
            evidence = {finding.evidence: folder / finding.evidence for finding in findings if finding.evidence}
            return Made(evidence, {"findings": [finding.model_dump(mode="json") for finding in findings]})

        made = artefacts.make(task, "inspection", inputs, produce)
    findings = [Finding.model_validate(finding) for finding in made.facts["findings"]]
    findings = [one.model_copy(update={"evidence": made.files.get(one.evidence, "")}) for one in findings]
    found = [finding.model_dump(mode="json") for finding in findings]
    work = [{"name": "inspection", **made.note()}]
    again = production.repair(task, findings)
    if again:
        return Outcome(result={"findings": found, "work": work, "repairs": [spec.key for spec in again]}, then=again)
    suffix = task.step.key.removeprefix("inspect")
    review = Spec(step="review", key=f"review{suffix}", input=dict(task.input))
    return Outcome(result={"findings": found, "work": work}, facts={"findings": found}, then=(review,))


def script_of(task: Task, folder: Path) -> Script:
    """What the film is held against; the user's own files that it shows are fetched into `folder`."""
    line, pictures = production.timeline_of(task), production.pictures_of(task)
    media = production.media_of(task, pictures, folder)
    return Script(
        plan=production.plan_of(task),
        timeline=line,
        narrations=production.narrations_of(task),
        voices=production.voices_of(task),
        pictures=pictures,
        painted=lambda scene, size: Painter(pictures[scene], media, size, line.fps),
    )


class ObjectStretches:
    """What was watched of any film, in the object store, beside the segments that it was encoded as."""

    def __init__(self, task: Task) -> None:
        self._objects = task.context.objects

    def has(self, key: str) -> bool:
        """Whether the stretch was watched, and nothing was wrong."""
        return self._objects.stat(self._name(key)) is not None

    def add(self, key: str) -> None:
        """Keep that it was; a rival that found the same is as good."""
        self._objects.create(self._name(key), b"", content_type="text/plain")

    @staticmethod
    def _name(key: str) -> str:
        return f"segments/{key[:2]}/{key}.watched-{CHECKS}"
