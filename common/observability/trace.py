"""Which request a thread works for: its id and its trace, for every line that is logged meanwhile."""

import re
from contextvars import ContextVar, Token
from dataclasses import dataclass
from secrets import token_hex

_W3C = re.compile(r"00-(?!0{32})([0-9a-f]{32})-(?!0{16})([0-9a-f]{16})-([0-9a-f]{2})")
_GOOGLE = re.compile(r"(?!0{32})([0-9a-f]{32})/(\d{1,20})(?:;o=(\d))?")
_LARGEST_SPAN = (1 << 64) - 1


@dataclass(frozen=True)
class Trace:
    """One request, and the trace that it is a part of."""

    request_id: str
    trace_id: str
    span_id: str
    sampled: bool = False
    project: str = ""

    @property
    def traceparent(self) -> str:
        """The W3C header of this trace."""
        return f"00-{self.trace_id}-{self.span_id}-{'01' if self.sampled else '00'}"

    def fields(self) -> dict[str, object]:
        """What a log line says of it, in Cloud Logging's words."""
        name = f"projects/{self.project}/traces/{self.trace_id}" if self.project else self.trace_id
        return {
            "request_id": self.request_id,
            "logging.googleapis.com/trace": name,
            "logging.googleapis.com/spanId": self.span_id,
            "logging.googleapis.com/trace_sampled": self.sampled,
        }


def read(request_id: str, traceparent: str, google: str, project: str = "") -> Trace:
    """The trace of a request by its headers traceparent or X-Cloud-Trace-Context; a new one where both say none."""
    if traceparent and (found := _W3C.fullmatch(traceparent)):
        return Trace(request_id, found[1], found[2], int(found[3], 16) & 1 == 1, project)
    if google and (found := _GOOGLE.fullmatch(google)) and 0 < int(found[2]) <= _LARGEST_SPAN:
        return Trace(request_id, found[1], f"{int(found[2]):016x}", found[3] == "1", project)
    new = token_hex(24)
    return Trace(request_id, new[:32], new[32:], project=project)


_current: ContextVar[Trace | None] = ContextVar("trace", default=None)


def current() -> Trace | None:
    """The trace that this thread works for, if it works for a request."""
    return _current.get()


def enter(trace: Trace) -> Token[Trace | None]:
    """Work for a request from now on; `leave` takes what this returns."""
    return _current.set(trace)


def leave(before: Token[Trace | None]) -> None:
    """Work for what this thread worked for before."""
    _current.reset(before)
