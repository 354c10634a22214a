"""SEC-1.6 (plan A): what users write is never a part of a page, a script, a header or a message of ours.

Every answer there is gets titles, names and addresses that are markup: pages, problems, exports, event streams.
"""

import csv
import importlib
import io
import json
import zipfile
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest

from common.domain.catalogue import Entry
from common.engine.context import Context
from functions.catalogue import CATALOGUE
from tests.security.belongings import CONTENT, Belongings, world
from tests.security.test_api_3_4_export import finished

ENTRIES = CATALOGUE.endpoints()
MARKUP = (
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "'-alert(1)-'",
    "</title><svg/onload=alert(1)>",
    "<iframe srcdoc='<script>alert(1)</script>'>",
    "javascript:alert(1)",
    '<a href="javascript:alert(1)">x</a>',
    "<style>@import 'http://evil.example'</style>",
    "&lt;script&gt;alert(1)&lt;/script&gt;",
    "<!--><script>alert(1)</script-->",
    "\u2028alert(1)\u2029",
    "--> </script><script>alert(1)</script>",
    '\n\nevent: message\ndata: {"seq": 99}\n\n',
)
BROWSER = {"Accept": "text/html,application/xhtml+xml,*/*;q=0.8"}


class Page(HTMLParser):
    """What a browser would run or load of a page."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.scripts: list[str | None] = []
        self.inline: list[str] = []
        self.targets: list[str] = []
        self.handlers: list[str] = []
        self.tags: set[str] = set()
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = dict(attrs)
        self.tags.add(tag)
        self.handlers += [name for name in found if name.startswith("on") or name in ("style", "srcdoc")]
        self.targets += [str(found[name]) for name in ("src", "href", "action", "formaction") if name in found]
        if tag == "script":
            self.scripts.append(found.get("src"))

    def handle_data(self, data: str) -> None:
        if self.lasttag == "script" and data.strip():
            self.inline.append(data)


@pytest.fixture
def ann(tmp_path: Path) -> Iterator[Belongings]:
    made = world(tmp_path)
    yield made
    made.context.documents.close()  # type: ignore[attr-defined]


def safe(answer: Any, payload: str) -> None:
    """No browser runs anything of the payload, whatever it takes the answer for."""
    assert answer.status_code < 500
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    policy = answer.headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert "script-src 'self';" in policy or "script-src" not in policy
    kind = answer.content_type or ""
    assert not any(name in kind for name in ("xml", "svg", "xhtml")), kind
    if "html" in kind:
        page = Page(answer.get_data(as_text=True))
        assert not page.inline
        assert not page.handlers
        assert page.tags.isdisjoint({"iframe", "object", "embed", "base", "form", "svg", "img"})
        assert all(target.startswith(("/docs/", "/docs", "data:,")) for target in page.targets), page.targets
        assert payload not in answer.get_data(as_text=True)


@pytest.mark.parametrize("entry", ENTRIES, ids=lambda entry: entry.name)
def test_sec_1_6_no_address_puts_markup_into_an_answer(ann: Belongings, entry: Entry) -> None:
    """In the path, in the query, behind the path, and as the names of parameters."""
    assert entry.http is not None
    role = "user" if entry.roles == "public" or "user" in entry.roles else "admin"
    for payload in MARKUP:
        ann.context.clock.advance(61)  # type: ignore[attr-defined]
        text = quote(payload, safe="")
        paths = [ann.path(entry, **dict.fromkeys(ann.named(entry), text)), f"{ann.path(entry)}/{text}", ann.path(entry)]
        for path in paths:
            answer = ann.call(
                entry.http.method,
                f"{path}?{text}={text}&callback={text}&format={text}",
                f"{role}:ann",
                headers={**BROWSER, "Referer": f"http://evil.example/{text}", "User-Agent": " ".join(payload.split())},
            )
            safe(answer, payload)


def test_sec_1_6_the_pages_are_pages_and_nothing_else_is() -> None:
    """So that the test above has seen every place where text becomes HTML."""
    pages = {
        entry.name
        for entry in ENTRIES
        if "html" in str(getattr(importlib.import_module(entry.module), "MEDIA_TYPE", ""))
    }
    assert pages == {"docs", "redoc", "problem_page"}


def test_sec_1_6_titles_are_data_in_every_answer_about_a_pipeline(ann: Belongings) -> None:
    for payload in MARKUP:
        ann.context.clock.advance(61)  # type: ignore[attr-defined]
        made = ann.call("POST", "/pipeline/run", json={"content": f"{CONTENT} {payload}", "title": payload})
        if made.status_code == 422:
            continue
        shown = ann.call("GET", f"/pipeline/{made.json['id']}", headers=BROWSER)
        assert shown.json["title"].strip() == payload.strip()
        for entry in ENTRIES:
            if entry.http and entry.http.method == "GET" and entry.http.path.startswith("/pipeline"):
                path = entry.http.path.replace("{id}", made.json["id"])
                answer = ann.call("GET", path, headers=BROWSER)
                assert "html" not in (answer.content_type or ""), entry.name
                safe(answer, payload)


def test_sec_1_6_an_event_stream_has_the_events_that_happened_and_no_others(ann: Belongings) -> None:
    for payload in MARKUP:
        ann.context.clock.advance(61)  # type: ignore[attr-defined]
        made = ann.call("POST", "/pipeline/run", json={"content": CONTENT, "title": payload})
        if made.status_code == 422:
            continue
        ann.call("POST", f"/pipeline/{made.json['id']}/cancel")
        answer = ann.call("GET", f"/pipeline/{made.json['id']}/events/stream")
        assert answer.content_type.startswith("text/event-stream")
        lines = answer.get_data(as_text=True).splitlines()
        assert {line.partition(":")[0] for line in answer.text.split("\n") if line} <= {"", "id", "data", "retry"}
        told = [json.loads(line[6:]) for line in lines if line.startswith("data: ")]
        assert [one["type"] for one in told if one["seq"] > 90] == []
        assert told[0]["data"]["title"].strip() == payload.strip()


@pytest.mark.parametrize("payload", [*MARKUP, '=HYPERLINK("http://evil.example")', "@SUM(1)", "+1", "-1", "\t=1"])
def test_sec_1_6_an_export_is_a_file_to_keep_and_no_page_to_show(call: Any, context: Context, payload: str) -> None:
    try:
        made = finished(call, context, title=payload)
    except KeyError:  # refused as a title, so it is in no export
        return
    for form in ("json", "csv", "zip"):
        answer = call("GET", f"/pipeline/{made}/export?format={form}", headers=BROWSER)
        assert answer.headers["Content-Disposition"].startswith("attachment; ")
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        if form == "csv":
            names, row = list(csv.reader(io.StringIO(answer.text, newline="")))
            cell = row[names.index("title")]
            assert not cell.lstrip().startswith(("=", "+", "-", "@"))
        if form == "zip":
            packed = zipfile.ZipFile(io.BytesIO(answer.data))
            for name in packed.namelist():
                assert not name.startswith("/")
                assert ".." not in name
                assert name.isascii()
