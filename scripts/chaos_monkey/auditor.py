"""What became of every pipeline of a chaos run: the invariants of the store, and the clients' side of the story."""

import hashlib
import random
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence

import httpx

from common.domain.catalogue import Catalogue
from common.domain.pipeline import Pipeline
from common.engine import invariants, store
from common.engine.records import Reservation
from common.platform.documents import Documents, Where
from scripts.chaos_monkey.clients import Clients, Followed, NoAnswer

PLANNER = "gemini-planner"


def lost(followed: Sequence[Followed], documents: Documents) -> list[str]:
    """Orders that did not come to an end, and results that cannot be had."""
    found = [f"{one.order.key}: {one.problem}" for one in followed if one.problem]
    for one in followed:
        for pipeline_id in one.ids:
            status = store.read(documents, pipeline_id).pipeline.status
            if status not in ("completed", "failed", "cancelled"):
                found.append(f"{one.order.key}: pipeline {pipeline_id} is {status} for good")
            if one.cancelled and status != "cancelled":
                found.append(f"{one.order.key}: its cancel was confirmed, and pipeline {pipeline_id} is {status}")
    return found


def doubled(followed: Sequence[Followed], documents: Documents) -> list[str]:
    """Effects that happened twice: pipelines of one key, pipelines nobody was told of, ends of one pipeline."""
    found = [
        f"{one.order.key} made {len(one.ids)} pipelines: {', '.join(one.ids)}" for one in followed if len(one.ids) > 1
    ]
    known = {pipeline_id for one in followed for pipeline_id in one.ids}
    for row in documents.query("pipelines"):
        if row.id not in known:
            found.append(f"pipeline {row.id} belongs to nobody's order")
        kinds = Counter(event.type for event in store.events(documents, row.id))
        ends = {kind: kinds[f"pipeline.{kind}"] for kind in ("completed", "failed", "cancelled")}
        if sum(ends.values()) > 1 or kinds["pipeline.started"] > 1:
            found.append(
                f"pipeline {row.id} began {kinds['pipeline.started']} times and ended {sum(ends.values())} times"
            )
    return found


def charged(documents: Documents, calls: Mapping[str, int]) -> Iterator[tuple[str, int, int, int]]:
    """By content: calls in the provider's book, rows charged for an answer, and rows charged without one."""
    answered: Counter[str] = Counter()
    unanswered: Counter[str] = Counter()
    for row in documents.query("pipelines"):
        content = str(Pipeline.model_validate(row.data).request["content"])
        for entry in _paid(documents, row.id):
            (answered if entry.quantity else unanswered)[content] += 1
    for content in sorted({*calls, *answered, *unanswered}):
        yield content, calls.get(content, 0), answered[content], unanswered[content]


def overcharged(documents: Documents, calls: Mapping[str, int]) -> list[str]:
    """Charges that the provider's book does not bear out, and calls that nobody was charged for.

    A call whose answer was lost is charged at its estimate, also where the request itself may have been lost: an
    attempt is charged for one call at most, and a pipeline for one answer.
    """
    found = []
    for content, made, answered, unanswered in charged(documents, calls):
        if answered > made:
            found.append(f"{content!r} was answered {made} times and charged as answered {answered} times")
        if made > answered + unanswered:
            found.append(f"{content!r} was asked {made} times and charged {answered + unanswered} times")
    for row in documents.query("pipelines"):
        rows = _paid(documents, row.id)
        attempts = Counter(entry.key.split(".")[2] for entry in rows)
        answers = sum(bool(entry.quantity) for entry in rows)
        if answers > 1:
            found.append(f"pipeline {row.id} was charged for {answers} answers")
        if any(count > 1 for count in attempts.values()):
            found.append(f"pipeline {row.id} was charged twice for one attempt: {dict(attempts)}")
    return found


def unexpected(documents: Documents, catalogue: Catalogue) -> tuple[int, list[str]]:
    """How many pipelines failed because every attempt of a step was killed, and those that failed otherwise."""
    worn, found = 0, []
    for row in documents.query("pipelines"):
        pipeline = Pipeline.model_validate(row.data)
        if pipeline.status != "failed" or pipeline.error is None:
            continue
        step = store.read(documents, pipeline.id, pipeline.error.step).step
        if step is not None and step.attempts >= catalogue.rules(step.step).attempts:
            worn += 1
        else:
            found.append(f"pipeline {pipeline.id} failed with attempts left: {pipeline.error.detail}")
    return worn, found


def unreadable(followed: Sequence[Followed], clients: Clients) -> list[str]:
    """Completed pipelines whose video the service does not hand out whole."""
    found = []
    for one in followed:
        if one.ended != "completed":
            continue
        chance = random.Random(one.order.key)
        try:
            path = f"/pipeline/{min(one.ids)}/result"
            answer = clients.ask(one.order.user, "GET", path, None, {}, chance=chance)
        except NoAnswer as silent:
            found.append(f"{one.order.key}: {silent}")
            continue
        if answer.status != 200:
            found.append(f"{one.order.key}: its result is not handed out ({answer.status})")
            continue
        video = httpx.get(answer.body["files"]["video.mp4"], timeout=30)
        sha256 = hashlib.sha256(video.content).hexdigest()
        if video.status_code != 200 or sha256 != answer.body["sha256"]:
            found.append(f"{one.order.key}: its video is not the one that was certified ({video.status_code})")
    return found


def idle(documents: Documents) -> bool:
    """Whether nothing is left to do: no step that somebody works on or waits for, and nothing to be sent."""
    under_way = [Where("state", "in", ["ready", "running"])]
    return not documents.query_group("steps", where=under_way, limit=1) and not documents.count("outbox")


def broken(documents: Documents, catalogue: Catalogue) -> list[str]:
    """Invariants that do not hold now that nothing runs any more."""
    return [str(violation) for violation in invariants.audit(documents, catalogue, at_rest=True)]


def _paid(documents: Documents, pipeline_id: str) -> list[Reservation]:
    """Rows that cost money."""
    rows = store.reservations(documents, pipeline_id)
    return [row for row in rows if row.engine == PLANNER and row.state == "settled" and row.amount]
