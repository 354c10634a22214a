"""Outline templates: read from outlines/<lang>.yaml, filtered by what the subject offers, filled in."""

import random
import re
import string
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from common.domain.condense import HEADLINE, LINE, condense
from common.domain.keywords import content_words, stem
from common.domain.plan import Lang, Mood, SceneKind
from common.domain.text import capitalised
from common.providers.planner.book import field_of, outlines
from common.providers.planner.draft import Draft
from common.providers.planner.subject import Subject

_TITLE_AT, _CLOSING_AT = 0.0, 100.0
_LONG = 44  # characters from which a topic is clumsy inside a sentence


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
    mood: Mood | None = None
    own: tuple[bool, ...] = ()  # which sentences use the subject's own words

    def draft(self, sentences: int) -> Draft:
        """The scene that says the first so many sentences."""
        said = self.sentences[:sentences]
        gap = "" if said and ord(said[0][0]) > 0x2FFF and not "\uac00" <= said[0][0] <= "\ud7a3" else " "
        return Draft(self.kind, gap.join(said), self.headline, self.lines, mood=self.mood, idea=self.idea)


def beats_for(subject: Subject, lang: Lang, seed: int) -> list[Beat]:
    """The beats that fit a subject, exactly one title and one closing among them, in the video's order."""
    book = outlines(lang)
    slots = {key: value for key, value in subject.slots().items() if value}
    field = field_of(f"{subject.topic} {' '.join(subject.items)}", lang) if subject.named else ""
    found: list[Beat] = []
    for index, entry in enumerate(book["beats"]):
        wanted: Sequence[str] = entry.get("for", ())
        if (wanted and subject.intent not in wanted) or subject.intent in entry.get("not", ()):
            continue
        if entry.get("field", field) != field or field in entry.get("without", ()):
            continue
        rng = random.Random(f"{seed} {subject.topic} {entry['id']}")
        if beat := _filled(entry, slots, rng, index, bool(wanted), subject, lang):
            found.append(beat)
    return sorted(_one_frame(found), key=lambda beat: beat.at)


def _filled(
    entry: Mapping[str, Any],
    slots: Mapping[str, str],
    rng: random.Random,
    index: int,
    special: bool,
    subject: Subject,
    lang: Lang,
) -> Beat | None:
    if entry.get("needs", "title") not in slots:
        return None
    if len(subject.topic) > _LONG and entry.get("kind") not in ("title", "closing"):
        slots = {name: value for name, value in slots.items() if name not in ("topic", "Topic")}
    framing = entry.get("kind") in ("title", "closing")
    if framing and "topic" not in slots and not _pick(entry["say"][0], slots, rng):
        slots = {**slots, "topic": slots["title"], "Topic": slots["Title"]}  # a video never lacks its frame
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
        headline=_fitting(_pick(entry.get("headline", "{Title}"), slots, rng) or subject.title, HEADLINE),
        lines=tuple(_fitting(line, LINE) for item in entry.get("lines", ()) if (line := _pick(item, slots, rng))),
        idea=entry.get("idea", " ".join(subject.words)),
        mood=entry.get("mood"),
        own=tuple(bool(subject.stems(lang) & {stem(word) for word in content_words(text, lang)}) for text in said),
    )


def _pick(variants: str | Sequence[str], slots: Mapping[str, str], rng: random.Random) -> str:
    """A variant whose slots are all known: those that use most of them first, then by the generator; "" for none."""
    options = [variants] if isinstance(variants, str) else list(variants)
    usable = [option for option in options if _names(option) <= slots.keys()]
    if not usable:
        return ""
    most = max(_worth(option) for option in usable)
    best = [option for option in usable if _worth(option) == most]
    return _punctuated(rng.choice(best).format_map(slots))


def _worth(template: str) -> int:
    """How much of what is known about the subject a template uses: the title least, then the topic, then the rest."""
    return sum(0 if name in ("title", "Title") else 1 if name in ("topic", "Topic") else 3 for name in _names(template))


def _punctuated(text: str) -> str:
    """A text whose filled in questions and exclamations keep their own mark: "Why? ." is "Why?"."""
    return re.sub(r"([?!？！])\s?[.,:。](?=\s|$)", r"\1", text)


def _names(template: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(template) if name}


def _one_frame(beats: list[Beat]) -> list[Beat]:
    """Of several titles or closings the best ranked one stays."""
    kept = [beat for beat in beats if beat.kind not in ("title", "closing")]
    for kind in ("title", "closing"):
        kept += sorted((beat for beat in beats if beat.kind == kind), key=lambda beat: beat.rank)[:1]
    return kept


def _fitting(text: str, limit: int) -> str:
    return text if len(text) <= limit // (1 if text.isascii() else 2) else condense(text, limit)
