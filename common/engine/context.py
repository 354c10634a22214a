"""What every handler receives: the outside world, behind ports. Nothing else builds clients."""

import secrets
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cached_property

from common.domain.catalogue import Catalogue
from common.domain.profiles import ACCESS_KEY
from common.domain.settings import Settings
from common.engine.failpoints import FailPoints
from common.platform.cache import Cache
from common.platform.callers import Callers, NoCallers
from common.platform.clock import Clock
from common.platform.documents import Documents
from common.platform.egress import Egress, NoEgress
from common.platform.identity import Identity
from common.platform.jobs import Jobs
from common.platform.keyring import Keyring
from common.platform.messages import Messages
from common.platform.objects import Objects
from common.platform.seal import Seal
from common.platform.secrets import Secrets
from common.platform.tasks import Tasks
from common.providers.registry import Registry


def random_id() -> str:
    """An id without order, so that no key range of the store runs hot: 20 hex digits."""
    return secrets.token_hex(10)


def _cannot_tell(_owner: str) -> bool | None:
    return None


@dataclass(frozen=True)
class Context:
    """The ports of one process, its settings and its name. `alive` tells whether a lease's owner lives, if it can."""

    settings: Settings
    catalogue: Catalogue
    documents: Documents
    objects: Objects
    messages: Messages
    tasks: Tasks
    jobs: Jobs
    identity: Identity
    secrets: Secrets
    cache: Cache
    clock: Clock
    registry: Registry
    owner: str
    callers: Callers = field(default_factory=NoCallers)
    alive: Callable[[str], bool | None] = _cannot_tell
    new_id: Callable[[], str] = random_id
    failpoints: FailPoints = field(default_factory=FailPoints)
    egress: Egress = field(default_factory=NoEgress)

    @cached_property
    def access_keys(self) -> Keyring:
        """The keys of our own access tokens, as this process knows them."""
        return Keyring(self.secrets, ACCESS_KEY, self.clock)

    @cached_property
    def seal(self) -> Seal:
        """What closes the signing secrets of webhooks, and opens them."""
        return Seal(self.secrets, self.clock)
