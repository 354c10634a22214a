"""Long text to short text for the screen: a headline says the point, never the paragraph."""

import re

from common.domain.syllables import is_dense
from common.domain.text import capitalised
from common.domain.words import word_set

HEADLINE = 52  # characters; a dense script needs half
LINE = 46

_LEAD = re.compile(
    r"^(?:and|but|so|then|now|well|also|because|however|therefore|moreover|finally|et|mais|donc|alors|or|puis|ainsi|"
    r"cependant|y|pero|entonces|und|aber|also|e|ma|mas|poi|então)\s*,?\s+",
    re.I,
)
_CLAUSE = re.compile(r"\s*[,;:–—(]\s|\s-\s|[、，；：（]")
_MARKS = " .,;:!?…"
_QUOTES = {"«": "»", "“": "”", "„": "“”", "‘": "’", '"': '"'}  # what opens, and what may close it
_CLOSING = frozenset("".join(_QUOTES.values()))
_DANGLING = word_set(
    "a an the and or but of to in on at by for from with without that which who whose when where while as "
    "is are was were be been not no its their his her our your my this these those every each than into "
    "over under about if so can could will would may might must should has have had do does did very more "
    "most just un une des le la les du de et ou mais que qui dont où au aux à en dans par pour sur sous "
    "avec sans est sont ne ce cet cette ces son sa ses leur leurs notre nos votre vos plus très el los "
    "las del y o pero en con sin por para es son su sus lo una der die das des dem den ein eine einer "
    "einem einen und oder aber im am auf aus bei mit nach von zu zum zur über unter für ohne ist sind wie "
    "il lo gli i della dei delle e ma che di da al alla per tra è um uma os as do da dos das em no na nos "
    "nas com sem"
)
_BREAKERS = word_set(
    "for with of that which who and but across through from into because where when while before after "
    "than until without pour avec qui que dont dans par sur et mais afin depuis para con que por und mit "
    "für weil dass per con che com que"
)


def condense(text: str, limit: int = HEADLINE) -> str:
    """At most `limit` characters (half for Han, kana and Hangul) of a sentence, cut where it can be cut, never inside
    a word unless one word alone is longer. Closing punctuation goes, a question keeps its mark as it was written, and
    quotation marks stay in pairs.
    """
    flat = " ".join(text.split())
    if sum(map(is_dense, flat)) * 2 > len(flat):
        return _dense(flat.strip('"“”«»„ '), limit // 2)
    flat, mark = _bare(flat)
    flat = _LEAD.sub("", flat) or flat
    if len(flat) + len(mark) <= limit:
        return capitalised(_paired(flat)) + mark
    pieces = [match.start() for match in _CLAUSE.finditer(flat)]
    fitting = [at for at in pieces if 12 <= at <= limit]
    if fitting:
        return capitalised(_paired(trimmed(flat[: fitting[-1]].split())))
    words = flat.split()
    if len(words[0]) > limit:
        return words[0][: limit - 1] + "…"
    kept: list[str] = []
    for word in words:
        if len(" ".join([*kept, word])) > limit:
            break
        kept.append(word)
    breaks = [
        at for at in range(3, len(kept)) if kept[at].lower() in _BREAKERS and len(" ".join(kept[:at])) >= limit // 2
    ]
    if breaks:
        kept = kept[: breaks[-1]]
    return capitalised(_paired(trimmed(kept)))


def trimmed(words: list[str]) -> str:
    """Words as text without a dangling article, preposition or the like at the end."""
    kept = list(words)
    while len(kept) > 1 and kept[-1].lower().strip(",;:") in _DANGLING:
        kept.pop()
    return " ".join(kept).rstrip(" ,;:–—-(")


def _bare(text: str) -> tuple[str, str]:
    """A text without closing punctuation and quotes around all of it, and the question mark that it ended with."""
    mark = ""
    while True:
        kept = text.rstrip(_MARKS)
        if "?" in text[len(kept) :] and not mark:
            mark = " ?" if text[len(kept)] == " " else "?"
        if not kept or kept[-1] not in _CLOSING:
            return kept, mark
        at = _open(kept[:-1])
        if at > 0 and kept[-1] in _QUOTES[kept[at]]:
            return kept, mark
        text = kept[1:-1].strip() if at == 0 and kept[-1] in _QUOTES[kept[0]] else kept[:-1]


def _paired(text: str) -> str:
    """A text without the quotation mark that nothing closes in it."""
    at = _open(text)
    return text if at < 0 else (text[:at] + text[at + 1 :].lstrip()).rstrip()


def _open(text: str) -> int:
    """Where the quotation mark stands that is left open; -1 where every one is closed."""
    at = -1
    for place, sign in enumerate(text):
        if at >= 0 and sign in _QUOTES[text[at]]:
            at = -1
        elif at < 0 and sign in _QUOTES and not text[place - 1 : place].isalnum():  # else inches, or a lone end
            at = place
    return at


def _dense(text: str, limit: int) -> str:
    body = text.rstrip("。．！？!?.、，")
    if len(body) <= limit:
        return body + ("？" if text.endswith(("？", "?")) else "")
    cuts = [match.start() for match in re.finditer(r"[、，。：；！？\s]", body) if 4 <= match.start() <= limit]
    return body[: cuts[-1]] if cuts else body[: limit - 1] + "…"
