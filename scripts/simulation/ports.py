"""The ports of every host: the real adapters behind them, and at every call the chance that something goes wrong."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from io import IOBase
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO, TypeVar

from common.platform.documents import Document, Documents, Order, Unavailable, Where, Write
from common.platform.egress import Egress, EgressFailed, EgressReply
from common.platform.identity import Caller, Role
from common.platform.jobs import Jobs, JobState, JobsUnavailable
from common.platform.messages import Messages
from common.platform.objects import Objects, ObjectStat, SignedUpload, StorageUnavailable
from common.platform.tasks import Tasks
from scripts.simulation.scheduler import SECOND, Crash, Process, process_here

if TYPE_CHECKING:
    from scripts.simulation.world import World

T = TypeVar("T")


class Gate:
    """The one way from a process to a port."""

    def __init__(self, world: "World"):
        self._world = world

    def call(self, port: str, what: object, act: Callable[[], T], away: type[Exception]) -> T:
        """Let a call through, or have something go wrong before or after it. `away` is what a silent port raises."""
        world = self._world
        process = process_here()
        if process.dead:
            raise Crash
        fault = world.faults.at_port()
        if not fault:
            return act()
        self._before(fault, process, port, what, away)
        answer = act()
        if fault in ("crash_after", "lose_answer") and isinstance(answer, IOBase):
            answer.close()  # it reaches nobody who would
        if fault == "crash_after":
            world.trace.note(world.scheduler.now, process.label, "dies after %s %s", port, what)
            world.scheduler.kill(process)
            raise Crash
        if fault == "lose_answer":
            world.trace.note(world.scheduler.now, process.label, "hears no answer to %s %s", port, what)
            raise away(f"{port} did not answer")
        return answer

    def _before(self, fault: str, process: Process, port: str, what: object, away: type[Exception]) -> None:
        world, chance = self._world, self._world.chance
        now = world.scheduler.now
        if fault == "switch":
            world.scheduler.pause()
        elif fault == "delay":
            seconds = chance.spread(0.05, 20.0)
            world.trace.note(now, process.label, "waits %.1f s for %s %s", seconds, port, what)
            world.scheduler.pause(seconds)
        elif fault == "freeze":
            seconds = chance.spread(10.0, 900.0)
            world.trace.note(now, process.label, "freezes for %.0f s at %s %s", seconds, port, what)
            process.frozen_until = now + int(seconds * SECOND)
            world.scheduler.pause()
        elif fault == "crash":
            world.trace.note(now, process.label, "dies before %s %s", port, what)
            world.scheduler.kill(process)
            raise Crash
        elif fault == "refuse":
            world.trace.note(now, process.label, "cannot reach %s %s", port, what)
            raise away(f"{port} cannot be reached")


class GatedDocuments:
    """Documents of the simulated world: every commit is witnessed."""

    def __init__(self, gate: Gate, inner: Documents, world: "World"):
        self._gate = gate
        self._inner = inner
        self._world = world

    def get(self, path: str) -> Document | None:
        """The document, or None."""

        def act() -> Document | None:
            self._world.witness.read(path, self._world.scheduler.moment, process_here())
            return self._inner.get(path)

        return self._gate.call("get", path, act, Unavailable)

    def get_all(self, paths: Sequence[str]) -> list[Document | None]:
        """Several documents as they stood at one moment."""

        def act() -> list[Document | None]:
            for path in paths:
                self._world.witness.read(path, self._world.scheduler.moment, process_here())
            return self._inner.get_all(paths)

        return self._gate.call("get", paths[-1], act, Unavailable)

    def query(
        self,
        collection: str,
        where: Sequence[Where] = (),
        order: Sequence[Order] = (),
        limit: int | None = None,
        after: Sequence[Any] | None = None,
    ) -> list[Document]:
        """Documents directly in a collection."""
        return self._gate.call(
            "query", collection, lambda: self._inner.query(collection, where, order, limit, after), Unavailable
        )

    def query_group(
        self,
        collection_id: str,
        where: Sequence[Where] = (),
        order: Sequence[Order] = (),
        limit: int | None = None,
        after: Sequence[Any] | None = None,
    ) -> list[Document]:
        """Documents of every collection of that id."""
        return self._gate.call(
            "query",
            collection_id,
            lambda: self._inner.query_group(collection_id, where, order, limit, after),
            Unavailable,
        )

    def count(self, collection: str, where: Sequence[Where] = ()) -> int:
        """How many documents a query matches."""
        return self._gate.call("count", collection, lambda: self._inner.count(collection, where), Unavailable)

    def commit(self, writes: Sequence[Write]) -> None:
        """Apply all writes or none."""

        def act() -> None:
            self._inner.commit(writes)
            self._world.committed(writes, process_here())

        self._gate.call("commit", _Paths(writes), act, Unavailable)

    def watch(self, path: str, timeout: float) -> Any:
        """Nobody watches in the simulation."""
        raise AssertionError("no function of the simulation watches documents")


class _Paths:
    """The paths of a commit, put together only when somebody reads them."""

    def __init__(self, writes: Sequence[Write]):
        self._writes = writes

    def __str__(self) -> str:
        return ", ".join(write.path.removeprefix("pipelines/") for write in self._writes)


class GatedObjects:
    """Objects of the simulated world."""

    def __init__(self, gate: Gate, inner: Objects):
        self._gate = gate
        self._inner = inner

    def put(
        self, key: str, source: bytes | Path | BinaryIO, *, content_type: str = "application/octet-stream"
    ) -> ObjectStat:
        """Store bytes, a file or a stream."""
        return self._call("put", key, lambda: self._inner.put(key, source, content_type=content_type))

    def create(
        self, key: str, source: bytes | Path | BinaryIO, *, content_type: str = "application/octet-stream"
    ) -> bool:
        """Store only if the key is free."""
        return self._call("create", key, lambda: self._inner.create(key, source, content_type=content_type))

    def read(self, key: str) -> bytes:
        """The whole object."""
        return self._call("read", key, lambda: self._inner.read(key))

    def read_range(self, key: str, *, at: int, size: int) -> bytes:
        """So many bytes of an object."""
        return self._call("read_range", key, lambda: self._inner.read_range(key, at=at, size=size))

    def open(self, key: str) -> BinaryIO:
        """A stream of the object."""
        return self._call("open", key, lambda: self._inner.open(key))

    def fetch(self, key: str, target: Path) -> Path:
        """Place the object at a local path."""
        return self._call("fetch", key, lambda: self._inner.fetch(key, target))

    def stat(self, key: str) -> ObjectStat | None:
        """Size and hash, or None."""
        return self._call("stat", key, lambda: self._inner.stat(key))

    def list(self, prefix: str) -> Any:
        """Objects whose key starts with the prefix."""
        return self._call("list", prefix, lambda: self._inner.list(prefix))

    def delete(self, key: str) -> None:
        """Remove the object."""
        self._call("delete", key, lambda: self._inner.delete(key))

    def compose(self, key: str, parts: Sequence[str]) -> ObjectStat:
        """Join objects into one."""
        return self._call("compose", key, lambda: self._inner.compose(key, parts))

    def signed_url(self, key: str, *, seconds: int, method: str = "GET") -> str:
        """A URL that works without identity."""
        return self._inner.signed_url(key, seconds=seconds, method=method)

    def signed_upload(self, key: str, *, seconds: int, size: int) -> SignedUpload:
        """Leave to write an object."""
        return self._inner.signed_upload(key, seconds=seconds, size=size)

    def _call(self, what: str, key: str, act: Callable[[], T]) -> T:
        return self._gate.call(what, key, act, StorageUnavailable)


class GatedMessages:
    """Messages of the simulated world."""

    def __init__(self, gate: Gate, inner: Messages):
        self._gate = gate
        self._inner = inner

    def publish(self, topic: str, data: Mapping[str, Any], *, message_id: str) -> None:
        """Publish."""
        self._gate.call(
            "publish", message_id, lambda: self._inner.publish(topic, data, message_id=message_id), Unavailable
        )


class GatedTasks:
    """Tasks of the simulated world."""

    def __init__(self, gate: Gate, inner: Tasks):
        self._gate = gate
        self._inner = inner

    def enqueue(
        self, queue: str, function: str, data: Mapping[str, Any], *, name: str, not_before: datetime | None = None
    ) -> bool:
        """Enqueue one call."""
        return self._gate.call(
            "enqueue",
            name,
            lambda: self._inner.enqueue(queue, function, data, name=name, not_before=not_before),
            Unavailable,
        )


class GatedJobs:
    """Jobs of the simulated world."""

    def __init__(self, gate: Gate, inner: Jobs, refuse: Callable[[str], bool]):
        self._gate = gate
        self._inner = inner
        self._refuse = refuse

    def start(self, job: str, key: str, *, args: Sequence[str], env: Mapping[str, str], tasks: int = 1) -> None:
        """Start an execution."""
        self._call("start job", key, lambda: self._inner.start(job, key, args=args, env=env, tasks=tasks))

    def state(self, key: str) -> JobState | None:
        """State of the execution."""
        return self._call("state of job", key, lambda: self._inner.state(key))

    def reason(self, key: str) -> str:
        """Why the execution failed."""
        return self._call("reason of job", key, lambda: self._inner.reason(key))

    def cancel(self, prefix: str) -> int:
        """Stop executions."""
        return self._call("cancel jobs", prefix, lambda: self._inner.cancel(prefix))

    def _call(self, what: str, key: str, act: Callable[[], T]) -> T:
        if self._refuse(f"{what} {key}"):
            raise JobsUnavailable(f"{what} {key} was not possible")
        return self._gate.call(what, key, act, JobsUnavailable)


class GatedEgress:
    """The way to other people's servers from the simulated world."""

    def __init__(self, gate: Gate, inner: Egress):
        self._gate = gate
        self._inner = inner

    def post(self, url: str, body: bytes, headers: Mapping[str, str], *, seconds: float) -> EgressReply:
        """Send a message."""
        return self._gate.call(
            "post", headers["webhook-id"], lambda: self._inner.post(url, body, headers, seconds=seconds), EgressFailed
        )


class TrustedIdentity:
    """Takes every token for the name of a user: who calls is not what is simulated here."""

    def verify(self, token: str, *, check_revoked: bool = False) -> Caller:
        """The caller."""
        return Caller(token, "user")

    def role_of(self, user: str, *, since: datetime | None = None) -> Role:
        """Everybody's role."""
        return "user"

    def set_role(self, user: str, role: Role) -> None:
        """Refused: nobody becomes anything else here."""
        raise ValueError(f"{user} stays a user in the simulation")
