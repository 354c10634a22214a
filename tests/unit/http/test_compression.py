"""Text for clients that take gzip is smaller, and everything else is as it was."""

import gzip

import pytest

from common.http.call import Answer
from common.http.compression import accepted, compressible

LONG = {"words": ["lighthouse"] * 400}


@pytest.mark.parametrize(
    ("header", "takes"),
    [
        ("gzip", True),
        ("gzip, deflate, br", True),
        ("GZIP;q=0.1", True),
        ("br, *;q=0.5", True),
        ("identity, gzip;q=0", False),
        ("*;q=0", False),
        ("gzip;q=0, *", False),
        ("gzip;q=much", False),
        ("br", False),
        ("", False),
        (";;;,=", False),
    ],
)
def test_a_client_says_whether_it_takes_gzip(header, takes):
    assert accepted(header) is takes


def test_only_text_is_worth_it():
    texts = ("application/json", "application/problem+json", "text/csv; charset=utf-8", "image/svg+xml")
    assert all(map(compressible, texts))
    assert not any(map(compressible, ("application/zip", "video/mp4", "image/png", "application/octet-stream")))


def test_a_long_answer_is_compressed_and_the_same(serve):
    client = serve("open", lambda _call: Answer(body=LONG))
    plain, small = client.get("/open"), client.get("/open", headers={"Accept-Encoding": "gzip"})
    assert small.headers["Content-Encoding"] == "gzip"
    assert len(small.data) == int(small.headers["Content-Length"]) < len(plain.data) / 4
    assert gzip.decompress(small.data) == plain.data
    assert "Content-Encoding" not in plain.headers
    for response in (plain, small):
        assert "Accept-Encoding" in response.headers["Vary"]


def test_another_representation_has_another_tag_and_either_one_is_fresh(serve):
    client = serve("open", lambda _call: Answer(body=LONG))
    plain, small = client.get("/open"), client.get("/open", headers={"Accept-Encoding": "gzip"})
    assert plain.headers["ETag"] != small.headers["ETag"]
    for response in (plain, small):
        for accept in ("gzip", "identity"):
            asked = {"If-None-Match": response.headers["ETag"], "Accept-Encoding": accept}
            again = client.get("/open", headers=asked)
            assert (again.status_code, again.data) == (304, b"")
            assert again.headers["ETag"] == (small if accept == "gzip" else plain).headers["ETag"]
            assert "Content-Encoding" not in again.headers


@pytest.mark.parametrize(
    "answer",
    [
        Answer(body={"short": 1}),
        Answer(body=LONG, secret=True),
        Answer(body=LONG, cookies=("session=1; HttpOnly",)),
        Answer(body=b"PK" + bytes(4000), media_type="application/zip"),
        Answer(status=204),
    ],
    ids=["short", "secret", "cookies", "zip", "nothing"],
)
def test_what_is_short_secret_or_compressed_is_left_alone(serve, answer):
    response = serve("open", lambda _call: answer).get("/open", headers={"Accept-Encoding": "gzip"})
    assert "Content-Encoding" not in response.headers


def test_a_stream_is_sent_as_it_comes(serve):
    stream = lambda _call: Answer(body=iter([b"a" * 4000, b"b"]), media_type="text/csv")  # noqa: E731
    response = serve("open", stream).get("/open", headers={"Accept-Encoding": "gzip"})
    assert response.data == b"a" * 4000 + b"b"
    assert "Content-Encoding" not in response.headers
    assert "ETag" not in response.headers


def test_the_answer_to_head_says_what_get_would(serve):
    client = serve("open", lambda _call: Answer(body=LONG))
    asked = {"Accept-Encoding": "gzip"}
    head, get = client.head("/open", headers=asked), client.get("/open", headers=asked)
    assert head.data == b""
    for name in ("Content-Length", "Content-Encoding", "ETag", "Content-Type", "Vary"):
        assert head.headers[name] == get.headers[name]


def test_the_stream_of_a_head_is_closed_unread(serve):
    told = []

    def stream():
        try:
            told.append("read")
            yield b"x"
        finally:
            told.append("closed")

    made = stream()
    assert serve("open", lambda _call: Answer(body=made, media_type="text/csv")).head("/open").data == b""
    assert told == []
    assert list(made) == []
