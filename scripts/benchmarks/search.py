"""`scripts/bench search`: how long a search over very many pipelines takes, next to the same without indexes.

A store is filled with made-up pipelines, in the adapter's own table, and gets its indexes as any store of before does.
Then the product's own list is asked: status + date + cost + text, as an admin and as a user, first pages and later
ones, for rare words and for common ones. The baseline asks the same of a store a tenth the size that has no indexes.
"""

import argparse
import json
import random
import sqlite3
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from itertools import accumulate
from pathlib import Path
from typing import Any

from common.domain import filters, search
from common.domain.pipeline import Part, Pipeline
from common.domain.stamp import stamp
from common.engine import listing
from common.platform.documents import Documents
from common.platform.embedded.documents import SqliteDocuments

START = datetime(2024, 1, 1, tzinfo=UTC)
DAYS = 760
OWNERS = 2_000
BASELINE = 10  # times smaller
_STATUSES = (
    ("completed", 85),
    ("failed", 6),
    ("cancelled", 5),
    ("processing", 2),
    ("queued", 1),
    ("awaiting_approval", 1),
)
_PRESETS = (("quick_social", 70), ("brand_campaign", 25), ("premium_spot", 5))
_SYLLABLES = [consonant + vowel for consonant in "bcdfghklmnprstv" for vowel in "aeio"]


@dataclass(frozen=True)
class Figures:
    """Milliseconds of one page each."""

    what: str
    pipelines: int
    pages: int
    found: int
    p50: float
    p95: float
    worst: float


def vocabulary(dice: random.Random, size: int = 5_000) -> list[str]:
    """Made-up words, the common ones first."""
    found: dict[str, None] = {}
    while len(found) < size:
        found["".join(dice.choices(_SYLLABLES, k=dice.choice((2, 2, 3, 3, 4))))] = None
    return list(found)


def fill(path: Path, count: int, words: Sequence[str], say: Callable[[str], None] = lambda _: None) -> None:
    """Make a store with that many pipelines; its indexes come when it is opened with them."""
    SqliteDocuments(path, shapes=None).close()
    connection = sqlite3.connect(path, isolation_level=None)
    with closing(connection):
        connection.execute("PRAGMA synchronous = OFF")
        connection.execute("BEGIN")
        connection.executemany(
            "INSERT INTO documents (path, collection, family, id, data, version) VALUES (?, ?, ?, ?, ?, ?)",
            _rows(count, words, say),
        )
        connection.execute("COMMIT")


def _rows(count: int, words: Sequence[str], say: Callable[[str], None]) -> Iterator[tuple[Any, ...]]:
    dice = random.Random(count)
    shares = list(accumulate(1 / (rank + 3) for rank in range(len(words))))
    tokens = {word: search.tokens(word, "") for word in words}
    parts = {
        key: Part(step=key, state="done") for key in ("analyze", "direct", "budget", "approve", "render", "inspect")
    }
    plain = Pipeline(
        id="", owner="", preset="", request={}, parts=parts, progress=1.0, seq=14, created_at=START, updated_at=START
    ).model_dump(mode="json")
    statuses, presets = (list(zip(*table, strict=True)) for table in (_STATUSES, _PRESETS))
    own = ("id", "owner", "status", "preset", "title", "request", "cost", "words", "created_at", "updated_at")
    rest = json.dumps({name: value for name, value in plain.items() if name not in own}, separators=(",", ":"))[1:]
    for number in range(count):
        said = dice.choices(words, cum_weights=shares, k=16)
        at = stamp(START + timedelta(seconds=dice.random() * DAYS * 86_400))
        data = {
            "id": f"{dice.getrandbits(80):020x}",
            "owner": f"user-{int(dice.paretovariate(0.7)) % OWNERS}",
            "status": dice.choices(*statuses)[0],
            "preset": dice.choices(*presets)[0],
            "title": " ".join(said[:4]),
            "request": {"content": " ".join(said), "lang": "en", "aspect": "16:9", "resolution": "1080p"},
            "cost": {"cap": None, "spent": int(dice.lognormvariate(12, 1.5)), "reserved": 0},
            "words": list(dict.fromkeys(token for word in said for token in tokens[word])),
            "created_at": at,
            "updated_at": at,
        }
        text = f"{json.dumps(data, separators=(',', ':'))[:-1]},{rest}"
        yield f"pipelines/{data['id']}", "pipelines", "pipelines", data["id"], text, number + 1
        if number % 100_000 == 99_999:
            say(f"  {number + 1} pipelines made")


