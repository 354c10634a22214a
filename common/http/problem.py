"""A refusal that a client understands: RFC 9457, with a stable code and a sentence that says what to do."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any

from common.http.problems import PROBLEMS

MEDIA_TYPE = "application/problem+json"


@dataclass(frozen=True)
class Fault:
    """One thing that is wrong with a request: where (a JSON pointer into the body) and what to do about it."""

    pointer: str
    detail: str


@dataclass
class Problem(Exception):
    """Answer a request with an error. `code` is for programs and never changes; `detail` is for people and may."""

    status: int
    code: str
    detail: str
    faults: Sequence[Fault] = ()
    headers: Mapping[str, str] = field(default_factory=dict)
    facts: Mapping[str, Any] = field(default_factory=dict)  # what `detail` says, once more for programs
    type: str = ""  # where others have registered one; otherwise it is our page about the code

    def __post_init__(self) -> None:
        super().__init__(self.detail)

    def body(self, *, base: str, instance: str, request_id: str) -> dict[str, Any]:
        """The problem document; `base` is where the service is reached, `instance` the path that was asked for."""
        found: dict[str, Any] = {
            "type": self.type or f"{base}/problems/{self.code}",
            "title": PROBLEMS[self.code].title if self.code in PROBLEMS else HTTPStatus(self.status).phrase,
            "status": self.status,
            "detail": self.detail,
            "instance": instance,
            "code": self.code,
            "request_id": request_id,
        }
        assert not found.keys() & self.facts.keys(), "a fact may not hide a standard member"
        found.update(self.facts)
        if self.faults:
            found["errors"] = [{"pointer": fault.pointer, "detail": fault.detail} for fault in self.faults]
        return found


def not_found(detail: str) -> Problem:
    """What is unknown, or not the caller's to know of."""
    return Problem(404, "not_found", detail)


def unavailable() -> Problem:
    """Something outside did not answer; nothing is known about the outcome, and asking again is safe for reads."""
    return Problem(
        503,
        "unavailable",
        "The service cannot reach what it needs right now; try again in a moment.",
        headers={"Retry-After": "2"},
    )


def internal() -> Problem:
    """Our own fault. The cause is in the log under the request id, never in the answer."""
    return Problem(500, "internal", "The service failed to handle this request; try again, or report the request id.")
