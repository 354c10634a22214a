"""What a caption lights up at once: a word, or a short group of characters where a script has no spaces."""

import re
from dataclasses import dataclass

from common.media.breaks import phrases
from common.providers.voice.script import ideographic, speakable

_WITHOUT_SPACES = frozenset(("ja", "zh", "th", "lo", "km", "my"))
_SPACED_THOUSANDS = frozenset(("fr", "es", "de", "it", "pt", "ru", "pl", "sv", "cs", "uk", "nb", "fi"))
_TOKEN = re.compile(r"\S+")
_GROUPED_DIGITS = re.compile(r"(?<!\S)\d{1,3}(?: \d{3})+(?!\d)\S*|\S+")
_OPENING = frozenset("«„“‘¿¡([{")  # signs that belong to what follows
_LONGEST = {"zh": 4, "ja": 10}  # characters of one group
_USUAL_LONGEST = 8


@dataclass(frozen=True)
class Unit:
    """A written unit with its punctuation, and the range of characters it takes in the text that is spoken."""

    text: str
    start: int
    end: int


def units(sentence: str, lang: str) -> tuple[str, list[Unit]]:
    """The text to speak and its units in order; signs without sound hang on to a neighbour."""
    text, lead = "", ""
    found: list[Unit] = []
    for token in (_GROUPED_DIGITS if lang in _SPACED_THOUSANDS else _TOKEN).findall(sentence):
        for place, piece in enumerate(_groups(token, lang)):
            if text and place == 0:
                text += " "
            start = len(text)
            text += piece.replace(" ", "")
            if speakable(piece):
                found.append(Unit(f"{lead} {piece}".strip(), start, len(text)))
                lead = ""
            elif found and piece[0] not in _OPENING:
                found[-1] = Unit(f"{found[-1].text} {piece}", found[-1].start, len(text))
            else:
                lead = f"{lead} {piece}".strip()
    if lead and found:
        found[-1] = Unit(f"{found[-1].text} {lead}", found[-1].start, found[-1].end)
    return text, found


def _groups(token: str, lang: str) -> list[str]:
    """One written token, cut into groups where its language writes without spaces."""
    if lang not in _WITHOUT_SPACES:
        return [token]
    longest = _LONGEST.get(lang, _USUAL_LONGEST)
    groups: list[str] = []
    for clause in re.findall(r"[「『（“(]*[^、。，；：！？,;:!?]+[、。，；：！？,;:!?」』）”)]*|\S", token):
        parts = [""]
        for sign in phrases(clause, lang) if lang == "zh" else clause:
            if parts[-1] and _opens(parts[-1], sign, longest):
                parts.append("")
            parts[-1] += sign
        if len(parts) > 1 and sum(map(str.isalnum, parts[-1])) == 1:  # one lone character reads badly
            parts[-2:] = [parts[-2] + parts[-1]]
        groups += parts
    return groups


def _opens(group: str, sign: str, longest: int) -> bool:
    """Whether a new group begins with `sign`, a character or a phrase of several."""
    last, char = group[-1], sign[0]
    if not char.isalnum() or not last.isalnum():
        return False
    if char.isascii() and last.isascii():
        return False  # never inside a number or a Latin word
    if "\u3040" <= last <= "\u309f":  # after hiragana endings and particles a new phrase begins
        return not "\u3040" <= char <= "\u309f" or len(group) >= longest
    return len(group) + len(sign) > longest and ideographic(last) == ideographic(char)
