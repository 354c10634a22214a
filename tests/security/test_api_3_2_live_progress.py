"""API-3.2 (API-1.4): live progress: what is told, to how many at once, and that nothing is lost or reordered."""

import asyncio
import contextlib
import json
import os
import random
import re
import socket
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed

from common.http import events, limits
from common.http.live.socket import Close
from common.identity import access, families
from tests.http_world import clock, context, posted
from tests.live_world import born, dial, hear, hear_out, hosted, live_app, tell

__all__ = ["clock", "context", "posted"]

ROOT = Path(__file__).parents[2]
DOCS = ROOT / ".github" / "docs"
EXAMPLE = DOCS / "examples" / "live.py"
CLIENTS = 200
EVENTS = 60

# Another process writes the log, as another worker would.
WRITER = """
import sys, time
from pathlib import Path
from common.domain.pipeline import Pipeline
from common.engine import decisions, store
from common.engine.records import Change
from common.platform.clock import SystemClock
from common.platform.embedded.documents import SqliteDocuments

documents, many = SqliteDocuments(Path(sys.argv[1])), int(sys.argv[2])

def attempt(kind, data):
    found = store.read(documents, "p1")
    ended = {"status": "completed"} if kind == "pipeline.completed" else {}
    moved, event = decisions.record(found.pipeline.model_copy(update=ended), kind, found.now, data)
    store.commit(documents, found, Change(pipeline=moved, events=(event,)))

for number in range(1, many):
    progress = {"step": "render", "key": "render", "progress": number / many}
    store.settle(SystemClock(), lambda: attempt("pipeline.progress", progress))
    time.sleep(0.03)
store.settle(SystemClock(), lambda: attempt("pipeline.completed", {"cost_micros": 0}))
"""


def test_api_3_2_status_changes_progress_warnings_and_errors_are_told(context):
    born(context)
    app = live_app(context)
    with hosted(app, app) as where, dial(where, token="user:ann") as connection:
        hear(connection, lambda said: said["type"] == "snapshot")
        tell(context, "pipeline.started")
        tell(context, "pipeline.progress", step="render", key="render", progress=0.5)
        tell(context, "pipeline.awaiting_approval", step="approve", key="approve")
        tell(context, "pipeline.progress", step="generate_music", key="music", failed=True)
        tell(context, "pipeline.failed", step="inspect", code="silent", detail="The film is silent.")
        heard, code, _ = hear_out(connection)
    assert [said["type"] for said in heard] == [
        "pipeline.started",
        "pipeline.progress",
        "pipeline.awaiting_approval",
        "pipeline.progress",
        "pipeline.failed",
    ]
    assert heard[1]["data"]["progress"] == 0.5
    assert "warning" in heard[3]["data"]
    assert heard[4]["data"]["error"]["detail"] == "The film is silent."
    assert heard[4]["data"]["status"] == "failed"
    assert code == Close.DONE


