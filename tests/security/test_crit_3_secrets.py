"""CRIT-3: GET /health/secrets says of every secret whether it can be read, and never what it is.

The `firebase-credentials` that it names does not exist: functions have no key of Google's, each uses the credentials of
its own service account, which expire by themselves and are stored nowhere.
"""

import dataclasses

import pytest
from werkzeug.test import Client
from werkzeug.wrappers import Response

from common.platform.secrets import SecretsUnavailable
from functions.catalogue import CATALOGUE
from tests.http_world import routed

NAMES = {use.partition(":")[2] for entry in CATALOGUE.values() for use in entry.uses if use.startswith("secret:")}
VALUE = "a key of some length that nobody may see"
ROOT = {"Authorization": "Bearer admin:root"}


def states(answer):
    return {one["name"]: one["state"] for one in answer.json["secrets"]}


def test_crit_3_it_names_every_secret_that_any_function_uses(call):
    found = states(call("GET", "/health/secrets", "admin:root"))
    assert set(found) == NAMES
    assert {"gemini-api-key", "runway-api-key", "suno-api-key", "access-token-key"} <= set(found)


def test_crit_3_there_is_no_key_of_firebase_and_it_is_said_why(call):
    assert not [name for name in NAMES if "firebase" in name or "credential" in name]
    described = call("GET", "/openapi.json").json["paths"]["/health/secrets"]["get"]["description"]
    assert "No `firebase-credentials`" in described
    assert "own service account" in " ".join(described.split())


def test_crit_3_a_secret_is_readable_or_missing_and_its_value_is_nowhere(call, context):
    answer = call("GET", "/health/secrets", "admin:root")
    assert (answer.status_code, answer.json["status"]) == (200, "incomplete")
    assert states(answer)["gemini-api-key"] == "missing"
    for name in NAMES:
        context.secrets.add(name, VALUE)
    answer = call("GET", "/health/secrets", "admin:root")
    assert answer.json["status"] == "ok"
    assert set(states(answer).values()) == {"readable"}
    assert VALUE not in answer.text
    context.secrets.add("gemini-api-key", "   ")
    assert states(call("GET", "/health/secrets", "admin:root"))["gemini-api-key"] == "missing"


def test_crit_3_a_store_of_secrets_that_is_away_is_said(context):
    class Away:
        def __getattr__(self, name):
            return getattr(context.secrets, name)

        def read(self, name, version="latest"):
            if name == "suno-api-key":
                raise SecretsUnavailable("away")
            return context.secrets.read(name, version)

    client = Client(routed(dataclasses.replace(context, secrets=Away())), Response)
    answer = client.get("/health/secrets", headers=ROOT)
    assert (answer.status_code, states(answer)["suno-api-key"]) == (200, "unavailable")


@pytest.mark.parametrize("token", ["user:ann", "viewer:ann", "service:farm"])
def test_crit_3_it_is_for_admins(call, token):
    assert call("GET", "/health/secrets", token).status_code == 403


def test_crit_3_nobody_sees_it_without_a_proof(client):
    assert client.get("/health/secrets").status_code == 401
