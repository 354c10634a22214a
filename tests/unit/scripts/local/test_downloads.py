"""Files behind signed URLs, as a browser's player asks for them."""

from typing import Any

import pytest
from werkzeug.test import Client

from common.http.headers import SECURITY
from scripts.local.gateway import Gateway
from tests.http_world import clock, context, posted

__all__ = ["clock", "context", "posted"]

FILM = bytes(range(256)) * 1000


@pytest.fixture
def url(context: Any) -> str:
    context.objects.put("delivery/p 1/video.mp4", FILM, content_type="video/mp4")
    return context.objects.signed_url("delivery/p 1/video.mp4", seconds=60).removeprefix("http://api.test")


@pytest.fixture
def client(context: Any) -> Client:
    return Client(Gateway(context))


def test_the_whole_file(client, url):
    response = client.get(url, buffered=True)
    assert (response.status_code, response.data) == (200, FILM)
    assert response.content_type == "video/mp4"
    assert response.headers["Accept-Ranges"] == "bytes"
    assert response.headers["Content-Length"] == str(len(FILM))
    assert response.headers["Content-Disposition"] == 'inline; filename="video.mp4"'
    assert all(response.headers.get(name) for name in SECURITY)
    assert "media-src 'self'" in response.headers["Content-Security-Policy"]


@pytest.mark.parametrize(
    ("asked", "start", "end"), [("bytes=0-99", 0, 100), ("bytes=1000-", 1000, 256_000), ("bytes=-10", 255_990, 256_000)]
)
def test_a_part_of_it(client, url, asked, start, end):
    response = client.get(url, headers={"Range": asked}, buffered=True)
    assert (response.status_code, response.data) == (206, FILM[start:end])
    assert response.headers["Content-Range"] == f"bytes {start}-{end - 1}/{len(FILM)}"


def test_a_part_beyond_the_end_is_416(client, url):
    response = client.get(url, headers={"Range": "bytes=256000-"})
    assert (response.status_code, response.headers["Content-Range"]) == (416, "bytes */256000")


@pytest.mark.parametrize("asked", ["bytes=9-3", "lines=1-2", "bytes=a-b", "bytes=0-1,5-9", ""])
def test_a_range_that_is_none_never_breaks(client, url, asked):
    assert client.get(url, headers={"Range": asked}, buffered=True).status_code in (200, 206, 416)


def test_head_and_304_have_no_body(client, url):
    head = client.head(url)
    assert (head.status_code, head.data, head.headers["Content-Length"]) == (200, b"", str(len(FILM)))
    again = client.get(url, headers={"If-None-Match": head.headers["ETag"]})
    assert (again.status_code, again.data) == (304, b"")


def test_a_link_that_was_changed_or_has_expired_is_403(client, url, clock):
    assert client.get(url.replace("video.mp4", "other.mp4")).status_code == 403
    assert client.get(url[:-1] + ("0" if url[-1] != "0" else "1")).status_code == 403
    assert client.get(url.partition("?")[0]).status_code == 403
    clock.advance(61)
    response = client.get(url, buffered=True)
    assert (response.status_code, response.json["code"]) == (403, "invalid_link")


def test_a_file_that_is_gone_is_404(client, url, context):
    context.objects.delete("delivery/p 1/video.mp4")
    assert client.get(url).status_code == 404


@pytest.mark.parametrize(
    "path", ["/objects/../documents.sqlite", "/objects/%2e%2e/x", "/objects/a%00b", "/objects//etc"]
)
def test_no_path_leaves_the_store(client, path):
    assert client.get(path).status_code in (403, 404)
