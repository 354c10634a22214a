"""`aiprod audit`: what needs a person, why, since when, and the command that comes next."""

import json
import textwrap

from common import runtime
from common.domain.settings import Settings
from common.engine import attention
from common.engine.attention import Trouble
from functions.catalogue import CATALOGUE

WIDTH = 60
TITLES = {
    "failed": "failed inside",
    "stuck": "stuck",
    "unsent": "not sent",
    "dead letter": "dead letter",
    "violation": "broken promise",
}


def audit(settings: Settings, *, as_json: bool) -> int:
    """List every trouble of the store; 1 when there is any."""
    found = attention.troubles(runtime.documents(settings), CATALOGUE)
    if as_json:
        report = {"ok": not found, "troubles": [trouble.model_dump(mode="json") for trouble in found]}
        print(json.dumps(report, ensure_ascii=False))
        return 1 if found else 0
    for trouble in found:
        print("\n".join(lines_of(trouble)), end="\n\n")
    print(_sum(found))
    return 1 if found else 0


def lines_of(trouble: Trouble) -> list[str]:
    """A trouble in lines of 60 columns; ids and commands stay whole, to be copied."""
    about = f" ({trouble.status})" if trouble.status else ""
    lines = [f"{TITLES[trouble.kind]}: {trouble.id}{about}"]
    attempts = {0: "", 1: ", 1 attempt"}.get(trouble.attempts, f", {trouble.attempts} attempts")
    facts = {
        "step": f"{trouble.step}{attempts}" if trouble.step else "",
        "since": f"{trouble.since:%Y-%m-%d %H:%M:%S} UTC" if trouble.since else "",
        "why": trouble.reason,
    }
    for name, text in facts.items():
        head = f"  {name:<6}"
        lines += textwrap.wrap(text, WIDTH, initial_indent=head, subsequent_indent=" " * len(head))
    return [*lines, f"  next  {trouble.next}"] if trouble.next else lines


def _sum(found: list[Trouble]) -> str:
    if not found:
        return "Nothing needs a person."
    kinds = [trouble.kind for trouble in found]
    counts = ", ".join(f"{kinds.count(kind)} {title}" for kind, title in TITLES.items() if kind in kinds)
    return f"Needs a person: {counts}."
