"""The signs by which prompts show what is wanted, per language, read from cues/<lang>.yaml."""

import functools
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, cast

import yaml

from common.domain.plan import Lang

Intent = Literal[
    "topic", "explain", "history", "launch", "recipe", "howto", "lesson", "announce", "safety", "poem", "celebrate",
    "tips", "compare", "statistics", "story", "wordless", "job", "invite", "appeal", "motivate", "travel", "company",
    "news", "life",
]  # fmt: skip

_FOLDER = Path(__file__).parent / "cues"
_NEVER = re.compile(r"(?!)")


@dataclass(frozen=True)
class Signs:
    """One language's signs, compiled: the first intent that matches wins; every strip pattern is tried once."""

    intents: tuple[tuple[Intent, re.Pattern[str]], ...]
    labels: tuple[tuple[Intent | None, re.Pattern[str]], ...]  # what may stand before a colon; None tells no intent
    about: tuple[re.Pattern[str], ...]  # group 1 is what a sentence or question is about
    unnamed: re.Pattern[str]  # starts of texts that name no thing: they never stand inside a sentence
    escape: re.Pattern[str]  # dangers one leaves the place for
    strip: tuple[re.Pattern[str], ...]
    span: re.Pattern[str]  # group 1 is the span of time
    case: re.Pattern[str]  # group 1 is the case a safety notice is for
    numbers: str  # what a bare list of figures is called


@functools.cache
def signs(lang: Lang) -> Signs:
    """The signs of a language."""
    with (_FOLDER / f"{lang}.yaml").open(encoding="utf-8") as file:
        book = yaml.safe_load(file)
    return Signs(
        intents=tuple((cast(Intent, name), re.compile(rule, re.I)) for name, rule in book["intents"]),
        labels=tuple((cast(Intent, name) if name else None, _label(rule)) for name, rule in book.get("labels", ())),
        about=tuple(re.compile(rule, re.I) for rule in book.get("about", ())),
        unnamed=re.compile(book["unnamed"], re.I) if "unnamed" in book else _NEVER,
        escape=re.compile(book["escape"], re.I) if "escape" in book else _NEVER,
        strip=tuple(re.compile(rule, re.I) for rule in book["strip"]),
        span=re.compile(book["span"], re.I) if "span" in book else _NEVER,
        case=re.compile(book["case"], re.I) if "case" in book else _NEVER,
        numbers=book["numbers"],
    )


def _label(rule: str) -> re.Pattern[str]:
    return re.compile(rf"^(?:{rule})\s*(?:[:：]|\s[–—-])\s*(?!//)", re.I)
