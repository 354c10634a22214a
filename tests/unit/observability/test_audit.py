"""The audit log: complete, in order, bounded, and without secrets."""

import json
import logging
from datetime import timedelta

import pytest

from common.observability import audit
from common.platform.documents import Conflict, Create, Unavailable
from common.platform.embedded.clock import START, VirtualClock
from common.platform.embedded.documents import SqliteDocuments

DOMAIN = (
    "API_CALL, AUTH_SUCCESS, AUTH_FAILURE, AUTH_TOKEN_REFRESH, AUTH_TOKEN_REVOKE, PERMISSION_DENIED, DATA_ACCESS, "
    "CONFIG_CHANGE, SECRET_ACCESS, ADMIN_ACTION, ERROR, SECURITY_ALERT, EXPORT, API_KEY_CREATED, API_KEY_ROTATED, "
    "API_KEY_REVOKED, API_KEY_LISTED"
)


@pytest.fixture
def clock():
    return VirtualClock()


@pytest.fixture
def documents(tmp_path, clock):
    found = SqliteDocuments(tmp_path / "documents.sqlite", clock)
    yield found
    found.close()


def test_there_are_exactly_these_kinds():
    assert ", ".join(audit.KINDS) == DOMAIN


def test_an_event_is_a_document_and_a_line(documents, clock, caplog):
    caplog.set_level(logging.INFO)
    audit.record(
        documents,
        clock,
        "EXPORT",
        actor="ann",
        subject="pipeline p1",
        address="192.0.2.7",
        request_id="r1",
        facts={"format": "zip", "bytes": 12},
    )
    [(event_id, event)] = audit.newest(documents, limit=10)
    assert event == audit.Event(
        at=START,
        kind="EXPORT",
        actor="ann",
        subject="pipeline p1",
        outcome="success",
        address="192.0.2.7",
        request_id="r1",
        facts={"format": "zip", "bytes": 12},
    )
    [line] = [record for record in caplog.records if hasattr(record, "audit")]
    assert line.audit["id"] == event_id
    assert line.audit["facts"] == {"format": "zip", "bytes": 12}
    assert documents.get(f"audit/{event_id}").data["expires_at"] == audit.stamp(START + audit.KEPT)


def test_an_entry_is_committed_with_its_change_or_not_at_all(documents, clock):
    documents.commit([Create("things/1", {})])
    told = audit.entry(clock, "ADMIN_ACTION", actor="root", subject="things/1")
    with pytest.raises(Conflict):
        documents.commit([told, Create("things/1", {})])
    assert audit.newest(documents, limit=10) == []
    documents.commit([told, Create("things/2", {})])
    assert [event.kind for _, event in audit.newest(documents, limit=10)] == ["ADMIN_ACTION"]


@pytest.mark.parametrize("raised", [Unavailable("away"), Conflict("busy")])
def test_a_store_that_is_away_costs_the_document_only(documents, clock, caplog, monkeypatch, raised):
    def refuse(_writes):
        raise raised

    caplog.set_level(logging.INFO)
    monkeypatch.setattr(documents, "commit", refuse)
    audit.record(documents, clock, "AUTH_FAILURE", actor="", outcome="failure")
    assert [record.levelname for record in caplog.records] == ["INFO", "ERROR"]
    assert caplog.records[0].audit["kind"] == "AUTH_FAILURE"


@pytest.mark.parametrize(
    "secret",
    [
        "apk_" + "aZ-_" * 16,
        "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
        "eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiJhbm4ifQ.c2lnbmF0dXJl",
        "Bearer abc.def-ghi",
        "Basic dXNlcjpwYXNz",
    ],
)
def test_what_looks_like_a_secret_is_struck_out_wherever_it_stands(documents, clock, caplog, secret):
    caplog.set_level(logging.INFO)
    facts = {"detail": f"sent {secret} here", "list": [{"deep": secret}], secret: 1}
    audit.record(documents, clock, "ERROR", actor=secret, subject=f"x {secret}", request_id=secret, facts=facts)
    [(event_id, _)] = audit.newest(documents, limit=1)
    written = json.dumps(documents.get(f"audit/{event_id}").data) + "".join(str(vars(one)) for one in caplog.records)
    assert secret not in written
    assert secret.split()[-1] not in written
    assert audit.STRUCK in written


@pytest.mark.parametrize("name", ["token", "refresh_token", "password", "new_api_key", "apikey", "client_secret"])
def test_a_field_that_is_called_a_secret_is_struck_out(clock, name):
    assert audit.entry(clock, "ERROR", actor="", facts={name: "plain words"}).data["facts"] == {name: audit.STRUCK}


def test_facts_that_no_store_would_take_are_kept_as_text_and_bounded(documents, clock):
    facts = {
        "huge": 10**30,
        "odd": float("nan"),
        "long": "x" * 100_000,
        "many": list(range(1000)),
        "deep": [[[[[["end"]]]]]],
        "object": object,
        "half": "\ud800",
        "": 1,
        "set": {1},
    }
    audit.record(documents, clock, "ERROR", actor="a" * 100_000, facts=facts)
    [(_, event)] = audit.newest(documents, limit=1)
    assert event.facts["huge"] == str(10**30)
    assert event.facts["odd"] == "nan"
    assert len(event.facts["long"]) == 500
    assert len(event.facts["many"]) == 50
    assert event.facts["half"] == "?"
    assert "" not in event.facts
    assert len(event.actor) == 500


def test_moments_sort_as_text(clock):
    moments = [START, START + timedelta(microseconds=1), START + timedelta(seconds=1), START + timedelta(days=400)]
    assert sorted(map(audit.stamp, moments)) == [audit.stamp(moment) for moment in moments]


def test_events_are_found_by_kind_actor_subject_and_time_newest_first(documents, clock):
    for number in range(6):
        kind = "EXPORT" if number % 2 else "ADMIN_ACTION"
        audit.record(documents, clock, kind, actor=f"a{number % 3}", subject=f"s{number}")
        clock.advance(1)

    def found(**wanted):
        return [event.subject for _, event in audit.newest(documents, limit=10, **wanted)]

    assert found() == ["s5", "s4", "s3", "s2", "s1", "s0"]
    assert found(kind="EXPORT") == ["s5", "s3", "s1"]
    assert found(actor="a0") == ["s3", "s0"]
    assert found(kind="EXPORT", actor="a0") == ["s3"]
    assert found(subject="s4") == ["s4"]
    assert found(since=START + timedelta(seconds=1), until=START + timedelta(seconds=3)) == ["s2", "s1"]


def test_pages_go_on_where_the_last_one_ended_although_events_come_in(documents, clock):
    for number in range(5):
        audit.record(documents, clock, "EXPORT", actor="ann", subject=f"s{number}")  # all at the same moment
    first = audit.newest(documents, limit=2)
    clock.advance(1)
    audit.record(documents, clock, "EXPORT", actor="ann", subject="later")
    seen, page = list(first), first
    while page:
        last_id, last = page[-1]
        page = audit.newest(documents, limit=2, after=[audit.stamp(last.at), last_id])
        seen += page
    assert sorted(event.subject for _, event in seen) == [f"s{number}" for number in range(5)]
