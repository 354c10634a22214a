"""A script becomes scene drafts: its own words are said, their gist is shown."""

import re
from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise
from typing import Literal

from common.domain.condense import LINE, condense
from common.domain.figures import figures, years
from common.domain.pacing import speech_seconds
from common.domain.plan import Figure, Lang
from common.domain.text import capitalised, readable, sentences
from common.providers.planner import recipe
from common.providers.planner.chunks import chunks, joined
from common.providers.planner.draft import Draft
from common.providers.planner.labels import label, label_for
from common.providers.planner.markdown import Block, parse

_HOOK = 5.5  # seconds of speech of an opening sentence that can stand alone as the title
_CODE_LINES, _CODE_SIGNS = 10, 160  # lines of code on one screen, and signs of a line
_DATES = 16.0  # seconds of speech that one timeline takes at most
_ITEMS = 5  # list items on one screen
_VERSUS = re.compile(r"(?<!\w)(?:vs\.?|versus|compared (?:to|with)|contre|par rapport à|gegenüber)(?!\w)", re.I)
_BEFORE_AFTER = re.compile(
    r"^(?:before|avant|antes|vorher|prima)\b[:, ].+?[.;,:]\s*"
    r"(?:after|après|después|nachher|dopo|depois|now|maintenant)\b",
    re.I | re.S,
)
_QUOTED = re.compile(r"^[\"“«„]\s?(.{8,240}?)\s?[\"”»“]\s*(?:[—–-]+\s*|\()?(.{0,60}?)\)?[.]?$", re.S)
_ATTRIBUTION = re.compile(r"^(?P<said>.+?)\s*(?:[—–]|--)\s*(?P<who>[^\W\d_][^.!?]{1,60})$", re.S)


def draft_script(script: str, lang: Lang) -> tuple[str, list[Draft]]:
    """The script's own title ("" when it names none) and its drafts in order, empty when nothing can be said.

    A draft depends on its own block alone (and on the heading right above it), so that editing one paragraph leaves
    the other scenes as they are.
    """
    blocks = [block for block in parse(script) if any(readable(text) for text in block.texts)]
    drafts: list[Draft] = []
    title, heading, idea = "", "", ""
    done = -1
    for at, block in enumerate(blocks):
        if at <= done:
            continue
        if block.kind == "direction":
            idea = block.texts[0]
            continue
        if block.kind == "heading":
            if not drafts and not heading and not title:
                title = block.texts[0]
                drafts.append(Draft("title", _ended(title), condense(title, 60)))
            elif heading:
                drafts.append(Draft("statement", _ended(heading), condense(heading)))
                heading = block.texts[0]
            else:
                heading = block.texts[0]
            continue
        if recipe.lists_ingredients(blocks, at, title, heading, lang):
            made, done = _recipe(blocks, at, title, heading, lang)
        else:
            made = _draft_block(block, heading, title, lang, hooks=not drafts and not heading)
        if made and idea:
            made[0] = replace(made[0], idea=condense(idea, 60))
        drafts.extend(made)
        heading, idea = "", ""
    if heading:
        drafts.append(Draft("statement", _ended(heading), condense(heading)))
    return title, _framed(drafts)


def _framed(drafts: list[Draft]) -> list[Draft]:
    """The first scene hooks as a title and the last one closes, whatever they were."""
    drafts = [draft for draft in drafts if readable(draft.narration) or readable(draft.headline + "".join(draft.lines))]
    if drafts and drafts[0].kind in ("statement", "split"):
        drafts[0] = replace(drafts[0], kind="title", lines=())
    if len(drafts) > 1 and drafts[-1].kind in ("statement", "split"):
        drafts[-1] = replace(drafts[-1], kind="closing")
    return drafts


def _draft_block(block: Block, heading: str, title: str, lang: Lang, hooks: bool) -> list[Draft]:
    if block.kind == "code":
        return _code(block, heading)
    if block.kind == "quote":
        return [_quote(" ".join(block.texts), heading)]
    if block.kind == "table":
        return _table(block, heading, lang)
    if block.kind in ("bullets", "steps"):
        return _list(block, heading, title, lang)
    if block.kind == "verse":
        return _verse(block, heading, lang)
    return _paragraph(block.texts[0], heading, lang, hooks)


def _paragraph(text: str, heading: str, lang: Lang, hooks: bool = False) -> list[Draft]:
    if (quoted := _QUOTED.match(text)) and not re.search(r"[\"”»]\s+\w+.*[.]$", text[len(quoted.group(1)) :][2:]):
        return [_quote(text, heading)]
    pieces = chunks(text, lang)
    if (
        hooks
        and len(parts := sentences(text)) > 1
        and speech_seconds(parts[0], lang) <= _HOOK < speech_seconds(pieces[0], lang)
    ):
        pieces = [parts[0], *chunks(joined(parts[1:]), lang)]
    found = [_statement(piece, "" if index else heading, lang) for index, piece in enumerate(pieces)]
    if heading:
        found[0] = replace(found[0], narration=f"{_ended(heading)} {found[0].narration}")
    return found


