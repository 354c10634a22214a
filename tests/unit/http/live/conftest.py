"""A live server over the small world of the boundary's tests."""

from collections import Counter
from collections.abc import Iterator

import pytest

from common.engine.context import Context
from common.http.live import feed
from tests.http_world import clock, context, posted
from tests.live_world import hosted, live_app

__all__ = ["clock", "context", "posted", "where"]


@pytest.fixture
def where(context: Context) -> Iterator[str]:
    app = live_app(context)
    with hosted(app, app) as found:
        yield found


@pytest.fixture(autouse=True)
def _nobody_listens_yet(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever other tests of this process have left open."""
    monkeypatch.setattr(feed, "_open", Counter())
