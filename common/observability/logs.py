"""Structured logs: one JSON object per line on standard error, in the fields that Cloud Logging knows.

What is logged is named field by field, so that bodies, tokens and query strings cannot slip in, and what slips in all
the same is taken out (`redaction`). A line that is written while a request is handled carries its id and its trace.
"""

import json
import logging
import sys
from datetime import UTC, datetime
from typing import Any, TextIO

from common.observability import trace
from common.observability.redaction import clean, redact

# What every LogRecord has by itself; the rest was given with `extra`.
_OWN = frozenset(vars(logging.makeLogRecord({}))) | {"message", "asctime", "taskName"}

_encode = json.JSONEncoder(ensure_ascii=False, default=str).encode


class JsonLines(logging.Formatter):
    """One record, one line of JSON; fields given with `extra` stand beside the message."""

    def format(self, record: logging.LogRecord) -> str:
        """The line; values that are no JSON are written as text."""
        message = redact(record.getMessage())
        if record.exc_info:
            # Error Reporting groups by the stack trace in the message.
            message += "\n" + redact(self.formatException(record.exc_info))
        line: dict[str, Any] = {
            "severity": record.levelname,
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(),
            "logger": record.name,
            "message": message,
        }
        if (current := trace.current()) is not None:
            line.update(current.fields())
        for name, value in vars(record).items():
            if name not in _OWN:
                line[name] = clean(value, name)
        return _encode(line)


def configure(stream: TextIO | None = None) -> None:
    """Log JSON lines from now on, unless the process has chosen its logging already."""
    logging.raiseExceptions = False  # a line that cannot be written, on a full disk say, must not cost the work
    root = logging.getLogger()
    if root.handlers:
        return
    # Nobody reads the thread, process and line of code of a line, and to find them out for each costs time.
    logging.logThreads = logging.logProcesses = logging.logMultiprocessing = False
    logging._srcfile = None  # as the manual of `logging` has it
    handler = logging.StreamHandler(stream or sys.stderr)
    handler.setFormatter(JsonLines())
    root.addHandler(handler)
    root.setLevel(logging.INFO)
