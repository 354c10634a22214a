"""Which spoken words belong to which written word: "1,250" is read as four, "Dr." as one, "—" as none."""

import difflib
from collections.abc import Sequence

_NUMBERS = frozenset(
    "zero oh one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen "  # noqa: SIM905
    "seventeen eighteen nineteen twenty thirty forty fifty sixty seventy eighty ninety hundred thousand million "
    "billion trillion first second third fourth fifth sixth seventh eighth ninth tenth eleventh twelfth twentieth "
    "thirtieth half halves quarter point and the of to minus plus degrees dollars euros pounds percent oclock".split()
)
_ROMAN = frozenset("IVXLC")
_STOPS = ".,;:!?"
_UNSPOKEN = 1.5  # what leaving a word without sound costs
_LONGEST = 12  # no written word is read as more spoken words than this


def spans(written: Sequence[str], spoken: Sequence[str]) -> list[tuple[int, int]]:
    """For every written word the range (from, to) of spoken words that read it, in order, none left over.

    A word without sound gets an empty range. With no written word the answer is empty.
    """
    left, right = [_key(word) for word in written], [_key(word) for word in spoken]
    found: list[tuple[int, int]] = []
    for kind, w0, w1, s0, s1 in difflib.SequenceMatcher(None, left, right, autojunk=False).get_opcodes():
        if kind == "equal":
            found += [(s0 + i, s0 + i + 1) for i in range(w1 - w0)]
        elif w0 < w1:
            found += [(s0 + a, s0 + b) for a, b in _best(written[w0:w1], spoken[s0:s1])]
        elif found:
            found[-1] = (found[-1][0], s1)
    if found:  # spoken words before the first or between two matches belong to the nearest written word
        found[0] = (0, found[0][1])
        for i in range(len(found) - 1):
            if found[i + 1][0] > found[i][1]:
                found[i] = (found[i][0], found[i + 1][0])
        found[-1] = (found[-1][0], len(spoken))
    return found


def _key(word: str) -> str:
    return "".join(char for char in word.casefold() if char.isalnum()) or word


def _best(written: Sequence[str], spoken: Sequence[str]) -> list[tuple[int, int]]:
    """The likeliest split of a few spoken words over a few written ones (dynamic programme over both)."""
    count, total = len(written), len(spoken)
    if count == 1:
        return [(0, total)]
    scores = [[float("-inf")] * (total + 1) for _ in range(count + 1)]
    came = [[0] * (total + 1) for _ in range(count + 1)]
    scores[0][0] = 0.0
    widest = max(_LONGEST, total - count + 1)
    for i in range(1, count + 1):
        for end in range(total + 1):
            for start in range(max(0, end - widest), end + 1):
                if scores[i - 1][start] == float("-inf"):
                    continue
                score = scores[i - 1][start] + _likeness(written[i - 1], spoken[start:end])
                if score > scores[i][end]:
                    scores[i][end], came[i][end] = score, start
    parts, end = [], total
    for i in range(count, 0, -1):
        parts.append((came[i][end], end))
        end = came[i][end]
    return parts[::-1]


def _likeness(written: str, spoken: Sequence[str]) -> float:
    """How well these spoken words read this written one; higher is better."""
    key = _key(written)
    if not spoken:
        return -_UNSPOKEN if key[:1].isalnum() else 0.0
    words = [_key(word) for word in spoken]
    joined = "".join(words)
    # A clause ends in both or in neither: "VIII;" is "the eighth;", and no word goes on after that.
    score = 1.0 if written[-1:] in _STOPS and spoken[-1][-1:] == written[-1:] else 0.0
    score -= 0.7 * sum(word[-1:] in _STOPS for word in spoken[:-1])
    if joined == key:
        return score + 4.0 + len(spoken)
    alike = difflib.SequenceMatcher(None, key, joined, autojunk=False).ratio()
    if any(char.isdigit() for char in key) or set(written.rstrip(_STOPS)) <= _ROMAN:
        return score + 0.5 * alike + sum(1.0 if word in _NUMBERS or word.isdigit() else -0.3 for word in words)
    return score + 3.0 * alike + (0.5 if key[0] == joined[0] else 0.0) - 0.4 * (len(spoken) - 1)
