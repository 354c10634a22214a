"""SEC-1.5 (plan A): what attackers send, in every single parameter there is: of path, query, headers and body.

The places come from the catalogue and from the models behind it, so that a new endpoint or field is attacked before
anybody writes a test for it. The answer is data, or a 4xx that says why; never a 500, a page, a header of the
attacker's or the value of an expression.
"""

import copy
import importlib
import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest

from common.domain.catalogue import Entry
from common.http.headers import SECURITY
from functions.catalogue import CATALOGUE
from tests.security.belongings import PLAN, Belongings, kinds, world
from tests.security.test_sec_1_5 import PAYLOADS as KNOWN

ENTRIES = CATALOGUE.endpoints()
WRITERS = [entry for entry in ENTRIES if entry.http and entry.http.method in ("POST", "PUT", "PATCH")]
# 1337 times 7331: an answer with this number has evaluated what it was sent.
EVALUATED = "9801547"
LEAKS = ("Traceback", 'File "/', "root:x:0", "sqlite", "pydantic", "werkzeug", "uid=0", EVALUATED)
TEXTS = (
    *KNOWN,
    # SQL and NoSQL
    "1' AND SLEEP(9)--",
    "'; EXEC xp_cmdshell('id'); --",
    "1) OR 1=1 LIMIT 1 --",
    "' || '1'=='1",
    "'; return true; var x='",
    # paths
    "....//....//etc/passwd",
    "..\\..\\windows\\win.ini",
    "file:///etc/passwd",
    "/etc/passwd\x00.png",
    # templates, expressions, format strings
    "{{1337*7331}}",
    "${1337*7331}",
    "#{1337*7331}",
    "<%= 1337*7331 %>",
    "*{1337*7331}",
    "{0.__class__.__mro__}",
    "%(asctime)s%n%n%s%x",
    "%s" * 30,
    "{" * 50 + "}" * 50,
    # markup
    '"><img src=x onerror=alert(1)>',
    "javascript:alert(1)",
    "</script><svg/onload=alert(1)>",
    "]]><script/>",
    # headers
    "a\r\nX-Evil: 1\r\n\r\n<html>",
    "a\nX-Evil: 1",
    "a\u560d\u560aX-Evil: 1",
    # LDAP, XPath, shell, mail, formulas
    "*)(uid=*))(|(uid=*",
    "' or count(/*)=1 or '",
    "`id`|id&&id",
    "a@b.example%0ACc:c@d.example",
    "=cmd|' /C calc'!A0",
    # requests into the inside
    "http://169.254.169.254/latest/meta-data/",
    "gopher://127.0.0.1:6379/_FLUSHALL",
    # oddities of Unicode
    "\u0000\u0001\u001f\u007f\u0085\u2028\u2029",
    "e\u0301" * 100,
    "\u202egnp.exe",
    "\U0010ffff\U0001f4a9\ufffe",
    "\u0130\u0131\u017f\u212a",
    "\ufdfa" * 60,
    # bombs and serialised things, as text
    "a: &a [x,x]\nb: &b [*a,*a]\nc: [*b,*b]",
    "!!python/object/apply:os.system ['id']",
    'O:8:"stdClass":0:{}',
    "rO0ABXNyABNqYXZh",
    "(a+)+$" + "a" * 60 + "!",
    "A" * 20_000,
    "2026-02-30T25:61:61Z",
    "-0",
    "0x1A",
    "١٢٣",
)
# In a body, a value can also be of another kind than text.
VALUES: tuple[Any, ...] = (
    *TEXTS,
    {"$ne": None},
    {"$where": "sleep(9000)"},
    {"__proto__": {"role": "admin"}},
    {"constructor": {"prototype": {"role": "admin"}}},
    {"__class__": "os.system", "$type": "System.Object"},
    ["' OR 1=1", {"$gt": ""}],
    [[[[[[[[[[1]]]]]]]]]],
    [],
    {},
    None,
    True,
    -1,
    0,
    1.5,
    2**53,
    2**63,
    -(2**64),
    10**400,
    1e308,
    ["a"] * 5_000,
    {str(number): number for number in range(500)},
)
HEADERS = (
    *("Accept", "Accept-Encoding", "Accept-Language", "Authorization", "Content-Type", "Content-Encoding", "Cookie"),
    *("Forwarded", "Host", "Idempotency-Key", "If-Match", "If-None-Match", "If-Modified-Since", "If-Range", "Origin"),
    *("Last-Event-ID", "Range", "Referer", "Sec-WebSocket-Protocol", "Traceparent", "Tracestate", "Upgrade"),
    *("User-Agent", "X-API-Key", "X-CSRF-Token", "X-Cloud-Trace-Context", "X-Forwarded-For", "X-Forwarded-Host"),
    *("X-Forwarded-Proto", "X-HTTP-Method-Override", "X-Original-URL", "X-Request-Id", "X-Rewrite-URL"),
)
# How many payloads each place gets here; the deep test sends all of them to each. Together every endpoint gets all.
FEW = {"path": 20, "query": 8, "header": 3, "body": 5}


