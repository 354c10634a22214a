"""One drill from beginning to end: clients at work, the failure, the recovery, and the audit of what is stored."""

import contextlib
import time
from abc import ABC, abstractmethod
from collections.abc import Sequence
from pathlib import Path
from typing import ClassVar

from common.platform.documents import Documents, Unavailable
from functions.catalogue import CATALOGUE
from scripts.chaos_monkey import auditor, servers
from scripts.drills.report import Finding
from scripts.drills.service import Answer
from scripts.drills.stack import Stack, until
from scripts.drills.traffic import Traffic

CLIENTS = ("ann", "ben")
READY_SECONDS = 60.0  # until the clients have something to lose
PATIENCE = 150.0  # from the failure to the end of all work: the drill has failed by then, though not the target
REST_SECONDS = 20.0


class Drill(ABC):
    """One failure. A drill says what it needs, how it strikes, how the failure ends, and what must not be seen."""

    name: ClassVar[str]
    failure: ClassVar[str]  # in a few words
    emulators: ClassVar[Sequence[str]] = ()  # beside those that the profile needs

    def __init__(self, stack: Stack, traffic: Traffic) -> None:
        self.stack = stack
        self.traffic = traffic
        self.struck = 0.0
        self.lost = 0.0  # seconds of work that nobody has any more, where the drill knows
        self.note = ""
        self.complaints: list[str] = []

    def prepare(self) -> None:  # noqa: B027 - most drills need nothing
        """What has to be there before the failure."""

    @abstractmethod
    def strike(self) -> None:
        """The failure."""

    @abstractmethod
    def recover(self) -> None:
        """Return when the failure is over, by itself or by what an operator does; recovery is measured on the way."""

    def excused(self, answer: Answer) -> bool:
        """Whether a request may fail like this."""
        return answer.put_off

    def judge(self) -> None:  # noqa: B027 - most know nothing more
        """Complain of what is known at the end only."""

    def noticed(self) -> float | None:
        """When the failure was first seen: by a client, unless the drill knows better."""
        return next((answer.at for answer in self.traffic.service.answers(self.struck) if answer.failed), None)

    def await_notice(self, seconds: float = 45.0) -> None:
        """Wait until the failure was seen."""
        until(lambda: self.noticed() is not None, seconds)


def rehearse(kind: type[Drill], home: Path) -> Finding:
    """One drill in an empty home; Refusal when the stack cannot be started."""
    began = time.monotonic()
    with Stack(home, kind.emulators) as stack:
        traffic = Traffic(
            stack.service,
            CLIENTS,
            lambda user: str(stack.login(user)["access_token"]),
            began + 2 * READY_SECONDS + PATIENCE,
        )
        drill = kind(stack, traffic)
        finding = Finding(kind.name, kind.failure)
        try:
            _play(drill, finding)
            with contextlib.closing(stack.documents()) as documents:  # type: ignore[type-var]
                _audit(drill, finding, documents)
        except Unavailable as away:
            finding.complaints.append(f"the store could not be audited: {away}")
        finally:
            traffic.abandon()
    finding.seconds = time.monotonic() - began
    return finding


def _play(drill: Drill, finding: Finding) -> None:
    """Let it happen, and measure."""
    traffic = drill.traffic
    traffic.start()
    until(lambda: sum(bool(job.accepted) for job in traffic.jobs) >= len(CLIENTS), READY_SECONDS)
    drill.prepare()
    drill.struck = struck = time.monotonic()
    drill.strike()
    drill.recover()
    over = time.monotonic()
    at_stake = [job for job in traffic.jobs if job.under_way(struck)]
    until(lambda: all(job.over for job in at_stake) and any(job.accepted > over for job in traffic.jobs), PATIENCE)
    traffic.finish()
    answers = traffic.service.answers(struck)
    failed = [answer for answer in answers if answer.failed]
    noticed = drill.noticed()
    finding.noticed = None if noticed is None else noticed - struck
    if answers and not answers[-1].failed:
        finding.served = max((answer.at - struck for answer in failed), default=0.0)
    if all(job.ended for job in at_stake):
        finding.done = max((job.ended - struck for job in at_stake if job.ended), default=0.0)
    finding.failed, finding.requests = len(failed), len(answers)
    finding.pipelines = len(traffic.jobs)
    drill.judge()
    finding.lost = max([drill.lost, *(struck - at for job in traffic.jobs for _, at in job.gone)])
    finding.note = drill.note
    finding.complaints += [str(answer) for answer in failed if not drill.excused(answer)]
    finding.complaints += drill.complaints


def _audit(drill: Drill, finding: Finding, documents: Documents) -> None:
    """What became of every pipeline, once nothing is left to do; and no process may outlive its server."""
    followed = drill.traffic.followed
    until(lambda: auditor.idle(documents), REST_SECONDS)
    running = [pid for server in drill.stack.servers if server.pid for pid in servers.family(server.pid)]
    for server in drill.stack.servers:
        server.stop()
    if survivors := servers.outlived(running):
        finding.complaints.append(f"processes outlived their server: {survivors}")
    finding.complaints += auditor.lost(followed, documents)
    finding.complaints += auditor.doubled(followed, documents)
    otherwise = [one for one in followed if one.ended and one.ended != "completed"]
    finding.complaints += [f"{one.order.key} ended as {one.ended}" for one in otherwise]
    finding.complaints += auditor.broken(documents, CATALOGUE)
