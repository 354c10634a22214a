"""What of a film can be streamed by now: a document for each film that a pipeline rendered.

It needs no lease to be safe. A film is named by what it is made of, and its document only grows: whoever writes it, be
it a superseded attempt, adds segments that are kept under the hash of their content, and a write is guarded by what was
read. An attempt that makes another film, as a repair does, writes another document, of a later turn.
"""

from common.domain.model import Model
from common.domain.pipeline import Pipeline
from common.engine import production, store
from common.engine.context import Context
from common.engine.task import Task
from common.media.hls.stream import Stream
from common.platform.documents import Create, Order, Update

_TAKE = 1_000  # turns of one render: more than it may have attempts


class Shown(Model):
    """A stream as it is stored. The latest turn is the pipeline's film."""

    turn: int
    stream: Stream


def publish(task: Task, stream: Stream) -> None:
    """Show how far a film has come, unless more of it is shown already; Cancelled or LeaseLost."""
    documents, path = task.context.documents, f"{_collection(task.pipeline.id)}/{stream.film}"
    turn = production.take_of(task.step.key) * _TAKE + task.step.epoch

    def attempt() -> None:
        task.check()
        known = documents.get(path)
        if known is None:
            documents.commit([Create(path, Shown(turn=turn, stream=stream).model_dump(mode="json"))])
            return
        before = Shown.model_validate(known.data)
        after = Shown(turn=max(turn, before.turn), stream=before.stream.further(stream))
        if after != before:
            documents.commit([Update(path, after.model_dump(mode="json"), known.version)])

    store.settle(task.context.clock, attempt)


def current(context: Context, pipeline: Pipeline, film: str = "") -> Stream | None:
    """The stream of a film that the pipeline rendered, or of the last one; None before its first segment is there."""
    collection = _collection(pipeline.id)
    if film:
        row = context.documents.get(f"{collection}/{film}")
    else:
        row = next(iter(context.documents.query(collection, order=[Order("turn", descending=True)], limit=1)), None)
    if row is None and pipeline.replay_of:  # which keeps what the failed one rendered
        return current(context, store.read(context.documents, pipeline.replay_of).pipeline, film)
    return None if row is None else Shown.model_validate(row.data).stream


def _collection(pipeline_id: str) -> str:
    return f"pipelines/{pipeline_id}/streams"
