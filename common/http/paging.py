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
from typing import Any

from pydantic import Field

from common.domain.model import Model, digest
from common.domain.profiles import PAGE_KEY
from common.engine.context import Context
from common.http.problem import Problem
from common.platform.clock import Clock
from common.platform.keyring import Keyring
from common.platform.secrets import SecretMissing, Secrets, SecretsUnavailable

DEFAULT_SIZE, MOST = 50, 200

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
        self._keys = _keyring(context.secrets, context.clock)  # type: ignore[arg-type]  # ports are told by identity
        self._bound = json.dumps([name, caller_id])
        self._scope = digest([name, dict(scope)])[:16]

    def after(self, asked: Paged) -> list[Any] | None:
        """The cursor that a token stands for, None for the first page; Problem 400 for a token of another list."""
        if not asked.page_token:
            return None
        version, signature, said = _unpacked(asked.page_token)
        key = self._keys.find(version)
        if key is None or not hmac.compare_digest(signature, self._signature(key, said)):
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
        try:
            version, key = self._keys.newest()
        except SecretMissing as missing:
            raise SecretsUnavailable(str(missing)) from None
        return f"{version}.{base64.urlsafe_b64encode(self._signature(key, said) + said).decode().rstrip('=')}"

    def _signature(self, key: str, said: bytes) -> bytes:
        return hmac.digest(key.encode(), self._bound.encode() + b"\0" + said, "sha256")[:_SIGNATURE]


def size(asked: Paged) -> int:
    """How many rows a page has at most."""
    return min(asked.page_size or DEFAULT_SIZE, MOST)


def _unpacked(token: str) -> tuple[str, bytes, bytes]:
    """The version of the key, the signature, and what is signed."""
    version, _, text = token.partition(".")
    try:
        raw = base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
    except (binascii.Error, ValueError):
        raise _refused("is no token of this service") from None
    return version, raw[:_SIGNATURE], raw[_SIGNATURE:]


def _refused(why: str) -> Problem:
    return Problem(
        400,
        "invalid_page_token",
        f"The page_token {why}; send next_page_token as it came, with the parameters of the page before, "
        "or leave page_token out to begin at the first page.",
    )


@lru_cache(maxsize=4)
def _keyring(secrets: Secrets, clock: Clock) -> Keyring:
    """The keys of a process, read once in a while."""
    return Keyring(secrets, PAGE_KEY, clock)
