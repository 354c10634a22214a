"""Due minutes of cron expressions."""

from datetime import UTC, datetime

import pytest

from common.platform.embedded.cron import Cron


@pytest.mark.parametrize(
    ("text", "moment", "due"),
    [
        ("* * * * *", "2026-01-01T00:00:00", "2026-01-01T00:01"),
        ("* * * * *", "2026-01-01T00:00:59.999", "2026-01-01T00:01"),
        ("*/15 * * * *", "2026-01-01T00:16", "2026-01-01T00:30"),
        ("*/15 * * * *", "2026-12-31T23:45", "2027-01-01T00:00"),
        ("5/20 * * * *", "2026-01-01T00:05", "2026-01-01T00:25"),
        ("0 3 * * 0", "2026-01-01T00:00", "2026-01-04T03:00"),
        ("0 3 * * 7", "2026-01-01T00:00", "2026-01-04T03:00"),
        ("0 3 * * sun", "2026-01-01T00:00", "2026-01-04T03:00"),
        ("30 8-10 * * MON-FRI", "2026-01-02T10:30", "2026-01-05T08:30"),
        ("0 0 1 jan,jul *", "2026-01-01T00:00", "2026-07-01T00:00"),
        ("1,3-5,10-20/5 0 * * *", "2026-01-01T00:05", "2026-01-01T00:10"),
        ("0 0 29 2 *", "2026-01-01T00:00", "2028-02-29T00:00"),
        ("0 0 29 2 *", "2096-03-01T00:00", "2104-02-29T00:00"),
        ("0 0 13 * fri", "2026-01-01T00:00", "2026-01-02T00:00"),
        ("0 0 */2 * fri", "2026-01-01T00:00", "2026-01-09T00:00"),
    ],
)
def test_the_next_due_minute(text: str, moment: str, due: str) -> None:
    start = datetime.fromisoformat(moment).replace(tzinfo=UTC)
    assert Cron.parse(text).after(start) == datetime.fromisoformat(due).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    "text",
    ["", "* * * *", "* * * * * *", "60 * * * *", "* 24 * * *", "* * 0 * *", "* * * 13 *", "* * * * 8", "a * * * *",
     "*/0 * * * *", "5-1 * * * *", "1- * * * *", "-1 * * * *", "1,,2 * * * *", "*/ * * * *", "² * * * *",
     "1-x * * * *"],
)  # fmt: skip
def test_a_malformed_expression_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="the schedule"):
        Cron.parse(text)


def test_a_day_that_never_comes_is_told() -> None:
    with pytest.raises(ValueError, match="never comes"):
        Cron.parse("0 0 31 2 *").after(datetime(2026, 1, 1, tzinfo=UTC))
