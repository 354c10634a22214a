"""Text as it comes in: made safe to read out and to draw, told apart (prompt or script) and cut into sentences."""

import html
import re
import unicodedata
from typing import Literal

from common.domain.words import word_set

Kind = Literal["prompt", "script"]

PROMPT_CHARACTERS = 280  # a prompt is an instruction or a topic of a line or two

_TAGS = sorted(
    word_set(
        "a abbr address article aside audio b blockquote body br button canvas caption center cite code col "
        "dd del details div dl dt em embed figcaption figure font footer form frame h1 h2 h3 h4 h5 h6 head "
        "header hr html i iframe img input ins kbd label li link main map mark math meta nav noscript object "
        "ol option p param picture pre q s samp section select small source span strike strong sub summary "
        "sup svg table tbody td template textarea tfoot th thead time title tr track tt u ul var video wbr "
        "script style "
    )
)
_HIDDEN = r"<!--.*?(?:-->|\Z)|<(?P<tag>script|style|template|head)\b[^>]*>.*?(?:</(?P=tag)\s*>|\Z)"
_BLOCK_TAG = re.compile(
    r"</?(?:p|div|br|hr|h[1-6]|tr|ul|ol|table|section|article|header|footer|blockquote|pre|li)\b[^<>]*>", re.I
)
_ITEM_TAG = re.compile(r"<li\b[^<>]*>", re.I)
_ANY_TAG = re.compile(rf"</?(?:{'|'.join(_TAGS)})(?:\s[^<>]*)?/?>", re.I)
_AUTOLINK = re.compile(r"<((?:https?://|mailto:)[^\s<>]+)>", re.I)
_KEPT_FORMAT = "\u200c\u200d"  # joiners that letters and emoji are written with
_END = re.compile(
    r"(?:[.!?…]+[\"'”’»)\]]*(?=\s+[\"'“‘«(\[¿¡]*[^\Wa-z]|\s*$)|[。！？]+[」』”）]*|[؟۔]+(?=\s|$))", re.UNICODE
)
_SHORT_FORM = re.compile(
    r"(?:\b(?:Mr|Mrs|Ms|Dr|Prof|St|No|vs|etc|e\.g|i\.e|approx|Fig|M|Mme|Sr|Sra|z\.B|ca|env|[A-Z]))\.$"
)
FENCE = re.compile(r"^\s{0,3}(?:```|~~~)\s*([\w+#.-]{0,30})")  # begins and ends code; names its language
# Code with its fences, set in as far as it may be; without a second fence it reaches to the end.
_CODE = r"^(?P<indent>[^\S\n]*)(?:```|~~~).*?(?:^(?P=indent)?[^\S\n]{0,3}(?:```|~~~)[^\n]*$|\Z)"
_CODE_OR_HIDDEN = re.compile(rf"(?P<code>{_CODE})|{_HIDDEN}", re.I | re.S | re.M)
_INSTRUCTION = re.compile(
    r"^\s*(?:please\s+)?(?:make|create|generate|produce|write|design|build|explain|describe|show|tell|give|say|"
    r"fais|faites|crée|créez|réalise|réalisez|explique|expliquez|raconte|écris|écrivez|crea|haz|explica|erstelle|"
    r"mache?|erkläre|spiega|faça|crie|explique)\b",
    re.I,
)
_MARKUP_LINE = re.compile(r"^\s{0,3}(?:#{1,6}\s|[-*+•]\s+\S|\d{1,3}[.)]\s+\S|>\s?\S|\|.*\||```)", re.M)


def sanitise(text: str) -> str:
    """The same text without what could harm or deceive: NFC, no control or bidi-override characters, no HTML tags.

    Markdown stays as it is, for the script parser. Code between fences keeps its tags and its indents, for they are
    what it says. Line breaks stay, at most one empty line between blocks. Text that merely looks like mathematics
    ("a < b") is kept. So signs of markup are in the answer: whoever draws it escapes it for their format.
    """
    text = text.replace("\r\n", "\n").replace("\r", "\n").replace("\u2028", "\n").replace("\u2029", "\n\n")
    parts, end = [], 0
    text = _CODE_OR_HIDDEN.sub(lambda found: found["code"] or " ", _visible(text))
    for code in re.finditer(_CODE, text, re.S | re.M):
        parts += [_prose(text[end : code.start()]), _code(code.group(), code["indent"])]
        end = code.end()
    return re.sub(r"\n{3,}", "\n\n", "".join((*parts, _prose(text[end:])))).strip()


