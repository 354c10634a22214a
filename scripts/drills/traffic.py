"""Clients at work during a drill: each orders one small film after another, and follows it to its end."""

import itertools
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from scripts.chaos_monkey.clients import Followed
from scripts.chaos_monkey.orders import ANGLES, SUBJECTS, Order
from scripts.drills.service import Answer, Service

LOOK_SECONDS = 0.35
BUSY_SECONDS = 0.2  # before a failed request without Retry-After is repeated
ENDED = ("completed", "failed", "cancelled")


@dataclass
class Job:
    """One order and what its client learned of it; `gone` are pipelines that were accepted and are known no more."""

    followed: Followed
    id: str = ""
    accepted: float = 0.0
    ended: float | None = None
    gone: list[tuple[str, float]] = field(default_factory=list)

    @property
    def over(self) -> bool:
        """Whether its client is done with it, for better or worse."""
        return bool(self.ended or self.followed.problem)

    def under_way(self, moment: float) -> bool:
        """Whether it was accepted by then and had not ended."""
        accepted = min([self.accepted, *(at for _, at in self.gone)]) if self.accepted else moment
        return accepted < moment and (self.ended is None or self.ended > moment)


class Traffic:
    """One client per user, all at work between `start` and `finish`; a problem of a client is never silent."""

    def __init__(self, service: Service, users: Sequence[str], login_of: Callable[[str], str], until: float) -> None:
        self.service = service
        self.jobs: list[Job] = []
        self._login_of = login_of  # an access token by user
        self._logins: dict[str, str] = {}
        self._until = until
        self._closing = threading.Event()
        self._numbers = itertools.count()
        self._threads = [threading.Thread(target=self._work, args=[user], name=user, daemon=True) for user in users]

    def start(self) -> None:
        """Begin to order."""
        for thread in self._threads:
            thread.start()

    def order(self, user: str) -> Job:
        """Have somebody else order one film, who follows it, too."""
        job = self._next(user)
        self._threads.append(threading.Thread(target=self._follow, args=[job], name=user, daemon=True))
        self._threads[-1].start()
        return job

    def finish(self) -> None:
        """Order nothing more, and follow what was ordered to its end."""
        self._closing.set()
        for thread in self._threads:
            thread.join(max(0.0, self._until - time.monotonic()) + 1.0)

    def abandon(self) -> None:
        """Leave everything where it is."""
        self._until = 0.0
        self._closing.set()

    @property
    def followed(self) -> list[Followed]:
        """Every order as an auditor asks for it."""
        return [job.followed for job in self.jobs]

    def _work(self, user: str) -> None:
        job = None
        while not self._closing.is_set() and not (job and job.followed.problem):
            job = self._next(user)
            self._follow(job)

    def _next(self, user: str) -> Job:
        job = Job(Followed(_order(next(self._numbers), user)))
        self.jobs.append(job)
        return job

    def _follow(self, job: Job) -> None:
        try:
            self._see_through(job)
        except Exception as broken:  # a client that breaks must not look like work that ended
            job.followed.problem = f"its client broke: {type(broken).__name__}: {broken}"

    def _ask(self, job: Job) -> Answer:
        order = job.followed.order
        if order.user not in self._logins:
            self._logins[order.user] = self._login_of(order.user)
        headers = {"Authorization": f"Bearer {self._logins[order.user]}"}
        if job.id:
            return self.service.ask("GET", f"/pipeline/{job.id}", headers=headers)
        return self.service.ask("POST", "/pipeline/run", order.body(), {**headers, "Idempotency-Key": order.key})

    def _see_through(self, job: Job) -> None:
        again = False
        while time.monotonic() < self._until:
            answer = self._ask(job)
            if answer.failed or answer.status == 429 or answer.body.get("code") == "idempotency_in_progress":
                time.sleep(answer.retry_after or BUSY_SECONDS)
            elif not job.id and answer.status == 202:
                self._accept(job, answer)
            elif job.id and answer.status == 404:
                # The service took it and knows nothing of it any more: a careful client asks for the same again.
                job.gone.append((job.id, job.accepted))
                job.followed.ids.discard(job.id)
                job.id = ""
            elif answer.status == 401 and not again:
                again = True  # a login can be lost with the database, and is made anew
                del self._logins[job.followed.order.user]
            elif answer.status == 200:
                if answer.body["status"] in ENDED:
                    job.ended, job.followed.ended = answer.at, answer.body["status"]
                    return
                time.sleep(LOOK_SECONDS)
            else:
                job.followed.problem = f"{answer}: {answer.body.get('detail', '')}"
                return
        job.followed.problem = f"pipeline {job.id or '(never accepted)'} had not ended when the drill's time was up"

    def _accept(self, job: Job, answer: Answer) -> None:
        job.id, job.accepted = str(answer.body["id"]), answer.at
        job.followed.ids.add(job.id)
        job.followed.sent += 1


def _order(number: int, user: str) -> Order:
    """The cheapest film that the service makes, and each of them another one, so that there is something to do."""
    content = ANGLES[number % len(ANGLES)].format(SUBJECTS[number % len(SUBJECTS)])
    return Order(f"drill-{number}", user, content, "16:9", paid=False, twice=False, cancel_after=None)
