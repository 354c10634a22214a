"""Rounds: each row in its turn, however many there are, and never more than one sweep can look at."""

from collections.abc import Sequence
from typing import Any

import pytest

from common.engine import rounds
from common.engine.rounds import going_round
from common.platform.documents import Delete, Order, Put, Unavailable, Where, Write
from tests.unit.engine.conftest import Bench

POSITION = "rounds/things"


@pytest.fixture(autouse=True)
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rounds, "PAGE", 3)
    monkeypatch.setattr(rounds, "MOST", 7)


def fill(bench: Bench, count: int) -> None:
    bench.context.documents.commit([Put(f"things/{n:02d}", {"n": n // 2, "kind": "a"}) for n in range(count)])


def looked_at(bench: Bench, order: Sequence[Order] = ()) -> list[str]:
    return [row.id for row in going_round(bench.context, "things", "things", order=order)]


@pytest.mark.parametrize("count", [0, 1, 2, 3, 6, 7])
def test_few_rows_are_all_looked_at_each_time_and_nothing_is_kept_of_it(bench: Bench, count: int) -> None:
    fill(bench, count)
    for _ in range(3):
        assert looked_at(bench) == [f"{n:02d}" for n in range(count)]
    assert count == 7 or bench.context.documents.get(POSITION) is None


@pytest.mark.parametrize("count", [8, 9, 12, 14, 20, 21, 50])
@pytest.mark.parametrize("order", [(), (Order("n"),)])
def test_many_rows_each_have_their_turn(bench: Bench, count: int, order: Sequence[Order]) -> None:
    fill(bench, count)
    turns = [looked_at(bench, order) for _ in range(count // 2)]
    assert {len(turn) for turn in turns} == {7}
    assert all(len(set(turn)) == 7 for turn in turns)
    whole = [name for turn in turns for name in turn]
    assert whole == [f"{n % count:02d}" for n in range(len(whole))]  # one after the other, round and round


def test_when_rows_become_few_all_are_looked_at_again(bench: Bench) -> None:
    fill(bench, 20)
    looked_at(bench)
    bench.context.documents.commit([Delete(f"things/{n:02d}") for n in range(5, 20)])
    assert [sorted(looked_at(bench)) for _ in range(3)] == [[f"{n:02d}" for n in range(5)]] * 3


def test_rows_that_go_and_come_while_they_are_worked_on_keep_no_other_from_its_turn(bench: Bench) -> None:
    fill(bench, 6)
    seen = []
    for row in going_round(bench.context, "things", "things"):
        seen.append(row.id)
        bench.context.documents.commit([Delete(row.path), Put(f"things/9{row.id}", {})])
    assert seen == ["00", "01", "02", "03", "04", "05", "900"]


def test_work_that_takes_long_is_left_to_the_next_one(bench: Bench) -> None:
    fill(bench, 5)

    def slowly(seconds: float) -> list[str]:
        found = []
        for row in going_round(bench.context, "things", "things"):
            found.append(row.id)
            bench.clock.advance(seconds)
        return found

    assert slowly(3) == ["00", "01", "02"]
    assert slowly(3) == ["03", "04", "00"]
    assert [slowly(60) for _ in range(3)] == [["01"], ["02"], ["03"]]


def test_a_place_that_cannot_be_kept_costs_a_turn_and_nothing_else(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    fill(bench, 20)

    def away(_writes: Sequence[Write]) -> None:
        raise Unavailable("away")

    with monkeypatch.context() as patched:
        patched.setattr(bench.context.documents, "commit", away)
        first = looked_at(bench)
    assert looked_at(bench) == first
    assert looked_at(bench) != first


def test_a_group_goes_round_by_path(bench: Bench) -> None:
    paths = [f"pipelines/{name}/steps/{key}" for name in ("p1", "p1-b", "p10", "p2") for key in ("a", "b", "c")]
    bench.context.documents.commit([Put(path, {"state": "ready"}) for path in paths])

    def turn(*where: Any) -> list[str]:
        return [row.path for row in going_round(bench.context, "steps", "steps", where, group=True)]

    ready = Where("state", "==", "ready")
    assert [turn(ready), turn(ready)] == [paths[:7], [*paths[7:], *paths[:2]]]
