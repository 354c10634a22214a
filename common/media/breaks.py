"""Where a line of text may end: at spaces, or between the phrases that BudouX finds where there are none.

Signs that French sets apart, numbers in groups and what they count stay together: "Pourquoi ?", "« Oui »", "12 500 €".
"""

import re
from collections.abc import Callable
from functools import cache
from typing import NamedTuple

import budoux

# A space that is left inside a piece is held, so no line ends on either side of it.
_NOT_FIRST = frozenset(" 、。，．・：；？！」』）】〕〉》ー々ぁぃぅぇぉっゃゅょァィゥェォッャュョ”’,.!?:;)]}%％…ะาำๆฯ")
_NOT_LAST = frozenset(" 「『（【〔〈《“‘([{¥$€เแโใไ")
_HELD = re.compile(r" (?=[»?!:;…][^\w\s]*(?: |$))|(?<=«) |(?<=\d)(?<!\d{4}) (?=\d{3}(?!\d))|(?<=\d) (?=[%‰€£$¥°])")
_HOLD = "\u00a0"

_READERS: dict[str, Callable[[], budoux.Parser]] = {
    "ja": budoux.load_default_japanese_parser,
    "zh": budoux.load_default_simplified_chinese_parser,
    "th": budoux.load_default_thai_parser,
}


class Piece(NamedTuple):
    """A piece of text that stays in one line, and whether a space parts it from the piece before."""

    text: str
    space: bool


def pieces(text: str, lang: str) -> list[Piece]:
    """A text as what its lines are made of, in order."""
    found: list[Piece] = []
    for word in _HELD.sub(_HOLD, " ".join(text.split())).split(" "):
        part, space = "", bool(found)
        for phrase in phrases(word.replace(_HOLD, " "), lang):
            if part and may_part(part, phrase):
                found.append(Piece(part, space))
                part, space = "", False
            part += phrase
        if part:
            found.append(Piece(part, space))
    return found


def may_part(before: str, after: str) -> bool:
    """Whether a line may end between two texts that follow each other without a space."""
    return after[0] not in _NOT_FIRST and before[-1] not in _NOT_LAST


def phrases(text: str, lang: str) -> list[str]:
    """A text without spaces in pieces that are better not parted, in order; in one where its script has spaces."""
    written = _written(text, lang)
    if written is None:
        return [text]
    pieces = [""]
    for piece in _reader(written).parse(text):
        last = pieces[-1][-1:]
        if last and not (_latin(last) and _latin(piece[0])):
            pieces.append("")
        pieces[-1] += piece
    return pieces


@cache
def _reader(written: str) -> budoux.Parser:
    return _READERS[written]()


def _written(text: str, lang: str) -> str | None:
    if any("\u0e00" <= sign <= "\u0e7f" for sign in text):
        return "th"
    if any("\u3040" <= sign <= "\u30ff" for sign in text):
        return "ja"
    if any("\u3400" <= sign <= "\u9fff" or sign >= "\U00020000" for sign in text):
        return "ja" if lang == "ja" else "zh"
    return None


def _latin(sign: str) -> bool:
    return sign.isascii() and sign.isalnum()
