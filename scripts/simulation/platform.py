"""What runs functions, as Cloud Run does: a process for every call, which is given up when it takes too long."""

import io
import json
from collections.abc import Callable, Mapping
from importlib import import_module
from typing import TYPE_CHECKING, Any

from werkzeug.wrappers import Request, Response

from common.engine.push import InvalidEnvelope, parse
from common.http import boundary, push
from functions.catalogue import CATALOGUE
from scripts.simulation.hosts import Host, context_here
from scripts.simulation.scheduler import Actor, Crash, Process

if TYPE_CHECKING:
    from scripts.simulation.world import World

PATIENCE = 60.0  # seconds that a client waits for an answer


class Platform:
    """Every function of the catalogue, on the hosts of a world; nobody watches live there."""

    def __init__(self, world: "World"):
        self._world = world
        self._functions = {name: _function(name) for name, entry in CATALOGUE.items() if entry.kind != "live"}

    def start(self, host: Host, label: str, run: Callable[[], Any], subject: tuple[str, str] = ("", "")) -> Actor:
        """Run something in a process of its own."""
        process = Process(label, host)
        process.subject = subject
        host.processes[process] = None
        return self._world.scheduler.spawn(process, run)

    def deliver(self, function: str, body: bytes, headers: Mapping[str, str]) -> int:
        """Push a delivery to a function on some host; the status of its answer. Called in an actor of a bus."""
        world, host = self._world, self._world.hosts.any()
        subject = _subject(body)
        label = f"{host.name}/{subject[0][:4]}:{subject[1]}" if subject[1] else f"{host.name}/{function}"
        actor = self.start(host, label, lambda: self._functions[function](request_of("/", body, headers)), subject)
        process = actor.process
        if not world.scheduler.join(actor, CATALOGUE[function].timeout.total_seconds()):
            self._overdue(actor)
            return 504
        if actor.error is not None:
            host.processes.pop(process, None)
            if not isinstance(actor.error, Crash):
                world.blame("no unexpected error", subject[0], f"{label} raised {actor.error!r}")
            return 502
        status = int(actor.result.status_code)
        world.trace.note(world.scheduler.now, label, "answers %s", status)
        self.ended(actor, acknowledged=status < 300)
        return status

    def request(
        self, function: str, path: str, user: str, body: Mapping[str, Any], key: str = ""
    ) -> tuple[int, Any] | None:
        """Call an endpoint as a user; status and body of the answer, or None where none came."""
        world, host = self._world, self._world.hosts.any()
        headers = {"Authorization": f"Bearer {user}", "Content-Type": "application/json"}
        if key:
            headers["Idempotency-Key"] = key
        raw = json.dumps(dict(body)).encode()
        actor = self.start(
            host, f"{host.name}/{function}", lambda: self._functions[function](request_of(path, raw, headers))
        )
        if not world.scheduler.join(actor, PATIENCE):
            world.scheduler.kill(actor.process)
        host.processes.pop(actor.process, None)
        if actor.error is not None or actor.result is None:
            return None
        response: Response = actor.result
        world.trace.note(world.scheduler.now, user, "%s answers %s", function, response.status_code)
        if response.status_code == 500:
            world.blame("no unexpected error", "", f"{function} answered 500: {response.get_data(as_text=True)[:200]}")
        return response.status_code, json.loads(response.get_data() or b"null")

    def _overdue(self, actor: Actor) -> None:
        """The platform gave up waiting: the worker is killed, or goes on unheard and is killed later."""
        world, process = self._world, actor.process

        def over() -> None:
            if not actor.over:
                world.scheduler.kill(process)
            process.host.processes.pop(process, None)

        if world.chance.happens(0.5):
            world.trace.note(world.scheduler.now, process.label, "is killed, for it took too long")
            over()
        else:
            world.trace.note(world.scheduler.now, process.label, "took too long, and goes on unheard")
            world.scheduler.after(world.chance.spread(1.0, 3000.0), over)

    def ended(self, actor: Actor, *, acknowledged: bool = True, job: bool = False) -> None:
        """See what a process left behind that ended by itself; a step may have handed its work to a job."""
        world, process = self._world, actor.process
        process.host.processes.pop(process, None)
        if actor.error is not None or not acknowledged:
            return
        for (pipeline_id, key), epoch in process.epochs.items():
            seen = world.witness.seen[pipeline_id]
            step = seen.steps[key]
            handed = not job and world.jobs.state(f"{pipeline_id}.{key}.{epoch}") is not None
            if (step.state, step.epoch) == ("running", epoch) and not seen.pipeline.settled and not handed:
                text = f"{process.label} is gone and holds {key} in epoch {epoch}"
                world.blame("who is done lets go", pipeline_id, text)


def _function(name: str) -> Callable[[Request], Response]:
    entry = CATALOGUE[name]
    module = import_module(entry.module)
    wrap = {"api": boundary.endpoint, "steps": push.step, "upkeep": push.upkeep}[entry.kind]
    return wrap(entry, module, context_here)


def _subject(body: bytes) -> tuple[str, str]:
    try:
        data = parse(body, {}).data
    except InvalidEnvelope:
        return "", ""
    return str(data.get("pipeline_id", "")), str(data.get("key", ""))


def request_of(path: str, body: bytes, headers: Mapping[str, str]) -> Request:
    """A POST as a WSGI server hands it to a function."""
    environ: dict[str, Any] = {
        "REQUEST_METHOD": "POST",
        "SCRIPT_NAME": "",
        "PATH_INFO": path,
        "QUERY_STRING": "",
        "SERVER_NAME": "localhost",
        "SERVER_PORT": "80",
        "SERVER_PROTOCOL": "HTTP/1.1",
        "wsgi.url_scheme": "http",
        "wsgi.input": io.BytesIO(body),
        "CONTENT_LENGTH": str(len(body)),
    }
    for name, value in headers.items():
        variable = name.upper().replace("-", "_")
        environ[variable if variable == "CONTENT_TYPE" else f"HTTP_{variable}"] = value
    return Request(environ)
