"""Where a text that is written without spaces may be broken: between the phrases that BudouX finds."""

from collections.abc import Callable
from functools import cache

import budoux

_READERS: dict[str, Callable[[], budoux.Parser]] = {
    "ja": budoux.load_default_japanese_parser,
    "zh": budoux.load_default_simplified_chinese_parser,
    "th": budoux.load_default_thai_parser,
}


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
