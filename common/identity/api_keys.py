"""API keys: made, shown once, verified, rotated, revoked.

The id of a key is the beginning of its hash, so `verify` finds the one record that can prove a key with one read, by
its path: no query, no index, and nothing that tells more than 64 bits of the hash of 384 random ones. The whole hash
is then compared in constant time.
"""

import hashlib
import hmac
import logging
import re
import secrets
import threading
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import Any

from common.domain.keys import LIFE, ApiKey, KeyStatus, covers, revoked, rotated
from common.engine import store
from common.engine.context import Context
from common.observability import audit
from common.observability.audit import Who
from common.platform.documents import Create, Document, Documents, Order, Update, Where, Write
from common.platform.identity import Caller, InvalidToken, Role

COLLECTION = "api_keys"
HEADER = "X-API-Key"
COUNTED_EVERY = timedelta(minutes=1)  # at most, for one key in all processes together

_KEY = re.compile(r"apk_[A-Za-z0-9_-]{64}")
_ID = re.compile(r"key_[0-9a-f]{16}")
_REFUSED: dict[KeyStatus, str] = {
    "active": "",
    "replaced": "the API key was replaced by a newer one, and its time of grace is over: use the newest",
    "expired": "the API key has expired: rotate it, or ask for a new one",
    "revoked": "the API key was revoked",
}

log = logging.getLogger(__name__)


class UnknownKey(LookupError):
    """No API key has that id."""


class KeyNotActive(Exception):
    """Only the newest version of a key that works can be rotated; the text says where this one stands."""

    def __init__(self, key: ApiKey, status: KeyStatus) -> None:
        super().__init__(f"The API key {key.id} is {status}, so it cannot be rotated.")
        self.status, self.successor = status, key.successor


def key_path(key_id: str) -> str:
    """Path of a key's document."""
    return f"{COLLECTION}/{key_id}"


def id_of(secret: str) -> str:
    """The id of the key with that text."""
    return f"key_{_hash(secret)[:16]}"


def fresh(*, name: str, owner: str, role: Role, by: str, now: datetime, service: str = "") -> tuple[ApiKey, str]:
    """A new key that is stored nowhere yet, and its text."""
    secret = f"apk_{secrets.token_urlsafe(48)}"
    key = ApiKey(
        id=id_of(secret),
        hash=_hash(secret),
        name=name,
        owner=owner,
        role=role,
        service=service,
        created_by=by,
        created_at=now,
        valid_until=now + LIFE,
    )
    return key, secret


def create(context: Context, who: Who, *, name: str, owner: str, role: Role) -> tuple[ApiKey, str]:
    """Make a key; its text is in the answer and nowhere else."""
    key, secret = fresh(name=name, owner=owner, role=role, by=who.id, now=context.clock.now())
    told = who.entry(context.clock, "API_KEY_CREATED", key.id, name=name, owner=owner, role=role)

    def attempt() -> None:
        if context.documents.get(key_path(key.id)) is None:  # else our commit arrived, and only its answer was lost
            context.documents.commit([born(key), told])

    store.settle(context.clock, attempt, store.CLIENT_PATIENCE)
    audit.say(told)
    return key, secret


def verify(context: Context, secret: str) -> Caller:
    """The caller that the key stands for; InvalidToken, with the reason, for one that opens nothing."""
    if not _KEY.fullmatch(secret):
        raise InvalidToken("this is no API key: it begins with apk_ and has 68 characters")
    found = context.documents.get(key_path(id_of(secret)))
    key = parsed(found.data) if found else None
    # Against a constant where there is none, so that neither case takes longer.
    same = hmac.compare_digest(_hash(secret), key.hash if key else "0" * 64)
    if found is None or key is None or not same:
        raise InvalidToken("the API key is not known")
    if not key.works(found.read_at):
        status = key.status(found.read_at)
        raise InvalidToken(_REFUSED["expired" if status == "active" else status])
    _USES.note(context.documents, found, key)
    return Caller(id=key.owner, role=key.role, via="api_key", session=key.id)


def load(context: Context, key_id: str) -> tuple[ApiKey, Document]:
    """A key as it stands; UnknownKey."""
    found = context.documents.get(key_path(key_id)) if _ID.fullmatch(key_id) else None
    if found is None:
        raise UnknownKey(f"There is no API key {key_id[:64]!r}.")
    return parsed(found.data), found


