"""A circuit breaker per engine: after several calls in a row without service the next ones are not made.

It opens for a while, in which calls are Throttled, so that steps come back later or the planner falls back; then one
call goes ahead as a probe, and what becomes of it decides. The state lives in the cache, for all processes to share;
losing it is harmless, and its life there bounds what a host with a wrong clock can do.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from common.domain.model import Model
from common.engine.context import Context
from common.providers.errors import ProviderUnavailable, Refused, Throttled

FAILURES = 5  # in a row open it
MEMORY = timedelta(minutes=10)  # within which they count as a row
COOL_DOWN = timedelta(seconds=30)  # how long it stays open, unless the provider asks for longer
LONGEST = timedelta(minutes=5)
PROBE = timedelta(seconds=60)  # after which a probe without an outcome makes room for another


class State(Model):
    """What is known of an engine's provider: since when no call goes there, and until when."""

    opened: datetime
    until: datetime


@dataclass(frozen=True)
class Verdict:
    """Whether a call may be made: as any other, as the probe if it is the first to ask, or not before `wait`."""

    call: Literal["go", "probe", "wait"]
    wait: timedelta = timedelta(0)


def decide(state: State | None, now: datetime) -> Verdict:
    """What a breaker in a state says now."""
    if state is None:
        return Verdict("go")
    if now < state.until:
        return Verdict("wait", min(state.until - now, LONGEST))
    return Verdict("probe")


def opened(failures: int, asked: float, now: datetime, *, probe: bool) -> State | None:
    """The state after a failure, the so-manyeth in a row; None while it stays closed. `asked` is a Retry-After."""
    if failures < FAILURES and not probe:
        return None
    return State(opened=now, until=now + min(max(COOL_DOWN, timedelta(seconds=asked)), LONGEST))


@contextmanager
def guard(context: Context, name: str) -> Iterator[None]:
    """Around one call of an engine: Throttled when it may not be made, else its outcome is noted."""
    state = _read(context, name)
    verdict = decide(state, context.clock.now())
    if verdict.call == "wait":
        raise Throttled(f"{name} is given a rest after {FAILURES} calls without service", verdict.wait.total_seconds())
    probe = _probe_key(name, state) if verdict.call == "probe" and state else ""
    if probe and context.cache.increment(probe, seconds=_seconds(PROBE)) > 1:
        raise Throttled(f"{name} is being tried by another call", PROBE.total_seconds() / 2)
    try:
        yield
    except (ProviderUnavailable, Throttled) as failed:
        _failed(context, name, failed, probe=bool(probe))
        raise
    except Refused:
        _succeeded(context, name)  # it answered
        raise
    except BaseException:
        if probe:
            context.cache.delete(probe)  # it tells nothing of the provider
        raise
    _succeeded(context, name)


def _failed(context: Context, name: str, error: Exception, *, probe: bool) -> None:
    failures = context.cache.increment(f"breaker.{name}.failures", seconds=_seconds(MEMORY))
    asked = error.retry_after if isinstance(error, Throttled) else 0.0
    state = opened(failures, asked, context.clock.now(), probe=probe)
    if state is not None:
        life = state.until - state.opened + PROBE
        context.cache.set(f"breaker.{name}", state.model_dump_json(), seconds=_seconds(life))


def _succeeded(context: Context, name: str) -> None:
    context.cache.delete(f"breaker.{name}.failures")
    context.cache.delete(f"breaker.{name}")


def _read(context: Context, name: str) -> State | None:
    kept = context.cache.get(f"breaker.{name}")
    return State.model_validate_json(kept) if kept else None


def _probe_key(name: str, state: State) -> str:
    """One probe for each time it opened."""
    return f"breaker.{name}.probe.{state.opened.timestamp():.6f}"


def _seconds(span: timedelta) -> int:
    return max(1, round(span.total_seconds()))
