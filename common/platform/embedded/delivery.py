"""Deliver calls to functions in this process: queues by priority, a pace for each, retries, and giving up at last.

Worker threads run it for real; the simulation drives the same code by `run_one` and `next_due` with its own clock.
What is queued dies with the process: the engine's outbox and sweep bring it back.
"""

import heapq
import itertools
import logging
import random
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from common.platform.clock import Clock

Deliver = Callable[[str, bytes, Mapping[str, str]], int]
"""Call a function by name with a body and headers; the HTTP status of its answer."""

_RANKS = {"high": 0, "medium": 1, "low": 2}
_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Limits:
    """The pace of one queue: calls at once, and calls begun per second (bursts of one second's worth).

    With `own` threads it keeps no other queue waiting, and none keeps it.
    """

    concurrency: int = 1000
    per_second: float = 500.0
    own: int = 0


@dataclass(frozen=True)
class Retries:
    """How often a call is tried; pauses in seconds, doubling from first to longest, up to half less by chance."""

    attempts: int = 10
    first: float = 0.2
    longest: float = 10.0


@dataclass
class Call:
    """One call to deliver. `request` makes body and headers of an attempt (from 1); `gave_up` hears the last reason."""

    function: str
    request: Callable[[int], tuple[bytes, Mapping[str, str]]]
    gave_up: Callable[[int, str], None]
    attempts: int = 0


@dataclass
class _Queue:
    name: str
    limits: Limits
    filled: datetime
    running: int = 0
    tokens: float = 0.0
    calls: list[tuple[datetime, int, Call]] = field(default_factory=list)

    def ready_at(self, now: datetime) -> datetime | None:
        """When the next call may begin: now or earlier means at once, None means only after another one ends."""
        if not self.calls or self.running >= self.limits.concurrency:
            return None
        self._fill(now)
        missing = 1.0 - self.tokens
        due = self.calls[0][0]
        # Rounding must not keep a whole token a millionth short forever.
        return due if missing < 1e-6 else max(due, now + timedelta(seconds=missing / self.limits.per_second))

    def take(self) -> Call:
        self.tokens -= 1.0
        self.running += 1
        return heapq.heappop(self.calls)[2]

    def _fill(self, now: datetime) -> None:
        passed = max(0.0, (now - self.filled).total_seconds())
        self.tokens = min(max(1.0, self.limits.per_second), self.tokens + passed * self.limits.per_second)
        self.filled = now