@pytest.fixture
def ann(tmp_path: Path) -> Iterator[Belongings]:
    made = world(tmp_path)
    yield made
    made.context.documents.close()  # type: ignore[attr-defined]


def example(entry: Entry) -> Any:
    """A body that the endpoint takes; one in which every part that can be sent is there."""
    assert entry.http is not None
    if entry.http.method in ("GET", "DELETE"):
        return None
    if entry.name == "approve_pipeline":
        return {"plan": PLAN.model_dump(mode="json"), "note": "Good."}
    return copy.deepcopy(getattr(importlib.import_module(entry.module), "EXAMPLE", {}))


def places(entry: Entry) -> list[tuple[str, Any]]:
    """Where something can be put into a request: ("path" | "query" | "header", name) or ("body", path of keys)."""
    module = importlib.import_module(entry.module)
    found: list[tuple[str, Any]] = [("path", name) for name in kinds(entry)]
    asked = getattr(module, "Query", None)
    names = [] if asked is None else list(asked.model_fields)
    found += [("query", name) for name in [*names, "nobody_knows_it", ""]]
    found += [("header", name) for name in HEADERS]
    if entry in WRITERS:
        body = getattr(module, "Body", None)
        schema = {"type": "object"} if body is None else body.model_json_schema()
        found += [("body", at) for at in [(), *_leaves(schema, schema.get("$defs", {}), ())]]
    return found


def _leaves(schema: Any, known: Any, at: tuple[Any, ...]) -> Iterator[tuple[Any, ...]]:
    """Every field of a body, and a further field of every object, by the keys that lead there."""
    if len(at) > 8:
        return
    if "$ref" in schema:
        yield from _leaves(known[schema["$ref"].rpartition("/")[2]], known, at)
    for one in (*schema.get("anyOf", ()), *schema.get("oneOf", ()), *schema.get("allOf", ())):
        yield from _leaves(one, known, at)
    for name, about in schema.get("properties", {}).items():
        yield (*at, name)
        yield from _leaves(about, known, (*at, name))
    if "properties" in schema or schema.get("additionalProperties"):
        yield (*at, "__proto__")
    if isinstance(schema.get("additionalProperties"), dict):
        yield from _leaves(schema["additionalProperties"], known, (*at, "any"))
    if isinstance(schema.get("items"), dict):
        yield (*at, 0)
        yield from _leaves(schema["items"], known, (*at, 0))


def put(body: Any, at: tuple[Any, ...], value: Any) -> Any:
    """The body with a value in one place; what leads there is made where it is missing."""
    if not at:
        return value
    key, rest = at[0], at[1:]
    if isinstance(key, int):
        inner = list(body) if isinstance(body, list) and body else [{}]
        return [put(inner[0], rest, value), *inner[1:]]
    inner = dict(body) if isinstance(body, dict) else {}
    return {**inner, key: put(inner.get(key), rest, value)}


