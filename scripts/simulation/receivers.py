"""Other people's servers, which take webhooks as they please, and what must be true of the messages in the end."""

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from common.domain.events import EVENTS, PROGRESS, heard
from common.domain.signing import signed
from common.domain.webhooks import Delivery, Hook, Secret
from common.engine import webhooks
from common.engine.invariants import Violation
from common.platform.documents import Create
from common.platform.egress import Egress, EgressFailed, EgressReply

if TYPE_CHECKING:
    from scripts.simulation.world import World

SECRET = b"a secret of the simulated world."
LIFECYCLE = tuple(kind for kind in EVENTS if kind != PROGRESS)


class Receivers:
    """The port Egress of the simulated world, one server per client that has a webhook."""

    def __init__(self, world: "World"):
        self.sent: dict[str, bytes] = {}  # body by message id
        self.took: set[str] = set()  # ids that were answered with success
        self.found: list[Violation] = []
        self.kept: dict[str, tuple[Hook, list[Delivery]]] = {}  # by hook, how the world ended
        self.server: Egress | None = None  # which answers in place of chance, for tests
        self._world = world
        self._hooks: dict[str, str] = {}  # owner by hook

    def install(self, owner: str, *, retries: int = 3) -> None:
        """A client makes a webhook, before it asks for anything."""
        world = self._world
        now = world.scheduler.moment
        sealed = world.hosts.serving[0].context.seal.close(SECRET)
        hook = Hook(
            id=f"hook-{owner}",
            owner=owner,
            url=f"https://{owner}.example.com/hook",
            events=(),
            retries=retries,
            secrets=(Secret(sealed=sealed),),
            created_at=now,
            updated_at=now,
        ).but(events=world.chance.one((("*",), LIFECYCLE, LIFECYCLE)))
        world.documents.commit([Create(webhooks.path(hook.id), hook.model_dump(mode="json"))])
        self._hooks[hook.id] = owner

    def post(self, url: str, body: bytes, headers: Mapping[str, str], *, seconds: float) -> EgressReply:
        """Take a message, refuse it, or take it and say nothing."""
        world, message_id = self._world, headers["webhook-id"]
        world.scheduler.pause(world.chance.spread(0.05, seconds))
        if self.sent.setdefault(message_id, body) != body:
            self._blame("a message stays what it is", "", f"{message_id} came with another body")
        if not _is_ours(headers, body):
            self._blame("messages are signed", "", f"{message_id} is not signed as it should be")
        if self.server is not None:
            reply = self.server.post(url, body, headers, seconds=seconds)
            self.took |= {message_id} if 200 <= reply.status < 300 else set()
            return reply
        if world.faults.strike("sulk"):
            return EgressReply(503, world.chance.one(("", "30", "3000")))
        self.took.add(message_id)
        world.stall(f"the sending of {message_id}")
        if world.faults.strike("vanish"):
            raise EgressFailed("No whole answer came within 15 seconds.")
        return EgressReply(200)

    @property
    def waiting(self) -> bool:
        """Whether a message waits for an attempt."""
        return any(one.state == "waiting" for hook_id in self._hooks for one in self._deliveries(hook_id))

    def compare(self) -> None:
        """The world is at rest: every event was told once to whoever hears it, and nothing else was."""
        for hook_id, owner in self._hooks.items():
            hook = webhooks.load(self._world.documents, hook_id)
            self.kept[hook_id] = hook, self._deliveries(hook_id)
            expected = {event for event in self._events(owner) if heard(hook.events, event[2])}
            told: dict[tuple[str, int, str], str] = {}
            for one in self.kept[hook_id][1]:
                self._judge(hook, one)
                event = _event(one)
                if event in told:
                    self._blame(
                        "one message per event", event[0], f"{one.id} and {told[event]} tell of event {event[1]}"
                    )
                told[event] = one.id
            for event in sorted(expected - told.keys()) if hook.enabled else ():
                self._blame("every event is told", event[0], f"event {event[1]}, {event[2]}, has no message")
            for event in sorted(told.keys() - expected):
                self._blame("no message of nothing", event[0], f"{told[event]} tells of event {event[1]}, {event[2]}")

    def _judge(self, hook: Hook, one: Delivery) -> None:
        pipeline_id = _event(one)[0]
        statuses = [attempt.status for attempt in one.attempts]
        if one.state == "waiting":
            self._blame("every message ends", pipeline_id, f"{one.id} waits for good")
        if one.state == "dropped" and hook.enabled:
            self._blame("every message ends", pipeline_id, f"{one.id} was dropped by a hook that is on")
        if (one.state == "delivered") != (statuses[-1:] == [200]) or 200 in statuses[:-1]:
            self._blame("success ends a message", pipeline_id, f"{one.id} is {one.state} after {statuses}")
        if one.state == "delivered" and one.id not in self.took:
            self._blame("delivered means taken", pipeline_id, f"nobody took {one.id}")
        if len(statuses) > hook.retries + 1 or len({attempt.number for attempt in one.attempts}) != len(statuses):
            self._blame("attempts are bounded", pipeline_id, f"{one.id} was tried with {statuses}")

    def _events(self, owner: str) -> set[tuple[str, int, str]]:
        """Every public event of a client's pipelines."""
        return {
            (seen.pipeline.id, number, event.type)
            for seen in self._world.witness.seen.values()
            if seen.pipeline.owner == owner
            for number, event in seen.events.items()
            if event.type in EVENTS and (event.type != PROGRESS or seen.pipeline.announces_progress)
        }

    def _deliveries(self, hook_id: str) -> list[Delivery]:
        rows = self._world.documents.query(f"{webhooks.path(hook_id)}/deliveries")
        return [Delivery.model_validate(row.data) for row in rows]

    def _blame(self, invariant: str, pipeline_id: str, text: str) -> None:
        self.found.append(Violation(invariant, pipeline_id, text))


def _event(one: Delivery) -> tuple[str, int, str]:
    data: dict[str, Any] = json.loads(one.body)["data"]
    return data["id"], data["seq"], one.type


def _is_ours(headers: Mapping[str, str], body: bytes) -> bool:
    at = datetime.fromtimestamp(int(headers["webhook-timestamp"]), UTC)
    expected = signed(headers["webhook-id"], at, body.decode(), [SECRET])
    return headers["webhook-signature"] == expected["webhook-signature"]
