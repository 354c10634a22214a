"""Text search: what of a text is stored to find it by, and whether a text holds what was searched for.

A word of four letters or more finds every word that begins with it, a shorter one only itself; case and accents do not
count. Scripts without spaces between words are found by any two or more neighbouring characters. The store finds
candidates by one token of one word; whether all of the search is there is decided here, on the text itself.
"""

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass

from common.domain.syllables import is_dense

MOST_TOKENS = 300  # of one pipeline: some 200 different words; what stands further back in a long script is not found
MOST_WORDS = 20  # of all that is looked for at once
_PREFIXES = (4, 7)  # letters
_ACCENTS = re.compile("[\u0300-\u036f]+")  # not the marks of kana, which make other letters
_DENSE = "\u3041-\u3096\u309d-\u309f\u30a1-\u30fa\u30fc-\u30ff\u3400-\u9fff\uac00-\ud7a3\U00020000-\U0003134f"
_RUN = re.compile(rf"[{_DENSE}]+|[^\W_{_DENSE}]+")


@dataclass(frozen=True)
class Search:
    """What to look for: every one of these words."""

    words: tuple[str, ...]

    @property
    def token(self) -> str:
        """The token that the fewest texts have, as far as a word tells: that of the longest one."""
        word = max(self.words, key=len)
        if is_dense(word[0]):
            return word[:2]
        return word[: max((length for length in _PREFIXES if length <= len(word)), default=len(word))]

    def found_in(self, lines: str) -> bool:
        """Whether all of the words are in texts, which are given as `lined` gives them."""
        return all(_pattern(word) in lines for word in self.words)


def search(text: str) -> Search | None:
    """What a person's words look for; None where there is no letter and no digit in them."""
    words = tuple(dict.fromkeys(_runs(text)))[:MOST_WORDS]
    return Search(words) if words else None


def lined(*texts: str) -> str:
    """The words of texts, each on a line of its own: what is done once for a text, however much is looked for in it."""
    return "\n" + "\n".join(run for text in texts for run in _runs(text)) + "\n"


def tokens(title: str, content: str) -> tuple[str, ...]:
    """What is stored to find a text by, the title's first, so that a long content does not push it out."""
    found: dict[str, None] = {}
    for run in (*_runs(title), *_runs(content)):
        found.update(dict.fromkeys(_tokens(run)))
        if len(found) >= MOST_TOKENS:
            break
    return tuple(found)[:MOST_TOKENS]


def _tokens(run: str) -> Iterator[str]:
    if is_dense(run[0]):
        yield from (run[at : at + 2] for at in range(max(1, len(run) - 1)))
    elif len(run) < _PREFIXES[0]:
        yield run
    else:
        yield from (run[:length] for length in _PREFIXES if length <= len(run))


def _pattern(word: str) -> str:
    """What of the lines shows that the word is in them."""
    if is_dense(word[0]):
        return word if len(word) > 1 else f"\n{word}\n"
    return f"\n{word}\n" if len(word) < _PREFIXES[0] else f"\n{word}"


def _runs(text: str) -> Iterator[str]:
    """The words of a text without case and accents; what has no spaces between words stays in one piece."""
    plain = _ACCENTS.sub("", unicodedata.normalize("NFKD", text.casefold()))
    return (run[0] for run in _RUN.finditer(unicodedata.normalize("NFC", plain).casefold()))
