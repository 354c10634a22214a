"""The facts a prompt brings along: each becomes a scene of its own, in the prompt's words."""

from collections.abc import Sequence
from dataclasses import replace

from common.domain.condense import LINE, condense
from common.domain.figures import figures
from common.domain.pacing import speech_seconds
from common.domain.plan import Lang
from common.domain.text import capitalised
from common.providers.planner import recipe
from common.providers.planner.draft import Draft
from common.providers.planner.labels import Label, label
from common.providers.planner.subject import Subject

_SCREEN = 5  # items on one screen
_SECONDS, _WHOLE = 8.5, 14.0  # of speech in one scene, and in one of a whole recipe


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
    if subject.intent == "recipe" and shown:
        return _recipe(subject, lang)
    procedure = subject.intent in ("howto", "safety")
    return [*_grouped(subject.items, "steps" if procedure else "list", lang), *_told(subject, lang)]


def _told(subject: Subject, lang: Lang) -> list[Draft]:
    """Scenes of the steps and of the further sentences."""
    more = [Draft("statement", _said(sentence), condense(sentence)) for sentence in subject.more]
    return [*_grouped(subject.steps, "steps", lang), *more]


def _recipe(subject: Subject, lang: Lang) -> list[Draft]:
    """Scenes of the ingredients, the only one with the steps beside them where it has room."""
    groups = _groups(subject.items, recipe.MOST_INGREDIENTS, lang)
    whole, steps = [*subject.items, *subject.steps], subject.steps
    if len(groups) == 1 and len(steps) <= recipe.MOST_STEPS and speech_seconds(" ".join(whole), lang) < _WHOLE:
        scenes = [recipe.draft([_said(text) for text in whole], subject.title, subject.items, steps)]
        return [*scenes, *_told(replace(subject, steps=()), lang)]
    title = label("ingredients", lang)
    scenes = [recipe.draft([_said(text) for text in group], title, group, ()) for group in groups]
    return [*scenes, *_told(subject, lang)]


def _groups(items: Sequence[str], most: int, lang: Lang) -> list[list[str]]:
    groups: list[list[str]] = []
    for item in items:
        if groups and len(groups[-1]) < most and speech_seconds(" ".join([*groups[-1], item]), lang) < _SECONDS:
            groups[-1].append(item)
        else:
            groups.append([item])
    return groups


def _grouped(items: Sequence[str], kind: Label, lang: Lang) -> list[Draft]:
    return [
        Draft(
            "steps" if kind == "steps" else "list",
            " ".join(_said(item) for item in group),
            label(kind, lang),
            tuple(condense(item, LINE) for item in group),
        )
        for group in _groups(items, _SCREEN, lang)
    ]


def _said(item: str) -> str:
    text = capitalised(item.strip())
    return text if text[-1:] in ".!?。！？" else f"{text}."
