"""What of a written script can be spoken: Markdown signs and emoji go, words and their punctuation stay."""

import re
import unicodedata

_FENCE = re.compile(r"^\s*(?:```.*|~~~.*|[-*_](?:\s*[-*_]){2,}\s*)$", re.MULTILINE)
_LEAD = re.compile(r"^\s*(?:>\s*)*(?:#{1,6}\s+|[-*+•·]\s+(?:\[[ xX]\]\s+)?)?", re.MULTILINE)
_LINK = re.compile(r"!?\[([^\]\n]*)\]\([^)\n]*\)")
_TAG = re.compile(r"</?[a-zA-Z][^<>\n]*>")
_MARKS = re.compile(r"\*\*|__|~~|`+")
_EMPHASIS = re.compile(r"(?<![\w*])[*_](?=[^\s*_])([^*_\n]+?)(?<=\S)[*_](?![\w*])")
_SENTENCE_END = re.compile(r"[.!?…]+[\"”’»)\]]*\s+(?=\S)|[。！？]+[」』”）]*\s*(?=\S)")
_BEFORE_NAMES = frozenset(  # their full stop ends no sentence
    {"mr", "mrs", "ms", "dr", "prof", "st", "mt", "ft", "gen", "gov", "sen", "rep", "capt", "lt", "col", "sgt", "rev"}
    | {"hon", "pres", "m", "mm", "mme", "mlle", "sr", "sra", "dra", "herr", "fr", "hr", "dott"}
)
_BEFORE_ANYTHING = frozenset(
    ["e.g", "i.e", "vs", "approx", "cf", "z.b", "d.h", "u.a", "bzw", "ca", "p.ex", "c.-à-d", "env"]
)
_BEFORE_NUMBERS = frozenset(
    {"no", "nos", "nr", "núm", "vol", "fig", "ch", "p", "pp", "art", "jan", "feb", "mar", "apr", "jun", "jul", "aug"}
    | {"sep", "sept", "oct", "nov", "dec", "janv", "févr", "avr", "juil"}
)
_SPOKEN_SYMBOLS = frozenset("°©®™№℃℉")
_PICTURE_PARTS = frozenset("\u200b\ufeff\ufe0e\ufe0f\u20e3")


def plain(text: str) -> str:
    """The speakable text: no Markdown, tags, emoji or control characters; one paragraph a line, single spaces.

    Words keep their spelling and punctuation, so `plain(text).split()` are the written words that captions show.
    """
    text = unicodedata.normalize("NFC", text).replace("\r\n", "\n").replace("\r", "\n")
    text = _FENCE.sub("", text)
    text = _LEAD.sub("", text)
    text = _LINK.sub(r"\1", text)
    text = _TAG.sub("", text)
    text = _EMPHASIS.sub(r"\1", _MARKS.sub("", text))
    text = _without_pictures(text)
    lines = (" ".join(line.split()) for line in text.split("\n"))
    return "\n".join(line for line in lines if line)


def speakable(text: str) -> bool:
    """True when at least one letter or digit is left to say."""
    return any(char.isalnum() for char in text)


def ideographic(char: str) -> bool:
    """True for a Chinese character, in whatever language."""
    return "\u3400" <= char <= "\u9fff" or "\uf900" <= char <= "\ufaff" or char >= "\U00020000"


def sentences(paragraph: str) -> list[str]:
    """The sentences of one line, each with something to say; abbreviations and initials end none."""
    found, cut = [], 0
    for end in _SENTENCE_END.finditer(paragraph):
        before, after = paragraph[cut : end.end()].rstrip(), paragraph[end.end() :]
        if before[-1:] == "." and not _closes(before, after):
            continue
        if after[:1].islower():
            continue
        found.append(before)
        cut = end.end()
    found.append(paragraph[cut:].strip())
    joined: list[str] = []
    for sentence in found:  # signs alone are no sentence: they stay with a neighbour
        if joined and not (speakable(sentence) and speakable(joined[-1])):
            joined[-1] = f"{joined[-1]} {sentence}".strip()
        else:
            joined.append(sentence)
    return [sentence for sentence in joined if sentence]


def _closes(before: str, after: str) -> bool:
    word = before.split()[-1].rstrip(".").lstrip("(\"'“‘«¿¡")
    known = word.casefold()
    if known in _BEFORE_ANYTHING or (known in _BEFORE_NUMBERS and after[:1].isdigit()):
        return False
    initial = len(word) == 1 and word.isalpha() and word != "I"
    return not ((initial or known in _BEFORE_NAMES) and after[:1].isupper())


def _without_pictures(text: str) -> str:
    kept: list[str] = []
    after_picture = False
    for char in text:
        if char in _PICTURE_PARTS or (after_picture and char == "\u200d"):
            continue
        category = unicodedata.category(char)
        after_picture = (category == "So" and char not in _SPOKEN_SYMBOLS) or "\U0001f3fb" <= char <= "\U0001f3ff"
        if after_picture:
            kept.append(" ")
        elif char == "\n" or category not in ("Cc", "Cs", "Co", "Cn"):
            kept.append(char)
        else:
            kept.append(" ")
    return "".join(kept)
