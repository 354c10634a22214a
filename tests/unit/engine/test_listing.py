"""Lists of pipelines: every filter against the plain rule, pages under inserts, and what one request may read."""

import random
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from common.domain import filters
from common.domain.pipeline import Cost, Pipeline, titled
from common.domain.queries import SHAPES, Shape
from common.domain.search import lined
from common.engine import listing
from common.engine.listing import InvalidOrder, Ordering
from common.platform.documents import Create, Order, Put, Where
from common.platform.embedded.documents import SqliteDocuments
from common.platform.query_shape import shape_of

START = datetime(2026, 2, 1, tzinfo=UTC)
WORDS = ["summer", "winter", "sale", "lighthouse", "harbour", "Café", "動画編集", "ai", "short", "film"]


@pytest.fixture
def store(tmp_path: Path) -> Iterator[SqliteDocuments]:
    with closing(SqliteDocuments(tmp_path / "store.db")) as store:
        yield store


def made(number: int, dice: random.Random, **fields: Any) -> Pipeline:
    at = START + timedelta(minutes=dice.randrange(10_000))
    pipeline = Pipeline(
        **{
            "id": f"p{number:04d}",
            "owner": dice.choice(["ann", "bob"]),
            "status": dice.choice(["completed", "failed", "queued"]),
            "preset": dice.choice(["quick_social", "premium_spot"]),
            "request": {"content": " ".join(dice.sample(WORDS, 3))},
            "cost": Cost(spent=dice.randrange(6) * 100_000),
            "created_at": at,
            "updated_at": at,
            **fields,
        }
    )
    return titled(pipeline, " ".join(dice.sample(WORDS, 2)))


def keep(store: SqliteDocuments, *pipelines: Pipeline) -> None:
    store.commit([Create(f"pipelines/{one.id}", one.model_dump(mode="json")) for one in pipelines])


def listed(store: SqliteDocuments, text: str = "", order: Ordering = listing.NEWEST_FIRST, size: int = 7) -> list[str]:
    """Ids on all pages."""
    ids: list[str] = []
    after: list[Any] | None = None
    while True:
        page = listing.page(store, filters.wanted(filters.parse(text)), order, size=size, after=after)
        assert len(page.pipelines) <= size
        ids += [one.id for one in page.pipelines]
        after = page.after
        if after is None:
            return ids


@pytest.mark.parametrize(
    ("text", "rule"),
    [
        ("", lambda _: True),
        ("status:failed", lambda one: one.status == "failed"),
        ("user_id:ann,status:completed", lambda one: one.owner == "ann" and one.status == "completed"),
        ("user_id:nobody", lambda _: False),
        ("preset:premium_spot", lambda one: one.preset == "premium_spot"),
        ("cost:>0.2", lambda one: one.cost.spent > 200_000),
        ("cost:0.2", lambda one: one.cost.spent == 200_000),
        ("date:>=2026-02-03,date:<2026-02-05", lambda one: 2 <= (one.created_at - START).days < 4),
        ("date:2026-02-03", lambda one: (one.created_at - START).days == 2),
        ("date:<0001-01-01", lambda _: False),
        ("date:>=0001-01-01T00:00:00+14:00,date:<=9999-12-31", lambda _: True),
        ("date:>9999-12-31", lambda _: False),
        ("title:lighthouse", lambda one: "lighthouse" in one.title),
        ("search:lighthouse", lambda one: "lighthouse" in one.title + one.request["content"]),
        ("search:cafe", lambda one: "Café" in one.title + one.request["content"]),
        ("search:編集", lambda one: "動画編集" in one.title + one.request["content"]),
        (
            'search:"summ light",title:sale,status:completed,date:>2026-02-02,cost:<0.5',
            lambda one: (
                all(word in one.title + one.request["content"] for word in ("summer", "lighthouse"))
                and "sale" in one.title
                and one.status == "completed"
                and (one.created_at - START).days >= 2
                and one.cost.spent < 500_000
            ),
        ),
        ("status:failed,status:queued", lambda _: False),
    ],
)
def test_a_filter_lets_through_what_its_plain_rule_does_newest_first(store: SqliteDocuments, text: str, rule: Any):
    dice = random.Random(11)
    pipelines = [made(number, dice) for number in range(300)]
    keep(store, *pipelines)
    newest = sorted(pipelines, key=lambda one: (one.created_at, one.id), reverse=True)
    assert listed(store, text) == [one.id for one in newest if rule(one)]


