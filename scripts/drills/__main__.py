"""`scripts/drill`: failures that production must survive, one after the other, timed on this machine."""

import argparse
import json
import logging
import shutil
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

from scripts.drills.cache import Cache
from scripts.drills.database import Database
from scripts.drills.identity import Identity
from scripts.drills.partition import Partition
from scripts.drills.region import Region
from scripts.drills.rehearsal import Drill, rehearse
from scripts.drills.report import Finding, lines
from scripts.local.emulators import ended_by_signals
from scripts.local.refusal import Refusal

DRILLS: dict[str, type[Drill]] = {kind.name: kind for kind in (Region, Database, Identity, Cache, Partition)}


def main(words: Sequence[str]) -> int:
    """Run and print; 0 when every target was met, and nothing was lost that a backup had to hold."""
    described = "\n".join(f"  {name:<10} {kind.failure}: {_promise(kind)}" for name, kind in DRILLS.items())
    parser = argparse.ArgumentParser(
        prog="drill",
        description="Do to the whole product on this machine what production must survive, while clients work with it.",
        epilog=f"drills:\n{described}\n\nThe procedures of Google Cloud are in terraform/README.md.",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("names", nargs="*", metavar="NAME", help="drills, in this order; default: all of them")
    parser.add_argument("--json", action="store_true", help="print the findings as JSON")
    asked = parser.parse_args(words)
    unknown = [name for name in asked.names if name not in DRILLS]
    if unknown:
        parser.error(f"there is no drill {unknown[0]!r}; known ones are {', '.join(DRILLS)}")
    logging.disable(logging.WARNING)  # what our own look at the store has to say is not the service's log
    try:
        with ended_by_signals():
            findings = [_run(DRILLS[name]) for name in asked.names or DRILLS]
    except Refusal as refusal:
        print(f"drill: {refusal}", file=sys.stderr)
        return refusal.code
    except KeyboardInterrupt:
        print("drill: stopped.", file=sys.stderr)
        return 130
    rows = [{**asdict(finding), "misses": finding.misses} for finding in findings]
    print(json.dumps(rows) if asked.json else "\n".join(lines(findings)))
    return 1 if any(finding.misses for finding in findings) else 0


def _run(kind: type[Drill]) -> Finding:
    """One drill; what it leaves behind is kept only where something has to be looked into."""
    print(f"drill {kind.name}: {kind.failure} ...", file=sys.stderr, flush=True)
    home = Path(tempfile.mkdtemp(prefix=f"drill-{kind.name}-"))
    finding = None
    try:
        finding = rehearse(kind, home)
        return finding
    finally:
        if finding is not None and finding.misses:
            print(f"Its logs are kept in {home}.", file=sys.stderr)
        else:
            shutil.rmtree(home, ignore_errors=True)


def _promise(kind: type[Drill]) -> str:
    return (kind.__doc__ or "").splitlines()[0]


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