def questions(words: Sequence[str], count: int) -> Iterator[str]:
    """Filters by status, date, cost and text; every third one is a user's, and words are rare and common alike."""
    dice = random.Random(count)
    for number in range(count):
        since = START + timedelta(days=dice.randrange(DAYS))
        word = words[int(len(words) ** dice.random()) - 1]
        status = dice.choices([name for name, _ in _STATUSES], [share for _, share in _STATUSES])[0]
        cost = dice.choice(["cost:<0.5", "cost:>0.2", "cost:>10", "cost:>=0.1,cost:<=0.3"])
        date = dice.choice([f"date:>{since:%Y-%m-%d}", f"date:<={since:%Y-%m-%d}"])
        owner = f",user_id:user-{int(dice.paretovariate(0.7)) % OWNERS}" if number % 3 == 0 else ""
        yield f"status:{status},{date},{cost},search:{word}{owner}"


def measure(what: str, documents: Documents, pipelines: int, asked: Sequence[str]) -> Figures:
    """Ask each question, and for the page after the first where there is one."""
    times: list[float] = []
    found = 0
    for text in asked:
        after: Sequence[Any] | None = None
        for _ in range(2):
            began = time.perf_counter()
            wanted = filters.wanted(filters.parse(text))
            page = listing.page(documents, wanted, listing.NEWEST_FIRST, size=50, after=after)
            times.append((time.perf_counter() - began) * 1000)
            found += len(page.pipelines)
            after = page.after
            if after is None:
                break
    times.sort()
    p95 = times[max(0, -(-len(times) * 95 // 100) - 1)]
    return Figures(
        what, pipelines, len(times), found, *(round(one, 1) for one in (statistics.median(times), p95, times[-1]))
    )


def run(folder: Path, pipelines: int, count: int, say: Callable[[str], None]) -> list[Figures]:
    """Fill both stores and ask."""
    words = vocabulary(random.Random(1))
    asked = list(questions(words, count))
    began = time.monotonic()
    fill(folder / "all.db", pipelines, words, say)
    say(f"filled in {time.monotonic() - began:.0f} s")
    began = time.monotonic()
    figures = []
    with closing(SqliteDocuments(folder / "all.db")) as documents:
        size = (folder / "all.db").stat().st_size / 2**30
        say(f"indexed in {time.monotonic() - began:.0f} s; the file has {size:.1f} GiB")
        figures.append(measure("status + date + cost + text", documents, pipelines, asked))
        plain = [text.partition(",search:")[0] for text in asked]
        figures.append(measure("status + date + cost", documents, pipelines, plain))
        figures.append(
            measure("a rare status of all", documents, pipelines, ["status:awaiting_approval,cost:>50"] * 20)
        )
        figures.append(
            measure("the most common word of all", documents, pipelines, [f"search:{words[0]},cost:>200"] * 20)
        )
    fill(folder / "tenth.db", pipelines // BASELINE, words)
    with closing(SqliteDocuments(folder / "tenth.db", shapes=None)) as bare:
        what = "status + date + cost + text, no index"
        figures.append(measure(what, bare, pipelines // BASELINE, asked[: max(5, count // 20)]))
    return figures


def main(arguments: Sequence[str] | None = None) -> int:
    """Print the figures, or one JSON document."""
    parser = argparse.ArgumentParser(prog="scripts/bench search", description=__doc__.splitlines()[0])
    parser.add_argument("--pipelines", type=int, default=1_000_000, help="how many there are (default: a million)")
    parser.add_argument("--questions", type=int, default=200, help="how many are asked (default: 200)")
    parser.add_argument("--json", action="store_true", help="print one JSON document")
    options = parser.parse_args(arguments)

    def say(text: str) -> None:
        print(text, file=sys.stderr, flush=True)

    with tempfile.TemporaryDirectory(prefix="aiprod-search-") as folder:
        figures = run(Path(folder), options.pipelines, options.questions, say)
    if options.json:
        print(json.dumps([asdict(one) for one in figures], indent=2))
        return 0
    print(f"{'':38} {'pipelines':>10} {'pages':>6} {'found':>7} {'p50 ms':>8} {'p95 ms':>8} {'worst':>8}")
    for one in figures:
        print(
            f"{one.what:38} {one.pipelines:>10} {one.pages:>6} {one.found:>7} {one.p50:>8} {one.p95:>8} {one.worst:>8}"
        )
    return 0


if __name__ == "__main__":
    sys.exit(main())
