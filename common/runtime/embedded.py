"""The embedded profile: Python alone, with its state in one folder."""

from secrets import token_hex, token_urlsafe

from common.domain.catalogue import Catalogue
from common.domain.profiles import ACCESS_KEY, PAGE_KEY
from common.domain.settings import Settings
from common.engine.context import Context
from common.engine.failpoints import FailPoints
from common.observability import metrics
from common.platform import seal
from common.platform.clock import SystemClock
from common.platform.embedded.cache import MemoryCache
from common.platform.embedded.delivery import Deliver
from common.platform.embedded.documents import SqliteDocuments
from common.platform.embedded.identity import DevelopmentIdentity
from common.platform.embedded.messages import DeadMessage, InProcessMessages
from common.platform.embedded.objects import FolderObjects
from common.platform.embedded.secrets import FolderSecrets
from common.platform.embedded.signed_urls import SignedUrls
from common.platform.messages import Messages
from common.runtime import host
from common.runtime.egress import egress
from common.runtime.engines import registry


def build(catalogue: Catalogue, settings: Settings, deliver: Deliver | None) -> Context:
    """Everything of this profile."""
    clock = SystemClock()
    keys = secrets(settings)
    return Context(
        settings=settings,
        catalogue=catalogue,
        documents=documents(settings),
        objects=FolderObjects(settings.home / "objects", _urls(keys, clock, settings)),
        messages=_messages(catalogue, settings, deliver, clock),
        tasks=host.tasks(settings, deliver, clock),
        jobs=host.jobs(settings),
        identity=DevelopmentIdentity(keys, clock),
        secrets=keys,
        cache=MemoryCache(clock, seen=metrics.looked_up),
        clock=clock,
        registry=registry(settings, keys),
        owner=host.own_name(),
        alive=host.is_alive,
        failpoints=FailPoints(settings.fail_at),
        egress=egress(settings),
    )


def documents(settings: Settings) -> SqliteDocuments:
    """The documents alone."""
    return SqliteDocuments(settings.home / "documents.sqlite3")


def secrets(settings: Settings) -> FolderSecrets:
    """The secrets alone, with the keys that Terraform makes on Google Cloud."""
    found = FolderSecrets(settings.home / "secrets")
    found.begin(ACCESS_KEY, token_urlsafe(48))
    found.begin(seal.SECRET, token_urlsafe(48))
    found.begin(PAGE_KEY, token_urlsafe(48))
    return found


def development_identity(settings: Settings) -> DevelopmentIdentity:
    """The issuer of development tokens alone."""
    return DevelopmentIdentity(secrets(settings), SystemClock())


def _messages(catalogue: Catalogue, settings: Settings, deliver: Deliver | None, clock: SystemClock) -> Messages:
    if deliver is None:
        return host.NoBus()

    def dead_message(dead: DeadMessage) -> None:
        host.bury(deliver, dead.message_id, dead.data, dead.reason)

    return InProcessMessages(
        deliver, clock, dead_letter=dead_message, consumers=catalogue.topics(), workers=settings.workers
    )


def _urls(keys: FolderSecrets, clock: SystemClock, settings: Settings) -> SignedUrls:
    name = "signed-urls"
    if not keys.versions(name):
        keys.add(name, token_hex(32))
    # The oldest: processes that began at once may each have added one, and must agree.
    key = keys.read(name, keys.versions(name)[-1])
    return SignedUrls(key.encode(), clock, settings.public_url)
