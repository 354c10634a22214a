"""The emulators profile: Google's own emulators with push delivery, and what has none from the embedded profile.

Documents, messages, objects, tokens and counters are where the environment leads: Firestore, Pub/Sub and
gcp-storage-emulator always, the Firebase Auth emulator and Redis when they are there. Tasks, jobs and secrets are this
machine's.
"""

import os
import socket
from urllib.parse import urlsplit

from common.domain import profiles
from common.domain.addresses import function_url
from common.domain.catalogue import Catalogue
from common.domain.settings import InvalidSettings, Settings
from common.engine.context import Context
from common.engine.failpoints import FailPoints
from common.observability import metrics
from common.platform.clock import SystemClock
from common.platform.documents import Documents
from common.platform.embedded.delivery import Deliver
from common.platform.embedded.identity import DevelopmentIdentity
from common.platform.embedded.secrets import FolderSecrets
from common.platform.google import clients
from common.runtime import embedded, host
from common.runtime.egress import egress
from common.runtime.engines import registry

FIREBASE = "FIREBASE_AUTH_EMULATOR_HOST"


def build(catalogue: Catalogue, settings: Settings, deliver: Deliver | None) -> Context:
    """Everything of this profile."""
    profiles.check(settings, os.environ)
    clock = SystemClock()
    keys = secrets(settings)
    return Context(
        settings=settings,
        catalogue=catalogue,
        documents=clients.documents(settings),
        objects=clients.objects(settings),
        messages=clients.messages(settings),
        tasks=host.tasks(settings, deliver, clock),
        jobs=host.jobs(settings),
        identity=clients.identity(settings) if os.environ.get(FIREBASE) else DevelopmentIdentity(keys, clock),
        secrets=keys,
        cache=clients.cache(settings, clock, metrics.looked_up),
        clock=clock,
        registry=registry(settings, keys),
        owner=host.own_name(),
        alive=host.is_alive,
        failpoints=FailPoints(settings.fail_at),
        egress=egress(settings),
    )


def prepare(catalogue: Catalogue, settings: Settings, *, again: bool = False) -> None:
    """Make what Terraform makes on Google Cloud: the bucket, and each topic with a push to its function.

    The pushes go where the settings say, so of two processes that host functions the later one gets them; the earlier
    one asks `again` from time to time, and gets them back when the later one has gone.
    """
    profiles.check(settings, os.environ)
    topics = catalogue.topics().items()
    endpoints = {topic: function_url(settings.functions_url, function) for topic, function in topics}
    if again:
        topic, ours = next(iter(endpoints.items()))
        theirs = clients.pushed_to(settings, topic)
        if theirs == ours or _is_listening(theirs):
            return
    clients.prepare(settings, endpoints)


def documents(settings: Settings) -> Documents:
    """The documents alone."""
    profiles.check(settings, os.environ)
    return clients.documents(settings)


def secrets(settings: Settings) -> FolderSecrets:
    """The secrets alone; they are this machine's."""
    return embedded.secrets(settings)


def development_identity(settings: Settings) -> DevelopmentIdentity:
    """The issuer of development tokens alone; InvalidSettings where Firebase's emulator issues the tokens."""
    if os.environ.get(FIREBASE):
        raise InvalidSettings(f"{FIREBASE} is set, so tokens come from that emulator.")
    return DevelopmentIdentity(secrets(settings), SystemClock())


def _is_listening(url: str) -> bool:
    parts = urlsplit(url)
    try:
        socket.create_connection((parts.hostname or "", parts.port or 80), timeout=1).close()
    except OSError:
        return False
    return True
