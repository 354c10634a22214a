"""SEC-1.3: API keys and their rotation, from the outside, and that no key is anywhere in the clear."""

import json
import logging
import re
from datetime import timedelta

import pytest

from common.domain.keys import GRACE, LIFE
from common.engine.push import Delivery
from common.identity import api_keys
from common.identity.api_keys import Uses
from common.observability import audit
from common.observability.logs import JsonLines
from functions.catalogue import CATALOGUE
from functions.upkeep import rotate_keys

ADMIN = "admin:root"
BOTH = ["/admin/api-keys/rotate", "/admin/keys/rotate"]
ROTATE = {"service_name": "render-farm"}


@pytest.fixture(autouse=True)
def at_once(monkeypatch):
    monkeypatch.setattr(api_keys, "_USES", Uses(lambda write: write()))


@pytest.fixture
def me(client):
    """Who the service says that an API key is; None where it is refused."""

    def ask(key):
        answer = client.get("/auth/me", headers={"X-API-Key": key})
        assert answer.status_code in (200, 401)
        return (answer.json["id"], answer.json["role"]) if answer.status_code == 200 else None

    return ask


def kinds(context):
    return [event.kind for _, event in reversed(audit.newest(context.documents, limit=100))]


def test_sec_1_3_a_key_is_shown_once_and_works_for_ninety_days(call, me, clock):
    made = call("POST", "/api-keys", ADMIN, json={"name": "build server", "role": "user", "owner": "ann"})
    assert made.status_code == 201
    assert "no-store" in made.headers["Cache-Control"]
    key = made.json["api_key"]
    assert re.fullmatch(r"apk_[A-Za-z0-9_-]{64}", key)
    assert re.fullmatch(r"key_[0-9a-f]{16}", made.json["id"])
    assert me(key) == ("ann", "user")
    listed = call("GET", "/api-keys", ADMIN).json["api_keys"]
    assert [(one["id"], one["name"], one["status"], one["uses"]) for one in listed] == [
        (made.json["id"], "build server", "active", 1)
    ]
    assert key not in json.dumps(listed)
    clock.advance(LIFE.total_seconds())
    assert me(key) is None


@pytest.mark.parametrize("path", BOTH)
def test_sec_1_3_a_rotation_answers_a_new_key_that_works_at_once(call, me, path, clock):
    first = call("POST", path, ADMIN, json=ROTATE)
    assert first.status_code == 200, first.text
    assert first.json["new_api_key"].startswith("apk_")
    assert first.json["valid_until"] == (clock.now() + LIFE).isoformat().replace("+00:00", "Z")
    assert (first.json["replaces"], first.json["previous_valid_until"]) == ("", None)
    second = call("POST", path, ADMIN, json=ROTATE)
    assert second.json["replaces"] == first.json["id"]
    assert me(second.json["new_api_key"]) == ("render-farm", "service")


@pytest.mark.parametrize("path", BOTH)
def test_sec_1_3_the_last_two_versions_work_for_the_grace_period_and_older_ones_never(call, me, clock, path):
    keys = [call("POST", path, ADMIN, json=ROTATE).json["new_api_key"] for _ in range(3)]
    assert [me(key) is not None for key in keys] == [False, True, True]
    clock.advance((GRACE - timedelta(seconds=1)).total_seconds())
    assert [me(key) is not None for key in keys] == [False, True, True]
    clock.advance(1)
    assert [me(key) is not None for key in keys] == [False, False, True]


def test_sec_1_3_a_users_key_is_rotated_by_its_id(call, me, clock):
    made = call("POST", "/api-keys", ADMIN, json={"name": "n", "owner": "ann"}).json
    turned = call("POST", f"/api-keys/{made['id']}/rotate", ADMIN)
    assert turned.status_code == 200
    assert turned.json["replaces"] == made["id"]
    assert me(made["api_key"]) == me(turned.json["new_api_key"]) == ("ann", "user")
    again = call("POST", f"/api-keys/{made['id']}/rotate", ADMIN)
    assert (again.status_code, again.json["code"], again.json["successor"]) == (
        409,
        "key_not_active",
        turned.json["id"],
    )
    clock.advance(GRACE.total_seconds())
    assert me(made["api_key"]) is None


