"""`aiprod replay`: take up again a failed or stuck pipeline, or a dead letter.

It only writes to the store, so it works on any profile's; a server that runs on that store sends what is due.
"""

import json
import time
from collections.abc import Sequence

from common import runtime
from common.domain.settings import Settings
from common.engine import replay as engine
from common.engine import store
from common.engine.records import Dispatch
from common.engine.replay import NothingToReplay, Replay
from common.engine.store import UnknownPipeline
from common.platform.clock import SystemClock
from common.platform.documents import Documents
from functions.catalogue import CATALOGUE
from scripts.local.refusal import Refusal

PATIENCE_SECONDS = 1.5  # in which a running server of this machine has relayed the outbox a few times


def replay(name: str, settings: Settings, *, dismiss: bool, as_json: bool) -> int:
    """Take up again what an id names; Refusal when nothing of that id can be."""
    if "/" in name or not name.isprintable() or not name.strip("."):
        raise Refusal(f"{name!r} is no id of a pipeline or a dead letter.")
    documents = runtime.documents(settings)
    try:
        if dismiss:
            count = engine.dismiss(documents, SystemClock(), name)
            said = f"Noted as seen: {count} dead letter{'s' if count != 1 else ''} of {name}."
            report: dict[str, object] = {"dismissed": count}
        else:
            done = _replay(documents, name)
            said, report = _told(documents, name, done)
    except NothingToReplay as nothing:
        raise Refusal(f"{str(nothing).rstrip('.')}.", code=1) from nothing
    print(said)
    if as_json:
        print(json.dumps({"ok": True, **report}, ensure_ascii=False))
    return 0


def _replay(documents: Documents, name: str) -> Replay:
    if documents.get(store.letter_path(name)) is not None:
        return engine.resend(documents, CATALOGUE, SystemClock(), name)
    try:
        pipeline = store.read(documents, name).pipeline
    except UnknownPipeline:
        hint = "`aiprod audit` lists what can be replayed"
        raise Refusal(f"there is no pipeline and no dead letter {name}; {hint}.") from None
    if pipeline.settled:
        return engine.replay(documents, CATALOGUE, SystemClock(), name)
    return engine.nudge(documents, CATALOGUE, SystemClock(), name)


def _told(documents: Documents, name: str, done: Replay) -> tuple[str, dict[str, object]]:
    pipeline, keys = done.pipeline, [dispatch.key for dispatch in done.sent]
    report: dict[str, object] = {"id": pipeline.id, "replay_of": pipeline.replay_of, "sent": keys}
    if not done.sent:
        return f"Pipeline {pipeline.id} went on from {name} before; it is {pipeline.status}.", report
    if done.made:
        steps = f"{done.kept} step run{'s' if done.kept != 1 else ''}"
        said = f"Pipeline {pipeline.id} goes on from {pipeline.replay_of}: {steps} kept, next {', '.join(keys)}."
    else:
        said = f"Sent again for {', '.join(keys)} of pipeline {pipeline.id}."
    report["taken_up"] = _taken_up(documents, done.sent)
    if not report["taken_up"]:
        said += "\nNo server has taken it up yet: `aiprod serve` will, or on Google Cloud the next sweep."
    return said, report


def _taken_up(documents: Documents, sent: Sequence[Dispatch]) -> bool:
    """Whether somebody empties the outbox."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while any(documents.get(store.outbox_path(dispatch)) for dispatch in sent):
        if time.monotonic() > deadline:
            return False
        time.sleep(0.1)
    return True
