import csv
import io

import pytest

from common.domain.spreadsheet import table, written


@pytest.mark.parametrize(
    "start", ["=", "+", "-", "@", "\t=", " =", "\n@", "\r+", "\u00a0=", "\ufeff=", "＝", "＋", "－", "＠"]
)
def test_text_that_a_spreadsheet_would_compute_is_quoted(start: str) -> None:
    cell = written(f'{start}HYPERLINK("http://evil.test")')
    assert cell.startswith("'")
    assert "\n" not in cell
    assert "\r" not in cell


@pytest.mark.parametrize("text", ["Ships", "a=b", "50 % of it", "", "'quoted'", "1-2", "ünïcode", "«=»"])
def test_other_text_stays_as_it_is(text: str) -> None:
    assert written(text) == text


@pytest.mark.parametrize(("value", "cell"), [(-12.5, "-12.5"), (0, "0"), (None, ""), (True, "true"), (False, "false")])
def test_numbers_are_numbers_and_nothing_is_empty(value: float | None, cell: str) -> None:
    assert written(value) == cell


def test_a_table_is_a_header_and_one_line_that_any_reader_takes() -> None:
    row = {"title": 'He said "a, b"', "note": "one\r\ntwo\x00", "cost": -1.5}
    text = table(row)
    assert text.endswith("\r\n")
    assert text.count("\r\n") == 2
    assert list(csv.reader(io.StringIO(text, newline=""))) == [list(row), ['He said "a, b"', "one two ", "-1.5"]]
