"""Rotation of the keys that we make ourselves: those of services, and the one that signs access tokens.

Three phases, so that a crash between any two of them leaves every key that somebody can have working:

1. register: the new key is on record and works, and the rotation is ours for a while;
2. hand out: its text becomes the newest version of its secret, where whoever needs it reads it;
3. promote: it is the current one; the last one has its grace, the one before ends. The audit log says so.

Whoever finds a rotation that somebody began and left looks for its text among the secrets: handed out, it is promoted;
otherwise nobody can have it, and it is revoked and another made. Of two rotations at once one holds, and the other is
told so; one that held too long finds that it was replaced, and takes the version back that it handed out.
"""

import contextlib
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from common.domain.keys import ApiKey, rotated
from common.domain.model import Model
from common.engine import store
from common.engine.context import Context
from common.identity import api_keys
from common.observability import audit
from common.observability.audit import Who
from common.platform.documents import Conflict, Create, Document, Unavailable, Update, Where, Write
from common.platform.secrets import SecretMissing, SecretsUnavailable

COLLECTION = "rotations"
HOLD = timedelta(minutes=1)  # how long a rotation may take before somebody else goes on with it
KEPT = 2  # versions of a signing key that prove something


class RotationInProgress(Exception):
    """Somebody else rotates this key at this moment."""


class Rotation(Model):
    """Where the rotation of one secret stands. Keys are named by the mark of their text, which tells nothing of it."""

    name: str  # of the secret
    service: str = ""  # whose API key it is, where it is one
    current: str = ""
    pending: str = ""  # registered, and not promoted yet
    holder: str = ""
    held_until: datetime | None = None
    rotated_at: datetime | None = None


@dataclass(frozen=True)
class Rotated:
    """What a rotation made: the text of the new key and, for a service, its record and that of the last one."""

    text: str
    key: ApiKey | None = None
    last: ApiKey | None = None


@dataclass(frozen=True)
class _Held:
    row: Rotation
    text: str


def secret_of(service: str) -> str:
    """The secret in which a service finds its API key."""
    return f"service-key-{service}"


def rotate_service(context: Context, who: Who, service: str, *, after: timedelta | None = None) -> Rotated | None:
    """A new API key for a service, the first one if it has none; as `rotate`."""
    return rotate(context, who, secret_of(service), service, after=after)


def rotate(
    context: Context, who: Who, name: str, service: str = "", *, after: timedelta | None = None
) -> Rotated | None:
    """Rotate a secret, or end the rotation that somebody left; with `after`, None unless the last one is so long ago.

    RotationInProgress; SecretMissing where the secret has to be made by somebody else first.
    """
    holder = secrets.token_hex(8)
    held = _register(context, who, Rotation(name=name, service=service, holder=holder), after)
    if held is None:
        return None
    version = ""
    try:
        if not _handed_out(context, held.row):
            version = context.secrets.add(name, held.text)
        done = _promote(context, who, held)
    except (SecretMissing, SecretsUnavailable):
        _release(context, held.row)
        raise
    except RotationInProgress:
        if version:  # ours came too late, and must not stay the newest
            context.secrets.disable(name, version)
        raise
    with contextlib.suppress(SecretMissing, SecretsUnavailable, Unavailable):
        retire(context, name, service)  # else the next tick does
    return done


def retire(context: Context, name: str, service: str = "") -> int:
    """Disable the versions of a secret that prove nothing any more; how many there were.

    The versions are listed before their keys are looked up: whatever is listed was registered before.
    """
    versions = context.secrets.versions(name)
    old = versions[KEPT:] if not service else [one for one in versions if not _works(context, name, one)]
    for version in old:
        context.secrets.disable(name, version)
    return len(old)


def adopt(context: Context, name: str) -> None:
    """Begin to count the age of a secret that was there before its first rotation."""
    if context.documents.get(_path(name)) is None and context.secrets.versions(name):
        row = Rotation(name=name, rotated_at=context.clock.now())
        with contextlib.suppress(Conflict):  # somebody else did
            context.documents.commit([Create(_path(name), row.model_dump(mode="json"))])


def services(context: Context) -> list[Rotation]:
    """Every service whose key is rotated, also those whose key was revoked."""
    rows = context.documents.query(COLLECTION, where=[Where("service", ">", "")])
    return [Rotation.model_validate(row.data) for row in rows]


def _register(context: Context, who: Who, ours: Rotation, after: timedelta | None) -> _Held | None:
    text, key = _new_text(context, who, ours)

    def attempt() -> _Held | None:
        found = context.documents.get(_path(ours.name))
        row = Rotation.model_validate(found.data) if found else None
        now = found.read_at if found else context.clock.now()
        if row is not None and row.holder == ours.holder:
            return _Held(row, text)  # our commit arrived, only its answer was lost
        left = row.pending if row else ""
        if row is not None and row.held_until is not None and row.held_until > now:
            raise RotationInProgress(f"The key {ours.name} is being rotated at this moment.")
        if after is not None and row is not None and not left and row.rotated_at and now - row.rotated_at < after:
            return None
        hold = {"holder": ours.holder, "held_until": now + HOLD}
        if row is not None and left and (known := _newest_text(context, ours.name, left)):
            kept = row.model_copy(update=hold)
            context.documents.commit(_row(kept, found))
            return _Held(kept, known)
        taken = (row or ours).model_copy(update={**hold, "pending": api_keys.id_of(text)})
        writes = _row(taken, found)
        if key is not None:
            writes += [api_keys.born(key), *_revocation(context, left, now)]
        context.documents.commit(writes)
        return _Held(taken, text)

    held: _Held | None = store.settle(context.clock, attempt, store.CLIENT_PATIENCE)
    return held