class Client:
    """One that loses its connection at random and comes back to where it was."""

    def __init__(self, name: str, seed: int) -> None:
        self.name = name
        self.seen: list[int] = []
        self.connections = 0
        self._random = random.Random(seed)

    async def follow(self, where: str) -> None:
        while True:
            after = self.seen[-1] if self.seen else 0
            patience = self._random.randint(2, EVENTS // 2)
            self.connections += 1
            try:
                async with connect(
                    f"ws://{where}/ws/pipeline/p1?after={after}",
                    additional_headers={"Authorization": f"Bearer admin:{self.name}"},
                    open_timeout=60,
                    max_queue=None,  # a full queue would have the closing handshake wait for whoever does not read
                ) as live:
                    while patience:
                        said = json.loads(await asyncio.wait_for(live.recv(), 60))
                        if said["type"].startswith("pipeline."):
                            self.seen.append(said["seq"])
                        patience -= 1
                    if self._random.random() < 0.5:
                        live.transport.abort()  # as when a train enters a tunnel
            except ConnectionClosed as closed:
                if closed.rcvd and closed.rcvd.code == Close.DONE:
                    return
            await asyncio.sleep(self._random.uniform(0.0, 0.2))


@pytest.mark.slow
def test_api_3_2_200_clients_that_come_and_go_see_every_event_once_and_in_order(context, tmp_path, monkeypatch):
    monkeypatch.setattr(limits, "PER_ADDRESS", 1_000_000)  # all of them share this machine's address
    born(context)
    app = live_app(context)
    clients = [Client(f"a{number}", number) for number in range(CLIENTS)]

    async def everybody(where: str) -> None:
        await asyncio.wait_for(asyncio.gather(*(client.follow(where) for client in clients)), 240)

    with hosted(app, app) as where:
        command = [sys.executable, "-c", WRITER, str(tmp_path / "documents.sqlite"), str(EVENTS)]
        with subprocess.Popen(command, cwd=ROOT, env={**os.environ, "PYTHONPATH": str(ROOT)}) as writer:
            asyncio.run(everybody(where))
        assert writer.returncode == 0
    whole = list(range(1, EVENTS + 1))
    assert [client.name for client in clients if client.seen != whole] == []
    assert sum(client.connections for client in clients) > 2 * CLIENTS


def test_api_3_2_a_connection_lost_after_any_message_loses_nothing(context, monkeypatch):
    monkeypatch.setattr(limits, "PER_ADDRESS", 1_000_000)
    born(context)
    for number in range(8):
        tell(context, step="render", key="render", progress=number / 10)
    tell(context, "pipeline.completed", cost_micros=0)
    app = live_app(context)
    with hosted(app, app) as where:
        for lost in range(1, 10):
            with dial(where, "/ws/pipeline/p1?after=0", token="user:ann") as connection:
                before = hear(connection, lambda said, lost=lost: said["seq"] == lost)  # type: ignore[misc]
                with contextlib.suppress(OSError):  # after the last event the server has closed it
                    connection.socket.shutdown(socket.SHUT_RDWR)
            resume = before[-1]["seq"]
            with dial(where, f"/ws/pipeline/p1?after={resume}", token="user:ann") as connection:
                after, code, _ = hear_out(connection)
            assert [said["seq"] for said in (*before[1:], *after[1:])] == list(range(1, 10))
            assert code == Close.DONE


def test_api_3_2_the_example_client_follows_over_the_restart_of_its_server(context):
    born(context)
    tell(context, "pipeline.started")
    app = live_app(context)
    lines: list[dict[str, Any]] = []
    with hosted(app, app) as where:
        client = subprocess.Popen(
            [sys.executable, str(EXAMPLE), f"ws://{where}", "p1"],
            stdout=subprocess.PIPE,
            text=True,
            env={**os.environ, "API_TOKEN": _token(context)},
        )
        assert client.stdout is not None
        lines.append(json.loads(client.stdout.readline()))
        tell(context, step="render", key="render", progress=0.2)
        lines.append(json.loads(client.stdout.readline()))
    tell(context, step="render", key="render", progress=0.4)  # while nobody serves
    again = live_app(context)
    with hosted(again, again, int(where.split(":")[1])):
        tell(context, "pipeline.completed", cost_micros=0)
        rest, _ = client.communicate(timeout=60)
    lines += [json.loads(line) for line in rest.splitlines()]
    assert [line["seq"] for line in lines] == [1, 2, 3, 4]
    assert client.returncode == 0


def test_api_3_2_the_example_client_gives_up_where_it_is_refused(context):
    app = live_app(context)
    with hosted(app, app) as where:
        done = subprocess.run(
            [sys.executable, str(EXAMPLE), f"ws://{where}", "nothing"],
            capture_output=True,
            text=True,
            timeout=60,
            env={**os.environ, "API_TOKEN": _token(context)},
        )
    assert done.returncode == 2
    assert "4404 not_found" in done.stderr
    assert "Traceback" not in done.stderr


def test_api_3_2_one_slow_listener_holds_no_other_up(context):
    born(context)
    app = live_app(context)
    heard: list[int] = []
    with hosted(app, app) as where, dial(where, token="user:ann") as slow:
        with dial(where, token="admin:quick") as quick:
            hear(quick, lambda said: said["type"] == "snapshot")
            for _ in range(50):
                number = tell(context, step="s", key="k" * 20_000, progress=0.1)
                heard += [said["seq"] for said in hear(quick, lambda said, n=number: said["seq"] == n)]  # type: ignore[misc]
        assert heard == list(range(1, 51))
        late = hear(slow, lambda said: said["seq"] == 50)
    assert [said["seq"] for said in late] == list(range(51))


def test_api_3_2_every_message_and_every_code_is_documented():
    text = (DOCS / "live.md").read_text(encoding="utf-8")
    named = set(re.findall(r"^\| `([\w.]+)` \|", text, re.MULTILINE))
    assert named >= {*events._SAID, "snapshot", "ping", "error"}
    codes = {
        int(code) for row in re.findall(r"^\| (\d{4}(?:, \d{4})*) \|", text, re.MULTILINE) for code in row.split(", ")
    }
    assert codes == {int(code) for code in Close} | {1002, 1007, 1009}  # which the WebSocket library closes with


def _token(context: Any) -> str:
    family, _ = families.begin(context, "ann", "user", "tokens")
    return access.issue(context, "ann", "user", family.id, now=context.clock.now())
