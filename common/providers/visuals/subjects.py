"""Which motif a text is about, by the word roots of drawings/subjects.yaml."""

import re
import unicodedata
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from types import MappingProxyType

import yaml

from common.domain.plan import Scene

# A root ending in a dot matches only the whole word; other roots match words that begin with them.
_TABLE = Path(__file__).with_name("drawings") / "subjects.yaml"
_WEIGHTS = (("headline", 5), ("idea", 3), ("lines", 2), ("narration", 1))
# Everyday things: they tell less about a scene than a particular thing does.
_EVERYDAY = frozenset(
    ("calendar", "clock", "hourglass", "person", "people", "hand", "star", "pin", "check", "eye", "speech")
)


def plain(text: str) -> str:
    """Lower case without accents, for comparing words."""
    parts = unicodedata.normalize("NFKD", text.casefold())
    return "".join(char for char in parts if not unicodedata.combining(char))


@cache
def _index() -> tuple[Mapping[str, str], Mapping[str, str], tuple[tuple[str, str], ...]]:
    whole: dict[str, str] = {}
    start: dict[str, str] = {}
    inside: list[tuple[str, str]] = []
    for motif, roots in yaml.safe_load(_TABLE.read_text(encoding="utf-8")).items():
        for root in roots.split():
            if not root.isascii():
                inside.append((unicodedata.normalize("NFKD", root), motif))
            elif root.endswith("."):
                whole.setdefault(root[:-1], motif)
            else:
                start.setdefault(root, motif)
    return whole, start, tuple(inside)


def _motif_of(word: str) -> str | None:
    whole, start, _ = _index()
    if word in whole:
        return whole[word]
    for length in range(len(word), 2, -1):
        if word[:length] in start:
            return start[word[:length]]
    return None


def subjects(scene: Scene) -> tuple[str, ...]:
    """The motifs a scene is about, the most telling first; empty when no word is known."""
    score: dict[str, float] = {}
    for field, weight in _WEIGHTS:
        content = getattr(scene, field)
        text = plain(content if isinstance(content, str) else " ".join(content))
        # A word said again tells nothing more: the topic of the whole video is in every scene.
        words = dict.fromkeys(re.findall(r"[a-z][a-z-]+", text))
        found = [motif for word in words if (motif := _motif_of(word))]
        found += [motif for root, motif in _index()[2] if root in text]
        for place, motif in enumerate(found):
            # What is named first is what the sentence is about; everyday things tell less than particular ones.
            telling = weight / (1 + 0.15 * place) * (0.4 if motif in _EVERYDAY else 1.0)
            score[motif] = score.get(motif, 0.0) + telling
    return tuple(motif for motif, _ in sorted(score.items(), key=lambda item: (-item[1], item[0])))


def drawings(scenes: Sequence[Scene], kept: Mapping[str, str | None] = MappingProxyType({})) -> dict[str, str | None]:
    """The motif drawn of each scene of a film, by scene id: what its headline names, else what it tells most of.

    None comes twice, and earlier scenes choose first. Those of `kept` stay, so that an edit of a scene leaves the
    pictures of all others alone.
    """
    found = {scene.id: kept.get(scene.id) for scene in scenes}
    for scene in scenes:
        if scene.id not in kept and not scene.media:
            found[scene.id] = next((motif for motif in _wanted(scene) if motif not in found.values()), None)
    return found


def _wanted(scene: Scene) -> tuple[str, ...]:
    named = subjects(scene.model_copy(update={"idea": "", "lines": (), "narration": ""}))
    return (*named, *subjects(scene)[:2])  # what is only touched upon would mislead


def subject_of_text(text: str) -> str | None:
    """The motif of a short text such as a list item: that of its first known word."""
    for word in re.findall(r"[a-z][a-z-]+", plain(text)):
        found = _motif_of(word)
        if found:
            return found
    return None
