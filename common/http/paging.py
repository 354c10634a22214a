"""Pages of a list: how many rows, and a token that leads on from the last one.

A token is signed and bound to its caller and to the parameters of the list, so it cannot be made up, passed on or taken
to another list; it gives no rights, for every page is read under the rights of whoever asks for it. A page may be
short, or empty, and not be the last: only an empty `next_page_token` says so.
"""

import base64
import binascii
import hmac
import json
from collections.abc import Mapping, Sequence
from functools import lru_cache
from secrets import token_hex
from typing import Any

from pydantic import Field

from common.domain.model import Model, digest
from common.engine.context import Context
from common.http.problem import Problem
from common.platform.secrets import Secrets

KEY_NAME = "page-tokens"  # a secret: its newest version signs; every enabled one is accepted
DEFAULT_SIZE, MOST = 50, 200

_KEPT_SECONDS = 300  # that a process keeps what it read of the secret
_AGAIN_SECONDS = 5  # and how often it looks again for a token that it cannot explain
_SIGNATURE = 16  # bytes


class Paged(Model):
    """The parameters of every list; the `Query` of an endpoint adds its own."""

    page_size: int = Field(
        default=0, ge=0, description=f"Most rows of a page; 0 is {DEFAULT_SIZE}, more than {MOST} are {MOST}."
    )
    page_token: str = Field(
        default="", max_length=2000, description="next_page_token of the page before, with the same other parameters."
    )


class Pages:
    """The pages of one list, as one caller sees it. `scope` is what the list was asked for: its filter, its order."""

    def __init__(self, context: Context, caller_id: str, name: str, scope: Mapping[str, Any]) -> None:
        self._context = context
        self._bound = json.dumps([name, caller_id])
        self._scope = digest([name, dict(scope)])[:16]

    def after(self, asked: Paged) -> list[Any] | None:
        """The cursor that a token stands for, None for the first page; Problem 400 for a token of another list."""
        if not asked.page_token:
            return None
        signature, said = _unpacked(asked.page_token)
        known = any(hmac.compare_digest(signature, self._signature(key, said)) for key in self._keys(_KEPT_SECONDS))
        if not known:  # by a process that got a newer key, perhaps
            known = any(
                hmac.compare_digest(signature, self._signature(key, said)) for key in self._keys(_AGAIN_SECONDS)
            )
        if not known:
            raise _refused("is not one that you got for this list, or is out of date")
        scope, cursor = json.loads(said)
        if scope != self._scope:
            raise _refused("belongs to this list with other parameters")
        return list(cursor)

    def token(self, after: Sequence[Any] | None) -> str:
        """The token of the page after a cursor; empty for None, the end."""
        if after is None:
            return ""
        said = json.dumps([self._scope, list(after)], separators=(",", ":")).encode()
        newest = self._keys(_KEPT_SECONDS)[0]
        return base64.urlsafe_b64encode(self._signature(newest, said) + said).decode().rstrip("=")

    def _signature(self, key: bytes, said: bytes) -> bytes:
        return hmac.digest(key, self._bound.encode() + b"\0" + said, "sha256")[:_SIGNATURE]

    def _keys(self, seconds: int) -> tuple[bytes, ...]:
        """The keys, newest first, not older than some seconds; one is made where there is none."""
        period = int(self._context.clock.now().timestamp() // seconds)
        return _read(self._context.secrets, seconds, period)  # type: ignore[arg-type]  # a port is told by identity


def size(asked: Paged) -> int:
    """How many rows a page has at most."""
    return min(asked.page_size or DEFAULT_SIZE, MOST)


def _unpacked(token: str) -> tuple[bytes, bytes]:
    try:
        raw = base64.b64decode(token + "=" * (-len(token) % 4), altchars=b"-_", validate=True)
    except (binascii.Error, ValueError):
        raise _refused("is no token of this service") from None
    return raw[:_SIGNATURE], raw[_SIGNATURE:]


def _refused(why: str) -> Problem:
    return Problem(
        400,
        "invalid_page_token",
        f"The page_token {why}; send next_page_token as it came, with the parameters of the page before, "
        "or leave page_token out to begin at the first page.",
    )


@lru_cache(maxsize=4)
def _read(secrets: Secrets, _seconds: int, _period: int) -> tuple[bytes, ...]:
    if not secrets.versions(KEY_NAME):
        secrets.add(KEY_NAME, token_hex(32))  # a process that began with us may add one, too; both hold
    return tuple(secrets.read(KEY_NAME, version).encode() for version in secrets.versions(KEY_NAME))
