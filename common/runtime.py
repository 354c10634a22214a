"""The one place that builds the outside world from the settings, and hands it to the functions of this process."""

import base64
import json
import os
import threading
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from secrets import token_hex
from typing import Any

from common.domain import settings as settings_module
from common.domain.catalogue import Catalogue
from common.domain.settings import InvalidSettings, Settings
from common.engine.context import Context
from common.engine.failpoints import FailPoints
from common.platform.clock import SystemClock
from common.platform.documents import Documents, Unavailable
from common.platform.embedded.cache import MemoryCache
from common.platform.embedded.delivery import Deliver, Limits
from common.platform.embedded.documents import SqliteDocuments
from common.platform.embedded.identity import DevelopmentIdentity
from common.platform.embedded.jobs import SubprocessJobs
from common.platform.embedded.messages import DeadMessage, InProcessMessages
from common.platform.embedded.objects import FolderObjects
from common.platform.embedded.processes import Process
from common.platform.embedded.secrets import FolderSecrets
from common.platform.embedded.signed_urls import SignedUrls
from common.platform.embedded.tasks import DeadTask, InProcessTasks
from common.platform.secrets import SecretMissing
from common.providers.registry import Registry

ROOT = Path(__file__).resolve().parent.parent
JOBS = {"render": "functions.render.job"}
JOB_RETRIES = 2

_current: Context | None = None
_lock = threading.Lock()


class NoBus:
    """The bus of a process that hosts no functions: it takes nothing, so that the outbox keeps it for the host."""

    def publish(self, topic: str, data: Mapping[str, Any], *, message_id: str) -> None:
        """Refuse."""
        raise Unavailable(f"this process hosts no functions, so {topic} waits in the outbox")

    def enqueue(
        self, queue: str, function: str, data: Mapping[str, Any], *, name: str, not_before: datetime | None = None
    ) -> bool:
        """Refuse."""
        raise Unavailable(f"this process hosts no functions, so {function} waits in the outbox")


def install(context: Context) -> None:
    """Make a context the one that functions of this process get."""
    global _current
    _current = context


def current(catalogue: Catalogue) -> Context:
    """The context of this process, built from its environment at the first call."""
    global _current
    with _lock:
        if _current is None:
            _current = build(catalogue)
        return _current


def build(catalogue: Catalogue, settings: Settings | None = None, deliver: Deliver | None = None) -> Context:
    """The outside world that the settings name.

    Without `deliver` this process only works and leaves what it publishes in the outbox, for the host to relay:
    so does a job.
    """
    settings = settings or settings_module.read()
    if settings.profile != "embedded":
        raise InvalidSettings(f"The profile {settings.profile} is not part of this version; use embedded.")
    clock = SystemClock()
    store = documents(settings)
    keys = secrets(settings)

    def dead_message(dead: DeadMessage) -> None:
        _bury(deliver, dead.message_id, dead.data, dead.reason)

    def dead_task(dead: DeadTask) -> None:
        _bury(deliver, dead.name, dead.data, dead.reason)

    def secret(name: str) -> str | None:
        try:
            return keys.read(name)
        except SecretMissing:
            return None

    assets = {f"assets-{priority}": Limits(concurrency=settings.workers) for priority in ("low", "medium", "high")}
    return Context(
        settings=settings,
        catalogue=catalogue,
        documents=store,
        objects=FolderObjects(settings.home / "objects", _urls(keys, clock, settings)),
        messages=InProcessMessages(deliver, clock, dead_letter=dead_message, workers=settings.workers)
        if deliver
        else NoBus(),
        tasks=InProcessTasks(deliver, clock, dead_letter=dead_task, workers=settings.workers, limits=assets)
        if deliver
        else NoBus(),
        jobs=SubprocessJobs(
            settings.home / "jobs",
            JOBS,
            [ROOT],
            environment={**os.environ, **settings.environment()},
            max_retries=JOB_RETRIES,
        ),
        identity=DevelopmentIdentity(keys, clock),
        secrets=keys,
        cache=MemoryCache(clock),
        clock=clock,
        registry=Registry(secret, {"gemini-planner": {"base": settings.gemini_url}}),
        owner=own_name(),
        alive=is_alive,
        failpoints=FailPoints(settings.fail_at),
    )


def own_name() -> str:
    """A name of this process that no later one of the same number has."""
    process = Process.of(os.getpid())
    return f"{process.pid}@{process.started.replace('/', '~')}"


def is_alive(name: str) -> bool | None:
    """Whether the process of that name still runs; None for a name that is not of this machine's kind."""
    number, _, started = name.partition("@")
    return Process(int(number), started.replace("~", "/")).alive() if number.isdigit() and started else None


def documents(settings: Settings) -> Documents:
    """The documents alone, for commands that only read."""
    return SqliteDocuments(settings.home / "documents.sqlite3")


def secrets(settings: Settings) -> FolderSecrets:
    """The secrets alone, for the command that adds one."""
    return FolderSecrets(settings.home / "secrets")


def development_identity(settings: Settings) -> DevelopmentIdentity:
    """The issuer of development tokens alone."""
    return DevelopmentIdentity(secrets(settings), SystemClock())


def _urls(keys: FolderSecrets, clock: SystemClock, settings: Settings) -> SignedUrls:
    name = "signed-urls"
    try:
        key = keys.read(name)
    except SecretMissing:
        keys.add(name, token_hex(32))
        key = keys.read(name, "1")
    return SignedUrls(key.encode(), clock, settings.public_url)


def _bury(deliver: Deliver | None, name: str, data: Mapping[str, object], reason: str) -> None:
    """Hand a message that nobody took to the function that keeps such messages; a failure asks for it again."""
    assert deliver is not None, "a process without a bus has no dead letters"
    payload = base64.b64encode(json.dumps(dict(data)).encode()).decode()
    message = {"data": payload, "messageId": name, "attributes": {"reason": reason}}
    status = deliver("dead_letter", json.dumps({"message": message}).encode(), {"Content-Type": "application/json"})
    if not 200 <= status < 300:
        raise Unavailable(f"the dead letter of {name} was not taken ({status})")
