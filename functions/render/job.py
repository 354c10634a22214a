"""The render job: `python -m functions.render.job PIPELINE STEP EPOCH`, started by the render step.

It goes on with the attempt that started it, under the same lease and fences, and finishes the step.
"""

import os
import sys
from dataclasses import replace

from common import runtime
from common.domain.pipeline import Outcome, Spec
from common.engine import worker
from common.engine.context import Context
from common.engine.task import StepFailed, Task
from common.media.ffmpeg import DiskFull, RenderCancelled
from common.media.footage import UnreadableMedia
from common.observability import logs
from common.platform.objects import StorageFull
from functions.catalogue import CATALOGUE
from functions.render import film


def work(task: Task) -> Outcome:
    """Render the film and have it inspected."""
    try:
        made = film.make(task)
    except RenderCancelled:
        task.check()
        raise
    except UnreadableMedia as unreadable:
        raise StepFailed("unreadable_media", str(unreadable)) from unreadable
    except (DiskFull, StorageFull) as full:
        raise StepFailed("storage_full", str(full)) from full
    suffix = task.step.key.removeprefix("render")
    return Outcome(
        result={
            "work": [
                {"name": "sound", **made.sound.note()},
                {"name": "video", **made.video.note()},
                {"name": "captions", **made.captions.note()},
            ],
            "segments": made.segments,
            "rendered": made.rendered,
            "why": made.why,
        },
        facts={"segments": made.segments, "rendered": made.rendered, "encoder": made.encoder},
        then=(Spec(step="inspect", key=f"inspect{suffix}", input=dict(task.input)),),
    )


def main(pipeline_id: str, key: str, epoch: int) -> int:
    """Run one task of the job; 0 also when the attempt no longer counts."""
    logs.configure()
    context = _within_means(runtime.build(CATALOGUE))
    task = worker.adopt(context, pipeline_id, key, epoch)
    if task is not None:
        worker.perform(task, work)
    return 0


def _within_means(context: Context) -> Context:
    """One segment at a time where an attempt before this one was killed, which may have been for its memory."""
    if int(os.environ.get("CLOUD_RUN_TASK_ATTEMPT", "0")) == 0:
        return context
    return replace(context, settings=replace(context.settings, workers=1))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], sys.argv[2], int(sys.argv[3])))
