"""Families: everything that came of one login, which lives and ends together.

A login of a program starts a family of refresh tokens. Each works once: the commit that consumes it makes its only
successor, so of two refreshes that race one wins. The other one had read a token that still worked and is refused, no
more. Whoever brings a token that was consumed before has a copy of it, and nobody can tell which of the two is the
thief: the whole family ends. There is no time of grace, so a client that lost the answer of a refresh and sends the
same token again has to log in again; a commit whose answer we lost ourselves is recognised and answered.

A login of a browser starts a family with one secret, that of its session's cookie (see `sessions`).

A family's standing is looked at on every request, in the cache for at most LOOK seconds and else in the documents: a
family that ended is refused at once where its end was done or heard of, and LOOK seconds later everywhere.
"""

import base64
import hashlib
import re
import secrets
from datetime import datetime, timedelta
from hmac import compare_digest
from typing import Literal

from pydantic import ValidationError

from common.domain.keys import covers
from common.domain.model import Model
from common.engine import store
from common.engine.context import Context
from common.platform.documents import Conflict, Create, Document, Update, Where
from common.platform.identity import InvalidToken, Role, UserMissing, is_user

LOOK = 60  # seconds that a process may believe what it knows of a family
LONGEST = timedelta(days=30)  # from a login to the next, however often it is renewed

Kind = Literal["tokens", "session"]

_TEXT = re.compile(r"([A-Za-z0-9_-]{2,700})\.[A-Za-z0-9_-]{43}")
_ID = re.compile(r"[A-Za-z0-9_-]{1,64}")
_NO_TOKEN = "this is no token, or a damaged one"  # noqa: S105 - what is said of it
_ENDED = "the login that it came from has ended or expired: log in again"


class Reused(InvalidToken):
    """A refresh token came a second time, so its family was ended."""

    def __init__(self, user: str, family: str) -> None:
        super().__init__("the refresh token was used before, so everything that came from its login has ended")
        self.user, self.family = user, family


class Family(Model):
    """One login: whose, in which role, until when. `ended` says why it is over."""

    id: str
    user: str
    role: Role
    kind: Kind
    created_at: datetime
    proved_at: datetime  # when the provider of identities last said that the user is there, and in which role
    expires_at: datetime
    secret: str = ""  # hash of a session's text
    ended: str = ""

    def lives(self, now: datetime) -> bool:
        """Whether what belongs to it still works."""
        return not self.ended and now < self.expires_at


class Token(Model):
    """A refresh token, stored under the hash of its text. `successor` is the one that its refresh made.

    The one that is not consumed expires with its family; the others are kept to be recognised for as long as they
    could have been used.
    """

    family: str
    created_at: datetime
    expires_at: datetime
    consumed_at: datetime | None = None
    successor: str = ""


def begin(context: Context, user: str, role: Role, kind: Kind) -> tuple[Family, str]:
    """Start the family of a login; also the text that proves it: of its first refresh token, or of its session."""
    text, now = _new_text(user), context.clock.now()
    family = Family(
        id=context.new_id(),
        user=user,
        role=role,
        kind=kind,
        created_at=now,
        proved_at=now,
        expires_at=now + timedelta(seconds=context.settings.refresh_token_ttl),
        secret=hashed(text) if kind == "session" else "",
    )
    born = [Create(family_path(user, family.id), family.model_dump(mode="json"))]
    if kind == "tokens":
        first = Token(family=family.id, created_at=now, expires_at=family.expires_at)
        born.append(Create(token_path(user, text), first.model_dump(mode="json")))

    def attempt() -> None:
        try:
            context.documents.commit(born)
        except Conflict:
            found = context.documents.get(born[0].path)
            if found is None or found.data != born[0].data:
                raise  # it is not our own commit, whose answer was lost, that stands in the way

    store.settle(context.clock, attempt, store.CLIENT_PATIENCE)
    return family, text


def refresh(context: Context, text: str) -> tuple[Family, str]:
    """Consume a refresh token: its family, in the role that the user has now, and the successor's text.

    InvalidToken when it is none, has expired, was revoked, lost a race or belongs to nobody any more; Reused.
    """
    user = user_of(text)
    path, heir_text = token_path(user, text), _new_text(user)
    lived = ""  # the family, once this refresh has seen the token alive

    def attempt() -> Family:
        nonlocal lived
        found = context.documents.get(path)
        token = Token.model_validate(found.data) if found else None
        standing = context.documents.get(family_path(user, token.family)) if token else None
        if found is None or token is None or standing is None:
            raise InvalidToken("the refresh token is not known, or has expired: log in again")
        family, now = Family.model_validate(standing.data), standing.read_at
        if token.consumed_at is not None and token.successor == hashed(heir_text):
            return family  # our commit arrived, only its answer was lost
        if not family.lives(now):
            raise InvalidToken(_ENDED)
        if token.consumed_at is not None:
            if lived:
                raise InvalidToken("another refresh with this token was faster: use what that one answered")
            raise Reused(user, family.id)
        lived = family.id
        renewed = _renewed(context, family, now)
        used = token.model_copy(update={"consumed_at": now, "successor": hashed(heir_text)})
        heir = Token(family=family.id, created_at=now, expires_at=renewed.expires_at)
        context.documents.commit(
            [
                Update(path, used.model_dump(mode="json"), found.version),
                Create(token_path(user, heir_text), heir.model_dump(mode="json")),
                Update(standing.path, renewed.model_dump(mode="json"), standing.version),
            ]
        )
        return renewed

    try:
        family = store.settle(context.clock, attempt, store.CLIENT_PATIENCE)
    except Reused as reused:
        end(context, reused.user, reused.family, "a refresh token was used twice")
        raise
    except UserMissing:
        raise _nobody(context, user, lived) from None
    _forget(context, family)
    return family, heir_text


