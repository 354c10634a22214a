"""The boundary of background functions: what Pub/Sub, Cloud Tasks and Cloud Scheduler push.

204 acknowledges; 503 asks for the same delivery again; a stranger gets 401 or 403. A delivery that came whole and can
never be understood is kept as a dead letter and acknowledged, so that it does not come back. Any other one is left to
its sender: 503 where the connection broke, 413 where it is larger than anything we send.
"""

import logging
import re
from collections.abc import Callable
from types import ModuleType

from werkzeug.wrappers import Request, Response

from common.domain.catalogue import Entry
from common.domain.model import digest
from common.engine import worker
from common.engine.context import Context
from common.engine.push import Delivery, InvalidEnvelope, parse
from common.engine.records import KEPT, DeadLetter
from common.engine.store import letter_path
from common.http import body, boundary, push_identity
from common.http.boundary import Function
from common.http.problem import Problem
from common.http.push_identity import Stranger
from common.platform.away import AWAY
from common.platform.documents import Conflict, Put, Unavailable

log = logging.getLogger(__name__)

_NAME = re.compile(r"[A-Za-z0-9_.-]{1,200}")


def step(entry: Entry, module: ModuleType, context_of: Callable[[], Context]) -> Function:
    """The function of a background step: `module.run(task) -> Outcome`, run under claim, lease and fence."""

    def work(context: Context, delivery: Delivery) -> str:
        pipeline_id, key = (_name(delivery, field) for field in ("pipeline_id", "key"))
        return worker.deliver(context, module.run, pipeline_id, key)

    return _function(entry, context_of, work)


def upkeep(entry: Entry, module: ModuleType, context_of: Callable[[], Context]) -> Function:
    """The function of a schedule or of another topic: `module.run(context, delivery)`."""

    def work(context: Context, delivery: Delivery) -> str:
        return module.run(context, delivery) or ""

    return _function(entry, context_of, work)


def _function(entry: Entry, context_of: Callable[[], Context], work: Callable[[Context, Delivery], str]) -> Function:
    def function(request: Request) -> Response:
        raw: bytes | None = None
        try:
            context = context_of()
            push_identity.check(context, entry, request.headers.get("Authorization", ""))
            raw = body.read(request)
            delivery = parse(raw, dict(request.headers))
            said = work(context, delivery)
        except Stranger as stranger:
            return boundary.guarded(request, context_of, _raising(stranger), function=entry.name)
        except (InvalidEnvelope, Problem) as poison:
            if raw is None:
                return _left(entry, str(poison), getattr(poison, "status", 503))
            return Response(status=_bury(context, entry, raw, str(poison)))
        except (*AWAY, Conflict) as away:
            log.warning("delivery put off", extra={"function": entry.name, "reason": str(away)})
            return Response(status=503, headers={"Retry-After": "2"})
        except Exception:
            log.exception("delivery failed", extra={"function": entry.name})
            return Response(status=500)
        details = {"message_id": delivery.message_id, "attempt": delivery.attempt, "data": dict(delivery.data)}
        # A tick that found nothing to do says nothing.
        log.log(
            logging.INFO if said else logging.DEBUG,
            "%s: %s",
            entry.name,
            said,
            extra={"function": entry.name, **details},
        )
        return Response(status=204)

    function.__name__ = function.__qualname__ = entry.name
    return function


def _raising(stranger: Stranger) -> Callable[[Context, str], Response]:
    def answer(_context: Context, _request_id: str) -> Response:
        raise stranger

    return answer


def _name(delivery: Delivery, field: str) -> str:
    value = delivery.data.get(field)
    if not isinstance(value, str) or not _NAME.fullmatch(value) or value.strip(".") == "":
        raise InvalidEnvelope(f"The delivery's {field} is missing or is no plain name.")
    return value


def _left(entry: Entry, reason: str, status: int) -> Response:
    """Leave a delivery that could not be read whole to its sender, who has its own rules for what comes next."""
    if status == 413:
        log.error("delivery too large", extra={"function": entry.name, "reason": reason})
        return Response(status=413)
    log.warning("delivery broken off", extra={"function": entry.name, "reason": reason})
    return Response(status=503, headers={"Retry-After": "2"})


def _bury(context: Context, entry: Entry, raw: bytes, reason: str) -> int:
    """Keep what cannot be understood, once; the status to answer."""
    letter = DeadLetter(
        kind="unreadable",
        function=entry.name,
        reason=reason,
        body=raw[:KEPT].decode("utf-8", "replace"),
        at=context.clock.now(),
    )
    log.error("dead letter", extra={"function": entry.name, "reason": reason})
    try:
        path = letter_path(digest([entry.name, raw.hex()])[:20])
        context.documents.commit([Put(path, letter.model_dump(mode="json"))])
    except Unavailable:
        return 503
    return 204
