"""What every Documents adapter promises."""

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypeVar

import pytest

from common.platform.documents import Conflict, Create, Delete, Document, Documents, Order, Put, Update, Where

T = TypeVar("T")


def ids(found: list[Document]) -> list[str]:
    return [one.id for one in found]


def fill(documents: Documents, **rows: dict[str, Any]) -> None:
    documents.commit([Create(f"things/{name}", data) for name, data in rows.items()])


def test_a_missing_document_is_none(documents: Documents) -> None:
    assert documents.get("things/a") is None


def test_several_documents_come_in_the_order_asked_for(documents: Documents) -> None:
    fill(documents, a={"n": 1}, b={"n": 2})
    documents.commit([Create("things/a/parts/x", {"n": 3})])
    found = documents.get_all(["things/b", "things/none", "things/a/parts/x", "things/a", "things/b"])
    assert [one and (one.path, one.data["n"]) for one in found] == [
        ("things/b", 2), None, ("things/a/parts/x", 3), ("things/a", 1), ("things/b", 2)
    ]  # fmt: skip
    assert len({one.read_at for one in found if one}) == 1
    assert found[0] == read(documents, "things/b")
    assert documents.get_all([]) == []


def test_several_documents_are_read_as_of_one_moment(documents: Documents) -> None:
    fill(documents, a={"n": 0}, b={"n": 0})
    over = threading.Event()

    def write() -> None:
        n = 0
        while not over.is_set():
            n += 1
            documents.commit([Put("things/a", {"n": n}), Put("things/b", {"n": n})])

    with ThreadPoolExecutor(1) as pool:
        writing = pool.submit(write)
        try:
            for _ in range(50):
                a, b = documents.get_all(["things/a", "things/b"])
                assert a is not None
                assert b is not None
                assert a.data == b.data
        finally:
            over.set()
        writing.result(60)


def test_a_document_comes_back_as_it_was_written(documents: Documents) -> None:
    data = {
        "text": "é 漢字 🙂",
        "int": 2**53,
        "float": 0.5,
        "yes": True,
        "none": None,
        "list": [1, {"a": []}],
        "map": {},
        "ints": [2**63 - 1, -(2**63), 1, 1.0],
        "": "no key",
        "a.b": {"~": 1, "__x__": 2, "": 3},
        "nested": [[], [[1], [2, [None]]], {"[]": [1]}, {"[]": {"[]": []}}, {"[]": 1, "b": [[]]}],
    }
    documents.commit([Create("things/a", data)])
    found = documents.get("things/a")
    assert found is not None
    assert (found.path, found.id, found.data) == ("things/a", "a", data)
    assert [type(one) for one in found.data["ints"]] == [int, int, int, float]


def test_create_refuses_an_existing_document_and_names_it(documents: Documents) -> None:
    fill(documents, a={"n": 1})
    with pytest.raises(Conflict, match="things/a"):
        documents.commit([Create("things/a", {"n": 2})])
    assert read(documents, "things/a").data == {"n": 1}


def test_update_needs_the_version_that_was_read(documents: Documents) -> None:
    fill(documents, a={"n": 1})
    first = read(documents, "things/a")
    documents.commit([Update("things/a", {"n": 2}, first.version)])
    with pytest.raises(Conflict, match="things/a"):
        documents.commit([Update("things/a", {"n": 3}, first.version)])
    assert read(documents, "things/a").data == {"n": 2}


def test_update_of_a_deleted_document_conflicts(documents: Documents) -> None:
    fill(documents, a={"n": 1})
    version = read(documents, "things/a").version
    documents.commit([Delete("things/a")])
    with pytest.raises(Conflict, match="things/a"):
        documents.commit([Update("things/a", {"n": 2}, version)])


def test_a_version_never_returns(documents: Documents) -> None:
    seen = set()
    for n in range(3):
        documents.commit([Create("things/a", {"n": n})])
        seen.add(read(documents, "things/a").version)
        documents.commit([Put("things/a", {"n": n})])
        seen.add(read(documents, "things/a").version)
        documents.commit([Delete("things/a")])
    assert len(seen) == 6


def test_rivals_that_write_the_same_have_one_winner_too(documents: Documents) -> None:
    fill(documents, a={"n": 1})
    version = read(documents, "things/a").version
    documents.commit([Update("things/a", {"n": 1}, version)])
    with pytest.raises(Conflict, match="things/a"):
        documents.commit([Update("things/a", {"n": 1}, version)])


def test_an_update_replaces_the_whole_document(documents: Documents) -> None:
    fill(documents, a={"n": 1, "old": True, "map": {"kept": 1, "gone": 2}})
    documents.commit([Update("things/a", {"map": {"kept": 1}}, read(documents, "things/a").version)])
    assert read(documents, "things/a").data == {"map": {"kept": 1}}