def sanitise_code(line: str) -> str:
    """A line of code without control or bidi-override characters; its indent and its tags stay."""
    line = _visible(" ".join(line.splitlines()))
    return line[: len(line) - len(line.lstrip())] + _spaced(line) if line.strip() else ""


def _prose(text: str) -> str:
    """Text without HTML, its spaces single."""
    text = _BLOCK_TAG.sub(lambda tag: "\n- " if _ITEM_TAG.match(tag.group()) else "\n", _AUTOLINK.sub(r"\1", text))
    text = _visible(html.unescape(_ANY_TAG.sub("", text)))
    return "\n".join(" " * line[:1].isspace() + _spaced(line) if line.strip() else "" for line in text.split("\n"))


def _code(text: str, indent: str) -> str:
    """Code as far to the left as its first fence was, both fences without an indent."""
    first, *lines = (line.removeprefix(indent) for line in text.split("\n"))
    if lines and FENCE.match(lines[-1]):
        lines[-1] = lines[-1].lstrip()
    return "\n".join((_spaced(first), *(sanitise_code(line) for line in lines)))


def _spaced(line: str) -> str:
    return re.sub(r"[^\S\n]+", " ", line.strip())


def _visible(text: str) -> str:
    return unicodedata.normalize("NFC", "".join(map(_kept, text)))


def _kept(sign: str) -> str:
    if sign in "\n":
        return sign
    if sign == "\t":
        return "    "
    if sign in "\u00a0\u2007\u202f\v\f\x85":
        return " "
    if sign in _KEPT_FORMAT:
        return sign
    # Cc controls, Cf marks such as bidi overrides and invisible tags, Cs surrogates, Co private use.
    if unicodedata.category(sign) in ("Cc", "Cf", "Cs", "Co") or ord(sign) & 0xFFFE == 0xFFFE:
        return ""
    return sign


def kind_of(text: str) -> Kind:
    """Whether a sanitised text is a prompt (an instruction or a topic) or a script (what is to be said)."""
    text = text.strip()
    if len(text) > PROMPT_CHARACTERS * 2:
        return "script"
    if len(_MARKUP_LINE.findall(text)) >= 2:
        return "script"
    if _INSTRUCTION.match(text) and len(text) <= PROMPT_CHARACTERS and "\n\n" not in text:
        return "prompt"
    count, lines = len(sentences(text)), [line for line in text.split("\n") if line.strip()]
    if len(lines) >= 3 or count >= 3 or len(text) > PROMPT_CHARACTERS:
        return "script"
    if _MARKUP_LINE.match(text) and len(lines) > 1:
        return "script"
    return "script" if count >= 2 and len(text) > 120 else "prompt"


def sentences(text: str) -> list[str]:
    """The sentences of a paragraph, in order, punctuation kept; abbreviations and decimals do not end one."""
    flat = " ".join(text.split())
    found, start = [], 0
    for end in _END.finditer(flat):
        piece = flat[start : end.end()].strip()
        if _SHORT_FORM.search(piece) and end.end() < len(flat):
            continue
        if piece:
            found.append(piece)
        start = end.end()
    if rest := flat[start:].strip():
        found.append(rest)
    return found


def readable(text: str) -> bool:
    """Whether there is at least one letter, digit or pictograph to say or to show."""
    return any(unicodedata.category(sign)[0] in "LN" or unicodedata.category(sign) == "So" for sign in text)


def capitalised(text: str) -> str:
    """The text with its first letter as a capital, the rest untouched ("iPhone cases" stays readable as a name)."""
    if len(text) > 1 and text[0].islower() and text[1].isupper():
        return text
    return text[:1].upper() + text[1:]
