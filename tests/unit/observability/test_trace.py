"""Which trace a request belongs to, by either header; a new one where neither says so."""

import re

import pytest

from common.observability import trace

ID, SPAN = "4bf92f3577b34da6a3ce929d0e0e4736", "00f067aa0ba902b7"


@pytest.mark.parametrize(
    ("traceparent", "google", "sampled"),
    [
        (f"00-{ID}-{SPAN}-01", "", True),
        (f"00-{ID}-{SPAN}-00", "", False),
        ("", f"{ID}/{int(SPAN, 16)};o=1", True),
        ("", f"{ID}/{int(SPAN, 16)}", False),
        ("broken", f"{ID}/{int(SPAN, 16)};o=0", False),
    ],
)
def test_either_header_tells(traceparent, google, sampled):
    found = trace.read("r", traceparent, google)
    assert (found.trace_id, found.span_id, found.sampled) == (ID, SPAN, sampled)
    assert found.traceparent == f"00-{ID}-{SPAN}-{'01' if sampled else '00'}"


@pytest.mark.parametrize(
    ("traceparent", "google"),
    [
        ("", ""),
        (f"00-{'0' * 32}-{SPAN}-01", ""),
        (f"00-{ID}-{'0' * 16}-01", ""),
        (f"ff-{ID}-{SPAN}-01", ""),
        (f"00-{ID.upper()}-{SPAN}-01", ""),
        ("", f"{ID}/0"),
        ("", f"{ID}/{1 << 64}"),
        ("", f"{ID}/1;o=1;x"),
        ("", f"{'0' * 32}/1"),
    ],
)
def test_what_is_no_trace_begins_a_new_one(traceparent, google):
    found = trace.read("r", traceparent, google)
    assert re.fullmatch("[0-9a-f]{32}", found.trace_id)
    assert found.trace_id != ID
    assert not found.sampled