def test_a_version_that_never_was_conflicts(documents: Documents) -> None:
    fill(documents, a={"n": 1})
    with pytest.raises(Conflict, match="things/a"):
        documents.commit([Update("things/a", {"n": 2}, "x")])
    with pytest.raises(Conflict, match="things/b"):
        documents.commit([Delete("things/b", "1")])


def test_the_moment_of_a_read_never_goes_back(documents: Documents) -> None:
    fill(documents, a={"n": 1})
    first = read(documents, "things/a").read_at
    [second] = documents.query("things")
    [third] = documents.query_group("things")
    assert first.tzinfo is not None
    assert first <= second.read_at <= third.read_at


def test_a_query_and_a_read_see_one_version(documents: Documents) -> None:
    fill(documents, a={"n": 1})
    found = read(documents, "things/a")
    assert documents.query("things") == documents.query_group("things") == [found]


def test_put_writes_whatever_stands_there(documents: Documents) -> None:
    documents.commit([Put("things/a", {"n": 1, "old": True})])
    documents.commit([Put("things/a", {"n": 2})])
    assert read(documents, "things/a").data == {"n": 2}


def test_delete_is_fine_without_a_document_and_guarded_with_a_version(documents: Documents) -> None:
    documents.commit([Delete("things/a")])
    fill(documents, a={"n": 1})
    version = read(documents, "things/a").version
    documents.commit([Put("things/a", {"n": 2})])
    with pytest.raises(Conflict, match="things/a"):
        documents.commit([Delete("things/a", version)])
    documents.commit([Delete("things/a", read(documents, "things/a").version)])
    with pytest.raises(Conflict, match="things/a"):
        documents.commit([Delete("things/a", version)])


def test_a_failed_guard_undoes_the_whole_commit(documents: Documents) -> None:
    fill(documents, a={"n": 1}, gone={"n": 1})
    with pytest.raises(Conflict, match="things/a"):
        documents.commit(
            [Create("things/b", {}), Put("things/c", {}), Delete("things/gone"), Create("things/a", {"n": 2})]
        )
    assert ids(documents.query("things")) == ["a", "gone"]


def test_a_commit_without_writes_does_nothing(documents: Documents) -> None:
    documents.commit([])


def test_a_path_stands_once_in_a_commit(documents: Documents) -> None:
    with pytest.raises(ValueError, match="things/a"):
        documents.commit([Create("things/a", {}), Put("things/a", {})])


@pytest.mark.parametrize(
    "path", ["things", "", "things/", "/a", "things/a/b", "things/..", "things/a\n", "//", "things/__a__"]
)
def test_a_malformed_path_is_refused(documents: Documents, path: str) -> None:
    with pytest.raises(ValueError, match="path"):
        documents.get(path)
    with pytest.raises(ValueError, match="path"):
        documents.get_all(["things/a", path])
    with pytest.raises(ValueError, match="path"):
        documents.commit([Put(path, {})])


def nested(levels: int) -> Any:
    value: Any = 1
    for _ in range(levels):
        value = {"a": value}
    return value


@pytest.mark.parametrize(
    "value",
    [
        float("nan"),
        float("inf"),
        {1, 2},
        b"bytes",
        2**63,
        {1: 2},
        {"k" * 1501: 1},
        "\ud800",
        nested(21),
        "x" * 1_100_000,
        list(range(130_000)),
    ],
    ids=lambda value: str(value)[:12],
)
def test_a_value_no_store_can_keep_is_refused_with_the_path(documents: Documents, value: Any) -> None:
    with pytest.raises(ValueError, match="things/a"):
        documents.commit([Put("things/a", {"value": value})])


def test_rivals_for_one_update_have_one_winner(documents: Documents) -> None:
    fill(documents, a={"owner": None})
    version = read(documents, "things/a").version
    start = threading.Barrier(40)

    def claim(rival: int) -> bool:
        start.wait()
        try:
            documents.commit(
                [Update("things/a", {"owner": rival}, version), Create(f"outbox/{rival}", {"rival": rival})]
            )
        except Conflict:
            return False
        return True

    won = race(40, claim)
    assert won.count(True) == 1
    winner = won.index(True)
    assert read(documents, "things/a").data == {"owner": winner}
    assert ids(documents.query("outbox")) == [str(winner)]


def test_rivals_that_retry_lose_no_increment(documents: Documents) -> None:
    fill(documents, a={"n": 0})

    def increment(_: int) -> None:
        for _ in range(5):
            while True:
                found = read(documents, "things/a")
                try:
                    documents.commit([Update(found.path, {"n": found.data["n"] + 1}, found.version)])
                    break
                except Conflict:
                    continue

    race(8, increment)
    assert read(documents, "things/a").data == {"n": 40}