@pytest.mark.parametrize("by", ["created_at", "cost"])
@pytest.mark.parametrize("descending", [True, False])
@pytest.mark.parametrize("text", ["", "status:failed", "cost:>0.1", "date:>2026-02-03", "cost:<0.4,date:<2026-02-06"])
def test_every_order_holds_on_all_pages(store: SqliteDocuments, by: listing.By, descending: bool, text: str):
    dice = random.Random(12)
    pipelines = {one.id: one for one in (made(number, dice) for number in range(120))}
    keep(store, *pipelines.values())
    found = [pipelines[one] for one in listed(store, text, Ordering(by, descending))]
    assert len(found) > 10
    assert len({one.id for one in found}) == len(found)
    keys = [one.created_at if by == "created_at" else one.cost.spent for one in found]
    assert keys == sorted(keys, reverse=descending)  # type: ignore[type-var]


@settings(max_examples=25)
@given(data=st.data(), seed=st.integers(0, 10**6))
def test_what_was_there_at_the_start_is_seen_once_whatever_comes_meanwhile(data: Any, seed: int):
    dice = random.Random(seed)
    with TemporaryDirectory() as folder, closing(SqliteDocuments(Path(folder) / "store.db")) as store:
        first = [made(number, dice) for number in range(data.draw(st.integers(0, 40)))]
        if first:
            keep(store, *first)
        text = data.draw(st.sampled_from(["", "status:failed", "search:summer", "preset:premium_spot", "cost:>0.1"]))
        order = listing.NEWEST_FIRST
        if "search" not in text:
            order = Ordering(data.draw(st.sampled_from(["created_at", "cost"])), data.draw(st.booleans()))
        wanted = filters.wanted(filters.parse(text))
        expected = set(listed(store, text, order))
        seen: list[str] = []
        after, number = None, 1000
        while True:
            page = listing.page(store, wanted, order, size=data.draw(st.integers(1, 9)), after=after)
            seen += [one.id for one in page.pipelines]
            if page.after is None:
                break
            after = page.after
            for _ in range(data.draw(st.integers(0, 3))):
                keep(store, made(number, dice))
                number += 1
    assert len(seen) == len(set(seen))
    assert expected == {one for one in seen if one < "p1000"}


def test_one_request_reads_so_much_and_a_short_page_goes_on(store: SqliteDocuments):
    dice = random.Random(13)
    many = [made(number, dice, preset="quick_social") for number in range(1500)]
    rare = made(2000, dice, preset="premium_spot", created_at=START - timedelta(days=1))
    keep(store, *many, rare)
    reads: list[int] = []
    query = store.query

    def counted(*args: Any) -> Any:
        rows = query(*args)
        reads.append(len(rows))
        return rows

    store.query = counted  # type: ignore[method-assign]
    wanted = filters.wanted(filters.parse("preset:premium_spot"))
    short = listing.page(store, wanted, listing.NEWEST_FIRST, size=5)
    assert short.pipelines == ()
    assert short.after is not None
    assert sum(reads) == listing.MOST_READ
    rest = listing.page(store, wanted, listing.NEWEST_FIRST, size=5, after=short.after)
    assert ([one.id for one in rest.pipelines], rest.after) == ([rare.id], None)


