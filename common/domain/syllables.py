"""How many syllables a text takes when it is read out, numbers included. An estimate: good enough to plan with."""

import re
import unicodedata
from collections.abc import Mapping
from types import MappingProxyType

# Letters are read as one vowel group per syllable. English drops its silent endings; German and the Romance languages
# are close to one group per syllable as written.
_VOWELS: Mapping[str, str] = MappingProxyType(
    {
        "en": "[aeiouy]+",
        "fr": "[aeiouyœæ]+",
        "es": "[aeo][iuy]?|[iu][aeo]?[iu]?|y",
        "it": "[aeo][iu]?|[iu][aeo]?",
        "pt": "[aeo][iu]?|[iu][aeo]?",
        "de": "[aeiouyäöü]+",
    }
)
# Syllables of a spoken digit and of a spoken magnitude, on average.
_DIGIT = MappingProxyType(
    {"en": 1.3, "fr": 1.3, "es": 1.8, "de": 1.4, "it": 2.0, "pt": 1.7, "ja": 1.7, "zh": 1.0, "ko": 1.0}
)
_SIGNS = MappingProxyType({"%": 2, "€": 2, "$": 2, "£": 1, "&": 1, "+": 1, "=": 2, "°": 2, "@": 1})
_WORD = re.compile(r"[^\W\d_]+(?:['’][^\W\d_]+)*|\d[\d.,\u00a0\u202f]*\d|\d", re.UNICODE)
_EN_SMALL = (2, 1, 1, 1, 1, 1, 1, 2, 1, 1, 1, 3, 1, 2, 2, 2, 2, 3, 2, 2)  # zero .. nineteen
_EN_TENS = (0, 0, 2, 2, 2, 2, 2, 3, 2, 2)


def tokens(text: str) -> list[str]:
    """The words and numbers of a text, in order, without punctuation."""
    return _WORD.findall(text)


def syllables(text: str, lang: str) -> float:
    """Syllables spoken for a text in a language (ISO 639-1); an ideograph is one, a kana one, a Hangul block one."""
    total = sum(_SIGNS.get(sign, 0) for sign in text)
    return total + sum(_token(token, lang) for token in tokens(text))


def _token(token: str, lang: str) -> float:
    if token[0].isdigit():
        return _number(token, lang)
    dense = sum(1 for letter in token if is_dense(letter))
    if dense:
        return dense + (_token(rest, lang) if (rest := "".join(x for x in token if not is_dense(x))) else 0)
    if len(token) > 1 and token.isupper() and len(token) <= 5 and not re.search("[AEIOUY]", token):
        return len(token)  # an abbreviation is spelled
    plain = _plain(token, lang)
    if lang == "en":
        return _english(plain)
    if not plain.isascii() and not re.search(r"[œæäöü]", plain):
        return max(1.0, len(token) * 0.45)  # another alphabet: letters to syllables, on average
    groups = len(re.findall(_VOWELS.get(lang, _VOWELS["en"]), plain))
    if lang == "fr" and groups > 1 and re.search(r"(?:[^aeiouy])(?:e|es|ent)$", plain):
        groups -= 1
    return max(1, groups)


def _english(word: str) -> int:
    if not word.isascii():
        return max(1, round(len(word) * 0.45))
    groups = len(re.findall("[aeiouy]+", word))
    if re.search(r"[^aeiouyl]e$", word) or re.search(r"[aeiouy]le$", word):
        groups -= 1
    if re.search(r"[^aeioutd]ed$", word) or re.search(r"[^aeiouysxzcg]es$", word):
        groups -= 1
    if re.search(r"i[ao](?!us|n$|ns$)|eo|ua[lt]|ism$|[^qg]uous", word):
        groups += 1
    return max(1, groups)


def _number(token: str, lang: str) -> float:
    whole, _, fraction = token.replace("\u00a0", "").replace("\u202f", "").partition(".")
    if "," in whole and lang not in ("en", "ja", "zh", "ko"):
        whole, _, fraction = whole.partition(",")
    whole = whole.replace(",", "")
    digits = len(whole)
    tail = (1 + len(fraction) * _DIGIT[lang]) if fraction else 0
    if lang == "en" and digits <= 12 and whole.isascii():
        return _english_number(int(whole), digits) + tail
    zeros = len(whole) - len(whole.rstrip("0"))
    return max(1, digits - zeros) * _DIGIT[lang] * 1.5 + min(zeros, 3) * 0.6 + tail


def _english_number(value: int, digits: int) -> int:
    if digits == 4 and 1100 <= value <= 2099 and value % 1000 > 9:  # read as a year
        high, low = divmod(value, 100)
        return _english_number(high, 2) + (2 if low == 0 else _english_number(low, 2) + (1 if low < 10 else 0))
    for size, name in ((10**9, 2), (10**6, 2), (1000, 2), (100, 2)):
        if value >= size:
            high, low = divmod(value, size)
            joined = 1 if size == 100 else 0  # "and"
            return _english_number(high, 0) + name + (_english_number(low, 0) + joined if low else 0)
    if value < 20:
        return _EN_SMALL[value]
    return _EN_TENS[value // 10] + (_EN_SMALL[value % 10] if value % 10 else 0)


def _plain(token: str, lang: str) -> str:
    lowered = token.lower()
    if lang == "de":
        return lowered.replace("ß", "ss")
    return "".join(letter for letter in unicodedata.normalize("NFD", lowered) if not unicodedata.combining(letter))


def is_dense(letter: str) -> bool:
    """Whether one character is about one syllable: Han, kana or Hangul."""
    return (
        "\u3040" <= letter <= "\u30ff"
        or "\u3400" <= letter <= "\u9fff"
        or "\uac00" <= letter <= "\ud7a3"
        or "\U00020000" <= letter <= "\U0003134f"
    )
