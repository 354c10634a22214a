"""What every Schedules adapter promises."""

import pytest

from tests.contract.adapters.inbox import Inbox
from tests.contract.adapters.schedules import SchedulesUnderTest


def test_the_entries_are_those_of_the_catalogue(schedules: SchedulesUnderTest) -> None:
    assert schedules.port.entries() == {"sweep": "* * * * *", "rotate": "0 3 * * 0"}


def test_a_function_can_be_called_now(schedules: SchedulesUnderTest, inbox: Inbox) -> None:
    schedules.port.run_now("rotate")
    schedules.drain()
    [(function, _, headers)] = inbox.calls
    assert function == "rotate"
    assert headers["X-CloudScheduler"] == "true"


def test_what_has_no_schedule_is_refused(schedules: SchedulesUnderTest, inbox: Inbox) -> None:
    with pytest.raises(ValueError, match="direct"):
        schedules.port.run_now("direct")
    schedules.drain()
    assert inbox.calls == []
