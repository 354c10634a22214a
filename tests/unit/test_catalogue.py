"""Complete lists: the catalogue and the files under functions/ say the same, and no two endpoints share a path."""

import itertools
from importlib import import_module
from inspect import getsource
from pathlib import Path

import pytest

from common.domain.catalogue import parse
from common.domain.model import Model
from common.providers.registry import LISTINGS
from functions.catalogue import CATALOGUE

FUNCTIONS = Path(__file__).parents[2] / "functions"

ROUTES = {
    "health": "GET /health",
    "openapi": "GET /openapi.json",
    "docs": "GET /docs",
    "docs_asset": "GET /docs/{file}",
    "redoc": "GET /redoc",
    "problem_page": "GET /problems/{code}",
    "metrics": "GET /metrics",
    "presets": "GET /presets",
    "get_preset": "GET /presets/{name}",
    "estimate_cost": "POST /cost-estimate",
    "login": "POST /auth/login",
    "refresh_token": "POST /auth/refresh",
    "revoke_token": "POST /auth/revoke",
    "logout": "POST /auth/logout",
    "me": "GET /auth/me",
    "csrf_token": "GET /csrf-token",
    "run_pipeline": "POST /pipeline/run",
    "list_pipelines": "GET /pipelines",
    "get_pipeline": "GET /pipeline/{id}",
    "get_costs": "GET /pipeline/{id}/costs",
    "get_events": "GET /pipeline/{id}/events",
    "get_result": "GET /pipeline/{id}/result",
    "cancel_pipeline": "POST /pipeline/{id}/cancel",
    "approve_pipeline": "POST /pipeline/{id}/approve",
    "create_asset": "POST /assets",
    "get_asset": "GET /assets/{id}",
    "complete_asset": "POST /assets/{id}/complete",
    "live_socket": "GET /ws/pipeline/{id}",
    "live_stream": "GET /pipeline/{id}/events/stream",
    "create_webhook": "POST /webhooks",
    "list_webhooks": "GET /webhooks",
    "get_webhook": "GET /webhooks/{id}",
    "update_webhook": "PATCH /webhooks/{id}",
    "delete_webhook": "DELETE /webhooks/{id}",
    "rotate_webhook_secret": "POST /webhooks/{id}/rotate-secret",
    "test_webhook": "POST /webhooks/{id}/test",
    "list_deliveries": "GET /webhooks/{id}/deliveries",
    "replay_delivery": "POST /webhooks/{id}/deliveries/{delivery_id}/replay",
    "get_plan": "GET /pipeline/{id}/plan",
    "edit_plan": "PATCH /pipeline/{id}/plan",
    "get_hls": "GET /pipeline/{id}/hls/{part}",
    "export_pipeline": "GET /pipeline/{id}/export",
    "create_batch": "POST /pipeline/batch",
    "get_batch": "GET /pipeline/batch/{id}",
    "secrets_health": "GET /health/secrets",
    "create_api_key": "POST /api-keys",
    "list_api_keys": "GET /api-keys",
    "rotate_api_key": "POST /api-keys/{id}/rotate",
    "revoke_api_key": "DELETE /api-keys/{id}",
    "rotate_service_key": "POST /admin/api-keys/rotate",
    "rotate_service_key_alias": "POST /admin/keys/rotate",
    "audit_log": "GET /admin/audit-log",
    "get_user_role": "GET /admin/users/{id}/role",
    "set_user_role": "PUT /admin/users/{id}/role",
}