def test_sec_1_3_a_revoked_key_is_refused_at_once(call, me):
    made = call("POST", "/api-keys", ADMIN, json={"name": "n"}).json
    for _ in range(2):
        gone = call("DELETE", f"/api-keys/{made['id']}", ADMIN)
        assert (gone.status_code, gone.json["status"]) == (200, "revoked")
    assert me(made["api_key"]) is None
    refused = call("POST", f"/api-keys/{made['id']}/rotate", ADMIN)
    assert (refused.status_code, refused.json["key_status"]) == (409, "revoked")


def test_sec_1_3_a_services_key_is_rotated_by_its_name_only(call):
    made = call("POST", BOTH[0], ADMIN, json=ROTATE).json
    refused = call("POST", f"/api-keys/{made['id']}/rotate", ADMIN)
    assert (refused.status_code, refused.json["code"]) == (409, "key_of_service")


@pytest.mark.parametrize(("method", "path"), [("POST", "/api-keys/{}/rotate"), ("DELETE", "/api-keys/{}")])
def test_sec_1_3_an_unknown_key_is_404(call, method, path):
    for key in ("key_0123456789abcdef", "x", "key_0123456789ABCDEF", "1'%20OR%20'1'='1"):
        assert call(method, path.format(key), ADMIN).status_code == 404


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"service_name": ""},
        {"service_name": "../secrets"},
        {"service_name": "A"},
        {"service_name": "x" * 41},
        {"service_name": "1' OR '1'='1"},
        {"service_name": "gemini"},
        {"service_name": "runway-api-key"},
        {"service_name": "access-token-key"},
        {"service_name": "a", "more": 1},
    ],
)
@pytest.mark.parametrize("path", BOTH)
def test_sec_1_3_what_is_no_service_is_422(call, context, path, body):
    assert call("POST", path, ADMIN, json=body).status_code == 422
    assert context.documents.query("api_keys") == []


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"name": ""},
        {"name": "x" * 51},
        {"name": "a\nb"},
        {"name": "n", "owner": "a/b"},
        {"name": "n", "role": "root"},
    ],
)
def test_sec_1_3_a_key_needs_a_name_and_an_owner_that_can_be_one(call, body):
    assert call("POST", "/api-keys", ADMIN, json=body).status_code == 422


@pytest.mark.parametrize("token", ["user:ann", "viewer:ann", "service:farm"])
@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("POST", "/api-keys"),
        ("GET", "/api-keys"),
        ("POST", "/api-keys/key_0123456789abcdef/rotate"),
        ("DELETE", "/api-keys/key_0123456789abcdef"),
        ("POST", "/admin/api-keys/rotate"),
        ("POST", "/admin/keys/rotate"),
        ("GET", "/admin/audit-log"),
        ("GET", "/admin/users/ann/role"),
        ("PUT", "/admin/users/ann/role"),
        ("GET", "/health/secrets"),
    ],
)
def test_sec_1_3_nobody_but_an_admin_has_to_do_with_keys(call, token, method, path):
    answer = call(method, path, token, json={**ROTATE} if method != "GET" else None)
    assert (answer.status_code, answer.json["code"]) == (403, "forbidden")


def test_sec_1_3_rotations_are_limited_to_ten_a_minute(call):
    assert {CATALOGUE[name].limit for name in ("rotate_api_key", "rotate_service_key", "rotate_service_key_alias")} == {
        10
    }
    codes = [call("POST", BOTH[0], ADMIN, json=ROTATE).status_code for _ in range(11)]
    assert codes == [200] * 10 + [429]


def test_sec_1_3_every_rotation_is_in_the_audit_log(call, context):
    made = call("POST", "/api-keys", ADMIN, json={"name": "n"}).json
    turned = call("POST", f"/api-keys/{made['id']}/rotate", ADMIN).json
    call("POST", BOTH[0], ADMIN, json=ROTATE)
    call("POST", BOTH[1], ADMIN, json=ROTATE)
    call("DELETE", f"/api-keys/{turned['id']}", ADMIN)
    call("GET", "/api-keys", ADMIN)
    keys = sorted(kind for kind in kinds(context) if kind.startswith("API_KEY"))
    twice = ["API_KEY_CREATED", "API_KEY_ROTATED"] * 2
    assert keys == sorted([*twice, "API_KEY_REVOKED", "API_KEY_LISTED"])
    shown = call("GET", "/admin/audit-log?kind=API_KEY_ROTATED", ADMIN).json["events"]
    assert [(one["actor"], one["outcome"]) for one in shown] == [("root", "success")] * 2


