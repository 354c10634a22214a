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
    "tips", "compare", "statistics", "story", "wordless",
]  # fmt: skip

_FOLDER = Path(__file__).parent / "cues"
_NEVER = re.compile(r"(?!)")


@dataclass(frozen=True)
class Signs:
    """One language's signs, compiled: the first intent that matches wins; every strip pattern is tried once."""

    intents: tuple[tuple[Intent, re.Pattern[str]], ...]
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
        strip=tuple(re.compile(rule, re.I) for rule in book["strip"]),
        span=re.compile(book["span"], re.I) if "span" in book else _NEVER,
        case=re.compile(book["case"], re.I) if "case" in book else _NEVER,
        numbers=book["numbers"],
    )