ROLES = {
    "health": "public",
    "openapi": "public",
    "docs": "public",
    "docs_asset": "public",
    "redoc": "public",
    "problem_page": "public",
    "metrics": "public",
    "presets": "public",
    "get_preset": "public",
    "estimate_cost": ("admin", "user", "viewer", "service"),
    "login": "public",
    "refresh_token": "public",
    "revoke_token": "public",
    "logout": ("admin", "user", "viewer", "service"),
    "me": ("admin", "user", "viewer", "service"),
    "csrf_token": "public",
    "run_pipeline": ("admin", "user", "service"),
    "list_pipelines": ("admin", "user", "viewer", "service"),
    "get_pipeline": ("admin", "user", "viewer", "service"),
    "get_costs": ("admin", "user", "viewer", "service"),
    "get_events": ("admin", "user", "viewer", "service"),
    "get_result": ("admin", "user", "viewer", "service"),
    "cancel_pipeline": ("admin", "user"),
    "approve_pipeline": ("admin", "user"),
    "create_asset": ("admin", "user", "service"),
    "get_asset": ("admin", "user", "viewer", "service"),
    "complete_asset": ("admin", "user", "service"),
    "live_socket": ("admin", "user", "viewer", "service"),
    "live_stream": ("admin", "user", "viewer", "service"),
    "create_webhook": ("admin", "user", "service"),
    "list_webhooks": ("admin", "user", "viewer", "service"),
    "get_webhook": ("admin", "user", "viewer", "service"),
    "update_webhook": ("admin", "user"),
    "delete_webhook": ("admin", "user"),
    "rotate_webhook_secret": ("admin", "user"),
    "test_webhook": ("admin", "user"),
    "list_deliveries": ("admin", "user", "viewer", "service"),
    "replay_delivery": ("admin", "user"),
    "get_plan": ("admin", "user", "viewer", "service"),
    "edit_plan": ("admin", "user"),
    "get_hls": ("admin", "user", "viewer", "service"),
    "export_pipeline": ("admin", "user", "viewer", "service"),
    "create_batch": ("admin", "user", "service"),
    "get_batch": ("admin", "user", "viewer", "service"),
    "secrets_health": ("admin",),
    "create_api_key": ("admin",),
    "list_api_keys": ("admin",),
    "rotate_api_key": ("admin",),
    "revoke_api_key": ("admin",),
    "rotate_service_key": ("admin",),
    "rotate_service_key_alias": ("admin",),
    "audit_log": ("admin",),
    "get_user_role": ("admin",),
    "set_user_role": ("admin",),
}


def test_every_entry_has_its_file_and_every_file_its_entry():
    files = {
        f"functions.{kind}.{path.stem}"
        for kind in ("api", "live", "steps", "upkeep")
        for path in (FUNCTIONS / kind).glob("*.py")
        if path.stem != "__init__"
    }
    assert files == {entry.module for entry in CATALOGUE.values()}


def test_routes_are_exactly_these():
    found = {entry.name: f"{entry.http.method} {entry.http.path}" for entry in CATALOGUE.endpoints() if entry.http}
    assert found == ROUTES


def test_roles_are_exactly_these():
    assert {entry.name: entry.roles for entry in CATALOGUE.endpoints()} == ROLES


@pytest.mark.parametrize("name", [entry.name for entry in CATALOGUE.endpoints()])
def test_an_endpoint_has_a_handler_and_a_typed_body_where_it_has_one(name):
    module = import_module(CATALOGUE[name].module)
    assert callable(module.handle)
    assert issubclass(getattr(module, "Body", Model), Model)


@pytest.mark.parametrize("name", [entry.name for entry in CATALOGUE.values() if not entry.http])
def test_a_background_function_has_a_run(name):
    assert callable(import_module(CATALOGUE[name].module).run)


@pytest.mark.parametrize("name", [entry.name for entry in CATALOGUE.endpoints() if entry.roles != "public"])
def test_whoever_asks_who_calls_can_find_out(name):
    assert {"firestore:write", "secret:access-token-key"} <= set(CATALOGUE[name].uses)


# One path that two routes fit, and which of them answers: no pipeline is called batch.
SHADOWED = {("get_batch", name) for name in ("get_result", "get_plan", "get_costs", "get_events", "export_pipeline")}


def test_what_finding_out_who_calls_takes_is_said_once():
    text = """
defaults: {memory: 512Mi, cpu: 1, timeout: 60s, concurrency: 16, min: 0, max: 20}
identifying: [firestore:write, "secret:access-token-key"]
functions:
  open: {summary: Anyone., http: GET /open, roles: public, uses: [firestore:read]}
  make: {summary: Write., http: POST /things, roles: [admin], uses: [firestore:write, pubsub:publish]}
  tick: {summary: Tick., schedule: "* * * * *", uses: [firestore:read]}
"""
    found = {name: entry.uses for name, entry in parse(text).items()}
    assert found == {
        "open": ("firestore:read",),
        "make": ("firestore:write", "pubsub:publish", "secret:access-token-key"),
        "tick": ("firestore:read",),
    }


def test_no_two_routes_overlap():
    """A path that fits two templates would be answered by whichever stands first."""
    endpoints = [entry for entry in CATALOGUE.endpoints() if entry.http]
    for one, other in itertools.combinations(endpoints, 2):
        path = _shared(one.http, other.http)
        if path is None:
            continue
        found = CATALOGUE.match(one.http.method, path)
        assert (one.name, other.name) in SHADOWED, f"{one.name} and {other.name} both match {path}"
        assert found is not None
        assert found[0] is one