def _promote(context: Context, who: Who, held: _Held) -> Rotated:
    name, service, mark = held.row.name, held.row.service, held.row.pending
    told: list[Create] = []

    def attempt() -> Rotated:
        found = context.documents.get(_path(name))
        row = Rotation.model_validate(found.data) if found else None
        if found is None or row is None or mark not in (row.pending, row.current):
            raise RotationInProgress(f"The key {name} was rotated by somebody else meanwhile.")
        if row.current == mark:  # our commit arrived, or somebody ended our rotation for us
            return _outcome(context, held.text, mark) if service else Rotated(held.text)
        over = {"current": mark, "pending": "", "holder": "", "held_until": None, "rotated_at": found.read_at}
        writes = _row(row.model_copy(update=over), found)
        done = Rotated(held.text)
        if service:
            changes, done = _versions(context, held.text, row, found.read_at)
            writes += changes
        kind: audit.Kind = "API_KEY_ROTATED" if row.current or not service else "API_KEY_CREATED"
        facts = {"secret": name, "replaces": row.current, **({"service": service} if service else {})}
        told[:] = [who.entry(context.clock, kind, mark if service else name, **facts)]
        context.documents.commit([*writes, *told])
        return done

    done = store.settle(context.clock, attempt, store.CLIENT_PATIENCE)
    audit.say(*told)
    return done


def _versions(context: Context, text: str, row: Rotation, now: datetime) -> tuple[list[Write], Rotated]:
    """The writes by which a service's pending key follows its current one."""
    new = context.documents.get(api_keys.key_path(row.pending))
    last = context.documents.get(api_keys.key_path(row.current)) if row.current else None
    if new is None:
        raise RotationInProgress(f"The key {row.pending} of {row.name} is gone.")
    last_key = api_keys.parsed(last.data) if last else None
    before = context.documents.get(api_keys.key_path(last_key.parent)) if last_key and last_key.parent else None
    changed = rotated(api_keys.parsed(new.data), last_key, api_keys.parsed(before.data) if before else None, now)
    kept = changed[1] if last_key else None
    return api_keys.updates(changed, new, last, before), Rotated(text, changed[0], kept)


def _outcome(context: Context, text: str, mark: str) -> Rotated:
    key, _ = api_keys.load(context, mark)
    last = api_keys.load(context, key.parent)[0] if key.parent else None
    return Rotated(text, key, last)


def _revocation(context: Context, mark: str, now: datetime) -> Sequence[Write]:
    """The end of a registered key that was never handed out."""
    found = context.documents.get(api_keys.key_path(mark)) if mark else None
    if found is None:
        return []
    key = api_keys.parsed(found.data).model_copy(update={"revoked_at": now, "valid_until": now})
    return api_keys.updates([key], found)


def _release(context: Context, row: Rotation) -> None:
    """Let the next one go on at once; best effort, for the hold ends by itself."""
    with contextlib.suppress(Conflict, Unavailable):
        found = context.documents.get(_path(row.name))
        if found is not None and found.data["holder"] == row.holder:
            over = row.model_copy(update={"held_until": found.read_at})
            context.documents.commit(_row(over, found))


def _new_text(context: Context, who: Who, ours: Rotation) -> tuple[str, ApiKey | None]:
    if not ours.service:
        return secrets.token_urlsafe(48), None
    key, text = api_keys.fresh(
        name=ours.service,
        owner=ours.service,
        role="service",
        by=who.id,
        now=context.clock.now(),
        service=ours.service,
    )
    return text, key


def _newest_text(context: Context, name: str, mark: str) -> str | None:
    """The text of a registered key, if its rotation came as far as handing it out."""
    try:
        text = context.secrets.read(name)
    except SecretMissing:
        return None
    return text if api_keys.id_of(text) == mark else None


def _handed_out(context: Context, row: Rotation) -> bool:
    return _newest_text(context, row.name, row.pending) is not None


def _works(context: Context, name: str, version: str) -> bool:
    try:
        text = context.secrets.read(name, version)
    except SecretMissing:
        return True  # disabled a moment ago: nothing is left to do
    found = context.documents.get(api_keys.key_path(api_keys.id_of(text)))
    return found is not None and api_keys.parsed(found.data).works(found.read_at)


def _row(row: Rotation, found: Document | None) -> list[Write]:
    data = row.model_dump(mode="json")
    return [Update(found.path, data, found.version) if found else Create(_path(row.name), data)]


def _path(name: str) -> str:
    return f"{COLLECTION}/{name}"
