"""A script, plain text or Markdown, as a list of blocks: only what matters for saying and showing it."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from common.domain.text import FENCE

BlockKind = Literal["heading", "paragraph", "bullets", "steps", "quote", "table", "verse", "code", "direction"]

_HEADING = re.compile(r"^\s{0,3}(#{1,6})\s+(.*?)\s*#*$")
_SETEXT = re.compile(r"^\s{0,3}(=+|-{2,})\s*$")
_RULE = re.compile(r"^\s{0,3}([-*_~=])(?:\s*\1){2,}\s*$|^[\W_]{3,}$")
_BULLET = re.compile(r"^\s*(?:[-*+•·‣–]|\[[ xX]\])\s+(?:\[[ xX]\]\s+)?(\S.*)$")
_STEP = re.compile(r"^\s*(?:(?:step|étape|paso|schritt|passo|passaggio)\s+)?\d{1,3}\s*[.):]\s+(\S.*)$", re.I)
_QUOTE = re.compile(r"^\s{0,3}>\s?(.*)$")
_TABLE_RULE = re.compile(r"^[\s|:\-]+$")
_DIRECTION = re.compile(r"^\s*(?:\[[^\]]*\]|\([^)]*\))\s*$")
_SPEAKER = re.compile(
    r"^\s*(?:\*\*)?(?:narrator|narration|voice[- ]?over|vo|v\.o\.|narrateur|voix off|speaker)(?:\*\*)?\s*:\s*", re.I
)
_SCENE_LABEL = re.compile(
    r"^\s*(?:\*\*)?(?:scene|scène|escena|szene|scena|cena)\s+\d+\s*[:.–—-]?\s*(.*?)(?:\*\*)?$", re.I
)
_LABEL = re.compile(r"^\s*(?:\*\*|__)?([^\s].{0,58}?)\s*:(?:\*\*|__)?\s*$")
_ESCAPED = re.compile(r"\\([\\`*_{}\[\]()#+\-.!|>~])")
_PRIVATE = 0xE000  # sanitised text has no such characters: escaped marks hide there while marks are removed


@dataclass(frozen=True)
class Block:
    """One block: its texts without markup (one for a paragraph, one per item, row or line otherwise).

    Lines of code stand as they were written, with their indents.
    """

    kind: BlockKind
    texts: tuple[str, ...]
    level: int = 0
    syntax: str = ""  # language of code


def parse(script: str) -> list[Block]:
    """The blocks of a sanitised script, in order; rules and empty lines separate and are gone."""
    blocks: list[Block] = []
    lines = script.split("\n")
    at = 0
    while at < len(lines):
        at = _take(lines, at, blocks)
    return [block for block in blocks if any(text.strip() for text in block.texts)]


def _take(lines: list[str], at: int, blocks: list[Block]) -> int:
    """Append the block that starts at a line; answers the line after it."""
    line = lines[at]
    if fence := FENCE.match(line):
        end = next((n for n in range(at + 1, len(lines)) if FENCE.match(lines[n])), len(lines))
        code = tuple(text for text in lines[at + 1 : end] if text.strip())
        blocks.append(Block("code", code, syntax=fence.group(1).lower()))
        return end + 1
    if not line.strip() or _RULE.match(line):
        return at + 1
    if heading := _HEADING.match(line):
        blocks.append(Block("heading", (inline(heading.group(2)),), len(heading.group(1))))
        return at + 1
    if label := _SCENE_LABEL.match(line):
        if label.group(1):
            blocks.append(Block("heading", (inline(label.group(1)),), 2))
        return at + 1
    if _DIRECTION.match(line) and not line.strip().endswith("]("):
        blocks.append(Block("direction", (line.strip(" []()"),)))
        return at + 1
    if at + 1 < len(lines) and _SETEXT.match(lines[at + 1]) and not _BULLET.match(line):
        blocks.append(Block("heading", (inline(line),), 1 if "=" in lines[at + 1] else 2))
        return at + 2
    for kind, pattern in (("bullets", _BULLET), ("steps", _STEP)):
        if pattern.match(line):
            return _items(lines, at, blocks, "steps" if kind == "steps" else "bullets", pattern)
    if _QUOTE.match(line):
        end = _run(lines, at, lambda text: bool(_QUOTE.match(text)))
        said = [match.group(1) for text in lines[at:end] if (match := _QUOTE.match(text)) and match.group(1).strip()]
        blocks.append(Block("quote", tuple(inline(text) for text in said)))
        return end
    if "|" in line and at + 1 < len(lines) and "|" in lines[at + 1] and _TABLE_RULE.match(lines[at + 1]):
        end = _run(lines, at, lambda text: "|" in text)
        rows = [text for text in lines[at:end] if not _TABLE_RULE.match(text)]
        blocks.append(Block("table", tuple(_row(text) for text in rows)))
        return end
    return _paragraph(lines, at, blocks)


def _items(lines: list[str], at: int, blocks: list[Block], kind: BlockKind, pattern: re.Pattern[str]) -> int:
    items: list[str] = []
    margin = _indent(lines[at])
    while at < len(lines):
        deeper = bool(items) and _indent(lines[at]) > margin
        if not deeper and (found := pattern.match(lines[at])) and not _RULE.match(lines[at]):
            items.append(found.group(1))
        elif deeper and (nested := _BULLET.match(lines[at]) or _STEP.match(lines[at])):
            items[-1] += ("" if items[-1].endswith((":", ",", ".")) else ",") + " " + nested.group(1)
        elif deeper and lines[at].strip():
            items[-1] += " " + lines[at].strip()
        elif lines[at].strip() or not (at + 1 < len(lines) and pattern.match(lines[at + 1])):
            break
        at += 1
    blocks.append(Block(kind, tuple(inline(item) for item in items)))
    return at


def _indent(line: str) -> int:
    return len(line) - len(line.lstrip())


def _paragraph(lines: list[str], at: int, blocks: list[Block]) -> int:
    end = at + 1
    while end < len(lines) and lines[end].strip() and not _starts(lines[end]):
        end += 1
    texts = [inline(_SPEAKER.sub("", line)) for line in lines[at:end]]
    texts = [text for text in texts if text]
    if len(texts) == 1 and (label := _LABEL.match(texts[0])) and len(label.group(1).split()) <= 8:
        blocks.append(Block("heading", (label.group(1),), 3))
    elif texts and _LABEL.match(texts[-1]) and len(texts) > 1 and len(texts[-1].split()) <= 4:
        blocks.append(Block("paragraph", (" ".join(texts[:-1]),)))
        blocks.append(Block("heading", (texts[-1].rstrip(" :"),), 3))
    elif _is_verse(texts):
        blocks.append(Block("verse", tuple(texts)))
    elif texts:
        blocks.append(Block("paragraph", (" ".join(texts),)))
    return end


def _starts(line: str) -> bool:
    return any(p.match(line) for p in (_HEADING, _BULLET, _STEP, _QUOTE, FENCE, _RULE, _DIRECTION, _SCENE_LABEL))


def _is_verse(texts: list[str]) -> bool:
    """Short lines that do not end where sentences end were broken on purpose."""
    if len(texts) < 3 or max(map(len, texts)) > 64:
        return False
    return sum(1 for text in texts if not text.endswith((".", "!", "?", "。"))) * 2 >= len(texts)


def _run(lines: list[str], at: int, belongs: Callable[[str], bool]) -> int:
    while at < len(lines) and belongs(lines[at]):
        at += 1
    return at


def _row(line: str) -> str:
    return "\t".join(inline(cell) for cell in line.strip().strip("|").split("|"))


def inline(text: str) -> str:
    """One line without Markdown marks: link texts stay, addresses are read as their host, pictures give way."""
    text = _ESCAPED.sub(lambda mark: chr(_PRIVATE + ord(mark.group(1))), text)
    text = re.sub(r"!\[([^\]]*)\]\([^)]*\)", "", text)
    text = re.sub(r"\[([^\]]+)\]\([^)]*\)", r"\1", text)
    text = re.sub(r"\[([^\]]+)\]\[[^\]]*\]", r"\1", text)
    text = re.sub(r"\[\^[^\]]+\]:?", "", text)
    text = re.sub(r"https?://(?:www\.)?([^\s/)?#]+)[^\s)]*", r"\1", text)
    text = re.sub(r"`+([^`]*)`+", r"\1", text)
    text = re.sub(r"(\*\*\*|\*\*|___|__|~~)(?=\S)(.+?)(?<=\S)\1", r"\2", text)
    text = re.sub(r"(?<![\w*])\*(?=\S)([^*]+?)(?<=\S)\*(?![\w*])", r"\1", text)
    text = re.sub(r"(?<![\w_])_(?=\S)([^_]+?)(?<=\S)_(?![\w_])", r"\1", text)
    text = "".join(chr(ord(sign) - _PRIVATE) if _PRIVATE < ord(sign) < _PRIVATE + 128 else sign for sign in text)
    return " ".join(text.split())
