"""Cron expressions of five fields: minute, hour, day of month, month, day of week.

Our own few lines instead of a package: the catalogue needs lists, ranges, steps and names, in UTC, and nothing
of what makes cron packages large (seconds, years, L, W, #, time zones, random starts).
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

_FIELDS = (("minute", 0, 59), ("hour", 0, 23), ("day of month", 1, 31), ("month", 1, 12), ("day of week", 0, 7))
_MONTHS = dict(jan=1, feb=2, mar=3, apr=4, may=5, jun=6, jul=7, aug=8, sep=9, oct=10, nov=11, dec=12)  # noqa: C408
_DAYS = dict(sun=0, mon=1, tue=2, wed=3, thu=4, fri=5, sat=6)  # noqa: C408
_HORIZON = timedelta(days=366 * 9)  # the longest wait there is, from one 29 February to the one after next: 8 years


@dataclass(frozen=True)
class Cron:
    """The minutes at which something is due."""

    minutes: frozenset[int]
    hours: frozenset[int]
    days: frozenset[int]
    months: frozenset[int]
    weekdays: frozenset[int]
    either_day: bool

    @classmethod
    def parse(cls, text: str) -> "Cron":
        """Read `*/5 8-18 * * mon-fri`; ValueError naming the fault."""
        parts = text.lower().split()
        if len(parts) != len(_FIELDS):
            raise ValueError(f"the schedule {text!r} has {len(parts)} fields, not 5: minute hour day month weekday")
        minutes, hours, days, months, weekdays = (
            _values(part, name, low, high, text) for part, (name, low, high) in zip(parts, _FIELDS, strict=True)
        )
        # As in every cron: with both days restricted, either is enough.
        either = not parts[2].startswith("*") and not parts[4].startswith("*")
        return cls(minutes, hours, days, months, frozenset(day % 7 for day in weekdays), either)

    def after(self, moment: datetime) -> datetime:
        """The first due minute later than a moment; ValueError when there is none, as on 31 February."""
        due = moment.replace(second=0, microsecond=0) + timedelta(minutes=1)
        while due - moment < _HORIZON:
            if due.month not in self.months or not self._on(due):
                due = due.replace(hour=0, minute=0) + timedelta(days=1)
            elif due.hour not in self.hours:
                due = due.replace(minute=0) + timedelta(hours=1)
            elif due.minute not in self.minutes:
                due += timedelta(minutes=1)
            else:
                return due
        raise ValueError("the schedule names a day that never comes")

    def _on(self, day: datetime) -> bool:
        by_date, by_weekday = day.day in self.days, day.isoweekday() % 7 in self.weekdays
        return by_date or by_weekday if self.either_day else by_date and by_weekday


def _values(field: str, name: str, low: int, high: int, text: str) -> frozenset[int]:
    names = {"month": _MONTHS, "day of week": _DAYS}.get(name, {})
    values: set[int] = set()
    for item in field.split(","):
        span, has_step, step = item.partition("/")
        first, has_range, last = span.partition("-")
        try:
            start = low if span == "*" else names.get(first) if first in names else _number(first)
            stop = names[last] if last in names else _number(last) if has_range else high if span == "*" else start
            every = _number(step) if has_step else 1
        except ValueError:
            start = stop = every = -1
        if has_step and not has_range and span != "*":
            stop = high
        if start is None or stop is None or not low <= start <= stop <= high or every < 1:
            raise ValueError(f"the schedule {text!r} has a wrong {name}: {item!r}")
        values.update(range(start, stop + 1, every))
    return frozenset(values)


def _number(text: str) -> int:
    if not (text.isascii() and text.isdecimal() and len(text) <= 4):
        raise ValueError(text)
    return int(text)
