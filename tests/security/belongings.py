"""One of everything that somebody can have: pipelines in every state, a batch, a file, a webhook, a delivery, a key.

`IDS` says which of them a path's parameter names. An endpoint with a parameter that is not there fails the tests that
ask for it, so that a new kind of thing is covered before it is forgotten.
"""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from werkzeug.test import Client
from werkzeug.wrappers import Response

from common.domain.catalogue import Entry
from common.domain.pipeline import Outcome, Spec
from common.domain.plan import Plan, Scene
from common.domain.request import PipelineRequest
from common.engine import control, store, streams, worker
from common.engine.context import Context
from common.engine.task import StepFailed, Task
from common.http import pages
from common.http.pipelines import VIEW_EXAMPLE
from common.identity import api_keys
from common.media.hls.stream import Part, Stream, Track
from common.observability.audit import Who
from common.platform.egress import EgressReply
from common.platform.embedded.clock import VirtualClock
from common.platform.embedded.documents import SqliteDocuments
from functions.api.get_result import REPLY_EXAMPLE
from tests.http_world import Posted, make_context, routed

OWNER = "ann"
CONTENT = "How lighthouses guided ships"
FILES = ("video.mp4", "poster.jpg", "captions.srt", "captions.vtt")
PLAN = Plan(
    title="Lighthouses",
    lang="en",
    aspect="16:9",
    resolution="720p",
    scenes=tuple(
        Scene(id=name, kind="statement", narration=f"Say {name}.", headline=name, frames=90) for name in ("s1", "s2")
    ),
)

_PART = Part(key="segments/one", at=0, size=1, ticks=90_000)
_TRACK = Track(name="sound", codec="mp4a.40.2", timescale=90_000, init=_PART, parts=(_PART,))
STREAM = Stream(
    film="0123456789abcdef", fps=30, target=1, lang="en", seconds=1.0, captions="texts", sound=_TRACK, video=(_TRACK,)
)

# Whose id a parameter of a path is, by how the path begins: the first that fits. Public things belong to nobody.
IDS: tuple[tuple[str, str, str], ...] = (
    ("/pipeline/batch/{id}", "id", "batch"),
    ("/pipeline/{id}", "id", "pipeline"),
    ("/pipeline/{id}/hls/{part}", "part", "playlist"),
    ("/ws/pipeline/{id}", "id", "pipeline"),
    ("/assets/{id}", "id", "asset"),
    ("/webhooks/{id}", "id", "webhook"),
    ("/webhooks/{id}", "delivery_id", "delivery"),
    ("/api-keys/{id}", "id", "key"),
    ("/admin/users/{id}", "id", "user"),
    ("/presets/{name}", "name", "preset"),
    ("/problems/{code}", "code", "problem"),
    ("/docs/{file}", "file", "file"),
)
PUBLIC: Mapping[str, tuple[str, ...]] = {
    "preset": ("quick_social",),
    "problem": ("not_found",),
    "playlist": ("master.m3u8",),
    "file": (pages.address("page.css"),),
    "user": (OWNER,),
}


class Taken:
    """A receiver of webhooks that takes whatever comes."""

    def post(self, url: str, body: bytes, headers: Mapping[str, str], *, seconds: float) -> EgressReply:
        return EgressReply(200, text="ok")


@dataclass(frozen=True)
class Belongings:
    """What somebody has, in a world of its own."""

    context: Context
    client: Client
    had: Mapping[str, tuple[str, ...]] = field(default_factory=lambda: dict(PUBLIC))

    def call(self, method: str, path: str, token: str = f"user:{OWNER}", **more: Any) -> Response:
        """Ask with a token of the provider's."""
        headers = {"Authorization": f"Bearer {token}", **more.pop("headers", {})}
        return self.client.open(path, method=method, headers=headers, **more)

    def path(self, entry: Entry, number: int = 0, **instead: str) -> str:
        """A path of an endpoint that names what is there, or something else in place of a parameter."""
        assert entry.http is not None
        values = {name: had[number % len(had)] for name, had in self.named(entry).items()}
        return filled(entry.http.path, {**values, **instead})

    def named(self, entry: Entry) -> dict[str, tuple[str, ...]]:
        """The ids that each parameter of an endpoint's path can have; LookupError for one that nobody knows."""
        return {name: self.had[kind] for name, kind in kinds(entry).items()}


