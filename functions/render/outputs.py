"""What is asked for besides the MP4 and made of the finished film: each an artefact of its own."""

from collections.abc import Callable
from functools import cache, partial
from pathlib import Path

from common.domain.outputs import Output, thumbnail
from common.engine import artefacts, production
from common.engine.artefacts import Artefact, Made
from common.engine.task import Task
from common.media import ffmpeg, preview
from common.media.poster import thumbnails
from common.media.timeline import Timeline
from common.media.webm import webm

VERSION = "1"  # grows when equal films become other files


def make(task: Task, line: Timeline, video: Artefact, folder: Path) -> list[Artefact]:
    """The artefacts of the request's outputs: not the sound, the film's own track, nor the stream of its segments."""
    film = cache(lambda: task.context.objects.fetch(video.files["video.mp4"], folder / "film.mp4"))
    engine = f"{VERSION}+{ffmpeg.version()}"
    return [
        artefacts.make(
            task, output, {"engine": [output, engine], "video": video.key}, partial(_produce, output, task, line, film)
        )
        for output in sorted(set(task.request.outputs) - {"audio", "hls"})
    ]


def _produce(output: Output, task: Task, line: Timeline, film: Callable[[], Path]) -> Made:
    source, stop = film(), task.stop.is_set
    if output == "thumbnails":
        return Made({thumbnail(scene): path for scene, path in thumbnails(source, line, source.parent).items()})
    target = source.with_name(f"preview.{output}")
    if output == "gif":
        return Made({target.name: preview.gif(source, line, target, cancelled=stop)})
    if output == "webp":
        return Made({target.name: preview.webp(source, line, target, cancelled=stop)})
    return Made({"video.webm": webm(source, target, title=production.plan_of(task).title, cancelled=stop)})
