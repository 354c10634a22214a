"""The filter of a list of pipelines: `status:completed,date:>2026-02-01,cost:<100`, terms that must all hold.

A term is a field, an operator (`:` or `=` for equal; `>`, `<`, `>=`, `<=`, with or without the colon before them) and a
value. A value with a comma, or one that begins like an operator, stands in double quotes, in which a backslash keeps a
quote or a backslash. Nothing else can be said: a field that is not on the list below is refused, and a value is only
ever compared.
"""

import difflib
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Literal, get_args

from common.domain.money import micros
from common.domain.pipeline import Status
from common.domain.presets import PRESETS
from common.domain.search import MOST_WORDS, Search, search

Field = Literal["status", "date", "cost", "user_id", "preset", "title", "search"]
FIELDS: tuple[Field, ...] = get_args(Field)
Operator = Literal["=", ">", "<", ">=", "<="]

MOST_CHARACTERS = 1000
MOST_TERMS = 20

_CHOICES: dict[str, Sequence[str]] = {"status": get_args(Status), "preset": tuple(PRESETS)}
_HEAD = re.compile(r"\s*([A-Za-z0-9_.-]*)\s*(:\s*(?:>=|<=|=|>|<)?|>=|<=|=|>|<)\s*")
_QUOTED = re.compile(r'"((?:[^"\\]|\\["\\])*)"\s*(?=,|\Z)')
_PLAIN = re.compile(r"[^,]*")
_MOMENT = re.compile(
    r"(\d{4}-\d\d-\d\d)(?:[Tt ](\d\d:\d\d(?::\d\d(?:\.\d{1,6})?)?)\s*([Zz]|[+ -]\d\d:\d\d)?)?", re.ASCII
)
_DOLLARS = re.compile(r"\$?(\d{1,9}(?:\.\d{1,6})?)", re.ASCII)
_TICK = timedelta(microseconds=1)
_FIRST, _LAST = -62_135_596_800_000_000, 253_402_300_799_999_999  # the calendar's, in microseconds since 1970


class InvalidFilter(ValueError):
    """A filter cannot be understood; the text says which part, and what to write instead."""


@dataclass(frozen=True)
class Term:
    """One condition, as it was written."""

    field: Field
    operator: Operator
    value: str


@dataclass(frozen=True)
class Within:
    """A range with both ends in it; None is no end."""

    lowest: int | None = None
    highest: int | None = None

    def narrowed(self, lowest: int | None, highest: int | None) -> "Within":
        """What lies in both."""
        ends = (
            [one for one in (self.lowest, lowest) if one is not None],
            [one for one in (self.highest, highest) if one is not None],
        )
        return Within(max(ends[0], default=None), min(ends[1], default=None))

    @property
    def empty(self) -> bool:
        """Whether nothing can lie in it."""
        return self.lowest is not None and self.highest is not None and self.lowest > self.highest


@dataclass(frozen=True)
class Wanted:
    """Which pipelines a filter lets through. Moments are microseconds since 1970, money is micro-dollars."""

    status: str | None = None
    owner: str | None = None
    preset: str | None = None
    created: Within = Within()
    cost: Within = Within()
    title: tuple[Search, ...] = ()
    text: tuple[Search, ...] = ()
    nothing: bool = field(default=False)  # two terms contradict each other


def parse(text: str) -> tuple[Term, ...]:
    """The terms of a filter; InvalidFilter."""
    if len(text) > MOST_CHARACTERS:
        raise InvalidFilter(f"The filter has {len(text)} characters; use at most {MOST_CHARACTERS}.")
    terms = tuple(_terms(text)) if text.strip() else ()
    if len(terms) > MOST_TERMS:
        raise InvalidFilter(f"The filter has {len(terms)} terms; use at most {MOST_TERMS}.")
    return terms


def written(terms: Iterable[Term]) -> str:
    """The filter as text, which reads back as the same terms."""
    return ",".join(f"{one.field}:{'' if one.operator == '=' else one.operator}{_quoted(one.value)}" for one in terms)


def wanted(terms: Iterable[Term]) -> Wanted:
    """What the terms let through together; InvalidFilter for a value that does not fit its field."""
    found = Wanted()
    for term in terms:
        found = _narrowed(found, term)
    return replace(found, nothing=found.nothing or found.created.empty or found.cost.empty)


def microseconds(moment: datetime) -> int:
    """A moment as a whole number, for comparing."""
    return (moment - datetime(1970, 1, 1, tzinfo=UTC)) // _TICK


def moment(count: int) -> datetime:
    """The moment of so many microseconds, or the end of the calendar on its side."""
    return datetime(1970, 1, 1, tzinfo=UTC) + min(max(count, _FIRST), _LAST) * _TICK


