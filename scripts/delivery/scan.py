"""Refuse an image with a hole that somebody could use and that has a remedy.

What has none yet is said and let through: refusing it would stop every release, also that of a remedy for something
else. One that has a remedy may wait until a day that was agreed on, in accepted.txt beside this file.
"""

import argparse
import json
import sys
from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

ACCEPTED = Path(__file__).with_name("accepted.txt")
GRAVE = ("CRITICAL", "HIGH")


def accepted(text: str) -> dict[str, date]:
    """The day until which each vulnerability is accepted."""
    rows = [line.split(maxsplit=2) for line in text.splitlines() if line.strip() and not line.startswith("#")]
    if short := [" ".join(row) for row in rows if len(row) < 3]:
        raise ValueError(f"{ACCEPTED.name}: {short[0]!r} has no day or no reason; write NAME YEAR-MONTH-DAY REASON")
    return {name: date.fromisoformat(day) for name, day, _ in rows}


def judged(found: Sequence[Mapping[str, Any]], until: Mapping[str, date], today: date) -> tuple[list[str], list[str]]:
    """What stops a release, and what is only said."""
    fatal, said = [], []
    for one in found:
        hole = one.get("vulnerability", {})
        name = one.get("noteName", "").rpartition("/")[2]
        severity = hole.get("effectiveSeverity") or hole.get("severity") or "UNKNOWN"
        if severity not in GRAVE:
            continue
        line = f"{severity} {name} {hole.get('shortDescription', '')}".strip()
        if not hole.get("fixAvailable"):
            said.append(f"{line}: no remedy yet")
        elif until.get(name, date.min) >= today:
            said.append(f"{line}: accepted until {until[name]}")
        else:
            fatal.append(f"{line}: build it in, or accept it until a day in scripts/delivery/{ACCEPTED.name}")
    return fatal, said


def main(words: Sequence[str] | None = None) -> int:
    """The command."""
    parser = argparse.ArgumentParser(prog="python3 scripts/delivery/scan.py", description=__doc__)
    parser.add_argument(
        "found", type=Path, help="what gcloud artifacts docker images list-vulnerabilities says, as JSON"
    )
    given = parser.parse_args(words)
    found = json.loads(given.found.read_text(encoding="utf-8"))
    fatal, said = judged(found, accepted(ACCEPTED.read_text(encoding="utf-8")), datetime.now(UTC).date())
    for line in [*said, *fatal]:
        print(f"{given.found.stem}: {line}")
    return int(bool(fatal))


if __name__ == "__main__":
    sys.exit(main())
