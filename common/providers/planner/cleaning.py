"""A prompt as people type it, made regular: shouting calmed, courtesies and labels taken off."""

import re

from common.domain.plan import Lang
from common.domain.text import capitalised
from common.domain.words import word_set
from common.providers.planner.signs import Intent, signs

_ACRONYMS = word_set(
    "AI UK US USA EU UN TV DNA DIY NASA GPS CEO HR IT ADHD COVID USB PDF SEO API II III IV VI VII XIV I"
)
_COURTESY = re.compile(
    r"[,.]?\s*\b(?:please|pls|thanks|thank you so much|thx|merci d['’]avance|s[’']il (?:te|vous) pla[iî]t|por favor|"
    r"bitte|per favore)\s*[.!]*$",
    re.I,
)
# A first word of these endings before another common word is an adjective or the name of an activity, never a name.
_COMMON_ENDINGS = (
    "ial", "ical", "tional", "tific", "ging", "ning", "ting", "king", "ness", "ment", "tion", "ics", "ism", "ous",
    "ive", "able", "ible", "less", "ful", "ology", "ential",
)  # fmt: skip
_LITTLE = word_set("in on at of for to from with and or is are was were has had will can by near")


def typed(prompt: str) -> str:
    """A prompt on one line without list marks, quotation marks, courtesies and repeated closing marks."""
    text = re.sub(r"^(?:#+|[-*>•])\s+", "", " ".join(prompt.split()))
    text = re.sub(r"([!?])[!?]+", r"\1", re.sub(r"\s*(?:\.{2,}|…)\s*$", "", text))
    text = _COURTESY.sub("", text) or text
    return calmed(re.sub(r"[\"“«]\s?([^\"“”«»]+?)\s?[\"”»]", r"\1", text).strip('"“”«» '))


def quoted(prompt: str) -> bool:
    """Whether the whole prompt stands in quotation marks."""
    return bool(re.match(r"^\s*[\"“«].{12,}[\"”»][.!]?\s*$", prompt, re.S))


def calmed(text: str) -> str:
    """A text of several words all in capitals in sentence case; known abbreviations stay."""
    words = text.split()
    if len(words) < 2 or not text.isupper() or sum(letter.isalpha() for letter in text) < 8:
        return text
    lowered = [word if word.strip(".,!?:;") in _ACRONYMS else word.lower() for word in words]
    return capitalised(" ".join(lowered))


def labelled(text: str, lang: Lang) -> tuple[Intent | None, str]:
    """The intent a leading label tells ("Recipe: ...", "History lesson: ...") and the text after it.

    (None, the text) where there is no label; one that says nothing of intent ("Topic: ...") is taken off all the same.
    """
    for intent, pattern in signs(lang).labels:
        found = pattern.match(text)
        if found and any(letter.isalnum() for letter in text[found.end() :]):
            return intent, text[found.end() :].strip()
    return None, text


def adjectival(phrase: str) -> bool:
    """Whether the capital of a phrase's first word only opens the sentence: "Artificial intelligence", "Uses of x"."""
    words = phrase.split()
    if len(words) < 2 or not words[1][:1].islower():
        return False
    first, second = words[0].lower(), words[1]
    if second == "of":
        return first.endswith(("s", "tion", "er", "y", "t", "ce"))
    return second not in _LITTLE and first.endswith(_COMMON_ENDINGS)
