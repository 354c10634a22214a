"""What one client is told of one pipeline: how it stands, then every event after the last one it has.

A host that can wait for many clients at once iterates over it asynchronously, until the pipeline has ended. Any other
gets what there is so far as server-sent events, and the client asks again.
"""

import asyncio
import json
from collections import Counter
from collections.abc import AsyncIterator, Callable, Iterator
from threading import Lock
from typing import Any

from common.domain.pipeline import Pipeline
from common.engine.context import Context
from common.http import pipelines
from common.http.call import Call
from common.http.live import hub
from common.http.live.hub import Message
from common.http.problem import Problem
from common.platform.documents import Unavailable

PING_SECONDS = 20.0
RETRY_MILLISECONDS = 2000
# Of one caller at one process; another is refused until one ends.
MOST_OF_A_CALLER = 250
SNAPSHOT = "snapshot"
_PAUSE_SECONDS = 1.0  # while the store is away
# Ends of lines to Unicode, which JSON takes as they are.
_LINES = {code: f"\\u{code:04x}" for code in (0x85, 0x2028, 0x2029)}

_open: Counter[str] = Counter()
_counting = Lock()


class Feed(Iterator[bytes]):
    """The snapshot, then the events; to be closed by whoever made it."""

    def __init__(self, call: Call[Any], pipeline: Pipeline, after: int | None) -> None:
        """From behind event `after` on; without it, from where the pipeline stands. Problem 400 and 429."""
        if after is not None and after > pipeline.seq:
            text = f"The log of this pipeline ends at event {pipeline.seq}, so nothing comes after {after}."
            raise Problem(400, "no_such_event", text, facts={"last_seq": pipeline.seq})
        start = pipeline.seq if after is None else after
        self._snapshot = snapshot(call.context, pipeline, start)
        # Where the log has ended, its last event ends this, unless the client has that one.
        self._over = pipeline.settled and start == pipeline.seq
        self._caller = call.caller.id
        self.owner = pipeline.owner
        self._wake: Callable[[], None] = _nobody
        self._follower = hub.of(call.context.documents).follow(pipeline.id, start, lambda: self._wake())
        try:
            _sit_down(self._caller)
        except Problem:
            self._follower.close()
            raise
        self._closed = self._ended = False
        self._written: Iterator[bytes] | None = None

    @property
    def seq(self) -> int:
        """The last event that was told, or behind which this began: where the client resumes."""
        return self._follower.seq

    async def __aiter__(self) -> AsyncIterator[list[Message]]:
        """Messages as they come, and an empty list where none came for PING_SECONDS; ends when the pipeline has."""
        loop, more = asyncio.get_running_loop(), asyncio.Event()
        self._wake = lambda: _tell(loop, more)
        yield [self._snapshot]
        if self._over:
            return
        while not self._ended:
            more.clear()
            try:
                found = self._follower.ready()
                if found is None:
                    found = await loop.run_in_executor(None, self._follower.catch_up)
            except Unavailable:
                await asyncio.sleep(_PAUSE_SECONDS)
                yield []
                continue
            if found:
                yield found
                if found[-1].last:
                    return
                continue
            try:
                await asyncio.wait_for(more.wait(), PING_SECONDS)
            except TimeoutError:
                yield []

    def __next__(self) -> bytes:
        """Everything so far as server-sent events."""
        if self._written is None:
            self._written = iter([opening(), *map(sent, (self._snapshot, *self._follower.catch_up()))])
        return next(self._written)

    def end(self) -> None:
        """Have the iteration end soon, in whatever state the pipeline is."""
        self._ended = True
        self._wake()

    def close(self) -> None:
        """Follow no longer."""
        if not self._closed:
            self._closed = True
            self._follower.close()
            _stand_up(self._caller)


def snapshot(context: Context, pipeline: Pipeline, start: int) -> Message:
    """How the pipeline stands, as the first message.

    `seq` is where the client resumes if this is all it gets, for events it has not seen may follow; that of the last
    event whose effect is shown stands in the data.
    """
    view = pipelines.view(context, pipeline).model_dump(mode="json")
    error = None if pipeline.error is None else pipelines.public_failure(pipeline.error).model_dump(mode="json")
    time = pipeline.updated_at.isoformat().replace("+00:00", "Z")
    said = {"seq": start, "type": SNAPSHOT, "time": time, "data": {**view, "seq": pipeline.seq, "error": error}}
    return Message(start, SNAPSHOT, json.dumps(said, ensure_ascii=False, separators=(",", ":")))


def opening() -> bytes:
    """How a stream of server-sent events begins: with how long to wait before it is asked for again."""
    return b"retry: %d\n\n" % RETRY_MILLISECONDS


def sent(message: Message) -> bytes:
    """A message as a server-sent event, in one line for clients that take more than CR and LF for the end of one."""
    return f"id: {message.seq}\ndata: {message.text.translate(_LINES)}\n\n".encode()


def _tell(loop: asyncio.AbstractEventLoop, more: asyncio.Event) -> None:
    try:
        loop.call_soon_threadsafe(more.set)
    except RuntimeError:  # the loop is closed: its process ends
        return


def _nobody() -> None:
    return


def _sit_down(caller: str) -> None:
    with _counting:
        if _open[caller] >= MOST_OF_A_CALLER:
            raise Problem(
                429,
                "too_many_connections",
                f"You have {MOST_OF_A_CALLER} live connections open; close one, then connect again.",
                headers={"Retry-After": "10"},
            )
        _open[caller] += 1


def _stand_up(caller: str) -> None:
    with _counting:
        _open[caller] -= 1
        if not _open[caller]:
            del _open[caller]