def _statement(text: str, heading: str, lang: Lang) -> Draft:
    parts = sentences(text)
    shown = figures(text)
    head = condense(heading) if heading else condense(parts[0])
    if len(years(text)) >= 2 and len(parts) >= 2 and (dated := _dated(parts)):
        return Draft("timeline", text, head, tuple(f"{f.value} — {f.label}" for f in dated), dated)
    if shown and speech_seconds(text, lang) < 11:
        return Draft("statistic", text, head, figures=shown)
    if (found := _sides(text, parts)) is not None:
        return Draft("comparison", text, head, found)
    rest = parts if heading else parts[1:]
    lines = _lines(rest[:2]) if len(rest) <= 3 else ()
    return Draft("split" if len(lines) > 1 else "statement", text, head, lines)


def _dated(parts: list[str]) -> tuple[Figure, ...]:
    found = [date for part in parts for date in _date(part)]
    return tuple(found[:5]) if len(found) >= 2 else ()


def _date(part: str) -> list[Figure]:
    """The first year that a text names, with what happened in it."""
    if not (named := years(part)):
        return []
    after = re.sub(rf"^.*?{named[0]}\s*[:,–—-]?\s*", "", part, count=1)
    told = after if len(after) > 12 else re.sub(rf"\b(?:in|en|im|nel|em)?\s*{named[0]}\b", "", part, flags=re.I)
    return [Figure(value=named[0], label=condense(told, LINE))]


def _sides(text: str, parts: list[str]) -> tuple[str, str] | None:
    """The two sides of a comparison, or None."""
    if _BEFORE_AFTER.match(text) and len(parts) == 2:
        return condense(parts[0], LINE), condense(parts[1], LINE)
    if len(parts) == 1 and (found := _VERSUS.search(text)):
        left, right = text[: found.start()].strip(), text[found.end() :].strip()
        if 2 < len(left) < 90 and 2 < len(right) < 90:
            return condense(left, LINE), condense(right, LINE)
    return None


def _code(block: Block, heading: str) -> list[Draft]:
    """Scenes of up to so many lines as one screen holds, of about the same length; the heading is said once."""
    pieces = _evenly([text[:_CODE_SIGNS] for text in block.texts], _CODE_LINES)
    return [
        Draft(
            "code",
            _ended(heading) if heading and not place else "",
            condense(heading),
            tuple(piece),
            syntax=block.syntax,
        )
        for place, piece in enumerate(pieces)
    ]


def _recipe(blocks: list[Block], at: int, title: str, heading: str, lang: Lang) -> tuple[list[Draft], int]:
    """The ingredients at `at` as a scene, with the method after them where there is room; the last block it says."""
    said = [_ended(heading) if heading else "", *(_ended(capitalised(text)) for text in blocks[at].texts)]
    found = recipe.method_after(blocks, at, lang)
    if found is None:
        shown = heading or label("ingredients", lang)
        return [recipe.draft(said, shown, blocks[at].texts, ())], at
    name, method = found
    said += [_ended(name) if name else "", *(_ended(capitalised(text)) for text in method.texts)]
    shown = title or heading or label("ingredients", lang)
    return [recipe.draft(said, shown, blocks[at].texts, method.texts)], at + (2 if name else 1)


def _quote(text: str, heading: str) -> Draft:
    quoted, split = _QUOTED.match(text), _ATTRIBUTION.match(text)
    said, who = text, ""
    if quoted:
        said, who = quoted.group(1), quoted.group(2).strip(" ,.")
    elif split:
        said, who = split.group("said"), split.group("who").strip()
    said = said.strip('"“”«»„ ')
    spoken = f"{_ended(heading)} " if heading else ""
    spoken += _ended(said) + (f" {_ended(who)}" if who else "")
    return Draft("quote", spoken, condense(said, 110), attribution=condense(who, 50) if who else "")


def _table(block: Block, heading: str, lang: Lang) -> list[Draft]:
    head, *rows = [text.split("\t") for text in block.texts]
    rows = rows or [head]
    spoken = [_ended(", ".join(cell for cell in row if cell)) for row in rows if any(row)]
    shown = tuple(
        Figure(value=row[1], label=condense(row[0], LINE), share=next((f.share for f in figures(row[1], 1)), None))
        for row in rows
        if len(row) >= 2 and re.match(r"^[^\w]{0,2}\d", row[1]) and len(row[1]) <= 14
    )
    found: list[Draft] = []
    at = 0
    for piece in _grouped(spoken, lang):
        part = slice(at, at + len(piece))
        at += len(piece)
        lines = _lines([" – ".join(cell for cell in row if cell) for row in rows[part]])
        figs = shown[part] if len(shown) == len(rows) else ()
        title = condense(heading) if heading else condense(" / ".join(cell for cell in head if cell))
        found.append(Draft("statistic" if figs else "list", joined(piece), title, lines, figs))
    return _announced(found, heading)