def test_sec_1_3_no_key_is_in_a_document_a_log_or_an_event(call, context, caplog, tmp_path, clock, client):
    """Every byte of the store is looked through, deleted rows and the log of its writes included."""
    caplog.set_level(logging.DEBUG)
    made = call("POST", "/api-keys", ADMIN, json={"name": "n"}).json
    turned = call("POST", f"/api-keys/{made['id']}/rotate", ADMIN).json
    farm = [call("POST", path, ADMIN, json=ROTATE).json["new_api_key"] for path in BOTH]
    keys = [made["api_key"], turned["new_api_key"], *farm]
    for key in keys:
        client.get("/auth/me", headers={"X-API-Key": key})
        client.get(f"/api-keys?owner={key}", headers={"X-API-Key": key})
        client.get("/auth/me", headers={"Authorization": f"Bearer {key}"})
    clock.advance(8 * 86_400)
    rotate_keys.run(context, Delivery({}, "", 1))
    keys.append(context.secrets.read("service-key-render-farm"))
    signing = context.secrets.read("access-token-key")
    stored = b"".join(path.read_bytes() for path in tmp_path.glob("documents.sqlite*"))
    logged = "\n".join(JsonLines().format(record) for record in caplog.records)
    assert len(set(keys)) == 5
    assert b"api_keys/key_" in stored
    assert "audit API_KEY_ROTATED" in logged
    for key in (*keys, signing):
        assert key.removeprefix("apk_").encode() not in stored
        assert key.removeprefix("apk_") not in logged


@pytest.mark.parametrize("role", ["admin", "user", "viewer", "service"])
def test_sec_1_3_a_key_may_do_what_its_role_may_and_no_more(call, client, role):
    key = call("POST", "/api-keys", ADMIN, json={"name": "n", "role": role}).json["api_key"]
    found = {entry: client.get(entry, headers={"X-API-Key": key}).status_code for entry in ("/api-keys", "/auth/me")}
    assert found == {"/api-keys": 200 if role == "admin" else 403, "/auth/me": 200}


def test_sec_1_3_pages_of_keys_follow_one_another(call, clock):
    for number in range(5):
        call("POST", "/api-keys", ADMIN, json={"name": f"n{number}"})
        clock.advance(1)
    names, token = [], ""
    while True:
        page = call("GET", f"/api-keys?page_size=2&page_token={token}", ADMIN).json
        names += [one["name"] for one in page["api_keys"]]
        token = page["next_page_token"]
        if not token:
            break
    assert names == ["n4", "n3", "n2", "n1", "n0"]
    page = call("GET", "/api-keys?page_size=2", ADMIN).json
    wrong = call("GET", f"/api-keys?owner=root&page_token={page['next_page_token']}", ADMIN)
    assert (wrong.status_code, wrong.json["code"]) == (400, "invalid_page_token")


def test_sec_1_3_the_audit_log_is_filtered_and_paged(call, context, clock):
    for number in range(5):
        audit.record(context.documents, context.clock, "EXPORT", actor=f"a{number % 2}", subject=f"s{number}")
        clock.advance(1)
    found = call("GET", "/admin/audit-log?kind=EXPORT&actor=a0", ADMIN).json["events"]
    assert [one["subject"] for one in found] == ["s4", "s2", "s0"]
    span = "since=2026-01-01T00:00:01Z&until=2026-01-01T00:00:03Z"
    found = call("GET", f"/admin/audit-log?kind=EXPORT&{span}", ADMIN).json["events"]
    assert [one["subject"] for one in found] == ["s2", "s1"]
    first = call("GET", "/admin/audit-log?kind=EXPORT&page_size=2", ADMIN).json
    audit.record(context.documents, context.clock, "EXPORT", actor="late", subject="late")
    second = call("GET", f"/admin/audit-log?kind=EXPORT&page_size=2&page_token={first['next_page_token']}", ADMIN).json
    assert [one["subject"] for one in first["events"] + second["events"]] == ["s4", "s3", "s2", "s1"]
    assert "DATA_ACCESS" in kinds(context)


@pytest.mark.parametrize(
    "asked",
    [
        "kind=NOTHING",
        "since=yesterday",
        "since=0001-01-01T00:00:00%2B14:00",
        "until=9999-12-31T23:59:59-14:00",
        "page_size=-1",
        "more=1",
    ],
)
def test_sec_1_3_what_the_audit_log_cannot_be_asked_is_422(call, asked):
    assert call("GET", f"/admin/audit-log?{asked}", ADMIN).status_code == 422