def renew(context: Context, user: str, family_id: str, text: str) -> Family:
    """Prove a session anew: its role becomes the one that the user has now, and it lives on; InvalidToken."""

    def attempt() -> Family:
        found = _read(context, user, family_id)
        family = Family.model_validate(found.data) if found else None
        if found is None or family is None or not family.lives(found.read_at) or not opens(family, text):
            raise InvalidToken(_ENDED)
        renewed = _renewed(context, family, found.read_at)
        context.documents.commit([Update(found.path, renewed.model_dump(mode="json"), found.version)])
        return renewed

    try:
        family = store.settle(context.clock, attempt, store.CLIENT_PATIENCE)
    except UserMissing:
        raise _nobody(context, user, family_id) from None
    _forget(context, family)
    return family


def standing(context: Context, user: str, family_id: str, *, asked_anew: bool = False) -> Family:
    """The family as it was at most LOOK seconds ago, or as it is where it is asked anew; InvalidToken once it ended."""
    family = None if asked_anew else _remembered(context, family_id)
    if family is None:
        found = _read(context, user, family_id)
        if found is None:
            raise InvalidToken(_ENDED)
        family = Family.model_validate(found.data)
        _remember(context, family)
    if family.user != user or not family.lives(context.clock.now()):
        raise InvalidToken(_ENDED)
    return family


def family_of(context: Context, text: str) -> tuple[str, str]:
    """User and family of a refresh token, whether it still works or not; InvalidToken."""
    user = user_of(text)
    found = context.documents.get(token_path(user, text))
    if found is None:
        raise InvalidToken("the refresh token is not known")
    return user, Token.model_validate(found.data).family


def end(context: Context, user: str, family_id: str, why: str) -> bool:
    """End a family for good; whether it lived until now."""
    done = False

    def attempt() -> Family | None:
        nonlocal done
        found = _read(context, user, family_id)
        if found is None:
            return None
        family = Family.model_validate(found.data)
        if family.ended:
            return family
        ended = family.model_copy(update={"ended": why})
        done = done or family.lives(found.read_at)
        context.documents.commit([Update(found.path, ended.model_dump(mode="json"), found.version)])
        return ended

    family = store.settle(context.clock, attempt, store.CLIENT_PATIENCE)
    if family is not None:
        _remember(context, family)
    return done


def bound(context: Context, user: str, role: Role) -> int:
    """End the logins of a user that may do more than the user's role; how many lived."""
    rows = context.documents.query(f"users/{user}/families", [Where("ended", "==", "")])
    above = [row.id for row in rows if not covers(role, Family.model_validate(row.data).role)]
    return sum(end(context, user, family_id, f"its user became {role}") for family_id in above)


def opens(family: Family, text: str) -> bool:
    """Whether the text is that of the session."""
    return family.kind == "session" and compare_digest(family.secret, hashed(text))


def user_of(text: str) -> str:
    """The user that a refresh token or a session says it is of; InvalidToken for what is neither. Proves nothing."""
    found = _TEXT.fullmatch(text)
    try:
        user = base64.urlsafe_b64decode(found[1] + "=" * (-len(found[1]) % 4)).decode() if found else ""
    except ValueError:
        user = ""
    if found is None or not is_user(user) or _encoded(user) != found[1]:
        raise InvalidToken(_NO_TOKEN)
    return user


def hashed(text: str) -> str:
    """What is stored of a token's text. It holds 32 random bytes, so nothing slower is needed against guessing."""
    return hashlib.sha256(text.encode()).hexdigest()


def family_path(user: str, family_id: str) -> str:
    """Path of a family's document."""
    return f"users/{user}/families/{family_id}"


def token_path(user: str, text: str) -> str:
    """Path of a refresh token's document."""
    return f"users/{user}/tokens/{hashed(text)}"


def _renewed(context: Context, family: Family, now: datetime) -> Family:
    """The family as the provider of identities proves it now: UserMissing, or IdentityUnavailable."""
    role = context.identity.role_of(family.user, since=family.created_at)
    expires = min(now + timedelta(seconds=context.settings.refresh_token_ttl), family.created_at + LONGEST)
    return family.model_copy(update={"role": role, "proved_at": now, "expires_at": expires})


def _nobody(context: Context, user: str, family_id: str) -> InvalidToken:
    end(context, user, family_id, "its user is gone or disabled")
    return InvalidToken("its user is no more, or was disabled")


def _read(context: Context, user: str, family_id: str) -> Document | None:
    if not _ID.fullmatch(family_id):
        raise InvalidToken(_NO_TOKEN)
    return context.documents.get(family_path(user, family_id))


def _remembered(context: Context, family_id: str) -> Family | None:
    cached = context.cache.get(_key(family_id))
    try:
        return Family.model_validate_json(cached) if cached else None
    except ValidationError:  # from a version of this service that knew other fields
        return None


def _remember(context: Context, family: Family) -> None:
    # An ended one too, over what another request may just have read and not remembered yet.
    context.cache.set(_key(family.id), family.model_dump_json(), seconds=LOOK)


def _forget(context: Context, family: Family) -> None:
    # Not replaced: it may have ended since, and whoever ended it has remembered that.
    context.cache.delete(_key(family.id))


def _key(family_id: str) -> str:
    return f"family:{family_id}"


def _new_text(user: str) -> str:
    return f"{_encoded(user)}.{secrets.token_urlsafe(32)}"


def _encoded(user: str) -> str:
    return base64.urlsafe_b64encode(user.encode()).decode().rstrip("=")
