"""Who may push to a background function, with Google's verifier and tokens signed by a key of the test."""

import dataclasses
import types
from typing import Any

import flask
import pytest
from werkzeug.test import Client
from werkzeug.wrappers import Response

from common.domain.settings import Settings
from common.http import push
from common.platform.documents import Unavailable
from common.platform.google.callers import GoogleCallers
from functions.catalogue import CATALOGUE
from tests.protocol.tokens import INVOKER, Issuer

URL = "https://{function}-1.europe-west1.run.app"
SWEEP = "https://sweep-1.europe-west1.run.app"


@pytest.fixture(scope="module")
def issuer() -> Issuer:
    return Issuer()


class World:
    """The function `sweep`, or another one, of one process, and what it was called with."""

    def __init__(self, context: Any, **settings: Any) -> None:
        given = {"profile": "gcp", "functions_url": URL, "invoker": INVOKER, **settings}
        self.callers: Any = None
        self.runs: list[dict[str, Any]] = []
        self._context = dataclasses.replace(context, settings=dataclasses.replace(context.settings, **given))

    def post(self, token: str | None = None, data: Any = None, name: str = "sweep", **headers: str) -> Any:
        context = dataclasses.replace(self._context, callers=self.callers) if self.callers else self._context
        module = types.ModuleType(name)
        module.run = lambda _, delivery: self.runs.append(dict(delivery.data))  # type: ignore[attr-defined]
        function = push.upkeep(CATALOGUE[name], module, lambda: context)
        if token is not None:
            headers["Authorization"] = f"Bearer {token}"
        client = Client(lambda e, s: function(flask.Request(e))(e, s), Response)
        return client.post("/", data=data if data is not None else b'{"n": 1}', headers=headers)


@pytest.fixture
def world(context: Any, issuer: Issuer) -> World:
    made = World(context)
    made.callers = GoogleCallers(lambda: (issuer.certificates, 3600.0))
    return made


def test_the_invoker_is_let_in(world, issuer):
    assert world.post(issuer.token(SWEEP)).status_code == 204
    assert world.runs == [{"n": 1}]


def test_a_token_is_for_one_function(world, issuer):
    own = "https://dead-letter-1.europe-west1.run.app"
    assert world.post(issuer.token(SWEEP), name="dead_letter").status_code == 401
    assert world.post(issuer.token(own), name="dead_letter").status_code == 204
    assert world.post(issuer.token(own)).status_code == 401


@pytest.mark.parametrize(
    ("claims", "status"),
    [
        ({"aud": "https://direct-1.europe-west1.run.app"}, 401),
        ({"email": "mallory@other.iam.gserviceaccount.com"}, 403),
        ({"email": INVOKER.upper()}, 403),
        ({"email": ""}, 403),
        ({"email": None}, 401),
        ({"email_verified": False}, 401),
        ({"exp": 1_600_000_000, "iat": 1_599_996_400}, 401),
        ({"iss": "https://evil.example"}, 401),
    ],
)
def test_anybody_else_is_turned_away_and_nothing_happens(world, issuer, context, caplog, claims, status):
    answer = world.post(issuer.token(SWEEP, **claims), data=b"not even json")
    assert answer.status_code == status
    assert answer.content_type == "application/problem+json"
    assert answer.json["code"] == {401: "unauthenticated", 403: "forbidden"}[status]
    assert INVOKER not in answer.text
    assert world.runs == []
    assert context.documents.query("dead_letters") == []
    assert "a stranger pushes" in caplog.text


@pytest.mark.parametrize("header", [None, "", "Bearer", "Bearer ", "Basic YTpi", "Bearer " + "x" * 9000, "token"])
def test_without_a_token_nobody_gets_in(world, header):
    headers = {} if header is None else {"Authorization": header}
    answer = world.post(**headers)
    assert answer.status_code == 401
    assert answer.headers["WWW-Authenticate"].startswith("Bearer")
    assert world.runs == []


def test_another_key_does_not_help(world):
    assert world.post(Issuer().token(SWEEP)).status_code == 401
    assert world.runs == []


def test_without_certificates_the_delivery_is_put_off(world, issuer):
    def away() -> Any:
        raise Unavailable("no way to Google")

    world.callers = GoogleCallers(away)
    answer = world.post(issuer.token(SWEEP))
    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "2")
    assert world.runs == []


def test_production_without_an_invoker_lets_nobody_in(context, issuer):
    world = World(context, invoker="")
    world.callers = GoogleCallers(lambda: (issuer.certificates, 3600.0))
    for email in (INVOKER, ""):
        assert world.post(issuer.token(SWEEP, email)).status_code == 403
    assert world.post().status_code == 401
    assert world.runs == []


def test_a_context_without_a_verifier_lets_nobody_in(context, issuer):
    assert World(context).post(issuer.token(SWEEP)).status_code == 401


@pytest.mark.parametrize("profile", ["embedded", "emulators"])
def test_where_no_invoker_is_set_there_is_nothing_to_check(context, profile):
    world = World(context, profile=profile, invoker="", functions_url=Settings.functions_url)
    assert world.post().status_code == 204
    assert world.runs == [{"n": 1}]


@pytest.mark.parametrize("profile", ["embedded", "emulators"])
def test_where_one_is_set_it_is_asked_for_in_any_profile(context, profile):
    assert World(context, profile=profile).post().status_code == 401


def test_every_background_function_is_guarded(context):
    settings = dataclasses.replace(context.settings, profile="gcp", functions_url=URL, invoker=INVOKER)
    guarded = dataclasses.replace(context, settings=settings)
    for entry in CATALOGUE.values():
        if entry.kind == "api":
            continue
        module = types.ModuleType(entry.name)
        wrap = push.step if entry.kind == "steps" else push.upkeep
        function = wrap(entry, module, lambda: guarded)
        client = Client(lambda e, s, function=function: function(flask.Request(e))(e, s), Response)
        assert client.post("/", json={}).status_code == 401, entry.name
