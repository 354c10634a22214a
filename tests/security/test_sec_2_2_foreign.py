"""SEC-2.2: what belongs to somebody else does not exist, and who may only look changes nothing.

Complete over the catalogue: an endpoint that takes an id is asked for the id of a stranger's thing, whatever it is, and
a new kind of thing fails here until `tests.security.belongings` has one.
"""

import importlib
import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from common.domain.catalogue import Entry
from common.platform.documents import Documents
from functions.catalogue import CATALOGUE
from tests.security.belongings import PUBLIC, Belongings, kinds, world

ENTRIES = CATALOGUE.endpoints()
OWNED = [entry for entry in ENTRIES if set(kinds(entry).values()) - set(PUBLIC)]
WRITES = [entry for entry in ENTRIES if entry.http and entry.http.method != "GET"]
ROLES = ("admin", "user", "viewer", "service")
# An admin sees everything. A service may fetch any result, to pass it on: the one exception of the table of roles.
SERVICE_MAY = {"get_result", "get_hls", "export_pipeline"}
UPGRADE = {"Upgrade": "websocket", "Connection": "Upgrade"}
# What a viewer may send though it is no GET: about their own login, or a question.
VIEWER_SENDS = {"login", "refresh_token", "revoke_token", "logout", "estimate_cost"}


@pytest.fixture
def ann(tmp_path: Path) -> Iterator[Belongings]:
    made = world(tmp_path)
    yield made
    made.context.documents.close()  # type: ignore[attr-defined]


def example(entry: Entry) -> Any:
    """A body that the endpoint takes; None for one without."""
    assert entry.http is not None
    if entry.http.method in ("GET", "DELETE"):
        return None
    return getattr(importlib.import_module(entry.module), "EXAMPLE", {})


def ask(ann: Belongings, entry: Entry, caller: str, path: str) -> Any:
    assert entry.http is not None
    # The upgrade is what the WebSocket's endpoint asks for first; to others it says nothing.
    return ann.call(entry.http.method, path, caller, json=example(entry), headers=UPGRADE)


# Everything but the audit log, which notes the refusal, and the records of Idempotency-Keys.
GROUPS = ("pipelines", "steps", "events", "outbox", "batches", "assets", "webhooks", "deliveries", "api_keys")


def stored(documents: Documents) -> Mapping[str, Any]:
    """What everybody has."""
    return {found.path: dict(found.data) for group in GROUPS for found in documents.query_group(group)}


def test_sec_2_2_every_parameter_of_a_path_is_known_and_somebody_has_one(ann: Belongings) -> None:
    for entry in ENTRIES:
        assert all(ann.named(entry).values()), entry.name
    assert len(OWNED) > 20
    groups = {path.split("/")[-2] for path in stored(ann.context.documents)}
    assert groups == set(GROUPS)


@pytest.mark.parametrize("entry", [entry for entry in OWNED if entry.roles != "public"], ids=lambda entry: entry.name)
def test_sec_2_2_what_is_somebody_elses_is_404(ann: Belongings, entry: Entry) -> None:
    before = stored(ann.context.documents)
    had = ann.named(entry)
    for role in ROLES:
        if role not in entry.roles or role == "admin":
            continue
        for number in range(max(len(each) for each in had.values())):
            path = ann.path(entry, number)
            foreign = ask(ann, entry, f"{role}:bob", path)
            if role == "service" and entry.name in SERVICE_MAY:
                assert foreign.status_code != 404
                continue
            assert (foreign.status_code, foreign.json["code"]) == (404, "not_found"), (role, foreign.text)
            # Nor does the answer tell what is there from what is not.
            missing = ask(ann, entry, f"{role}:bob", ann.path(entry, **dict.fromkeys(had, "0123abcd")))
            assert missing.status_code == 404
            assert _without_ids(missing.json, ("0123abcd",)) == _without_ids(foreign.json, ann.named(entry), number)
    assert stored(ann.context.documents) == before


def _without_ids(problem: Mapping[str, Any], ids: Any, number: int = 0) -> str:
    words = [each[number % len(each)] for each in ids.values()] if isinstance(ids, dict) else ids
    text = json.dumps({name: value for name, value in problem.items() if name != "request_id"})
    for word in words:
        text = text.replace(word, "ID")
    return text


@pytest.mark.parametrize("entry", [entry for entry in OWNED if entry.roles != "public"], ids=lambda entry: entry.name)
def test_sec_2_2_its_owner_and_an_admin_do_find_it(ann: Belongings, entry: Entry) -> None:
    """Without this, a 404 above would say nothing."""
    owner = "user" if "user" in entry.roles else "admin"
    assert ask(ann, entry, f"{owner}:ann", ann.path(entry)).status_code != 404


@pytest.mark.parametrize("entry", WRITES, ids=lambda entry: entry.name)
def test_sec_2_2_a_viewer_never_writes(ann: Belongings, entry: Entry) -> None:
    """Not even to what is their own, in any way that a role could be claimed beside the proof."""
    claims = {"X-User-Role": "admin", "X-Role": "admin", "X-Forwarded-User": "root", "X-HTTP-Method-Override": "GET"}
    before = stored(ann.context.documents)
    for headers in ({}, claims):
        assert entry.http is not None
        answer = ann.call(
            entry.http.method,
            f"{ann.path(entry)}?role=admin&access_token=admin:root",
            "viewer:ann",
            json=example(entry),
            headers=headers,
        )
        if entry.name in VIEWER_SENDS:
            assert answer.status_code < 500
            continue
        assert (answer.status_code, answer.json["code"], answer.json["role"]) == (403, "forbidden", "viewer")
    assert stored(ann.context.documents) == before


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE"])
def test_sec_2_2_a_read_becomes_no_write_by_a_header(ann: Belongings, method: str) -> None:
    before = stored(ann.context.documents)
    for entry in ENTRIES:
        if entry.http and entry.http.method == "GET" and not entry.live:
            headers = dict.fromkeys(("X-HTTP-Method-Override", "X-HTTP-Method", "X-Method-Override"), method)
            assert ann.call("GET", ann.path(entry), "viewer:ann", headers=headers).status_code < 500
    assert stored(ann.context.documents) == before
