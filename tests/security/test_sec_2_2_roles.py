"""SEC-2.2: every role on every function, and what a role is taken from: the proof, never a header."""

import re

import pytest

from common.domain.access import ACTIONS, roles
from common.identity import api_keys
from common.observability import audit
from common.observability.audit import Who
from common.platform.identity import ROLES
from functions.catalogue import CATALOGUE

ANY = "any"  # whoever is known may do it
# What each function does, by the table of roles. A new endpoint says it here, or is public.
DOES = {
    "run_pipeline": "create",
    "get_pipeline": "read",
    "get_result": "result",
    "cancel_pipeline": "change",
    "approve_pipeline": "change",
    "get_plan": "read",
    "edit_plan": "change",
    "create_batch": "create",
    "get_batch": "read",
    "create_asset": "create",
    "complete_asset": "create",
    "get_asset": "read",
    "list_pipelines": "read",
    "get_costs": "read",
    "get_events": "read",
    "export_pipeline": "result",
    "get_hls": "result",
    "estimate_cost": ANY,
    "live_socket": "read",
    "live_stream": "read",
    "create_webhook": "create",
    "list_webhooks": "read",
    "get_webhook": "read",
    "list_deliveries": "read",
    "update_webhook": "change",
    "delete_webhook": "change",
    "rotate_webhook_secret": "change",
    "test_webhook": "change",
    "replay_delivery": "change",
    "secrets_health": "secrets",
    "create_api_key": "keys",
    "list_api_keys": "keys",
    "rotate_api_key": "keys",
    "revoke_api_key": "keys",
    "rotate_service_key": "keys",
    "rotate_service_key_alias": "keys",
    "audit_log": "audit",
    "get_user_role": "users",
    "set_user_role": "users",
    "logout": ANY,
    "me": ANY,
}
PUBLIC = {
    *("health", "metrics", "presets", "get_preset", "openapi", "docs", "docs_asset", "redoc", "problem_page"),
    *("login", "refresh_token", "revoke_token", "csrf_token"),
}
GUARDED = [entry for entry in CATALOGUE.endpoints() if entry.roles != "public"]


def path_of(entry):
    return re.sub(r"\{\w+\}", "0123abcd", entry.http.path)


def test_sec_2_2_every_guarded_function_is_in_the_table_and_the_reverse():
    assert {entry.name for entry in GUARDED} == set(DOES)


def test_sec_2_2_functions_for_everyone_are_exactly_these():
    assert {entry.name for entry in CATALOGUE.endpoints()} - set(DOES) == PUBLIC


@pytest.mark.parametrize("name", DOES)
def test_sec_2_2_the_catalogue_says_what_the_table_says(name):
    action = DOES[name]
    assert set(CATALOGUE[name].roles) == set(ROLES if action == ANY else roles(action))


@pytest.mark.parametrize("role", ROLES)
@pytest.mark.parametrize("name", [name for name in DOES if not CATALOGUE[name].live])
def test_sec_2_2_a_role_gets_through_or_403(client, login, name, role):
    entry = CATALOGUE[name]
    access = login(f"{role}:ann").json["access_token"]
    for token in (f"{role}:ann", access):
        answer = client.open(
            path_of(entry), method=entry.http.method, json={}, headers={"Authorization": f"Bearer {token}"}
        )
        if role in entry.roles:
            assert answer.status_code not in (401, 403, 500), answer.text
        else:
            assert (answer.status_code, answer.json["code"]) == (403, "forbidden")
            assert answer.json["role"] == role
            assert set(answer.json["allowed_roles"]) == set(entry.roles)
        if name == "logout":
            break


@pytest.mark.parametrize("entry", GUARDED, ids=lambda entry: entry.name)
def test_sec_2_2_nobody_gets_through_without_a_proof(client, entry):
    if entry.live:
        pytest.skip("refused before it listens, see the tests of live functions")
    answer = client.open(path_of(entry), method=entry.http.method, json={})
    assert (answer.status_code, answer.json["code"]) == (401, "unauthenticated")
    assert answer.headers["WWW-Authenticate"] == 'Bearer realm="aiprod"'


@pytest.mark.parametrize("header", ["X-User-Role", "X-Role", "Role", "X-Forwarded-Role", "X-Goog-Iap-Jwt-Assertion"])
def test_sec_2_2_a_role_in_a_header_is_ignored(client, login, header):
    token = login("viewer:ann").json["access_token"]
    headers = {"Authorization": f"Bearer {token}", header: "admin"}
    assert client.get("/auth/me", headers=headers).json["role"] == "viewer"
    assert client.post("/pipeline/run", json={}, headers=headers).status_code == 403
    assert client.get("/auth/me", headers={header: "admin"}).status_code == 401


def test_sec_2_2_two_proofs_at_once_are_400(client, context, login):
    token = login("user:ann").json["access_token"]
    _, key = api_keys.create(context, Who("root"), name="build server", owner="bob", role="admin")
    answer = client.get("/auth/me", headers={"Authorization": f"Bearer {token}", "X-API-Key": key})
    assert (answer.status_code, answer.json["code"]) == (400, "ambiguous_credentials")


def test_sec_2_2_an_api_key_has_the_role_it_was_made_with(client, context):
    key, text = api_keys.create(context, Who("root"), name="build server", owner="bob", role="service")
    found = client.get("/auth/me", headers={"X-API-Key": text}).json
    assert (found["id"], found["role"], found["via"], found["session"]) == ("bob", "service", "api_key", key.id)
    assert found["session_expires_at"] is None
    answer = client.get("/auth/me", headers={"X-API-Key": "apk_" + "x" * 64})
    assert (answer.status_code, answer.json["code"]) == (401, "unauthenticated")


@pytest.mark.parametrize(
    "value", ["Basic YTpi", "Bearer", "Bearer ", "Token x", "bearer  ", "Bearer a b", ",", "Bearer,x"]
)
def test_sec_2_2_another_scheme_is_401(client, value):
    answer = client.get("/auth/me", headers={"Authorization": value})
    assert answer.status_code == 401
    assert answer.headers["WWW-Authenticate"].startswith('Bearer realm="aiprod"')


def test_sec_2_2_every_action_of_the_table_is_known():
    assert {action for action in DOES.values() if action != ANY} <= set(ACTIONS)


def test_sec_2_2_what_a_role_may_not_do_is_in_the_audit_log_once_a_minute(client, context, clock, login):
    token = login("viewer:ann").json["access_token"]

    def denied():
        return audit.newest(context.documents, kind="PERMISSION_DENIED", limit=100)

    def reach():
        headers = {"Authorization": f"Bearer {token}", "X-Request-Id": "request-0001"}
        return client.post("/pipeline/run", json={}, headers=headers).status_code

    assert [reach() for _ in range(3)] == [403] * 3
    [(_, event)] = denied()
    assert (event.actor, event.subject, event.outcome, event.request_id) == (
        "ann",
        "run_pipeline",
        "failure",
        "request-0001",
    )
    assert event.facts == {"role": "viewer", "via": "access_token"}
    clock.advance(60)
    reach()
    assert len(denied()) == 2
