"""Telling the supported languages apart, roughly and only when it is clear."""

import re
from collections.abc import Mapping
from types import MappingProxyType

from common.domain.syllables import is_dense
from common.domain.words import word_set

# The commonest little words: who uses many of one set and few of another writes that language.
_MARKS: Mapping[str, frozenset[str]] = MappingProxyType(
    {
        "en": word_set(
            "the and of is are with that this it for you not was have from they your what how why to our in on a an",
            "history recipe video story poem make explain",
        ),
        "fr": word_set(
            "le les des est et une dans pour que qui sur pas vous nous avec ce cette du de sont il au aux la en un",
            "histoire recette vidéo poème explique comment pourquoi joyeux",
        ),
        "es": word_set(
            "el los las y es una para que con por del de más como pero su está muy son la en un",
            "historia receta vídeo poema explica cómo feliz",
        ),
        "de": word_set(
            "der die das und ist nicht ein eine mit für auf von den wir sie dem zu sich auch wie über im",
            "geschichte rezept gedicht erkläre warum alles",
        ),
        "it": word_set(
            "il gli che di è una per con non della sono del questo più ogni nel e anche la un i",
            "storia ricetta poesia spiega come perché buon",
        ),
        "pt": word_set(
            "o os as é uma para que com não do da de em mais você são um nos também no na",
            "história receita vídeo poema explique como feliz",
        ),
    }
)


def looks_like(text: str, lang: str, hits: int = 3, ratio: float = 3.0) -> str:
    """The supported language a text clearly is in when that is not `lang`, otherwise "".

    `hits` little words of the other language are needed, and `ratio` times as many as of `lang`.
    """
    letters = [letter for letter in text if letter.isalpha()]
    dense = sum(map(is_dense, letters))
    if letters and dense * 2 > len(letters):
        kana = any("\u3040" <= letter <= "\u30ff" for letter in letters)
        hangul = sum(1 for letter in letters if "\uac00" <= letter <= "\ud7a3")
        seen = "ja" if kana else "ko" if hangul * 2 > dense else "zh"
        return "" if seen == lang or (seen == "zh" and lang in ("ja", "ko")) else seen
    if len(letters) < 12:
        return ""
    if lang in ("ja", "zh", "ko"):
        return "en" if dense == 0 and sum(letter.isascii() for letter in letters) * 10 > 9 * len(letters) else ""
    words = [word.casefold() for word in re.findall(r"[^\W\d_]+", text)]
    found = {name: sum(1 for word in words if word in marks) for name, marks in _MARKS.items()}
    best = max(found, key=lambda name: found[name])
    clear = found[best] >= hits and found[best] >= ratio * found.get(lang, 0)
    second = max(count for name, count in found.items() if name != best)
    return best if best != lang and clear and found[best] > second else ""


def templated(text: str) -> bool:
    """Whether most letters are of a script that one of our languages is written in; Arabic or Cyrillic are not."""
    letters = [letter for letter in text if letter.isalpha()]
    known = sum(1 for letter in letters if letter < "\u0250" or "\u1e00" <= letter <= "\u1eff" or is_dense(letter))
    return known * 2 >= len(letters)