def _list(block: Block, heading: str, whole: str, lang: Lang) -> list[Draft]:
    kind: Literal["list", "steps"] = "steps" if block.kind == "steps" else "list"
    title = condense(heading or label_for(kind, block.texts, lang, whole))
    if len(block.texts) > 1 and all(years(text) for text in block.texts):
        return _announced(_timelines(block, title, lang), heading)
    found: list[Draft] = []
    at = 0
    held = 13 if kind == "steps" else 9  # numbers on screen should not start again in the middle of a procedure
    for piece in _grouped([_ended(capitalised(text)) for text in block.texts], lang, seconds=held):
        items = block.texts[at : at + len(piece)]
        shown = tuple(figure for item in items for figure in figures(item, 1))
        at += len(piece)
        if shown and len(shown) == len(items) and kind == "list":
            head = title if heading else condense(items[0]) if len(items) == 1 else title
            found.append(Draft("statistic", joined(piece), head, figures=shown[:3], lines=()))
        elif len(items) == 1 and speech_seconds(piece[0], lang) > 5:
            parts = sentences(items[0])
            found.append(Draft("steps" if kind == "steps" else "statement", piece[0], title, _lines([parts[0]])))
        else:
            found.append(Draft(kind, joined(piece), title, _lines(items)))
    return _announced(found, heading)


def _timelines(block: Block, title: str, lang: Lang) -> list[Draft]:
    """The dated items of a list in scenes of about the same number, each of two at least."""
    most = next(
        (
            most
            for most in range(_ITEMS, 2, -1)
            if all(speech_seconds(joined(list(part)), lang) < _DATES for part in _evenly(block.texts, most))
        ),
        3,
    )
    found = []
    for part in _evenly(block.texts, most):
        dates = tuple(date for text in part for date in _date(text))
        said = joined([_ended(text) for text in part])
        found.append(Draft("timeline", said, title, tuple(f"{date.value} — {date.label}" for date in dates), dates))
    return found


def _evenly(texts: Sequence[str], most: int) -> list[Sequence[str]]:
    """Consecutive texts in as few groups as hold `most` each, none smaller than another by more than one."""
    count = -(-len(texts) // most)
    edges = [len(texts) * part // count for part in range(count + 1)]
    return [texts[start:end] for start, end in pairwise(edges)]


def _verse(block: Block, heading: str, lang: Lang) -> list[Draft]:
    found, at = [], 0
    for piece in _grouped([text if text[-1:] in ".,;:!?…—–" else f"{text}," for text in block.texts], lang, most=4):
        spoken = _ended(" ".join(piece).rstrip(","))
        items = block.texts[at : at + len(piece)]
        at += len(piece)
        found.append(Draft("statement", spoken, condense(items[0]), _lines(items[1:])))
    return _announced(found, heading)


def _grouped(texts: list[str], lang: Lang, most: int = _ITEMS, seconds: float = 9) -> list[list[str]]:
    """Consecutive texts in groups that take about `seconds` at most and fit one screen."""
    found: list[list[str]] = []
    for text in texts:
        longest = speech_seconds(joined([*found[-1], text]), lang) if found else 0
        if found and len(found[-1]) < most and longest <= seconds:
            found[-1].append(text)
        else:
            found.append([text])
    if not found or len(found[0]) - len(found[-1]) < 2:
        return found
    # None is left over for a screen of its own, where all can move up a little.
    even = [list(part) for part in _evenly(texts, -(-len(texts) // len(found)))]
    fits = all(speech_seconds(joined(part), lang) <= 1.2 * seconds for part in even)
    return even if fits and len(even) == len(found) else found


def _announced(found: list[Draft], heading: str) -> list[Draft]:
    """The heading above a block is said before its first scene."""
    if heading and found:
        found[0] = replace(found[0], narration=f"{_ended(heading)} {found[0].narration}")
    return found


def _lines(texts: tuple[str, ...] | list[str]) -> tuple[str, ...]:
    return tuple(line for line in (condense(text, LINE) for text in texts) if line)


def _ended(text: str) -> str:
    """The text with a closing mark, so that the voice lets its tone fall."""
    text = text.rstrip(" ,;:—–-")
    if not text or text[-1] in ".!?…。！？”»\"'’)":
        return text
    return text + ("。" if re.search(r"[\u3040-\u30ff\u4e00-\u9fff]$", text) else ".")