def test_a_query_sees_direct_children_only(documents: Documents) -> None:
    documents.commit(
        [
            Create("pipelines/p1", {}),
            Create("pipelines/p1/steps/a", {}),
            Create("pipelines/p1/steps/a/tries/1", {}),
            Create("pipelines/p2/steps/b", {}),
        ]
    )
    assert ids(documents.query("pipelines/p1/steps")) == ["a"]
    assert ids(documents.query("pipelines")) == ["p1"]


def test_a_group_query_sees_every_collection_of_that_id(documents: Documents) -> None:
    documents.commit(
        [
            Create("pipelines/p2/steps/b", {"state": "running", "lease_until": "2026-01-02"}),
            Create("pipelines/p1/steps/a", {"state": "running", "lease_until": "2026-01-03"}),
            Create("pipelines/p1/steps/c", {"state": "done"}),
            Create("pipelines/p1/events/a", {"state": "running", "lease_until": "2026-01-01"}),
        ]
    )
    lost = [Where("state", "==", "running"), Where("lease_until", "<", "2026-02")]
    found = documents.query_group("steps", lost, [Order("lease_until")])
    assert [one.path for one in found] == ["pipelines/p2/steps/b", "pipelines/p1/steps/a"]
    rest = documents.query_group("steps", lost, [Order("lease_until")], after=["2026-01-02", "pipelines/p2/steps/b"])
    assert ids(rest) == ["a"]
    assert ids(documents.query_group("steps")) == ["a", "c", "b"]
    assert documents.query_group("steps", limit=1)[0].id == "a"


def test_pages_of_a_group_without_an_order_go_by_path(documents: Documents) -> None:
    paths = [f"pipelines/{name}/steps/{key}" for name in ("p1", "p1-b", "p10") for key in ("a", "b")]
    documents.commit([Create(path, {"state": "ready" if path[-1] == "a" else "done"}) for path in paths])
    ready = [Where("state", "==", "ready")]
    first = documents.query_group("steps", ready, limit=2)
    assert [one.path for one in first] == [paths[0], paths[2]]
    assert [one.path for one in documents.query_group("steps", ready, (), 2, [paths[2]])] == [paths[4]]
    assert documents.query_group("steps", ready, (), 2, [paths[4]]) == []


def test_deep_and_long_values_are_kept(documents: Documents) -> None:
    data = {"deep": nested(19), "text": "é" * 400_000, "many": list(range(1000))}
    documents.commit([Create("things/a", data)])
    assert read(documents, "things/a").data == data


def test_a_group_is_sorted_by_path_part_by_part(documents: Documents) -> None:
    documents.commit([Put(f"pipelines/{name}/steps/a", {"n": 1}) for name in ["p1", "p1-b", "p1.a", "p10", "P", "é"]])
    whole = [one.path for one in documents.query_group("steps", order=[Order("n")])]
    assert whole == [f"pipelines/{name}/steps/a" for name in ["P", "p1", "p1-b", "p1.a", "p10", "é"]]
    assert whole == [one.path for one in documents.query_group("steps")]
    rest = documents.query_group("steps", order=[Order("n")], after=[1, whole[1]])
    assert [one.path for one in rest] == whole[2:]


def test_a_range_without_an_order_comes_by_id(documents: Documents) -> None:
    fill(documents, a={"n": 3}, b={"n": 1}, c={"n": 2}, d={"n": 0})
    assert ids(documents.query("things", [Where("n", ">", 0)])) == ["a", "b", "c"]


@pytest.mark.parametrize("page", [{"limit": 1}, {"after": ["a"]}, {"limit": -1}], ids=str)
def test_a_page_that_has_no_order_to_follow_is_refused(documents: Documents, page: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=r"order|limit"):
        documents.query("things", [Where("n", ">", 0)], **page)


def test_no_rows_are_asked_for_and_none_come(documents: Documents) -> None:
    fill(documents, a={"n": 3})
    assert documents.query("things", limit=0) == []


