"""Schedules adapters under contract."""

import pytest

from common.platform.embedded.clock import VirtualClock
from common.platform.embedded.schedules import InProcessSchedules
from common.platform.schedules import Schedules
from tests.contract.adapters.inbox import Inbox


@pytest.fixture(params=["embedded"])
def schedules(request: pytest.FixtureRequest, inbox: Inbox, clock: VirtualClock) -> Schedules:
    return InProcessSchedules({"sweep": "* * * * *", "rotate": "0 3 * * 0"}, inbox, clock)
