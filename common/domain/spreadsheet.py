"""One line of a table that spreadsheets open (RFC 4180), in which text stays text."""

import csv
import io
from collections.abc import Mapping

# What makes a spreadsheet compute a cell, the wide forms included, and what it skips in front of it.
_FORMULA = ("=", "+", "-", "@", "\uff1d", "\uff0b", "\uff0d", "\uff20")
_SKIPPED = " \t\r\n\v\f\0\u00a0\ufeff"

Cell = str | int | float | bool | None


def table(row: Mapping[str, Cell]) -> str:
    """A header and one line, each ended by CRLF; numbers are written as they are, nothing is an empty cell."""
    sheet = io.StringIO()
    writer = csv.writer(sheet, lineterminator="\r\n")
    writer.writerow(row)
    writer.writerow([written(value) for value in row.values()])
    return sheet.getvalue()


def written(value: Cell) -> str:
    """A cell. Text that a spreadsheet would compute is quoted by an apostrophe; a line break becomes a space."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if not isinstance(value, str):
        return str(value)
    text = " ".join(value.split("\0")).replace("\r\n", " ").replace("\n", " ").replace("\r", " ")
    bare = value.lstrip(_SKIPPED)
    return f"'{text}" if bare.startswith(_FORMULA) or value[:1] in ("\t", "\r", "\n") else text
