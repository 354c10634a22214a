"""A live server over the small world of the boundary's tests."""

from collections.abc import Iterator

import pytest

from common.engine.context import Context
from tests.http_world import clock, context, posted
from tests.live_world import hosted, live_app

__all__ = ["clock", "context", "posted", "where"]


@pytest.fixture
def where(context: Context) -> Iterator[str]:
    app = live_app(context)
    with hosted(app, app) as found:
        yield found
