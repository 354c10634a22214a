"""Comparing texts word by word, and telling languages apart roughly."""

import re
import unicodedata
from collections.abc import Mapping
from difflib import SequenceMatcher
from types import MappingProxyType

from common.domain.syllables import is_dense
from common.domain.words import word_set

# The commonest little words, each belonging to one of these languages only.
_MARKS: Mapping[str, frozenset[str]] = MappingProxyType(
    {
        "en": word_set("the and of is are with that this it for you not was have from they your what"),
        "fr": word_set("le les des est et une dans pour que qui sur pas vous nous avec ce cette du sont il"),
        "es": word_set("el los las y es una para que con por del más como pero su está muy son"),
        "de": word_set("der die das und ist nicht ein eine mit für auf von den wir sie dem zu sich auch"),
        "it": word_set("il gli che di è una per con non della sono del questo più ogni nel e anche"),
        "pt": word_set("o os as é uma para que com não do da em mais você são um nos também"),
    }
)
_ENOUGH = 12  # words below which a language cannot be told


def units(text: str, lang: str) -> list[str]:
    """What is compared: words in lower case without punctuation; single characters where no spaces are written."""
    found: list[str] = []
    for run in re.findall(r"[^\W_]+", unicodedata.normalize("NFKC", text).casefold()):
        if lang in ("ja", "zh") or any(map(is_dense, run)):
            found.extend(run)
        else:
            found.append(run)
    return found


def agreement(wanted: str, said: str, lang: str) -> float:
    """How far two texts say the same words in the same order, 0..1; 1 where nothing was to be said."""
    left, right = units(wanted, lang), units(said, lang)
    if not left:
        return 1.0 if not right else 0.0
    if left == right:
        return 1.0
    matcher = SequenceMatcher(None, left, right, autojunk=False)
    same = sum(block.size for block in matcher.get_matching_blocks())
    return 2 * same / (len(left) + len(right))


def looks_like(text: str, lang: str) -> str:
    """The language a text looks like when it clearly is another one than `lang`, otherwise ""."""
    letters = [letter for letter in text if letter.isalpha()]
    if len(letters) < 20:
        return ""
    kana = sum(1 for letter in letters if "\u3040" <= letter <= "\u30ff")
    hangul = sum(1 for letter in letters if "\uac00" <= letter <= "\ud7a3")
    dense = sum(map(is_dense, letters))
    if dense * 2 > len(letters):
        seen = "ja" if kana else "ko" if hangul * 2 > dense else "zh"
        return seen if lang != seen else ""
    if lang in ("ja", "zh", "ko"):
        return "en" if dense * 10 < len(letters) else ""
    words = [word.casefold() for word in re.findall(r"[^\W\d_]+", text)]
    if len(words) < _ENOUGH:
        return ""
    hits = {name: sum(1 for word in words if word in marks) for name, marks in _MARKS.items()}
    best = max(hits, key=lambda name: hits[name])
    clear = hits[best] >= 3 and hits[best] > 3 * hits[lang]
    return best if best != lang and clear else ""
