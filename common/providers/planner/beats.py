"""Outline templates: read from outlines/<lang>.yaml, filtered by what the subject offers, filled in."""

import functools
import random
import string
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from common.domain.condense import LINE, condense
from common.domain.keywords import content_words, stem
from common.domain.plan import Lang, SceneKind
from common.domain.text import capitalised
from common.providers.planner.draft import Draft
from common.providers.planner.subject import Subject

_FOLDER = Path(__file__).parent / "outlines"
_TITLE_AT, _CLOSING_AT = 0.0, 100.0


@dataclass(frozen=True)
class Beat:
    """One scene's worth of template, filled in: sentences to say in order, the first one always said."""

    name: str
    kind: SceneKind
    at: float  # where in the video, 0..100
    rank: float  # lower stays when time is short
    sentences: tuple[str, ...]
    headline: str
    lines: tuple[str, ...] = ()
    idea: str = ""

    def draft(self, sentences: int) -> Draft:
        """The scene that says the first so many sentences."""
        said = self.sentences[:sentences]
        gap = "" if said and ord(said[0][0]) > 0x2FFF and not "\uac00" <= said[0][0] <= "\ud7a3" else " "
        return Draft(self.kind, gap.join(said), self.headline, self.lines, idea=self.idea)


def beats_for(subject: Subject, lang: Lang, seed: int) -> list[Beat]:
    """The beats that fit a subject, exactly one title and one closing among them, in the video's order."""
    book = outlines(lang)
    slots = {key: value for key, value in subject.slots().items() if value}
    field = field_of(subject, lang)
    found: list[Beat] = []
    for index, entry in enumerate(book["beats"]):
        wanted: Sequence[str] = entry.get("for", ())
        if (wanted and subject.intent not in wanted) or subject.intent in entry.get("not", ()):
            continue
        if entry.get("field", field) != field:
            continue
        rng = random.Random(f"{seed} {subject.topic} {entry['id']}")
        if beat := _filled(entry, slots, rng, index, bool(wanted), subject):
            found.append(beat)
    return sorted(_one_frame(found), key=lambda beat: beat.at)


def field_of(subject: Subject, lang: Lang) -> str:
    """The field of life a subject belongs to (sea, food, space, ...), or ""."""
    stems = [stem(word) for word in content_words(f"{subject.topic} {subject.title} {' '.join(subject.items)}", lang)]
    joined = f"{subject.topic} {subject.title}"
    score: dict[str, int] = {}
    for name, words in outlines(lang).get("fields", {}).items():
        known = {stem(word) for word in words.split()}
        hits = sum(1 for item in stems if item in known)
        if lang in ("ja", "zh", "ko"):
            hits += sum(1 for word in words.split() if word in joined)
        if hits:
            score[name] = hits
    return max(score, key=lambda name: score[name]) if score else ""


@functools.cache
def outlines(lang: str) -> Mapping[str, Any]:
    """The template book of a language."""
    with (_FOLDER / f"{lang}.yaml").open(encoding="utf-8") as file:
        book = yaml.load(file, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))  # noqa: S506 - both are safe loaders
    return dict(book)


def _filled(
    entry: Mapping[str, Any], slots: Mapping[str, str], rng: random.Random, index: int, special: bool, subject: Subject
) -> Beat | None:
    said = [text for item in entry["say"] if (text := _pick(item, slots, rng))]
    first = _pick(entry["say"][0], slots, rng)
    if not first:
        return None
    kind: SceneKind = entry.get("kind", "statement")
    at = _TITLE_AT if kind == "title" else _CLOSING_AT if kind == "closing" else float(entry["at"])
    rank = float(entry.get("rank", 5)) + rng.random() * 0.9 - (1 if special else 0)
    return Beat(
        name=entry["id"],
        kind=kind,
        at=at + index * 1e-3,
        rank=rank,
        sentences=tuple(capitalised(text) for text in said),
        headline=condense(_pick(entry.get("headline", "{Title}"), slots, rng) or subject.title),
        lines=tuple(condense(line, LINE) for item in entry.get("lines", ()) if (line := _pick(item, slots, rng))),
        idea=" ".join(subject.words) if kind in ("title", "closing") else _pick(entry.get("idea", ""), slots, rng),
    )


def _pick(variants: str | Sequence[str], slots: Mapping[str, str], rng: random.Random) -> str:
    """A variant whose slots are all known: those that use most of them first, then by the generator; "" for none."""
    options = [variants] if isinstance(variants, str) else list(variants)
    usable = [option for option in options if _names(option) <= slots.keys()]
    if not usable:
        return ""
    most = max(len(_names(option) - {"topic", "Topic", "title", "Title"}) for option in usable)
    best = [option for option in usable if len(_names(option) - {"topic", "Topic", "title", "Title"}) == most]
    return rng.choice(best).format_map(slots)


def _names(template: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(template) if name}


def _one_frame(beats: list[Beat]) -> list[Beat]:
    """Of several titles or closings the best ranked one stays."""
    kept = [beat for beat in beats if beat.kind not in ("title", "closing")]
    for kind in ("title", "closing"):
        kept += sorted((beat for beat in beats if beat.kind == kind), key=lambda beat: beat.rank)[:1]
    return kept
