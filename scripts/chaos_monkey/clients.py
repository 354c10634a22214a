"""Clients that send orders to servers which die under them, and follow each pipeline to its end."""

import json
import queue
import random
import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any

import httpx

from common.domain.pipeline import Pipeline
from common.engine import store
from common.platform.documents import Documents
from scripts.chaos_monkey.orders import Order
from scripts.chaos_monkey.servers import Server

LOOK_SECONDS = 0.25
CALL_SECONDS = 15.0


class NoAnswer(Exception):
    """No server answered in all the time there was."""


@dataclass
class Followed:
    """What a client learned of its order: ids it was given, whether a cancel was confirmed, and how it ended."""

    order: Order
    ids: set[str] = field(default_factory=set)
    sent: int = 0
    cancelled: bool = False
    ended: str = ""
    problem: str = ""
    events: int = 0


@dataclass(frozen=True)
class Answer:
    """An HTTP answer of a server."""

    status: int
    body: dict[str, Any]


class Clients:
    """`at_once` orders are under way at a time. Their state is read from the store; the servers have enough to do."""

    def __init__(
        self,
        orders: Sequence[Order],
        servers: Sequence[Server],
        documents: Documents,
        token_of: Callable[[str], str],
        *,
        at_once: int,
        until: float,
    ) -> None:
        self.followed = [Followed(order) for order in orders]
        self._servers = servers
        self._documents = documents
        self._token_of = token_of  # by user
        self._until = until
        self._waiting: queue.SimpleQueue[Followed] = queue.SimpleQueue()
        for one in self.followed:
            self._waiting.put(one)
        self._threads = [threading.Thread(target=self._work, name=f"client-{n}", daemon=True) for n in range(at_once)]

    def start(self) -> None:
        """Begin to send."""
        for thread in self._threads:
            thread.start()

    @property
    def busy(self) -> bool:
        """Whether an order is still waiting or under way."""
        return any(thread.is_alive() for thread in self._threads)

    @property
    def events(self) -> int:
        """How many events the pipelines were seen to record."""
        return sum(one.events for one in self.followed)

    @property
    def done(self) -> int:
        """How many orders were followed to their end."""
        return sum(bool(one.ended or one.problem) for one in self.followed)

    def _work(self) -> None:
        while True:
            try:
                followed = self._waiting.get_nowait()
            except queue.Empty:
                return
            try:
                self._follow(followed)
            except NoAnswer as silent:
                followed.problem = str(silent)
            except Exception as broken:  # a client that breaks must not look like a pipeline that ended
                followed.problem = f"its client broke: {type(broken).__name__}: {broken}"

    def _follow(self, followed: Followed) -> None:
        order = followed.order
        copies = 2 if order.twice else 1
        with ThreadPoolExecutor(copies) as senders:
            answers = list(senders.map(lambda copy: self._submit(order, copy), range(copies)))
        followed.sent = copies
        for answer in answers:
            if answer.status != 202:
                followed.problem = f"it was not accepted ({answer.status}): {answer.body.get('detail', '')}"
                return
            followed.ids.add(str(answer.body["id"]))
        pipeline_id = min(followed.ids)
        began = time.monotonic()
        while not (pipeline := store.read(self._documents, pipeline_id).pipeline).settled:
            followed.events = pipeline.seq
            if time.monotonic() > self._until:
                followed.problem = f"pipeline {pipeline_id} is still {pipeline.status} at {pipeline.stage}"
                return
            if order.cancel_after is not None and time.monotonic() - began > order.cancel_after:
                followed.cancelled = self._cancel(order, pipeline)
            time.sleep(LOOK_SECONDS)
        followed.ended, followed.events = pipeline.status, pipeline.seq

    def _submit(self, order: Order, copy: int) -> Answer:
        headers = {"Idempotency-Key": order.key}
        chance = random.Random(f"{order.key} {copy}")
        return self.ask(order.user, "POST", "/pipeline/run", order.body(), headers, chance=chance)

    def _cancel(self, order: Order, pipeline: Pipeline) -> bool:
        """Whether the service confirmed it; it may have ended meanwhile."""
        path, chance = f"/pipeline/{pipeline.id}/cancel", random.Random(pipeline.id)
        answer = self.ask(order.user, "POST", path, {}, {}, chance=chance)
        if answer.status == 200 and answer.body["status"] == "cancelled":
            return True
        if answer.body.get("code") == "already_ended":
            return False
        raise NoAnswer(f"pipeline {pipeline.id} could not be cancelled ({answer.status}): {answer.body}")

    def ask(
        self,
        user: str,
        method: str,
        path: str,
        body: dict[str, Any] | None,
        headers: dict[str, str],
        *,
        chance: random.Random,
    ) -> Answer:
        """Ask some server until one answers for good, as a careful client does; NoAnswer when time is up."""
        data = None if body is None else json.dumps(body).encode()
        token = self._token_of(user)
        while time.monotonic() < self._until:
            server = chance.choice(self._servers)
            all_headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json", **headers}
            try:
                answer = httpx.request(
                    method, server.url + path, content=data, headers=all_headers, timeout=CALL_SECONDS
                )
                found = Answer(answer.status_code, answer.json())
            except (httpx.HTTPError, ValueError):
                time.sleep(chance.uniform(0.1, 0.5))  # it died under the call, or is not up again
                continue
            busy = found.status >= 500 or found.status == 429 or found.body.get("code") == "idempotency_in_progress"
            if not busy:
                return found
            time.sleep(float(answer.headers.get("Retry-After", 0.5)))
        raise NoAnswer(f"{method} {path} was not answered")
