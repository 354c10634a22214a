"""One watcher per pipeline and process: it follows the log in the store, and any number of clients read along.

The store is the truth. A client knows the number of the last event it has, and asks for what comes after it: mostly
that stands among the newest ones, which the watcher keeps; what no longer does is read from the store. So nothing is
lost, doubled or reordered, whoever is slow, comes late or comes back. While the store is away, clients wait.
"""

import logging
import random
import threading
import time
import weakref
from collections import deque
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from common.domain.pipeline import Event
from common.engine import store
from common.http.events import LAST, public
from common.platform.documents import Documents, Unavailable

KEPT = 1000  # newest events of a pipeline, a few hundred bytes each
_IDLE_SECONDS = 2.0  # how long a watcher outlives its last client at most
_LONGEST_PAUSE = 3.0

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Message:
    """One thing to tell a client: its number in the log, and the whole of it as JSON."""

    seq: int
    type: str
    text: str

    @property
    def last(self) -> bool:
        """Whether nothing can come after it."""
        return self.type in LAST


class Hub:
    """The watchers of one process over one store."""

    def __init__(self, documents: Documents) -> None:
        self._documents = documents
        self._lock = threading.Lock()
        self._watchers: dict[str, Watcher] = {}

    def follow(self, pipeline_id: str, after: int, wake: Callable[[], None]) -> "Follower":
        """Read a pipeline's log from behind an event on; `wake` is called from another thread when there is more."""
        with self._lock:
            watcher = self._watchers.get(pipeline_id)
            if watcher is None:
                watcher = self._watchers[pipeline_id] = Watcher(self._documents, pipeline_id, after, self._leave)
                watcher.start()
            return watcher.join(after, wake)

    def watched(self) -> int:
        """How many pipelines are watched now."""
        with self._lock:
            return len(self._watchers)

    def _leave(self, watcher: "Watcher") -> bool:
        """Forget a watcher that nobody follows any more; from then on another one would be started."""
        with self._lock:
            if watcher.followed:
                return False
            del self._watchers[watcher.pipeline_id]
            return True


class Watcher:
    """Reads the log of one pipeline as it grows, in a thread of its own, for as long as somebody follows."""

    def __init__(self, documents: Documents, pipeline_id: str, after: int, leave: "Callable[[Watcher], bool]") -> None:
        self.documents = documents
        self.pipeline_id = pipeline_id
        self._followers: set[Follower] = set()
        self._leave = leave
        self._lock = threading.Lock()
        self._seq = after
        self._kept: deque[Message] = deque(maxlen=KEPT)
        self._thread = threading.Thread(target=self._run, name=f"watch {pipeline_id}", daemon=True)

    def start(self) -> None:
        """Begin to watch."""
        self._thread.start()

    @property
    def followed(self) -> bool:
        """Whether anybody still reads."""
        return bool(self._followers)

    def join(self, after: int, wake: Callable[[], None]) -> "Follower":
        """One more reader."""
        follower = Follower(self, after, wake)
        with self._lock:
            self._followers.add(follower)
        return follower

    def part(self, follower: "Follower") -> None:
        """One reader less."""
        with self._lock:
            self._followers.discard(follower)

    def after(self, seq: int) -> list[Message] | None:
        """What is kept of what follows an event; None when that has to be read from the store."""
        with self._lock:
            missing = self._seq - seq
            if missing <= 0:
                return []
            if missing > len(self._kept):
                return None
            return [self._kept[place] for place in range(-missing, 0)]

    def read(self, seq: int) -> list[Message]:
        """What follows an event, from the store; up to a gap, should it show one, for what is missing comes later."""
        found: list[Event] = []
        for event in store.events(self.documents, self.pipeline_id, after=seq):
            if event.seq != seq + 1:
                log.warning("an event is missing", extra={"pipeline_id": self.pipeline_id, "seq": seq + 1})
                break
            found.append(event)
            seq = event.seq
        return [_message(event) for event in found]

    def _run(self) -> None:
        pause = 0.0
        while not self._leave(self):
            try:
                for document in self.documents.watch(store.pipeline_path(self.pipeline_id), _IDLE_SECONDS):
                    pause = 0.0
                    if int(document.data["seq"]) > self._seq:
                        self._take(self.read(self._seq))
                    if not self.followed:
                        break
                continue
            except Unavailable as away:
                log.warning("the store is away", extra={"pipeline_id": self.pipeline_id, "reason": str(away)})
            except Exception:
                log.exception("a pipeline cannot be watched", extra={"pipeline_id": self.pipeline_id})
            pause = min(_LONGEST_PAUSE, max(0.1, pause * 1.5))
            time.sleep(random.uniform(0.5, 1.0) * pause)

    def _take(self, messages: Iterable[Message]) -> None:
        with self._lock:
            for message in messages:
                self._kept.append(message)
                self._seq = message.seq
            readers = tuple(self._followers)
        for follower in readers:
            follower.wake()


class Follower:
    """One client's place in a log: `seq` is the last event that it was given."""

    def __init__(self, watcher: Watcher, after: int, wake: Callable[[], None]) -> None:
        self.seq = after
        self.wake = wake
        self._watcher = watcher

    def ready(self) -> list[Message] | None:
        """What is new, without waiting for anything; None when it has to be read with `catch_up`."""
        found = self._watcher.after(self.seq)
        return found if found is None else self._given(found)

    def catch_up(self) -> list[Message]:
        """What is new, from the store; Unavailable."""
        return self._given(self._watcher.read(self.seq))

    def close(self) -> None:
        """Follow no longer."""
        self._watcher.part(self)

    def _given(self, messages: list[Message]) -> list[Message]:
        if messages:
            self.seq = messages[-1].seq
        return messages


_hubs: "weakref.WeakKeyDictionary[Documents, Hub]" = weakref.WeakKeyDictionary()
_making = threading.Lock()


def of(documents: Documents) -> Hub:
    """The hub of this process over a store."""
    with _making:
        return _hubs.get(documents) or _hubs.setdefault(documents, Hub(documents))


def _message(event: Event) -> Message:
    return Message(event.seq, event.type, public(event).model_dump_json())
