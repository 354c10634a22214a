import contextlib
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from common.domain import filters
from common.domain.filters import FIELDS, InvalidFilter, Term, Wanted, parse, wanted, written

DAY = datetime(2026, 2, 1, tzinfo=UTC)


def of(text: str) -> Wanted:
    return wanted(parse(text))


def lets_through(text: str, moment: datetime) -> bool:
    within = of(text).created
    count = filters.microseconds(moment)
    return (within.lowest is None or within.lowest <= count) and (within.highest is None or count <= within.highest)


def test_the_example_of_the_requirements_reads_as_it_is_meant():
    read = of("status:completed,date:>2026-02-01,cost:<100")
    assert read.status == "completed"
    assert read.created.lowest == filters.microseconds(DAY + timedelta(days=1))
    assert (read.cost.lowest, read.cost.highest) == (None, 99_999_999)
    assert not read.nothing


@pytest.mark.parametrize(
    ("operator", "inside", "outside"),
    [
        (">", [timedelta(days=1)], [timedelta(0), timedelta(hours=23)]),
        (">=", [timedelta(0), timedelta(days=1)], [-timedelta(microseconds=1)]),
        ("<", [-timedelta(microseconds=1)], [timedelta(0)]),
        ("<=", [timedelta(0), timedelta(days=1, microseconds=-1)], [timedelta(days=1)]),
        ("", [timedelta(0), timedelta(hours=23)], [timedelta(days=1), -timedelta(microseconds=1)]),
        ("=", [timedelta(0)], [timedelta(days=1)]),
    ],
)
def test_a_day_is_the_whole_day_in_utc(operator: str, inside: list[timedelta], outside: list[timedelta]):
    text = f"date:{operator}2026-02-01"
    assert all(lets_through(text, DAY + one) for one in inside)
    assert not any(lets_through(text, DAY + one) for one in outside)


@pytest.mark.parametrize(
    "value", ["2026-02-01T02:00:00+02:00", "2026-02-01T02:00:00 02:00", "2026-02-01T00:00Z", "2026-02-01 00:00:00.0"]
)
def test_a_moment_is_one_moment_in_its_own_zone(value: str):
    assert lets_through(f"date:>={value}", DAY)
    assert not lets_through(f"date:>{value}", DAY)


@pytest.mark.parametrize(
    ("text", "lowest", "highest"),
    [
        ("cost:>0.5", 500_001, None),
        ("cost>=0.5", 500_000, None),
        ("cost:<=1.25,cost:>1", 1_000_001, 1_250_000),
        ("cost:0.3", 300_000, 300_000),
        ("cost:=$0.3", 300_000, 300_000),
    ],
)
def test_cost_is_dollars_to_the_micro_dollar(text: str, lowest: int | None, highest: int | None):
    assert (of(text).cost.lowest, of(text).cost.highest) == (lowest, highest)


@pytest.mark.parametrize(
    "text",
    ["status:failed,status:completed", "cost:>5,cost:<5", "date:>2026-02-01,date:<2026-02-01", "user_id:a,user_id:b"],
)
def test_terms_that_contradict_each_other_let_nothing_through(text: str):
    assert of(text).nothing


def test_an_empty_filter_lets_everything_through():
    assert of("") == of("  ") == Wanted()


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("statuss:completed", "Did you mean status?"),
        ("weight:3", "Known ones: status, date, cost, user_id, preset, title, search"),
        ("status:complete", "Did you mean completed?"),
        ("preset:fast", "quick_social, brand_campaign, premium_spot"),
        ("status:>completed", "write status:value"),
        ("title:!!!", "has no word"),
        ("cost:cheap", "write US dollars"),
        ("cost:-1", "write US dollars"),
        ("cost:1e9", "write US dollars"),
        ("cost:٣", "write US dollars"),
        ("date:yesterday", "write a day such as 2026-02-01"),
        ("date:2026-02-30", "write a day such as 2026-02-01"),
        ("date:20260201", "write a day such as 2026-02-01"),
        ("completed", "write field:value"),
        ("status:completed,", "write field:value"),
        ("status:", "write status:value"),
        ('title:"open', "quote"),
        ('title:"a"b', "quote"),
        ("status:completed " * 100, "at most 1000"),
        (",".join(["cost:>1"] * 21), "at most 20"),
        (",".join(f'search:"a{one} b{one}",title:c{one}' for one in range(7)), "use at most 20 in all"),
    ],
)
def test_what_cannot_be_understood_says_what_to_write(text: str, said: str):
    with pytest.raises(InvalidFilter) as caught:
        of(text)
    assert said in str(caught.value)
    assert len(str(caught.value)) < 400


def test_a_quoted_value_may_hold_anything():
    [term] = parse(r'title:"a, \"b\" \\ c:>d"')
    assert term == Term("title", "=", r'a, "b" \ c:>d')


TERMS = st.builds(
    Term,
    st.sampled_from(FIELDS),
    st.sampled_from(["=", ">", "<", ">=", "<="]),
    st.text(min_size=1, max_size=30).filter(lambda value: value.strip() != ""),
)


@given(st.lists(TERMS, max_size=8))
def test_what_is_written_reads_back_as_the_same(terms: list[Term]):
    assert list(parse(written(terms))) == terms


@given(st.text(max_size=80))
def test_any_text_is_a_filter_or_is_refused_in_words(text: str):
    with contextlib.suppress(InvalidFilter):
        read = parse(text)
        assert parse(written(read)) == read
        wanted(read)


@given(st.sampled_from(FIELDS), st.sampled_from(["", ">", "<=", "="]), st.text(max_size=40))
def test_any_value_is_data_or_is_refused_in_words(name: str, operator: str, value: str):
    with contextlib.suppress(InvalidFilter):
        of(f"{name}:{operator}{value}")