@pytest.mark.parametrize(
    ("where", "expected"),
    [
        (Where("n", "==", 1), ["int"]),
        (Where("n", "==", 1.0), ["int"]),
        (Where("n", "==", True), ["yes"]),
        (Where("n", "==", False), []),
        (Where("n", "==", "1"), ["text"]),
        (Where("n", "==", None), ["none"]),
        (Where("n", ">", 0), ["int"]),
        (Where("n", ">=", 1), ["int"]),
        (Where("n", "<", 2), ["int"]),
        (Where("n", "<=", 0), []),
        (Where("n", "<", "2"), ["text"]),
        (Where("n", "in", [1, "1", True]), ["int", "text", "yes"]),
        (Where("n", "in", ["x"]), []),
        (Where("n", "array_contains", 1), ["list"]),
        (Where("n", "array_contains", "2"), ["list"]),
        (Where("n", "array_contains", True), []),
        (Where("deep.er", "==", "x"), ["nested"]),
        (Where("deep.missing", "<", 5), []),
        (Where("missing", "==", "x"), []),
    ],
)
def test_a_filter_compares_values_of_one_type(documents: Documents, where: Where, expected: list[str]) -> None:
    fill(
        documents,
        int={"n": 1},
        list={"n": [1, "2"]},
        nested={"deep": {"er": "x"}},
        none={"n": None},
        text={"n": "1"},
        yes={"n": True},
    )
    assert ids(documents.query("things", [where])) == expected
    assert documents.count("things", [where]) == len(expected)


def test_filters_are_joined_by_and(documents: Documents) -> None:
    fill(documents, a={"s": "x", "n": 1}, b={"s": "x", "n": 5}, c={"s": "y", "n": 5})
    assert ids(documents.query("things", [Where("s", "==", "x"), Where("n", ">", 1)])) == ["b"]
    assert documents.count("things") == 3


@pytest.mark.parametrize(
    "where",
    [
        Where("n'; DROP TABLE documents; --", "==", 1),
        Where('n"', "==", 1),
        Where("", "==", 1),
        Where("a..b", "==", 1),
        Where("n", "in", []),
        Where("n", "in", list(range(31))),
        Where("n", "in", "text"),
        Where("n", "==", {"a": 1}),
        Where("n", ">", None),
        Where("n", ">", True),
        Where("n", "in", [1, None]),
        Where("n", "array_contains", None),
        Where("n", "!=", 1),  # type: ignore[arg-type]
    ],
)
def test_a_malformed_filter_is_refused(documents: Documents, where: Where) -> None:
    with pytest.raises(ValueError, match=r"field|filter|compare"):
        documents.query("things", [where])


def test_order_leaves_out_documents_without_the_field_and_breaks_ties_by_id(documents: Documents) -> None:
    fill(documents, a={"n": 2}, b={"n": 1}, c={"n": 2}, d={"other": 1}, e={"n": None})
    assert ids(documents.query("things", order=[Order("n")])) == ["e", "b", "a", "c"]
    assert ids(documents.query("things", order=[Order("n", descending=True)])) == ["c", "a", "b", "e"]


@pytest.mark.parametrize(
    "order",
    [
        [],
        [Order("n")],
        [Order("n", descending=True)],
        [Order("s"), Order("n", descending=True)],
        [Order("s", descending=True), Order("n")],
    ],
)
def test_pages_join_to_the_whole(documents: Documents, order: list[Order]) -> None:
    fill(documents, **{f"t{n:02}": {"n": n % 4 if n % 5 else None, "s": "ab"[n % 2]} for n in range(17)})
    whole = ids(documents.query("things", order=order))
    pages: list[str] = []
    after = None
    while page := documents.query("things", order=order, limit=3, after=after):
        pages += ids(page)
        after = [*(page[-1].data[one.field] for one in order), page[-1].id]
    assert pages == whole
    assert len(set(whole)) == 17


def test_a_cursor_of_the_wrong_length_is_refused(documents: Documents) -> None:
    with pytest.raises(ValueError, match="cursor"):
        documents.query("things", order=[Order("n")], after=["a"])


def test_watch_yields_now_and_after_each_change(documents: Documents) -> None:
    fill(documents, a={"n": 0})
    seen = []
    for document in documents.watch("things/a", timeout=0.1):
        seen.append(document.data["n"])
        if len(seen) < 3:
            documents.commit([Put("things/a", {"n": len(seen)})])
    assert seen == [0, 1, 2]


def test_watch_notices_another_thread_and_a_document_made_later(documents: Documents) -> None:
    writer = threading.Timer(0.05, documents.commit, [[Create("things/late", {"n": 1})]])
    writer.start()
    assert next(documents.watch("things/late", timeout=5)).data == {"n": 1}
    writer.join()


def test_watch_of_a_silent_document_ends(documents: Documents) -> None:
    assert list(documents.watch("things/never", timeout=0.05)) == []


def read(documents: Documents, path: str) -> Document:
    found = documents.get(path)
    assert found is not None
    return found


def race(rivals: int, run: Callable[[int], T]) -> list[T]:
    with ThreadPoolExecutor(rivals) as pool:
        return list(pool.map(run, range(rivals)))
