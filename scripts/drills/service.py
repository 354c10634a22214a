"""The service as clients reach it: through a balancer that leaves a failing server alone. Every answer is kept."""

import contextlib
import json
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import httpx

from scripts.chaos_monkey.servers import Server

CALL_SECONDS = 40.0  # longer than a server waits for its store, so that the answer is the server's
# As terraform/modules/edge/backends.tf has it, of which half of the servers at most are left alone.
FAILURES = 3
LEFT_ALONE = 30.0  # seconds
DRAIN_SECONDS = 15.0  # in which requests that are under way come to their end
LOOK_SECONDS = 0.05


@dataclass(frozen=True)
class Answer:
    """What came of one request; status 0 where nothing did. Moments are of the monotonic clock."""

    call: str
    server: int
    asked: float
    at: float
    status: int
    body: dict[str, Any] = field(default_factory=dict)
    retry_after: float | None = None

    @property
    def failed(self) -> bool:
        """Whether the service failed its client."""
        return self.status == 0 or self.status >= 500

    @property
    def put_off(self) -> bool:
        """Whether it was refused as what is away for a moment is: with a code of its own and a time to come again."""
        return self.status == 503 and self.body.get("code") == "unavailable" and bool(self.retry_after)

    def __str__(self) -> str:
        said = self.body.get("code") or self.body.get("error") or ""
        return f"{self.call} was answered {self.status or 'not at all'} ({said}) by server {self.server}"


class Service:
    """Servers behind a balancer: turn by turn, without those that failed several times in a row a moment ago."""

    def __init__(self, servers: Sequence[Server]) -> None:
        self._servers = servers
        self._lock = threading.Lock()
        self._turn = 0
        self._under_way = [0] * len(servers)
        self._failures = [0] * len(servers)
        self._alone_until = [0.0] * len(servers)
        self._withdrawn: set[int] = set()
        self._answers: list[Answer] = []

    def ask(
        self, method: str, path: str, body: Mapping[str, Any] | None = None, headers: Mapping[str, str] | None = None
    ) -> Answer:
        """Ask once; nothing is raised."""
        number = self._pick()
        call, asked = f"{method} {path}", time.monotonic()
        data = None if body is None else json.dumps(body).encode()
        sent = {"Content-Type": "application/json", **(headers or {})}
        url = self._servers[number].url + path
        try:
            got = httpx.request(method, url, content=data, headers=sent, timeout=CALL_SECONDS, trust_env=False)
            wait = got.headers.get("Retry-After")
            later = float(wait) if wait else None
            found = Answer(call, number, asked, time.monotonic(), got.status_code, got.json(), later)
        except (httpx.HTTPError, ValueError) as error:
            found = Answer(call, number, asked, time.monotonic(), 0, {"error": type(error).__name__})
        self._keep(found)
        return found

    def answers(self, since: float = 0.0) -> list[Answer]:
        """What was answered from a moment on, in that order."""
        with self._lock:
            return [answer for answer in self._answers if answer.at >= since]

    @contextlib.contextmanager
    def without(self, number: int) -> Iterator[None]:
        """Send nothing to a server meanwhile, as while it is replaced."""
        with self._lock:
            self._withdrawn.add(number)
        try:
            over = time.monotonic() + DRAIN_SECONDS
            while self._under_way[number] and time.monotonic() < over:
                time.sleep(LOOK_SECONDS)
            yield
        finally:
            with self._lock:
                self._withdrawn.discard(number)

    def _pick(self) -> int:
        with self._lock:
            now = time.monotonic()
            there = [number for number in range(len(self._servers)) if number not in self._withdrawn]
            able = [number for number in there if self._alone_until[number] <= now] or there
            self._turn += 1
            chosen = able[self._turn % len(able)]
            self._under_way[chosen] += 1
            return chosen

    def _keep(self, answer: Answer) -> None:
        with self._lock:
            self._answers.append(answer)
            number = answer.server
            self._under_way[number] -= 1
            self._failures[number] = self._failures[number] + 1 if answer.failed else 0
            others = [until for other, until in enumerate(self._alone_until) if other != number]
            alone = sum(until > answer.at for until in others)
            if self._failures[number] >= FAILURES and 2 * (alone + 1) <= len(self._servers):
                self._alone_until[number] = answer.at + LEFT_ALONE
                self._failures[number] = 0