def _shared(one, other):
    """A path that fits both routes, if there is one."""
    parts = [path.split("/") for path in (one.path, other.path)]
    if one.method != other.method or len(parts[0]) != len(parts[1]):
        return None
    shared = []
    for mine, theirs in zip(*parts, strict=True):
        if not mine.startswith("{") and not theirs.startswith("{") and mine != theirs:
            return None
        shared.append(next((part for part in (mine, theirs) if not part.startswith("{")), "0123abcd"))
    path = "/".join(shared)
    # A route without a parameter answers its own path, wherever it stands.
    return path if one.variable and other.variable else None


@pytest.mark.parametrize(
    "segment", ["", ".", "..", "__x__", "____", "a/b", "a\x00b", "a\nb", "a\x7f", "\ufffd", "a" * 257]
)
def test_what_can_be_no_id_matches_no_route(segment):
    assert CATALOGUE.match("GET", f"/pipeline/{segment}") is None


def test_only_what_is_watched_and_counted_by_others_is_exempt_from_limits():
    assert {entry.name for entry in CATALOGUE.values() if entry.exempt} <= {"health", "metrics"}


def test_every_topic_and_queue_of_a_step_leads_to_a_function():
    for entry in CATALOGUE.steps():
        assert (FUNCTIONS / "steps" / f"{entry.name}.py").is_file()
    for entry in CATALOGUE.values():
        if entry.topic or entry.task:
            assert (FUNCTIONS / "upkeep" / f"{entry.name}.py").is_file()


def test_every_post_takes_a_key_refuses_it_or_does_nothing_more_when_it_is_repeated():
    posts = [entry for entry in CATALOGUE.endpoints() if entry.http and entry.http.method == "POST"]
    harmless = {entry.name for entry in posts if not entry.idempotent and not entry.unrepeatable}
    assert harmless == {"estimate_cost", "revoke_token", "logout", "cancel_pipeline", "complete_asset"}
    for entry in posts:
        if "secret=True" in getsource(import_module(entry.module)):
            assert entry.unrepeatable, entry.name


def test_topics_and_queues_are_exactly_these():
    others = {topic: name for topic, name in CATALOGUE.topics().items() if topic != name}
    assert others == {"dead_letters": "dead_letter", "announcements": "announce"}
    assert {entry.name for entry in CATALOGUE.steps()} == CATALOGUE.topics().keys() - others.keys()
    lanes = {f"{name}-{priority}" for name in ("assets", "steps") for priority in ("low", "medium", "high")}
    assert set(CATALOGUE.queues()) == {*lanes, "webhooks"}


def test_no_queue_has_two_kinds_of_tasks():
    """A task says by which function it is taken; a queue is paced for one of them."""
    named = [entry.task for entry in CATALOGUE.values() if entry.task]
    assert len(set(named)) == len(named)


@pytest.mark.parametrize(
    "name", [entry.name for entry in CATALOGUE.steps()] + ["approve_pipeline", "sweep", "dead_letter"]
)
def test_whoever_ends_a_step_sends_what_follows_by_either_way(name):
    # A step that is put off goes through a queue, whatever way it came.
    assert {"firestore:write", "pubsub:publish", "tasks:enqueue"} <= set(CATALOGUE[name].uses)


def test_whoever_chooses_an_engine_sees_whether_its_key_is_there():
    chosen = {f"secret:{one.secret}" for one in LISTINGS if one.secret and one.kind not in ("planner", "reviewer")}
    assert chosen <= set(CATALOGUE["budget"].uses)
    planners = {f"secret:{one.secret}" for one in LISTINGS if one.secret and one.kind == "planner"}
    assert planners <= set(CATALOGUE["direct"].uses)


@pytest.mark.parametrize("name", ["cancel_pipeline", "sweep"])
def test_whoever_ends_a_pipeline_for_good_stops_its_jobs_and_operations(name):
    assert {"run:jobs", "secret:runway-api-key"} <= set(CATALOGUE[name].uses)


def test_a_path_of_its_own_is_no_parameter_of_another_route():
    assert CATALOGUE.methods("/pipeline/run") == ("POST",)
    assert CATALOGUE.match("GET", "/pipeline/run") is None
    assert CATALOGUE.match("GET", "/pipeline/0123abcd") == (CATALOGUE["get_pipeline"], {"id": "0123abcd"})
