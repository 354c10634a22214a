"""Pictures that were prepared once, lent to one segment at a time: preparing one costs more than a second of frames."""

import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager

from common.media.source import FrameSource

Sources = Callable[[str], FrameSource]  # scene id to its picture, freshly prepared


class Pool:
    """Lends sources and keeps those that come back, `most` in all where it can; the longest unused goes first."""

    def __init__(self, sources: Sources, most: int) -> None:
        self._sources, self._most, self._lent = sources, most, 0
        self._idle: list[tuple[str, FrameSource]] = []
        self._lock, self._preparing = threading.Lock(), threading.Lock()

    @contextmanager
    def lend(self, scene: str) -> Iterator[FrameSource]:
        """A source of the scene, for the caller alone until the block ends."""
        source = self._take(scene) or self._prepare(scene)
        try:
            yield source
        except BaseException:
            with self._lock:
                self._lent -= 1
            source.close()  # it may be in the middle of something
            raise
        with self._lock:
            self._lent -= 1
            self._idle.append((scene, source))
            gone = self._surplus()
        _close(gone)

    def missing(self, scenes: Sequence[str]) -> int:
        """How many of the scenes would have to be prepared now."""
        with self._lock:
            idle = {scene for scene, _ in self._idle}
        return sum(scene not in idle for scene in scenes)

    def close(self) -> None:
        """Let go of all that is idle."""
        with self._lock:
            gone, self._idle = self._idle, []
        _close(gone)

    def _prepare(self, scene: str) -> FrameSource:
        with self._preparing:  # one at a time: it needs several times the memory that painting does
            return self._sources(scene)

    def _take(self, scene: str) -> FrameSource | None:
        with self._lock:
            self._lent += 1
            found = next((pair for pair in self._idle if pair[0] == scene), None)
            if found is not None:
                self._idle.remove(found)
            gone = self._surplus()
        _close(gone)  # before the next one is prepared
        return found[1] if found else None

    def _surplus(self) -> list[tuple[str, FrameSource]]:
        """Take out of the idle ones those that are too many."""
        count = min(len(self._idle), max(0, self._lent + len(self._idle) - self._most))
        gone, self._idle = self._idle[:count], self._idle[count:]
        return gone


def _close(gone: Sequence[tuple[str, FrameSource]]) -> None:
    for _, source in gone:
        source.close()
