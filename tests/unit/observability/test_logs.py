"""One record, one line of JSON."""

import io
import json
import logging

from common.observability.logs import JsonLines, configure


def line(**fields: object) -> dict[str, object]:
    record = logging.makeLogRecord({"name": "a.b", "levelname": "INFO", "msg": "hello %s", "args": ("you",), **fields})
    text = JsonLines().format(record)
    assert "\n" not in text
    return json.loads(text)


def test_a_line_names_severity_time_logger_and_message():
    found = line(created=0.0)
    assert found == {"severity": "INFO", "time": "1970-01-01T00:00:00+00:00", "logger": "a.b", "message": "hello you"}


def test_extra_fields_stand_beside_the_message():
    assert line(request_id="r1", path=object)["request_id"] == "r1"


def test_a_line_break_in_a_value_cannot_start_another_line():
    assert line(args=('x\n{"severity": "ERROR"}',))["message"] == 'hello x\n{"severity": "ERROR"}'


def test_a_failure_carries_its_trace():
    try:
        raise ValueError("why")
    except ValueError as error:
        found = line(exc_info=(type(error), error, error.__traceback__))
    assert "ValueError: why" in found["message"]


def test_a_process_that_has_chosen_its_logging_keeps_it():
    root = logging.getLogger()
    handlers, level = list(root.handlers), root.level
    chosen = logging.NullHandler()
    try:
        root.handlers[:] = [chosen]
        configure()
        assert root.handlers == [chosen]
        root.handlers[:] = []
        stream = io.StringIO()
        configure(stream)
        logging.getLogger("x").info("hi")
        assert json.loads(stream.getvalue())["message"] == "hi"
    finally:
        root.handlers[:] = handlers
        root.setLevel(level)
