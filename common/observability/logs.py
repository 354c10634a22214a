"""Structured logs: one JSON object per line on standard error, as Cloud Logging reads them.

What is logged is named field by field, so that bodies, tokens and query strings cannot slip in.
"""

import json
import logging
import sys
from datetime import UTC, datetime
from typing import Any, TextIO

# What every LogRecord has by itself; the rest was given with `extra`.
_OWN = frozenset(vars(logging.makeLogRecord({}))) | {"message", "asctime", "taskName"}


class JsonLines(logging.Formatter):
    """One record, one line of JSON; fields given with `extra` stand beside the message."""

    def format(self, record: logging.LogRecord) -> str:
        """The line; values that are no JSON are written as text."""
        line: dict[str, Any] = {
            "severity": record.levelname,
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(),
            "logger": record.name,
            "message": record.getMessage(),
        }
        line.update((name, value) for name, value in vars(record).items() if name not in _OWN)
        if record.exc_info:
            # Error Reporting groups by the stack trace in the message.
            line["message"] += "\n" + self.formatException(record.exc_info)
        return json.dumps(line, default=str, ensure_ascii=False)


def configure(stream: TextIO | None = None) -> None:
    """Log JSON lines from now on, unless the process has chosen its logging already."""
    logging.raiseExceptions = False  # a line that cannot be written, on a full disk say, must not cost the work
    root = logging.getLogger()
    if root.handlers:
        return
    handler = logging.StreamHandler(stream or sys.stderr)
    handler.setFormatter(JsonLines())
    root.addHandler(handler)
    root.setLevel(logging.INFO)
