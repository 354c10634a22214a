"""What a call does, in the audit log, with where it came from."""

from typing import Any

from common.http.call import Call
from common.observability import audit
from common.observability.audit import Kind, Outcome


def note(
    call: Call[Any], kind: Kind, *, actor: str, subject: str = "", outcome: Outcome = "success", **facts: Any
) -> None:
    """Record an event of this call. Never fails."""
    audit.record(
        call.context.documents,
        call.context.clock,
        kind,
        actor=actor,
        subject=subject,
        outcome=outcome,
        address=call.address,
        request_id=call.request_id,
        facts=facts,
    )