def rotate(context: Context, who: Who, key_id: str) -> tuple[ApiKey, str, ApiKey]:
    """Replace a key: the new version, its text, and the last one with the end of its grace. UnknownKey, KeyNotActive.

    Of two rotations at once one wins; the other finds the key replaced.
    """
    old, _ = load(context, key_id)
    new, secret = fresh(
        name=old.name, owner=old.owner, role=old.role, by=who.id, now=context.clock.now(), service=old.service
    )
    told = who.entry(context.clock, "API_KEY_ROTATED", new.id, name=old.name, owner=old.owner, replaces=old.id)

    def attempt() -> tuple[ApiKey, ApiKey]:
        last, found = load(context, key_id)
        if last.successor == new.id:
            return load(context, new.id)[0], last  # our commit arrived, only its answer was lost
        status = last.status(found.read_at)
        if status != "active":
            raise KeyNotActive(last, status)
        before = context.documents.get(key_path(last.parent)) if last.parent else None
        changed = rotated(new, last, parsed(before.data) if before else None, found.read_at)
        context.documents.commit([born(changed[0]), *updates(changed[1:], found, before), told])
        return changed[0], changed[1]

    newest, last = store.settle(context.clock, attempt, store.CLIENT_PATIENCE)
    audit.say(told)
    return newest, secret, last


def revoke(context: Context, who: Who, key_id: str, why: str = "") -> ApiKey:
    """End a key, and the version before it if that still works; once is enough, twice is harmless. UnknownKey."""
    told = who.entry(context.clock, "API_KEY_REVOKED", key_id, **({"why": why} if why else {}))
    done = False

    def attempt() -> ApiKey:
        nonlocal done
        key, found = load(context, key_id)
        before = context.documents.get(key_path(key.parent)) if key.parent else None
        changed = revoked(key, parsed(before.data) if before else None, found.read_at)
        if changed:
            done = True
            context.documents.commit([*updates(changed, found, before), told])
        return next((one for one in changed if one.id == key_id), key)

    ended = store.settle(context.clock, attempt, store.CLIENT_PATIENCE)
    if done:
        audit.say(told)
    return ended


def bound(context: Context, who: Who, owner: str, role: Role) -> list[str]:
    """Revoke the keys of a user that may do more than the user's role; their ids."""
    rows = [parsed(row.data) for row in context.documents.query(COLLECTION, where=[Where("owner", "==", owner)])]
    ended = [key.id for key in rows if key.revoked_at is None and not covers(role, key.role)]
    for key_id in ended:
        revoke(context, who, key_id, f"its owner became {role}")
    return ended


def listed(
    context: Context,
    *,
    owner: str | None = None,
    service: str | None = None,
    limit: int,
    after: Sequence[Any] | None = None,
) -> list[Document]:
    """Records of keys, newest first, for `parsed`; ended ones stay for a while."""
    equal = {"owner": owner, "service": service}
    where = [Where(name, "==", value) for name, value in equal.items() if value is not None]
    return context.documents.query(COLLECTION, where, [Order("created_at", descending=True)], limit, after)


def parsed(data: dict[str, Any]) -> ApiKey:
    """The key that a document says."""
    return ApiKey.model_validate({name: value for name, value in data.items() if name != "expires_at"})


def born(key: ApiKey) -> Create:
    """The write that stores a new key."""
    return Create(key_path(key.id), _data(key))


def updates(keys: Sequence[ApiKey], *found: Document | None) -> list[Write]:
    """The writes that store changed keys, each guarded by the version that was read of it."""
    versions = {document.path: document.version for document in found if document}
    return [Update(key_path(key.id), _data(key), versions[key_path(key.id)]) for key in keys]


class Uses:
    """Counts how often keys are used, and writes it now and then, beside the requests.

    Whoever reads a record that nobody has written for a minute writes what it has counted; so a key's record is written
    about once a minute however many processes see it, and a process that ends takes a few counts with it.
    """

    def __init__(self, start: Callable[[Callable[[], None]], None] | None = None) -> None:
        self._lock = threading.Lock()
        self._counts: dict[str, int] = {}
        self._writing: set[str] = set()
        self._start = start or _beside

    def note(self, documents: Documents, found: Document, key: ApiKey) -> None:
        """One more use. Costs no call to the store, and cannot fail."""
        now = found.read_at
        with self._lock:
            self._counts[key.id] = self._counts.get(key.id, 0) + 1
            if key.id in self._writing or (key.last_used_at and now - key.last_used_at < COUNTED_EVERY):
                return
            self._writing.add(key.id)
            taken = self._counts.pop(key.id)
        used = key.model_copy(update={"uses": key.uses + taken, "last_used_at": now})

        def write() -> None:
            try:
                documents.commit(updates([used], found))
            except Exception as missed:  # a rival wrote, or the store is away: the next use tries again
                log.debug("uses of a key are not written yet", extra={"key": key.id, "reason": str(missed)})
                with self._lock:
                    self._counts[key.id] = self._counts.get(key.id, 0) + taken
            finally:
                with self._lock:
                    self._writing.discard(key.id)

        try:
            self._start(write)
        except RuntimeError:  # no thread can be started: the next use tries again
            with self._lock:
                self._counts[key.id] = self._counts.get(key.id, 0) + taken
                self._writing.discard(key.id)


def _beside(write: Callable[[], None]) -> None:
    threading.Thread(target=write, name="uses-of-api-keys", daemon=True).start()


def _hash(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()


def _data(key: ApiKey) -> dict[str, Any]:
    return {**key.model_dump(mode="json"), "expires_at": audit.stamp(key.expires_at)}


_USES = Uses()
