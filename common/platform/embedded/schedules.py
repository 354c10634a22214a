"""Schedules within this process: each function is called at its minutes, and never twice at once."""

import logging
import threading
from collections.abc import Mapping
from datetime import datetime

from common.platform.clock import Clock
from common.platform.embedded.cron import Cron
from common.platform.embedded.delivery import Deliver

_log = logging.getLogger(__name__)


class InProcessSchedules:
    """Cron expressions (UTC) by function. Minutes missed while nobody looked count as one; no answer is retried."""

    def __init__(self, entries: Mapping[str, str], deliver: Deliver, clock: Clock) -> None:
        self._entries = dict(entries)
        self._crons = {function: Cron.parse(text) for function, text in entries.items()}
        self._deliver = deliver
        self._clock = clock
        self._due = {function: cron.after(clock.now()) for function, cron in self._crons.items()}
        self._changed = threading.Condition()
        self._running: set[str] = set()
        self._stop: threading.Event | None = None
        self._thread: threading.Thread | None = None

    def entries(self) -> Mapping[str, str]:
        """Function name to cron expression (UTC)."""
        return dict(self._entries)

    def run_now(self, function: str) -> None:
        """Call a scheduled function at once, in this thread; ValueError when it is not scheduled."""
        if function not in self._entries:
            raise ValueError(f"{function!r} has no schedule; there are: {', '.join(sorted(self._entries))}")
        self._call(function, self._clock.now())

    def next_due(self) -> datetime | None:
        """When `run_due` will have something to do; None without schedules."""
        return min(self._due.values(), default=None)

    def run_due(self) -> list[str]:
        """Call, in this thread, every function that is due; their names."""
        due = self._take_due()
        for function, moment in due:
            self._call(function, moment)
        return [function for function, _ in due]

    @property
    def idle(self) -> bool:
        """Whether no scheduled call is under way."""
        with self._changed:
            return not self._running

    def start(self) -> None:
        """Let threads call what is due."""
        if self._stop is None:
            self._stop = threading.Event()
            self._thread = threading.Thread(target=self._watch, args=[self._stop], name="schedules", daemon=True)
            self._thread.start()

    def stop(self, timeout: float = 1.0) -> None:
        """Begin no further call; those under way are left alone."""
        if self._stop is not None and self._thread is not None:
            self._stop.set()
            with self._changed:
                self._changed.notify_all()
            self._thread.join(timeout)
            self._stop = None

    def _watch(self, stop: threading.Event) -> None:
        while not stop.is_set():
            for function, moment in self._take_due():
                # One thread each, so that a slow function does not delay the others.
                threading.Thread(
                    target=self._call, args=[function, moment], name=f"schedule-{function}", daemon=True
                ).start()
            due = self.next_due()
            with self._changed:
                if not stop.is_set():
                    # At most half a second, since the clock may be set or moved by hand.
                    left = 0.5 if due is None else (due - self._clock.now()).total_seconds()
                    self._changed.wait(min(0.5, max(0.001, left)))

    def _take_due(self) -> list[tuple[str, datetime]]:
        with self._changed:
            now = self._clock.now()
            due = sorted((moment, function) for function, moment in self._due.items() if moment <= now)
            for _, function in due:
                self._due[function] = self._crons[function].after(now)
            return [(function, moment) for moment, function in due]

    def _call(self, function: str, moment: datetime) -> None:
        with self._changed:
            if function in self._running:
                return  # as Cloud Scheduler: the run under way is enough
            self._running.add(function)
        headers = {
            "Content-Type": "application/json",
            "X-CloudScheduler": "true",
            "X-CloudScheduler-JobName": function,
            "X-CloudScheduler-ScheduleTime": moment.isoformat().replace("+00:00", "Z"),
        }
        try:
            status = self._deliver(function, b"{}", headers)
            if not 200 <= status < 300:
                _log.error("The scheduled %s answered %s; it is called again at its next minute", function, status)
        except Exception:
            _log.exception("The scheduled %s raised; it is called again at its next minute", function)
        finally:
            with self._changed:
                self._running.discard(function)
