"""The numbers of a sentence that are worth showing large."""

import re

from common.domain.condense import condense, trimmed
from common.domain.plan import Figure

_NUMBER = r"\d{1,3}(?:[ ,.\u00a0\u202f']\d{3})+(?:[.,]\d+)?|\d+(?:[.,]\d+)?"
_PERCENT = re.compile(
    rf"(?<![\w.])([+\-−]?(?:{_NUMBER}))\s?"
    r"(?:%|％|per ?cent\b|pour ?cent\b|por ?ciento\b|prozent\b|per ?cento\b|por ?cento\b)",
    re.I,
)
_RATIO = re.compile(
    r"(?<![\w.])(\d{1,3}|one|two|three|nine|un|une|deux|trois|neuf)\s+"
    r"(in|out of|of every|von|(?:[^\W\d_]+\s+)?(?:sur|de cada|su|em cada))\s+"
    r"(\d{1,4}|two|three|four|five|ten|deux|trois|quatre|cinq|dix)\b",
    re.I,
)
_MONEY = re.compile(
    rf"(?<![\w.])[$€£¥]\s?(?:{_NUMBER})(?:\s?(?:[kKMB]\b|thousand|million|billion|trillion|bn\b|m\b))?|"
    rf"(?<![\w.])(?:{_NUMBER})\s?(?:millions?\s|milliards?\s|mille\s)?(?:d['’]|de\s)?[€$£](?!\w)",
    re.I,
)
_MAGNITUDE = re.compile(
    rf"(?<![\w.])(?:{_NUMBER})\s?(?:thousand|million|billion|trillion|millions|milliards?|millones|millionen|milliarden|"
    r"milioni|miliardi|milhões|mil|万|億|亿|만|억)(?!\w)",
    re.I,
)
_TIMES = re.compile(rf"(?<![\w.])(?:{_NUMBER})\s?(?:x|×|times|fois|veces|mal|volte|vezes|倍|배)(?!\w)", re.I)
_LARGE = re.compile(r"(?<![\w.,])\d{1,3}(?:[,\u00a0\u202f]\d{3})+(?![\w])|(?<![\w.,])\d{5,}(?!\w)")
YEAR = re.compile(r"(?<![\w.,$€£])(?:1[0-9]\d{2}|20\d{2})(?![\w%,.]\d|\w|\s?%)")
_SMALL_WORDS = {
    "one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "nine": 9, "ten": 10,
    "un": 1, "une": 1, "deux": 2, "trois": 3, "quatre": 4, "cinq": 5, "neuf": 9, "dix": 10,
}  # fmt: skip
_LABEL_LEAD = re.compile(r"^(?:of (?:them |the |our |all )?|d['’]|des |de |der |von |degli |dei )", re.I)


def figures(sentence: str, most: int = 3) -> tuple[Figure, ...]:
    """Shares, ratios, money, magnitudes and large counts of a sentence, in order; years are not among them."""
    found: list[tuple[int, int, str, float | None]] = []
    for match in _PERCENT.finditer(sentence):
        amount = _float(match.group(1))
        share = amount / 100 if amount is not None and 0 <= amount <= 100 and match.group(1)[0] not in "+-−" else None
        found.append((match.start(), match.end(), match.group(1) + "%", share))
    for match in _RATIO.finditer(sentence):
        part, whole = _count(match.group(1)), _count(match.group(3))
        if 0 < part <= whole:
            found.append((match.start(), match.end(), match.group().strip(), part / whole))
    for pattern in (_MONEY, _MAGNITUDE, _TIMES, _LARGE):
        found.extend((m.start(), m.end(), m.group().strip(), None) for m in pattern.finditer(sentence))
    kept: list[tuple[int, int, str, float | None]] = []
    for item in sorted(found, key=lambda item: (item[0], -item[1])):
        if not kept or item[0] >= kept[-1][1]:
            kept.append(item)
    return tuple(_figure(sentence, start, end, value, share) for start, end, value, share in kept[:most])


def years(text: str) -> list[str]:
    """The years a text names, in order."""
    return YEAR.findall(text)


def _figure(sentence: str, start: int, end: int, value: str, share: float | None) -> Figure:
    """A number with what it counts: the words after it, or before it when only a unit follows."""
    after = re.split(r"[,;.!?](?:\s|$)|\s[–—-]\s", sentence[end:], maxsplit=1)[0].strip(" ,;:.–—-")
    before = re.split(r"[,;.!?:]\s", sentence[:start])[-1].strip(" ,;:.–—-")
    if after and " " not in after and len(after) <= 8 and len(before) >= 6:
        return Figure(value=f"{value} {after}", label=_label(before), share=share)
    return Figure(value=value, label=_label(after if len(after) >= 6 else before or after), share=share)


def _label(text: str) -> str:
    return condense(trimmed(_LABEL_LEAD.sub("", text).split()), 48) if text else ""


def _float(text: str) -> float | None:
    try:
        return float(
            text.replace("−", "-").replace("\u00a0", "").replace("\u202f", "").replace(" ", "").replace(",", ".")
        )
    except ValueError:
        return None


def _count(text: str) -> int:
    return int(text) if text.isdigit() else _SMALL_WORDS.get(text.lower(), 0)