class Dispatcher:
    """Queues of calls and the threads that deliver them; a queue's name may end in -high, -medium or -low."""

    def __init__(
        self,
        deliver: Deliver,
        clock: Clock,
        *,
        workers: int = 4,
        retries: Retries | None = None,
        limits: Mapping[str, Limits] | None = None,
        seed: int | None = None,
    ) -> None:
        self._deliver = deliver
        self._clock = clock
        self._workers = workers
        self._retries = retries or Retries()
        self._limits = limits or {}
        self._random = random.Random(seed)
        self._queues: dict[str, _Queue] = {}
        self._order = itertools.count()
        self._running = 0
        self._changed = threading.Condition()
        self._stop: threading.Event | None = None
        self._threads: list[threading.Thread] = []

    def add(self, queue: str, call: Call, due: datetime | None = None) -> None:
        """Queue a call, for now or for later."""
        with self._changed:
            self._push(queue, call, due or self._clock.now())
            self._changed.notify_all()

    @property
    def idle(self) -> bool:
        """Whether nothing is queued, waiting for its time, or being delivered."""
        with self._changed:
            return not self._running and not any(queue.calls for queue in self._queues.values())

    def next_due(self) -> datetime | None:
        """When `run_one` will have something to do; None when nothing is queued."""
        with self._changed:
            return self._due()

    def run_one(self) -> bool:
        """Deliver the one call whose turn it is, in this thread; False when none is due."""
        with self._changed:
            taken = self._take()
        if taken is None:
            return False
        self._run(*taken)
        return True

    def start(self) -> None:
        """Let worker threads deliver."""
        if self._stop is None:
            self._stop = threading.Event()
            served = [""] * self._workers + [name for name, limits in self._limits.items() for _ in range(limits.own)]
            self._threads = [
                threading.Thread(target=self._work, args=[self._stop, queue], name=f"delivery-{number}", daemon=True)
                for number, queue in enumerate(served)
            ]
            for thread in self._threads:
                thread.start()

    def stop(self, timeout: float = 1.0) -> None:
        """Begin no further delivery; wait at most `timeout` seconds for those under way."""
        if self._stop is None:
            return
        with self._changed:
            self._stop.set()
            self._changed.notify_all()
        for thread in self._threads:
            if thread is not threading.current_thread():
                thread.join(timeout / len(self._threads))
        self._stop = None

    def _work(self, stop: threading.Event, queue: str) -> None:
        """Deliver calls of one queue, or with an empty name of all that have no threads of their own."""
        while True:
            with self._changed:
                while (taken := self._take(queue) if not stop.is_set() else None) is None:
                    if stop.is_set():
                        return
                    self._changed.wait(self._pause(queue))
            try:
                self._run(*taken)
            except BaseException:  # the thread serves everybody
                _log.exception("A delivery of %s broke off", taken[1].function)

    def _pause(self, served: str) -> float:
        """Seconds until something is due there, at most 0.5, since the clock may be moved by hand."""
        due = self._due(served)
        return 0.5 if due is None else min(0.5, max(0.001, (due - self._clock.now()).total_seconds()))

    def _push(self, name: str, call: Call, due: datetime) -> None:
        queue = self._queues.get(name)
        if queue is None:
            limits = self._limits.get(name) or Limits()
            queue = self._queues[name] = _Queue(name, limits, self._clock.now(), tokens=max(1.0, limits.per_second))
        heapq.heappush(queue.calls, (due, next(self._order), call))

    def _due(self, served: str | None = None) -> datetime | None:
        now = self._clock.now()
        times = [queue.ready_at(now) for queue in self._served(served)]
        return min((time for time in times if time is not None), default=None)

    def _served(self, served: str | None) -> list[_Queue]:
        """The queues that a thread serves, or all of them."""
        return [one for one in self._queues.values() if served in (None, one.name if one.limits.own else "")]

    def _take(self, served: str | None = None) -> tuple[str, Call] | None:
        now = self._clock.now()
        ready = [queue for queue in self._served(served) if (at := queue.ready_at(now)) is not None and at <= now]
        if not ready:
            return None
        queue = min(ready, key=lambda one: (_rank(one.name), one.calls[0][:2]))
        self._running += 1
        return queue.name, queue.take()

    def _run(self, queue: str, call: Call) -> None:
        call.attempts += 1
        again = True
        try:
            again = not self._delivered(call)
        finally:
            # A call that broke off by whatever means was not acknowledged, so it comes again.
            with self._changed:
                if again:
                    pause = min(self._retries.longest, self._retries.first * 2.0 ** min(30, call.attempts - 1))
                    pause *= self._random.uniform(0.5, 1.0)
                    self._push(queue, call, self._clock.now() + timedelta(seconds=pause))
                self._running -= 1
                self._queues[queue].running -= 1
                self._changed.notify_all()

    def _delivered(self, call: Call) -> bool:
        """Try once; True when there is nothing more to do: acknowledged, or given up and that was heard."""
        try:
            status = self._deliver(call.function, *call.request(call.attempts))
            reason = f"{call.function} answered {status}"
        except Exception as error:
            _log.exception("%s raised during a delivery", call.function)
            status, reason = 500, f"{call.function} raised {type(error).__name__}: {error}"
        if 200 <= status < 300:
            return True
        if call.attempts < self._retries.attempts:
            return False
        try:
            call.gave_up(call.attempts, f"{reason} in attempt {call.attempts}, the last one")
        except Exception:
            # Nobody heard of it, so it must not vanish: one more attempt, then it is told again.
            _log.exception("The dead letter of %s was not taken", call.function)
            return False
        return True


def _rank(queue: str) -> int:
    return _RANKS.get(queue.rpartition("-")[2], _RANKS["medium"])
