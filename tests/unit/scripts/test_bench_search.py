"""The search benchmark on a small scale, and what a search visits in a store of fifty thousand pipelines."""

import random
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from common.domain import filters
from common.engine import listing
from common.platform.embedded.documents import SqliteDocuments
from scripts.benchmarks import search

MANY = 50_000


@pytest.fixture(scope="module")
def many(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SqliteDocuments]:
    path = tmp_path_factory.mktemp("search") / "store.db"
    search.fill(path, MANY, search.vocabulary(random.Random(1)))
    with closing(SqliteDocuments(path)) as store:
        yield store


def visited(store: SqliteDocuments, text: str) -> tuple[int, int]:
    """Instructions of SQLite's machine that a page takes, by hundreds, and how many pipelines it has."""
    steps = 0

    def counted() -> int:
        nonlocal steps
        steps += 1
        return 0

    store.count("pipelines_of_nobody")  # so that there is a connection
    [connection] = store._idle
    connection.set_progress_handler(counted, 100)
    page = listing.page(store, filters.wanted(filters.parse(text)), listing.NEWEST_FIRST, size=50)
    connection.set_progress_handler(None, 100)
    return steps, len(page.pipelines)


@pytest.mark.slow
@pytest.mark.parametrize(
    "text",
    [
        "",
        "status:queued",
        "user_id:user-1",
        "status:failed,user_id:user-1,cost:<5",
        "status:completed,date:>2024-06-01,cost:<5",
        "date:2025-01-01",
        "cost:>0.01",
    ],
)
def test_a_list_visits_what_it_answers_and_no_more(many: SqliteDocuments, text: str):
    steps, found = visited(many, text)
    # A page of a hundred rows takes some ten thousand instructions; a scan of all would take half a million or more.
    assert steps * 100 < MANY
    assert found > 0


@pytest.mark.slow
def test_a_search_visits_the_entries_of_its_word_and_no_others(many: SqliteDocuments):
    words = search.vocabulary(random.Random(1))
    rare, common = words[-1], words[0]
    rarely, found = visited(many, f"status:completed,date:>2024-02-01,cost:<50,search:{rare}")
    assert found > 0
    often, _ = visited(many, f"status:awaiting_approval,cost:>100000,search:{common}")
    token_of_common = many._select(
        f"SELECT count(*) FROM {many._listings[-1].entries('words')} WHERE value = ?", [common[:4]]
    )[0][0]
    assert rarely * 100 < MANY
    assert often * 100 < 30 * token_of_common


def test_the_benchmark_runs_and_finds_the_same_with_indexes_as_without(tmp_path: Path):
    words = search.vocabulary(random.Random(1))
    asked = list(search.questions(words, 12))
    search.fill(tmp_path / "some.db", 600, words)
    with closing(SqliteDocuments(tmp_path / "some.db", shapes=None)) as bare:
        without = search.measure("without", bare, 600, asked)
    with closing(SqliteDocuments(tmp_path / "some.db")) as indexed:
        found = search.measure("with", indexed, 600, asked)
        everything = listing.page(indexed, filters.Wanted(), listing.NEWEST_FIRST, size=200)
    assert (found.pages, found.found) == (without.pages, without.found)
    assert found.found > 0
    assert len(everything.pipelines) == 200
