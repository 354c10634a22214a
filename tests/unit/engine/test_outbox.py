"""What lies in the outbox is sent, whatever lies beside it."""

import logging
from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from common.engine import outbox
from common.engine.records import Dispatch
from common.platform.documents import Put, Unavailable
from tests.unit.engine.conftest import Bench


class Bus:
    """Takes messages for every topic but those that are away."""

    def __init__(self, *away: str) -> None:
        self.away = away
        self.asked: list[str] = []

    def publish(self, topic: str, data: Mapping[str, Any], *, message_id: str) -> None:
        self.asked.append(topic)
        if topic in self.away:
            raise Unavailable(f"there is no topic {topic}")


def left(bench: Bench, *steps: str) -> None:
    """Rows that their own commits left behind, in this order."""
    for number, step in enumerate(steps):
        row = Dispatch(id=f"p{number}", pipeline_id="p", step=step, key=step, created_at=bench.clock.now())
        bench.context.documents.commit([Put(outbox.outbox_path(row), row.model_dump(mode="json"))])


def over(bench: Bench, bus: Bus) -> list[str]:
    """Ids of the rows that are left after a relay over a bus."""
    outbox.relay_old(replace(bench.context, messages=bus), timedelta(0))
    return [row.id for row in bench.context.documents.query("outbox")]


def test_a_topic_that_is_not_there_keeps_back_its_own_messages_alone(bench: Bench) -> None:
    left(bench, "analyze", "join", "analyze", "join")
    bus = Bus("analyze")
    assert over(bench, bus) == ["p0", "p2"]
    assert bus.asked == ["analyze", "join", "join"]


def test_a_row_that_this_version_does_not_understand_keeps_nothing_back(
    bench: Bench, caplog: pytest.LogCaptureFixture
) -> None:
    left(bench, "of_the_next_version", "join")
    bench.context.documents.commit([Put("outbox/p", {"no": "dispatch"})])
    with caplog.at_level(logging.ERROR):
        assert over(bench, Bus()) == ["p", "p0"]
    assert len(caplog.records) == 2


def test_a_bus_that_is_away_is_not_asked_for_every_function(bench: Bench) -> None:
    left(bench, "analyze", "long", "join", "analyze", "analyze")
    bus = Bus("analyze", "long", "join")
    assert len(over(bench, bus)) == 5
    assert len(bus.asked) == outbox.AWAY


@pytest.mark.parametrize(("seconds", "sent"), [(5, 0), (-5, 0), (15, 1), (-290, 1)])
def test_a_row_is_young_by_the_stores_clock_even_where_its_host_was_ahead(
    bench: Bench, seconds: int, sent: int
) -> None:
    row = Dispatch(id="p", pipeline_id="p", step="join", key="join", created_at=bench.clock.now())
    dated = row.model_copy(update={"created_at": bench.clock.now() - timedelta(seconds=seconds)})
    bench.context.documents.commit([Put(outbox.outbox_path(row), dated.model_dump(mode="json"))])
    assert outbox.relay_old(replace(bench.context, messages=Bus()), timedelta(seconds=10)) == sent
