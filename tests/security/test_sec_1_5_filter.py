"""SEC-1.5 for lists: a filter, a search, an order or a page is data, or a clear 400, and nothing else."""

from typing import Any
from urllib.parse import quote

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from common.domain.filters import FIELDS
from common.engine.context import Context
from common.platform.embedded.clock import VirtualClock

PAYLOADS = [
    "1' OR '1'='1",
    "admin' --",
    "1; DROP TABLE users; --",
    "' UNION SELECT data FROM documents --",
    '"; DROP TABLE documents; --',
    "1' AND json_extract(data,'$.owner')='bob",
    "') OR 1=1 /*",
    "%00",
    "\x00",
    '{"$gt": ""}',
    "$where: 1",
    "../../etc/passwd",
    "${jndi:ldap://x}",
    "{{7*7}}",
    "<script>alert(1)</script>",
    "a" * 900,
    "🎬" * 50,
    "\ud800".encode("utf-8", "replace").decode(),
]


@pytest.fixture
def bob(call: Any) -> str:
    """A pipeline that ann may not see."""
    answer = call("POST", "/pipeline/run", "user:bob", json={"content": "How lighthouses guided ships", "title": "Bob"})
    return str(answer.json["id"])


@pytest.mark.parametrize("payload", PAYLOADS)
def test_sec_1_5_payloads_are_data_or_a_clear_400(call: Any, bob: str, context: Context, payload: str):
    queries = [{"filter": payload}, {"search": payload[:200]}, {"order_by": payload[:100]}, {"page_token": payload}]
    quoted = payload.replace("\\", r"\\").replace('"', r"\"")
    queries += [{"filter": f'{name}:"{quoted}"'} for name in FIELDS]
    queries += [{"filter": f"{name}:{payload}"} for name in FIELDS]
    for query in queries:
        answer = call("GET", "/pipelines", "user:ann", query_string=query)
        assert answer.status_code in (200, 400), (query, answer.text)
        if answer.status_code == 200:
            assert answer.json["pipelines"] == []
        else:
            assert answer.json["code"] in ("invalid_filter", "invalid_order_by", "invalid_page_token"), answer.text
            assert len(answer.json["detail"]) < 500
    assert context.documents.get(f"pipelines/{bob}") is not None


@pytest.mark.parametrize(
    "name", ["owner", "data", "path", "version", "words", "request.content", "cost.spent", "$where"]
)
def test_sec_1_5_only_the_listed_fields_can_be_filtered_by(call: Any, name: str):
    answer = call("GET", "/pipelines", query_string={"filter": f"{name}:x"})
    assert (answer.status_code, answer.json["code"]) == (400, "invalid_filter")


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(text=st.text(max_size=60))
def test_sec_1_5_any_text_is_answered(call: Any, clock: VirtualClock, text: str):
    clock.sleep(60)  # for the quota of lists
    for name in ("filter", "search", "order_by", "page_token"):
        answer = call("GET", f"/pipelines?{name}={quote(text.encode('utf-8', 'surrogatepass'))}")
        assert answer.status_code in (200, 400), answer.text
