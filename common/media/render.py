"""All segments of a film: several at once, each kept as soon as it is done, none made twice."""

import tempfile
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from common.media.ffmpeg import Cancelled, RenderCancelled, naming_a_full_disk, never
from common.media.memory import give_back_freed_memory
from common.media.pool import Pool
from common.media.segments import Studio, render_segment
from common.media.timeline import Segment


class SegmentStore(Protocol):
    """Finished segments by key; writes appear whole or not at all."""

    def has(self, key: str) -> bool:
        """Whether the segment is there."""

    def put(self, key: str, path: Path) -> None:
        """Keep a copy of the file."""

    def fetch(self, key: str) -> Path:
        """A local path of the segment, for reading."""


@dataclass(frozen=True)
class Share:
    """Which of how many tasks works here, counted from 0."""

    task: int
    tasks: int


ALONE = Share(0, 1)
Done = Callable[[Segment, bool], None]  # called for each segment, from a worker's thread; True: it was there already


def render_all(
    segments: Sequence[Segment],
    studio: Studio,
    store: SegmentStore,
    *,
    workers: int = 2,
    cancelled: Cancelled = never,
    on_done: Done = lambda _segment, _reused: None,
    share: Share = ALONE,
    early: bool = False,
) -> int:
    """Bring every segment into the store; how many were rendered here.

    `workers` threads each take the segment whose pictures are at hand, else the longest, or with `early` the film's
    first. With several tasks each starts at another place and goes all the way round: what another task has finished
    by then is skipped, so a slow or dead one holds nothing up. The first failure stops the rest and is raised.
    Temporary files are those of segments in flight.
    """
    give_back_freed_memory()
    waiting = working_order(segments, share, early=early)
    taking = threading.Lock()
    failures: list[BaseException] = []
    rendered: list[str] = []
    pool = Pool(studio.sources, most=2 * workers + 1)  # two in each worker's fade, and one more

    def stopped() -> bool:
        return bool(failures) or cancelled()

    def take() -> Segment | None:
        with taking:
            if not waiting or stopped():
                return None
            best = min(waiting, key=lambda segment: _effort(segment, pool))  # the first among equals
            waiting.remove(best)
            return best

    def work() -> None:
        try:
            while segment := take():
                reused = store.has(segment.key)
                if not reused:
                    _keep(segment, studio, store, stopped, pool)
                    rendered.append(segment.key)
                on_done(segment, reused)
        except BaseException as error:  # raised again below, in the caller's thread
            failures.append(error)

    threads = [threading.Thread(target=work, name=f"render-{index}") for index in range(workers)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    pool.close()
    if failures:
        raise failures[0]
    if cancelled():
        raise RenderCancelled("Cancelled: the render stopped between two segments.")
    return len(rendered)


def working_order(segments: Sequence[Segment], share: Share = ALONE, *, early: bool = False) -> list[Segment]:
    """Each distinct segment once, longest or earliest first, turned by the task's share of the circle."""
    distinct = {segment.key: segment for segment in reversed(segments)}
    order = sorted(distinct.values(), key=lambda segment: (0 if early else -segment.frames, segment.start))
    turn = len(order) * share.task // share.tasks
    return order[turn:] + order[:turn]


def _effort(segment: Segment, pool: Pool) -> tuple[int, int]:
    """Pictures to prepare for a segment; among equals the one comes first that uses more of those at hand."""
    scenes = [take.scene for take in (segment.shows, segment.into) if take is not None]
    missing = pool.missing(scenes)
    return missing, missing - len(scenes)


def _keep(segment: Segment, studio: Studio, store: SegmentStore, cancelled: Cancelled, pool: Pool) -> None:
    with (
        naming_a_full_disk(f"keep {segment.label}"),
        tempfile.TemporaryDirectory(prefix="aiprod-segment-") as folder,
    ):
        store.put(segment.key, render_segment(segment, studio, Path(folder) / "segment.mp4", cancelled, pool))