def attack(ann: Belongings, entry: Entry, where: str, at: Any, payload: Any) -> Any:
    """Send one payload in one place of a request that is otherwise good."""
    assert entry.http is not None
    role = "user" if entry.roles == "public" or "user" in entry.roles else "admin"
    path, body, query, headers = ann.path(entry), example(entry), "", {}
    if where == "path":
        path = ann.path(entry, **{at: quote(payload.encode("utf-8", "surrogatepass"), safe="%")})
    elif where == "query":
        query = f"{at or quote(payload[:100], safe='')}={quote(payload[:2500], safe='')}"
    elif where == "header":
        # What a server lets through: one line of Latin-1. Others it refuses itself.
        line = payload[:4000].translate({10: " ", 13: " ", 0: " "}).encode("utf-8").decode("latin-1")
        headers[at] = line
        if at == "Host":
            headers[at] = line.strip()[:200]
    else:
        body = put(body, at, payload)
    ann.context.clock.advance(61)  # type: ignore[attr-defined]
    return ann.client.open(
        path,
        method=entry.http.method,
        query_string=query,
        headers={"Authorization": f"Bearer {role}:ann", "Content-Type": "application/json", **headers},
        data=None if body is None else json.dumps(body).encode(),
    )


def check(answer: Any, entry: Entry, place: Any, payload: Any) -> None:
    told = (entry.name, place, str(payload)[:60], answer.status_code)
    text = answer.get_data(as_text=True) if answer.headers.get("Content-Encoding") is None else ""
    assert answer.status_code < 500, (told, text)
    assert {name: answer.headers.getlist(name) for name in ("X-Evil",)} == {"X-Evil": []}, told
    for name, value in answer.headers.items():
        assert value.isascii(), (told, name, value)
        assert not set("\r\n\0") & set(value), (told, name, value)
    for name, value in SECURITY.items():
        if name != "Content-Security-Policy":
            assert answer.headers.getlist(name) == [value], (told, name)
    if answer.status_code >= 400:
        assert answer.content_type == "application/problem+json", told
        if answer.request.environ["REQUEST_METHOD"] != "HEAD":
            assert json.loads(answer.get_data())["status"] == answer.status_code, told
        for leak in LEAKS:
            assert leak not in text or leak in str(payload), (told, leak, text)
    elif "html" in (answer.content_type or ""):
        assert "<script>alert" not in text, told
        assert "onerror=" not in text, told
        assert EVALUATED not in text, told
    for cookie in answer.headers.getlist("Set-Cookie"):
        assert cookie.partition("=")[0] in ("csrf_token", "__Host-csrf_token", "session", "__Host-session"), told


def fits(where: str) -> tuple[Any, ...]:
    return VALUES if where == "body" else TEXTS


def few(places: list[tuple[str, Any]]) -> Iterator[tuple[str, Any, Any]]:
    """Some payloads for each place; over all places of an endpoint, each of them in turn."""
    sent = dict.fromkeys(FEW, 0)
    for where, at in places:
        payloads = fits(where)
        for _ in range(FEW[where]):
            yield where, at, payloads[sent[where] % len(payloads)]
            sent[where] += 1


@pytest.mark.parametrize("entry", ENTRIES, ids=lambda entry: entry.name)
def test_sec_1_5_every_parameter_takes_payloads_as_data_or_refuses_them(ann: Belongings, entry: Entry) -> None:
    for where, at, payload in few(places(entry)):
        check(attack(ann, entry, where, at, payload), entry, (where, at), payload)


@pytest.mark.deep
@pytest.mark.parametrize("entry", ENTRIES, ids=lambda entry: entry.name)
def test_sec_1_5_every_parameter_takes_every_payload(ann: Belongings, entry: Entry) -> None:
    for where, at in places(entry):
        for payload in fits(where):
            check(attack(ann, entry, where, at, payload), entry, (where, at), payload)


def test_sec_1_5_the_places_are_those_of_the_models() -> None:
    """Or the tests above would attack nothing."""
    found = {entry.name: places(entry) for entry in ENTRIES}
    assert ("path", "delivery_id") in found["replay_delivery"]
    assert ("query", "filter") in found["list_pipelines"]
    assert ("body", ("jobs", 0, "media", 0, "object")) in found["create_batch"]
    assert ("body", ("plan", "scenes", 0, "headline")) in found["approve_pipeline"]
    assert ("body", ("refresh_token",)) in found["refresh_token"]
    assert put({"a": [{"b": 1}]}, ("a", 0, "b"), 2) == {"a": [{"b": 2}]}
    assert put(None, ("a", 0, "b"), 2) == {"a": [{"b": 2}]}


