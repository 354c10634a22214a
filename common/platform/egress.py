"""The port for requests to addresses that users name: it reaches nothing that is not public."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol


class EgressRefused(Exception):
    """That address may not be reached; the text says why. Nothing was sent."""


class EgressFailed(Exception):
    """No whole answer came in time; the text says why. Whether the request arrived is not known."""


@dataclass(frozen=True)
class EgressReply:
    """What came back: the status, `Retry-After` where it was sent, and the beginning of the body."""

    status: int
    retry_after: str = ""
    text: str = ""


class Egress(Protocol):
    """POST to a URL that somebody else chose, once, without following where the answer points to."""

    def post(self, url: str, body: bytes, headers: Mapping[str, str], *, seconds: float) -> EgressReply:
        """The answer, within so many seconds in all; EgressRefused, EgressFailed."""


class NoEgress:
    """For a process that has nothing to say to strangers."""

    def post(self, url: str, body: bytes, headers: Mapping[str, str], *, seconds: float) -> EgressReply:
        """Refuse."""
        raise EgressRefused("This process sends nothing to other machines.")