def test_one_request_searches_through_so_much_and_a_short_page_goes_on(
    store: SqliteDocuments, monkeypatch: pytest.MonkeyPatch
):
    dice = random.Random(16)
    long = {"content": ("lighthouse " * 1000)[:10_000]}
    many = [made(number, dice, request=long) for number in range(250)]
    keep(store, *many)
    worked: list[int] = []

    def counted(*texts: str) -> str:
        worked.append(sum(map(len, texts)))
        return lined(*texts)

    monkeypatch.setattr(listing, "lined", counted)
    terms = ",".join(["search:lighthouse"] * 19 + ["search:at"])  # the store is asked for the longest word
    wanted = filters.wanted(filters.parse(terms))
    after: list[Any] | None = None
    pages: list[int] = []
    while after or not pages:
        worked.clear()
        page = listing.page(store, wanted, listing.NEWEST_FIRST, size=50, after=after)
        pages.append(sum(worked))  # each text is normalised once, however many terms there are
        assert page.pipelines == ()
        after = page.after
    assert len(pages) == 3
    assert max(pages) <= listing.MOST_SEARCHED + 11_000


def test_a_full_last_page_is_the_end(store: SqliteDocuments):
    dice = random.Random(14)
    keep(store, *(made(number, dice) for number in range(10)))
    assert listing.page(store, filters.Wanted(), listing.NEWEST_FIRST, size=10).after is None
    assert listing.page(store, filters.Wanted(), listing.NEWEST_FIRST, size=9).after is not None


def test_a_pipeline_of_before_the_search_is_listed_and_not_searched(store: SqliteDocuments):
    old = made(1, random.Random(15)).model_dump(mode="json")
    del old["words"]
    store.commit([Put("pipelines/p0001", old)])
    assert listed(store) == ["p0001"]
    assert listed(store, "search:" + old["title"].split()[0]) == []


@pytest.mark.parametrize(
    ("text", "order"),
    [
        ("", listing.NEWEST_FIRST),
        ("created_at desc", listing.NEWEST_FIRST),
        (" created_at  DESC ", listing.NEWEST_FIRST),
        ("created_at", Ordering("created_at", False)),
        ("cost asc", Ordering("cost", False)),
        ("Cost desc", Ordering("cost", True)),
    ],
)
def test_an_order_reads_as_it_is_meant(text: str, order: Ordering):
    assert listing.ordering(text) == order


@pytest.mark.parametrize("text", ["desc", "title", "cost down", "cost desc, created_at", "1; DROP TABLE users; --"])
def test_another_order_is_refused_and_says_how(text: str):
    with pytest.raises(InvalidOrder, match="write created_at or cost"):
        listing.ordering(text)


def test_what_is_searched_for_comes_newest_first(store: SqliteDocuments):
    with pytest.raises(InvalidOrder, match="newest first"):
        listing.page(store, filters.wanted(filters.parse("search:x")), Ordering("cost", True), size=1)


def test_lists_ask_exactly_the_declared_queries():
    """Every shape that a filter and an order can lead to is declared, and every declared one can be led to."""
    asked: set[Shape] = set()

    class Recorder:
        def query(self, collection: str, where: list[Where], order: list[Order], *_: Any) -> list[Any]:
            asked.add(shape_of(collection, where, order))
            return []

    texts = [
        ["", "status:failed"],
        ["", "user_id:ann"],
        ["", "preset:premium_spot"],
        ["", "cost:>1", "cost:<1", "cost:1"],
    ]
    texts += [["", "date:>2026-02-01", "date:2026-02-01"], ["", "search:x", "title:x", "title:x,search:summer"]]
    for terms in _combined(texts):
        for by in ("created_at", "cost"):
            for descending in (True, False):
                text = ",".join(term for term in terms if term)
                if ("search" in text or "title" in text) and (by, descending) != ("created_at", True):
                    continue
                wanted = filters.wanted(filters.parse(text))
                listing.page(Recorder(), wanted, Ordering(by, descending), size=1)  # type: ignore[arg-type]
    lists = {one for one in SHAPES if one.collection == "pipelines" and "batch" not in one.equal}
    assert {one for one in asked if one.needs_index} == lists


def _combined(choices: list[list[str]]) -> Iterator[list[str]]:
    if not choices:
        yield []
        return
    for rest in _combined(choices[1:]):
        for one in choices[0]:
            yield [one, *rest]
