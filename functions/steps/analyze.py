"""Clean and moderate the text, measure how complex it is, choose the track."""

from common.domain.complexity import complexity, track_of
from common.domain.moderation import moderate
from common.domain.pipeline import Outcome, Spec
from common.domain.text import sanitise
from common.engine.task import StepFailed, Task


def run(task: Task) -> Outcome:
    """Refuse what must not be made; otherwise tell the planner how much care the request needs."""
    request = task.request
    for text in (request.content, request.title or ""):
        verdict = moderate(sanitise(text))
        if not verdict.allowed:
            raise StepFailed("content_refused", verdict.reason)
    score = complexity(request)
    track = track_of(score, request.rules, request.duration_sec)
    facts = {"complexity": score, "track": track}
    return Outcome(result=facts, facts=facts, then=(Spec(step="direct", key="direct"),))