def kinds(entry: Entry) -> dict[str, str]:
    """Kind of thing by parameter of an endpoint's path; LookupError for one that `IDS` does not know."""
    assert entry.http is not None
    found = {}
    for name in re.findall(r"{(\w+)}", entry.http.path):
        fits = [kind for start, one, kind in IDS if one == name and entry.http.path.startswith(start)]
        if not fits:
            raise LookupError(f"Say in IDS of {__name__} what {{{name}}} is in {entry.http.path}.")
        found[name] = fits[0]
    return found


def filled(template: str, values: Mapping[str, str]) -> str:
    """A path with its parameters; each must have a value."""
    return re.sub(r"{(\w+)}", lambda found: values[found[1]], template)


def world(folder: Path) -> Belongings:
    """A service in which OWNER has one of everything; close its documents when done."""
    clock = VirtualClock()
    context = make_context(folder, clock, Posted(), SqliteDocuments(folder / "documents.sqlite", clock))
    context = replace(context, egress=Taken())
    empty = Belongings(context, Client(routed(context), Response, use_cookies=False))
    return replace(empty, had=_filled(empty))


def _filled(of: Belongings) -> dict[str, tuple[str, ...]]:
    def made(path: str, **body: Any) -> Any:
        answer = of.call("POST", path, json=body)
        assert answer.status_code in (200, 201, 202), answer.get_data(as_text=True)
        return json.loads(answer.get_data())

    batch = made("/pipeline/batch", jobs=[{"content": CONTENT}, {"content": CONTENT, "preset": "brand_campaign"}])
    asset = made("/assets", kind="image", content_type="image/png", size=48213, name="mine")
    hook = made("/webhooks", event_type="*", url="https://hooks.example.com/aiprod")
    delivery = made(f"/webhooks/{hook['id']}/test")
    key, _ = api_keys.create(of.context, Who("root"), name="build server", owner=OWNER, role="user")
    pipelines = {name: _pipeline(of.context, name) for name in ("awaiting_approval", "completed", "failed", "queued")}
    return {
        **PUBLIC,
        "batch": (batch["batch_id"],),
        "asset": (asset["id"],),
        "webhook": (hook["id"],),
        "delivery": (delivery["id"],),
        "key": (key.id,),
        "pipeline": tuple(pipelines.values()),
    }


def _pipeline(context: Context, status: str) -> str:
    made = control.submit(context, PipelineRequest(content=CONTENT, title="Lighthouses"), OWNER).id
    plan = {"plan": PLAN.model_dump(mode="json")}
    found = store.read(context.documents, made, "analyze")
    assert found.step is not None
    streams.publish(Task(context, found.pipeline, found.step), STREAM)
    if status == "awaiting_approval":
        _step(context, made, "analyze", Outcome(then=(Spec(step="approve", key="approve"),)))
        _step(context, made, "approve", Outcome(park=True, result=plan))
    elif status == "completed":
        for name in FILES:
            context.objects.put(f"delivery/{made}/{name}", b"film" * 1000)
        files = {name: f"delivery/{made}/{name}" for name in FILES}
        result = {name: REPLY_EXAMPLE[name] for name in REPLY_EXAMPLE if name not in VIEW_EXAMPLE}
        _step(context, made, "analyze", Outcome(complete={**result, "files": files}))
    elif status == "failed":

        def fail(_task: Task) -> Outcome:
            raise StepFailed("content_refused", "it asks for what we do not make.")

        worker.deliver(context, fail, made, "analyze")
    assert control.load(context, made).status == status
    return made


def _step(context: Context, pipeline_id: str, key: str, outcome: Outcome) -> None:
    assert worker.deliver(context, lambda _: outcome, pipeline_id, key) == "done"
