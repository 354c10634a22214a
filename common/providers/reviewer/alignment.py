"""Comparing texts word by word."""

import re
import unicodedata
from difflib import SequenceMatcher

from common.domain.syllables import is_dense


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
