"""How much a request asks for, 0..1, from features a person can check; and the track that follows from it."""

import re
from typing import Literal

from common.domain.keywords import content_words, stem
from common.domain.model import Model
from common.domain.pacing import speech_seconds
from common.domain.presets import Preset, Track
from common.domain.request import PipelineRequest
from common.domain.syllables import syllables, tokens
from common.domain.text import kind_of, sanitise, sentences

Level = Literal["low", "standard", "high"]

FAST_BELOW = 0.3
PREMIUM_FROM = 0.7

_GREETING = re.compile(
    r"happy (?:birthday|anniversary|new year|easter|holidays)|congratulations|merry christmas|thank you|welcome|"
    r"hello|get well|"
    r"joyeux|bon anniversaire|bonne année|félicitations|merci|bienvenue|feliz|felicidades|alles gute|"
    r"herzlichen glückwunsch|"
    r"buon compleanno|auguri|parabéns|おめでとう|快乐|恭喜|축하",
    re.I,
)
_CHANGE = re.compile(
    r"\b(?:1[0-9]\d\d|20\d\d)\b|\b(?:then|later|after(?:wards)?|before|meanwhile|century|centuries|years?|"
    r"decades?|today|tomorrow|"
    r"monday|tuesday|wednesday|thursday|friday|saturday|sunday|morning|evening|"
    r"puis|ensuite|après|avant|siècles?|ans|aujourd['’]hui|demain|lundi|mardi|mercredi|jeudi|vendredi|samedi|dimanche|"
    r"después|antes|luego|siglos?|años|dann|später|danach|jahre|dopo|prima|secoli|anni|depois|séculos|anos)\b|年|"
    r"世紀|世纪|세기|년",
    re.I,
)
_ITEM = re.compile(r"^\s*(?:[-*+•]|\d{1,3}[.)])\s+\S", re.M)


class Features(Model):
    """What was counted, each already scaled to 0..1."""

    length: float  # 150 words or more = 1
    topics: float  # 12 different content words or more = 1
    parts: float  # 11 sentences or list items or more = 1
    duration: float  # 120 seconds or more = 1
    changes: float  # 3 figures or named changes of time or more = 1
    breadth: float  # 1, or 0 for a greeting

    @property
    def score(self) -> float:
        """The weighted sum, rounded to 3 decimals."""
        exact = 0.25 * self.length + 0.2 * self.topics + 0.15 * self.parts + 0.15 * self.duration
        return min(1.0, round(exact + 0.1 * self.changes + 0.2 * self.breadth, 3))


def features(request: PipelineRequest) -> Features:
    """Count the features of a request."""
    text = sanitise(request.content)
    words = len(tokens(text))
    if request.lang in ("ja", "zh", "ko"):
        words = max(words, round(syllables(text, request.lang) / 2))
    parts = max(len(sentences(text)), len(_ITEM.findall(text)), text.count(";") + 1, _listed(text))
    seconds = request.duration_sec or (speech_seconds(text, request.lang) if kind_of(text) == "script" else 30.0)
    changes = len(_CHANGE.findall(text)) + len(re.findall(r"\d+(?:[.,]\d+)?", text))
    return Features(
        length=min(1.0, words / 150),
        topics=min(1.0, len({stem(word) for word in content_words(text, request.lang)}) / 12),
        parts=min(1.0, (parts - 1) / 10),
        duration=min(1.0, seconds / 120),
        changes=min(1.0, changes / 3),
        breadth=0.0 if _GREETING.search(text) and words < 40 else 1.0,
    )


def complexity(request: PipelineRequest) -> float:
    """The complexity of a request, 0..1: below 0.3 it takes the fast track, from 0.7 it is premium work."""
    return features(request).score


def level_of(score: float) -> Level:
    """The price list's name for a complexity."""
    return "low" if score < FAST_BELOW else "high" if score >= PREMIUM_FROM else "standard"


def track_of(score: float, preset: Preset, duration_sec: int | None = None) -> Track:
    """Fast for simple work, unless the preset promises the full treatment or more than 30 seconds were asked for."""
    if preset.pipeline_mode == "full" or (duration_sec or 0) > 30:
        return "full"
    return "fast" if score < FAST_BELOW else "full"


def _listed(text: str) -> int:
    """Items of a comma-separated list after a colon."""
    _, mark, tail = text.partition(":")
    return len(re.findall(r"[,、，]\s*\D", tail)) + 1 if mark else 1
