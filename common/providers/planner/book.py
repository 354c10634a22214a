"""The template books: outlines/<lang>.yaml, and the fields of life they know."""

import functools
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml

from common.domain.keywords import content_words, stem
from common.domain.plan import Lang

_FOLDER = Path(__file__).parent / "outlines"
_DENSE = frozenset({"ja", "zh", "ko"})


@functools.cache
def outlines(lang: Lang) -> Mapping[str, Any]:
    """The template book of a language."""
    with (_FOLDER / f"{lang}.yaml").open(encoding="utf-8") as file:
        book = yaml.load(file, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))  # noqa: S506 - both are safe
    return dict(book)


@functools.cache
def field_words(lang: Lang) -> Mapping[str, frozenset[str]]:
    """The known words of every field, as stems (as written where words are not spaced)."""
    fields = outlines(lang).get("fields", {})
    form = str if lang in _DENSE else stem
    return {name: frozenset(form(word) for word in words.split()) for name, words in fields.items()}


def known_words(lang: Lang) -> frozenset[str]:
    """All words of all fields: common nouns, never names."""
    return frozenset().union(*field_words(lang).values())


def field_of(text: str, lang: Lang) -> str:
    """The field of life a text belongs to (sea, food, space, ...), or ""."""
    stems = [stem(word) for word in content_words(text, lang)]
    score: dict[str, int] = {}
    for name, known in field_words(lang).items():
        hits = sum(1 for word in known if word in text) if lang in _DENSE else sum(1 for item in stems if item in known)
        if hits:
            score[name] = hits
    return max(score, key=lambda name: score[name]) if score else ""
