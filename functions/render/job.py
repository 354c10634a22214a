"""The render job: `python -m functions.render.job PIPELINE STEP EPOCH`, started by the render step.

Its first task goes on with the attempt that started it, under the same lease and fences, and finishes the step. Further
tasks encode segments, each from another place of the film, until none is missing.
"""

import os
import sys
from dataclasses import replace

from common import runtime
from common.domain.pipeline import Outcome, Spec
from common.engine import worker
from common.engine.assist import assist
from common.engine.context import Context
from common.engine.task import StepFailed, Task
from common.media.ffmpeg import DiskFull, RenderCancelled
from common.media.footage import UnreadableMedia
from common.media.render import ALONE, Share
from common.observability import logs
from common.platform.objects import StorageFull
from functions.catalogue import CATALOGUE
from functions.render import film


def work(task: Task, share: Share = ALONE) -> Outcome:
    """Render the film and have it inspected."""
    try:
        made = film.make(task, share)
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
            "work": [{"name": one.slot, **one.note()} for one in made.made],
            "segments": made.segments,
            "rendered": made.rendered,
            "why": made.why,
        },
        facts={"segments": made.segments, "rendered": made.rendered, "encoder": made.encoder, **_noted(task, made)},
        then=(Spec(step="inspect", key=f"inspect{suffix}", input=dict(task.input)),),
    )


def _noted(task: Task, made: film.Film) -> dict[str, list[str]]:
    """That another encoder ran than was asked for, beside what was noted before."""
    wanted = task.request.encoder
    if made.encoder == wanted:
        return {}
    note = f"video: {wanted} does not encode on this machine; {made.encoder} ran instead."
    return {"notes": list(dict.fromkeys([*task.pipeline.facts.get("notes", []), note]))}


def main(pipeline_id: str, key: str, epoch: int) -> int:
    """Run one task of the job; 0 also when the attempt no longer counts."""
    logs.configure()
    context = _within_means(runtime.build(CATALOGUE))
    share = Share(_given("INDEX", 0), _given("COUNT", 1))
    if share.task > 0:
        assist(context, pipeline_id, key, epoch, lambda task: film.help_out(task, share))
        return 0
    task = worker.adopt(context, pipeline_id, key, epoch)
    if task is not None:
        worker.perform(task, lambda task: work(task, share))
    return 0


def _within_means(context: Context) -> Context:
    """One segment at a time where an attempt before this one was killed, which may have been for its memory."""
    if _given("ATTEMPT", 0) == 0:
        return context
    return replace(context, settings=replace(context.settings, workers=1))


def _given(name: str, alone: int) -> int:
    """What the platform says of this task; `alone` where none does."""
    return int(os.environ.get(f"CLOUD_RUN_TASK_{name}", alone))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], sys.argv[2], int(sys.argv[3])))
