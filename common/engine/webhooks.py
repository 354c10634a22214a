"""Hooks in the document store: whose they are, and the secrets that their messages are signed with."""

import base64
import binascii
import secrets as random_secrets
from collections.abc import Callable, Sequence
from datetime import datetime

from common.domain.webhooks import MOST_HOOKS, MOST_SECRETS, OVERLAP, Hook, Secret
from common.engine import store
from common.engine.context import Context
from common.platform.documents import Create, Delete, Documents, Update, Where
from common.platform.seal import SealBroken

PREFIX = "whsec_"
SHORTEST, LONGEST = 24, 64  # bytes of a secret
NEW = 32  # bytes of one that we make


class UnknownHook(LookupError):
    """There is no hook of that id."""


class TooManyHooks(Exception):
    """The owner has as many hooks as anybody may have; the text says how many."""


class InvalidSecret(ValueError):
    """No messages can be signed with that secret; the text says what would do."""


def path(hook_id: str) -> str:
    """Path of a hook's document."""
    return f"webhooks/{hook_id}"


def owned(documents: Documents, owner: str) -> list[Hook]:
    """All hooks of a user, oldest first."""
    rows = documents.query("webhooks", where=[Where("owner", "==", owner)])
    return sorted((Hook.model_validate(row.data) for row in rows), key=lambda hook: (hook.created_at, hook.id))


def wants_progress(documents: Documents, owner: str) -> bool:
    """Whether a hook of the user asks for the progress of pipelines."""
    return documents.count("webhooks", where=[Where("owner", "==", owner), Where("hears_progress", "==", True)]) > 0


def load(documents: Documents, hook_id: str) -> Hook:
    """A hook; UnknownHook."""
    found = documents.get(path(hook_id))
    if found is None:
        raise UnknownHook(f"There is no webhook {hook_id}.")
    return Hook.model_validate(found.data)


def create(
    context: Context,
    hook_id: str,
    owner: str,
    url: str,
    events: Sequence[str],
    secret: bytes,
    *,
    description: str,
    retries: int,
) -> Hook:
    """A new hook, switched on; a repeated call with its id finds it made. TooManyHooks.

    Two calls at the very same moment may make one more than the most; the next one is refused.
    """
    sealed = context.seal.close(secret)

    def attempt() -> Hook:
        found = context.documents.get(path(hook_id))
        if found is not None:
            return Hook.model_validate(found.data)  # our commit arrived, only its answer was lost
        if context.documents.count("webhooks", where=[Where("owner", "==", owner)]) >= MOST_HOOKS:
            raise TooManyHooks(f"You have {MOST_HOOKS} webhooks, the most there may be; delete one first.")
        now = context.clock.now()
        hook = Hook(
            id=hook_id,
            owner=owner,
            url=url,
            events=(),
            description=description,
            retries=retries,
            secrets=(Secret(sealed=sealed),),
            created_at=now,
            updated_at=now,
        ).but(events=tuple(events))
        context.documents.commit([Create(path(hook_id), hook.model_dump(mode="json"))])
        return hook

    return store.settle(context.clock, attempt, store.CLIENT_PATIENCE)


def change(context: Context, hook_id: str, edit: Callable[[Hook, datetime], Hook]) -> Hook:
    """The hook after an edit, whoever else writes to it meanwhile; UnknownHook."""

    def attempt() -> Hook:
        found = context.documents.get(path(hook_id))
        if found is None:
            raise UnknownHook(f"There is no webhook {hook_id}.")
        hook = edit(Hook.model_validate(found.data), found.read_at)
        if (data := hook.model_dump(mode="json")) != found.data:
            context.documents.commit([Update(found.path, data, found.version)])
        return hook

    return store.settle(context.clock, attempt, store.CLIENT_PATIENCE)


def delete(context: Context, hook_id: str) -> None:
    """Remove a hook; what still waits for it is dropped when its turn comes."""
    store.settle(context.clock, lambda: context.documents.commit([Delete(path(hook_id))]), store.CLIENT_PATIENCE)


def rotate(context: Context, hook_id: str, secret: bytes) -> Hook:
    """Sign with a new secret from now on, and with the one before it for a day more; UnknownHook.

    Another rotation within that day takes nothing from it: the receiver may still have the first of them. Only of more
    than MOST_SECRETS the oldest goes early. A repeated call with the same secret changes nothing.
    """
    sealed = context.seal.close(secret)

    def edit(hook: Hook, now: datetime) -> Hook:
        newest, *older = hook.secrets
        try:
            if context.seal.open(newest.sealed) == secret:
                return hook
            older.insert(0, newest.model_copy(update={"until": now + OVERLAP}))
        except SealBroken:
            pass  # its key is gone, so nothing can be signed with it any more
        signing = [one for one in older if one.until is not None and one.until > now]
        return hook.but(secrets=(Secret(sealed=sealed), *signing)[:MOST_SECRETS], updated_at=now)

    return change(context, hook_id, edit)


def secrets_of(context: Context, hook: Hook, now: datetime) -> list[bytes]:
    """What a message of the hook is signed with now, newest first; SealBroken if none opens, SecretsUnavailable."""
    found = []
    broken: SealBroken | None = None
    for one in hook.secrets:
        if one.until is None or one.until > now:
            try:
                found.append(context.seal.open(one.sealed))
            except SealBroken as gone:
                broken = gone
    if not found:
        raise broken or SealBroken(f"webhook {hook.id} has no secret")
    return found


def new_secret() -> bytes:
    """A secret that nobody can guess."""
    return random_secrets.token_bytes(NEW)


def read_secret(text: str) -> bytes:
    """The bytes of a secret as a user gives it: `whsec_` and base64, or plain text; InvalidSecret."""
    secret = text.encode()
    if text.startswith(PREFIX):
        try:
            secret = base64.b64decode(text.removeprefix(PREFIX), validate=True)
        except binascii.Error:
            raise InvalidSecret(
                f"What follows {PREFIX} is no base64; give {PREFIX} and {SHORTEST} bytes of it."
            ) from None
    if not SHORTEST <= len(secret) <= LONGEST:
        raise InvalidSecret(
            f"The secret has {len(secret)} bytes; give {SHORTEST} to {LONGEST}, as text or as {PREFIX} and base64."
        )
    return secret


def show_secret(secret: bytes) -> str:
    """A secret as libraries for Standard Webhooks take it."""
    return PREFIX + base64.b64encode(secret).decode()
