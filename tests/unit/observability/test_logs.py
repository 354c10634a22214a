"""One record, one line of JSON."""

import io
import json
import logging

import pytest

from common.observability import trace
from common.observability.logs import JsonLines, configure
from common.observability.trace import Trace


def raised(text: str) -> object:
    try:
        raise RuntimeError(text)
    except RuntimeError as error:
        return (type(error), error, error.__traceback__)


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
    handlers, level, source = list(root.handlers), root.level, logging._srcfile
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
        logging._srcfile = source
        logging.logThreads = logging.logProcesses = logging.logMultiprocessing = True


def test_a_line_of_a_request_names_it_and_its_trace_as_cloud_logging_reads_it():
    before = trace.enter(Trace("r1", "a" * 32, "b" * 16, sampled=True, project="p1"))
    try:
        found = line()
    finally:
        trace.leave(before)
    assert found["request_id"] == "r1"
    assert found["logging.googleapis.com/trace"] == f"projects/p1/traces/{'a' * 32}"
    assert found["logging.googleapis.com/spanId"] == "b" * 16
    assert found["logging.googleapis.com/trace_sampled"] is True
    assert "request_id" not in line()


SECRET = "Zm9vYmFyYmF6cXV4c2VjcmV0c2VjcmV0c2VjcmV0X19"
JWT = f"eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJhbm4ifQ.{SECRET}"


@pytest.mark.parametrize("secret", [SECRET, JWT, f"apk_{SECRET}", f"whsec_{SECRET}=", f"AIza{SECRET[:35]}", "hunter2!"])
@pytest.mark.parametrize(
    "where",
    [
        lambda s: {"msg": "Authorization: Bearer " + s},
        lambda s: {"msg": "failed with %r", "args": ({"password": s},)},
        lambda s: {"msg": f"GET /x?access_token={s}&other=1"},
        lambda s: {"msg": f"the password is {s}, sorry"},
        lambda s: {"msg": f"redis://user:{s}@10.0.0.1:6379/0 is away"},
        lambda s: {"msg": f"Cookie: theme=dark; __Host-session={s}; other=1"},
        lambda s: {"msg": f'{{"refresh_token": "{s}"}}'},
        lambda s: {"headers": {"X-API-Key": s, "cookie": [s]}},
        lambda s: {"token": s},
        lambda s: {"details": [{"inner": {"client_secret": s}}]},
        lambda s: {"reason": ValueError(f"invalid header value b'Bearer {s}'")},
        lambda s: {"exc_info": raised(f"api_key={s}")},
    ],
)
def test_no_secret_gets_into_a_line_wherever_it_slips_in(secret, where):
    fields = {"args": (), **where(secret)}
    text = json.dumps(line(**fields))
    assert secret not in text
    assert SECRET[:20] not in text
    assert "[redacted]" in text


@pytest.mark.parametrize("shape", [SECRET, JWT, f"apk_{SECRET}", f"whsec_{SECRET}="])
def test_a_secret_is_known_by_its_shape_where_no_name_stands_before_it(shape):
    assert SECRET[:20] not in json.dumps(line(msg=f"got {shape}.", args=(), anything=shape))


def test_a_private_key_goes_to_its_end():
    key = "-----BEGIN PRIVATE KEY-----\nMIIEvQ\nIBADAN\n-----END PRIVATE KEY-----"
    found = line(msg=f"bad {key} here", args=())
    assert found["message"] == "bad [redacted] here"


@pytest.mark.parametrize(
    "plain",
    [
        "GET /pipeline/0123456789abcdef0123/result 200",
        "There is no pipeline 0123456789abcdef0123.",
        "artefacts/" + "0123456789abcdef" * 4,
        "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
        "swept: 1 relayed, 2 given back, 0 failed",
        "2026-01-01T00:00:00+00:00",
        "POST /auth/refresh 401",
        "GET /csrf-token 200",
    ],
)
def test_what_is_no_secret_is_left_as_it_is(plain):
    assert line(msg=plain, args=())["message"] == plain
