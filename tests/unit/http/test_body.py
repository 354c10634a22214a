"""Bodies are bounded by what arrives."""

import io

import pytest
from werkzeug.datastructures import Headers
from werkzeug.test import EnvironBuilder
from werkzeug.wrappers import Request

from common.http import body
from common.http.call import Empty
from common.http.problem import Problem


def request(raw: bytes, **environ: object) -> Request:
    return Request({**EnvironBuilder(method="POST", input_stream=io.BytesIO(raw)).get_environ(), **environ})


def sent(raw: bytes) -> Request:
    """Chunked: no length is declared, the server ends the stream."""
    return request(raw, **{"wsgi.input_terminated": True})


def test_a_body_of_the_largest_size_is_read():
    assert len(body.read(sent(b"x" * body.MAX_BYTES))) == body.MAX_BYTES


def test_one_byte_more_is_413_and_leaves_nothing_to_read():
    large = sent(b"x" * (body.MAX_BYTES + 1))
    with pytest.raises(Problem, match="larger than 10 MB") as caught:
        body.read(large)
    assert caught.value.status == 413
    assert large.get_data() == b""


def test_a_declared_length_does_not_help_a_liar():
    assert body.read(request(b"x" * 50, CONTENT_LENGTH="10")) == b"x" * 10


@pytest.mark.parametrize("kind", ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x"])
def test_another_media_type_is_415(kind):
    with pytest.raises(Problem, match="send JSON with the header Content-Type") as caught:
        body.parse(b"{}", Headers({"Content-Type": kind}), Empty)
    assert caught.value.status == 415


@pytest.mark.parametrize("kind", ["", "application/json", "application/json; charset=utf-8", "application/vnd.x+json"])
def test_json_is_read_whatever_it_is_called(kind):
    assert body.parse(b"{}", Headers({"Content-Type": kind}), Empty) == Empty()


def test_no_body_is_an_empty_object():
    assert body.parse(b"", Headers({"Content-Type": "text/plain"}), Empty) == Empty()


class Broken(io.RawIOBase):
    """What a server hands over when the client hangs up, or sends chunks that are none."""

    def __init__(self, error: Exception) -> None:
        self._error = error

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: object) -> int:
        raise self._error


@pytest.mark.parametrize("error", [OSError("reset"), ValueError("invalid chunk"), ConnectionResetError()])
@pytest.mark.parametrize("environ", [{"CONTENT_LENGTH": "10"}, {"wsgi.input_terminated": True}])
def test_a_body_that_breaks_off_is_400(error, environ):
    broken = Request({**EnvironBuilder(method="POST").get_environ(), "wsgi.input": Broken(error), **environ})
    with pytest.raises(Problem, match="ended early") as caught:
        body.read(broken)
    assert caught.value.status == 400
    assert broken.get_data() == b""


def test_a_body_shorter_than_declared_is_400():
    with pytest.raises(Problem, match="ended early"):
        body.read(request(b"abc", CONTENT_LENGTH="10"))


@pytest.mark.parametrize("length", ["", "abc", "-5", "1e3", "0"])
def test_a_length_that_is_none_is_no_body(length):
    assert body.read(request(b"{}", CONTENT_LENGTH=length)) == b""


def test_what_nobody_read_is_read_and_forgotten():
    unread = sent(b"x" * 3_000_000)
    body.discard(unread)
    assert unread.get_data() == b""


def test_a_request_without_a_body_is_not_waited_for():
    class Never(io.RawIOBase):
        def read(self, size: int = -1) -> bytes:
            raise AssertionError("there is nothing to read")

    silent = Request({**EnvironBuilder(method="GET").get_environ(), "wsgi.input": Never()})
    body.discard(silent)


@pytest.mark.parametrize("word", [b"NaN", b"Infinity", b"-Infinity"])
def test_numbers_that_json_does_not_have_are_400_and_words_are_not(word):
    with pytest.raises(Problem, match="no number of JSON"):
        body.parse(b'{"a": %s}' % word, Headers(), Empty)
    with pytest.raises(Problem) as caught:
        body.parse(b'{"a": "%s"}' % word, Headers(), Empty)
    assert caught.value.status == 422
