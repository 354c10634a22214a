"""What every Schedules adapter promises."""

import pytest

from common.platform.schedules import Schedules
from tests.contract.adapters.inbox import Inbox


def test_the_entries_are_those_of_the_catalogue(schedules: Schedules) -> None:
    assert schedules.entries() == {"sweep": "* * * * *", "rotate": "0 3 * * 0"}


def test_a_function_can_be_called_now(schedules: Schedules, inbox: Inbox) -> None:
    schedules.run_now("rotate")
    [(function, _, headers)] = inbox.calls
    assert function == "rotate"
    assert headers["X-CloudScheduler"] == "true"


def test_what_has_no_schedule_is_refused(schedules: Schedules, inbox: Inbox) -> None:
    with pytest.raises(ValueError, match="direct"):
        schedules.run_now("direct")
    assert inbox.calls == []
