"""Films without pictures: what rendering and inspection leave behind, in the same shapes, made at once."""

from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

from common.domain.findings import Finding
from common.domain.plan import Media, Plan
from common.engine import artefacts, production
from common.engine.artefacts import Made
from common.engine.task import Task
from common.media.composition import Composition
from common.media.ffmpeg import RenderCancelled
from common.media.render import ALONE, Share
from common.media.timeline import Timeline
from functions.render.film import Film
from scripts.simulation.providers import Visuals
from scripts.simulation.scheduler import Crash, process_here

if TYPE_CHECKING:
    from scripts.simulation.world import World

SEGMENTS = 3


class Studio:
    """Stands in for the modules that make and measure films."""

    def __init__(self, world: "World"):
        self._world = world

    def make(self, task: Task, _share: Share = ALONE) -> Film:
        """A film: segments kept one by one, sound, video and captions as artefacts."""
        plan = production.plan_of(task)
        pictures = production.work_of(task, "generate_visual")
        rendered = 0
        shown = sorted(work["artefact"] for work in pictures.values())
        for number in range(SEGMENTS):
            name = f"segments/{shown[number % len(shown)][:40]}-{number}.mp4"
            if task.context.objects.stat(name) is None:
                self._render(task, name)
                task.context.objects.create(name, name.encode(), content_type="video/mp4")
                rendered += 1
            task.report(0.9 * (number + 1) / SEGMENTS)
        voices = production.work_of(task, "generate_narration")
        line = Timeline(
            size=plan.size,
            fps=plan.fps,
            frames=plan.frames,
            scenes=tuple(
                (scene.id, start, scene.frames) for scene, start in zip(plan.scenes, plan.starts(), strict=True)
            ),
            segments=(),
        )
        spoken = sorted(work["artefact"] for work in voices.values())
        sound = artefacts.make(task, "sound", {"voices": spoken}, lambda: Made({"sound.m4a": b"sound"}))
        files = {"video.mp4": b"video", "poster.jpg": b"poster", "timeline.json": line.model_dump_json().encode()}
        video = artefacts.make(task, "video", {"pictures": shown, "sound": sound.key}, lambda: Made(files))
        texts = {"captions.srt": b"srt", "captions.vtt": b"vtt", "words.json": b"[]"}
        captions = artefacts.make(task, "captions", {"voices": spoken}, lambda: Made(texts))
        return Film((sound, video, captions), SEGMENTS, rendered, {}, "simulated")

    def inspect(self, *_args: object, **_options: object) -> list[Finding]:
        """What is wrong with a film: rarely something."""
        self._world.scheduler.pause(self._world.chance.spread(0.5, 20.0))
        if not self._world.faults.strike("flaw"):
            return []
        return [Finding(code="black", detail="It is black.", scene="s1", seconds=1.0)]

    def look(self, *_args: object) -> Any:
        """A palette by name alone."""
        return SimpleNamespace(name="plain")

    def stage(self, plan: Plan, index: int, clip: Media) -> Composition:
        """A scene that shows a clip."""
        return Visuals.compose(plan, index)

    def _render(self, task: Task, name: str) -> None:
        world = self._world
        process = process_here()
        if world.faults.strike("kill_job"):
            world.trace.note(world.scheduler.now, process.label, "is killed while it renders %s", name)
            world.scheduler.kill(process)
            raise Crash
        world.scheduler.pause(world.chance.spread(1.0, 200.0))
        if task.stop.is_set():
            raise RenderCancelled("the render was stopped")