BOMBS = {
    "YAML": ("application/yaml", b"a: &a [x,x]\n" + b"".join(b"b%d: [*a,*a,*a]\n" % n for n in range(500))),
    "YAML as JSON": ("application/json", b"a: &a [x,x]\nb: &b [*a,*a]\n"),
    "entities": ("application/xml", b'<!DOCTYPE x [<!ENTITY a "aa"><!ENTITY b "&a;&a;">]><x>&b;</x>'),
    "entities as JSON": ("application/json", b'<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]><x>&a;</x>'),
    "nested objects": ("application/json", b'{"a":' * 50_000),
    "nested lists in a field": ("application/json", b'{"content":' + b"[" * 50_000 + b"]" * 50_000 + b"}"),
    "one huge number": ("application/json", b'{"content": ' + b"1" * 500_000 + b"}"),
    "one huge text": ("application/json", b'{"content": "' + b"x" * 5_000_000 + b'"}'),
    "keys that collide": ("application/json", b"{" + b",".join(b'"%d":0' % (n << 61) for n in range(20_000)) + b"}"),
    "gzip": ("application/json; charset=gzip", b"\x1f\x8b\x08" + b"\0" * 1000),
    "pickle": ("application/octet-stream", b"cos\nsystem\n(S'id'\ntR."),
}


@pytest.mark.parametrize("entry", WRITERS, ids=lambda entry: entry.name)
def test_sec_1_5_a_bomb_is_a_4xx(ann: Belongings, entry: Entry) -> None:
    assert entry.http is not None
    role = "user" if entry.roles == "public" or "user" in entry.roles else "admin"
    for name, (kind, body) in BOMBS.items():
        ann.context.clock.advance(61)  # type: ignore[attr-defined]
        headers = {"Authorization": f"Bearer {role}:ann", "Content-Type": kind}
        answer = ann.client.open(ann.path(entry), method=entry.http.method, data=body, headers=headers)
        check(answer, entry, name, "")
        assert answer.status_code in (400, 413, 415, 422), (name, answer.text)


def test_sec_1_5_text_that_was_taken_comes_back_as_it_was_sent(ann: Belongings) -> None:
    """Wherever users may write: either refused at once, or kept and shown letter by letter."""
    taken = 0
    for payload in TEXTS:
        ann.context.clock.advance(61)  # type: ignore[attr-defined]
        for shown, answer in written(ann, payload):
            assert answer.status_code in (200, 201, 422), answer.text
            if answer.status_code != 422:
                taken += 1
                assert payload.strip() in [text.strip() for text in shown()], payload
    assert taken > 2 * len(TEXTS)


def written(ann: Belongings, payload: str) -> Iterator[tuple[Callable[[], list[str]], Any]]:
    """Every text of a user's, and where it is shown."""
    hook, waiting, call = f"/webhooks/{ann.had['webhook'][0]}", f"/pipeline/{ann.had['pipeline'][0]}/plan", ann.call
    made = call("POST", "/assets", json={"kind": "logo", "content_type": "image/png", "size": 9, "name": payload})
    yield lambda: [call("GET", f"/assets/{made.json['id']}").json["name"]], made
    yield lambda: [call("GET", hook).json["description"]], call("PATCH", hook, json={"description": payload})
    keys = "/api-keys?page_size=200"
    key = call("POST", "/api-keys", "admin:root", json={"name": payload})
    yield lambda: [one["name"] for one in call("GET", keys, "admin:root").json["api_keys"]], key
    scene = {"s1": {"headline": f"Take {TEXTS.index(payload)}"}}  # a note is kept with what it changes
    edit = call("PATCH", waiting, json={"note": payload, "scenes": scene})
    yield lambda: [one["note"] for one in call("GET", waiting).json["edits"]], edit
