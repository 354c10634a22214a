"""A finished pipeline is left alone, whatever still arrives for it."""

import random
import sqlite3
from collections.abc import Callable
from importlib import import_module
from pathlib import Path

from common.http import push
from common.platform.embedded.clock import VirtualClock
from common.platform.embedded.documents import SqliteDocuments
from functions.catalogue import CATALOGUE
from scripts.simulation.platform import request_of
from tests.faults.stage import DOCUMENTS, STEPS, Stage, Wish
from tests.http_world import Posted, make_context

DELIVERIES = 10_000


def dump(folder: Path) -> list[tuple[str, ...]]:
    """Every document with its version, and every file with its content: all bytes that the store keeps."""
    with sqlite3.connect(folder / DOCUMENTS) as connection:
        rows = [
            (str(table), *map(str, row))
            for (table,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name")
            for row in connection.execute(f"SELECT * FROM {table}")
        ]
    connection.close()
    files = [path for path in sorted((folder / "objects").rglob("*")) if path.is_file()]
    return [*rows, *((str(path), path.read_bytes().hex()) for path in files)]


def test_row_01_ten_thousand_late_deliveries_in_any_order_change_no_byte(
    stage: Callable[..., Stage], folder: Path
) -> None:
    world = stage(wish=Wish(budget=1.0), keep=True).play()
    messages = [one for one in world.deliveries if one.function in STEPS]
    assert {one.function for one in messages} == {*STEPS}
    posted = Posted()
    documents = SqliteDocuments(folder / DOCUMENTS, VirtualClock(world.scheduler.moment))
    context = make_context(folder, VirtualClock(world.scheduler.moment), posted, documents)
    entries = [CATALOGUE[name] for name in STEPS]
    functions = {entry.name: push.step(entry, import_module(entry.module), lambda: context) for entry in entries}
    chance = random.Random(1)
    before = dump(folder)
    for one in chance.choices(messages, k=DELIVERIES):
        assert functions[one.function](request_of("/", one.body, one.headers)).status_code == 204
    assert dump(folder) == before
    assert posted.sent == []
    documents.close()
