"""Drill: Redis is killed."""

import time

from scripts.drills.rehearsal import Drill
from scripts.drills.service import Answer
from scripts.drills.stack import until

AWAY = 8.0  # seconds of the outage, once it was noticed
PATIENCE = 30.0
WENT, CAME = "redis is away, limits count per process", "redis is back, limits count for all processes"


class Cache(Drill):
    """No request fails: each process counts by itself at once, and for all of them again when Redis is back."""

    name = "cache"
    failure = "Redis killed"
    emulators = ("redis",)

    def strike(self) -> None:
        """End the process with all that it held."""
        self._seen: float | None = None
        self.stack.emulator("redis").stop()

    def recover(self) -> None:
        """Start an empty one after a while; the servers find it by themselves."""
        self.await_notice()
        until(lambda: len(self._saying(WENT)) == len(self.stack.servers), PATIENCE)
        time.sleep(AWAY)
        slowest = max(answer.at - answer.asked for answer in self.traffic.service.answers(self.struck))
        self.stack.emulator("redis").restart()
        began = time.monotonic()
        if not until(lambda: len(self._saying(CAME)) == len(self.stack.servers), PATIENCE):
            self.complaints.append(f"a server did not go back to Redis within {PATIENCE:.0f} s")
        self.note = (
            f"the slowest answer without Redis took {slowest:.2f} s;"
            f" both servers used it again {time.monotonic() - began:.1f} s after its start."
        )

    def noticed(self) -> float | None:
        """By the log of a server, for no client is to see anything."""
        if self._seen is None and self._saying(WENT):
            self._seen = time.monotonic()
        return self._seen

    def excused(self, answer: Answer) -> bool:
        """No request may fail."""
        return False

    def _saying(self, words: str) -> list[int]:
        count = range(len(self.stack.servers))
        return [number for number in count if words in self.stack.log_of(number).read_text(encoding="utf-8")]
