"""The facts a prompt brings along: each becomes a scene of its own, in the prompt's words."""

from collections.abc import Sequence

from common.domain.condense import LINE, condense
from common.domain.figures import figures
from common.domain.pacing import speech_seconds
from common.domain.plan import Lang
from common.domain.text import capitalised
from common.providers.planner.draft import Draft
from common.providers.planner.labels import Label, label
from common.providers.planner.subject import Subject

_SCREEN = 5  # items on one screen
_SECONDS = 8.5  # of speech in one scene


def item_drafts(subject: Subject, lang: Lang) -> list[Draft]:
    """Scenes of the listed items: a statistic each where they carry figures, groups of up to four otherwise."""
    shown = [(item, figures(item, 1)) for item in subject.items]
    if subject.intent != "recipe" and shown and sum(1 for _, found in shown if found) * 2 >= len(shown):
        return [
            Draft("statistic", _said(item), subject.title, figures=found)
            if found
            else Draft("statement", _said(item), condense(item))
            for item, found in shown
        ]
    procedure = subject.intent in ("howto", "safety")
    kind: Label = "steps" if procedure else "ingredients" if subject.intent == "recipe" else "list"
    told = [Draft("statement", _said(sentence), condense(sentence)) for sentence in subject.more]
    return [*_grouped(subject.items, kind, lang), *_grouped(subject.steps, "steps", lang), *told]


def _grouped(items: Sequence[str], kind: Label, lang: Lang) -> list[Draft]:
    groups: list[list[str]] = []
    for item in items:
        if groups and len(groups[-1]) < _SCREEN and speech_seconds(" ".join([*groups[-1], item]), lang) < _SECONDS:
            groups[-1].append(item)
        else:
            groups.append([item])
    return [
        Draft(
            "steps" if kind == "steps" else "list",
            " ".join(_said(item) for item in group),
            label(kind, lang),
            tuple(condense(item, LINE) for item in group),
        )
        for group in groups
    ]


def _said(item: str) -> str:
    text = capitalised(item.strip())
    return text if text[-1:] in ".!?。！？" else f"{text}."