def searched(found: Wanted, name: Literal["title", "search"], text: str) -> Wanted:
    """What lets through, of that, what holds a person's words; InvalidFilter where there are none, or too many."""
    looked = search(text)
    if looked is None:
        raise InvalidFilter(f"{name} has no word in it to look for; use letters or digits.")
    if name == "title":
        found = replace(found, title=(*found.title, looked))
    else:
        found = replace(found, text=(*found.text, looked))
    count = sum(len(one.words) for one in (*found.title, *found.text))
    if count > MOST_WORDS:
        raise InvalidFilter(f"{count} words are looked for; use at most {MOST_WORDS} in all, those that tell the most.")
    return found


def close(given: str, known: Iterable[str]) -> str:
    """A hint at what was probably meant, or at all that is known."""
    options = list(known)
    meant = difflib.get_close_matches(given[:80].lower(), options, n=1, cutoff=0.6)
    return f"Did you mean {meant[0]}?" if meant else f"Known ones: {', '.join(options)}."


def _terms(text: str) -> Iterator[Term]:
    at = 0
    while True:
        head = _HEAD.match(text, at)
        if head is None:
            piece = text[at : at + 60].partition(",")[0].strip()
            raise InvalidFilter(f"{piece!r} is no term; write field:value, for example status:completed.")
        name, operator = head[1], head[2].removeprefix(":").strip() or "="
        known = next((one for one in FIELDS if one == name.lower()), None)
        if known is None:
            raise InvalidFilter(f"{name[:80]!r} is no field to filter by. {close(name, FIELDS)}{_all_fields(name)}")
        value = _QUOTED.match(text, head.end())
        if value:
            said = re.sub(r"\\(.)", r"\1", value[1])
        elif text.startswith('"', head.end()):
            raise InvalidFilter(
                f'The quoted value of {name} does not end with a quote before the next comma; write "…".'
            )
        else:
            value = _PLAIN.match(text, head.end())
            assert value is not None
            said = value[0].strip()
        if not said.strip():
            raise InvalidFilter(f"{name} has no value; write {name}:value.")
        yield Term(known, operator, said)  # type: ignore[arg-type]  # the pattern matches nothing else
        at = value.end() + 1
        if value.end() >= len(text):
            return


def _all_fields(name: str) -> str:
    return f" Known fields: {', '.join(FIELDS)}." if close(name, FIELDS).startswith("Did") else ""


def _quoted(value: str) -> str:
    plain = value == value.strip() and not re.search(r'[,"\\]', value) and not re.match(r"[<>=:]", value) and value
    return value if plain else '"' + re.sub(r'(["\\])', r"\\\1", value) + '"'


def _narrowed(found: Wanted, term: Term) -> Wanted:
    if term.field == "date":
        return replace(found, created=found.created.narrowed(*_ends(term.operator, *_moments(term.value))))
    if term.field == "cost":
        amount = _amount(term.value)
        return replace(found, cost=found.cost.narrowed(*_ends(term.operator, amount, amount)))
    if term.operator != "=":
        raise InvalidFilter(f"{term.field} cannot be compared with {term.operator}; write {term.field}:value.")
    if term.field in ("title", "search"):
        return searched(found, term.field, term.value)
    name = {"user_id": "owner"}.get(term.field, term.field)
    value = _choice(term) if term.field in _CHOICES else term.value
    clash = getattr(found, name) not in (None, value)
    return replace(found, **{name: value}, nothing=found.nothing or clash)  # type: ignore[arg-type]


def _choice(term: Term) -> str:
    known = _CHOICES[term.field]
    if term.value.lower() not in known:
        raise InvalidFilter(f"{term.value[:80]!r} is no {term.field}. {close(term.value, known)}")
    return term.value.lower()


def _ends(operator: Operator, first: int, last: int) -> tuple[int | None, int | None]:
    """The range that a comparison with a value lets through; a value may itself last a while, as a day does."""
    if operator == "=":
        return first, last
    if operator in (">", ">="):
        return (last + 1 if operator == ">" else first), None
    return None, (first - 1 if operator == "<" else last)


def _moments(value: str) -> tuple[int, int]:
    """The first and the last microsecond of a day, or a moment twice."""
    found = _MOMENT.fullmatch(value)
    try:
        if found is None:
            raise ValueError
        day, time, zone = found.groups()
        if time is None:
            first = datetime.fromisoformat(f"{day}T00:00:00+00:00")
            return microseconds(first), microseconds(first) + timedelta(days=1) // _TICK - 1
        # A plus sign in a query string that was not encoded arrives as a space.
        zone = "+00:00" if zone in (None, "Z", "z") else zone.replace(" ", "+")
        at = microseconds(datetime.fromisoformat(f"{day}T{time}{zone}"))
    except (ValueError, OverflowError):
        text = f"{value[:80]!r} is no date; write a day such as 2026-02-01, or a moment such as 2026-02-01T08:30:00Z."
        raise InvalidFilter(text) from None
    return at, at


def _amount(value: str) -> int:
    found = _DOLLARS.fullmatch(value)
    if found is None:
        raise InvalidFilter(
            f"{value[:80]!r} is no cost; write US dollars with at most 6 decimals, for example cost:<0.50."
        )
    return micros(Decimal(found[1]))
