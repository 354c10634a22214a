"""The facts a prompt brings along: each becomes a scene of its own, in the prompt's words."""

from common.domain.condense import LINE, condense
from common.domain.figures import figures
from common.domain.pacing import speech_seconds
from common.domain.plan import Lang
from common.domain.text import capitalised
from common.providers.planner.draft import Draft
from common.providers.planner.labels import label
from common.providers.planner.subject import Subject


def item_drafts(subject: Subject, lang: Lang) -> list[Draft]:
    """Scenes of the listed items: a statistic each where they carry figures, groups of up to four otherwise."""
    shown = [(item, figures(item, 1)) for item in subject.items]
    if subject.items and sum(1 for _, found in shown if found) * 2 >= len(shown):
        return [
            Draft("statistic" if found else "statement", _said(item), condense(item), figures=found)
            for item, found in shown
        ]
    groups: list[list[str]] = []
    for item in subject.items:
        if groups and len(groups[-1]) < 4 and speech_seconds(" ".join([*groups[-1], item]), lang) < 8:
            groups[-1].append(item)
        else:
            groups.append([item])
    kind = "steps" if subject.intent in ("howto", "safety") else "list"
    return [
        Draft(
            "steps" if kind == "steps" else "list",
            " ".join(_said(item) for item in group),
            label("steps" if kind == "steps" else "list", lang),
            tuple(condense(item, LINE) for item in group),
        )
        for group in groups
    ]


def _said(item: str) -> str:
    text = capitalised(item.strip())
    return text if text[-1:] in ".!?。！？" else f"{text}."
