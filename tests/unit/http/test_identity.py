"""Whom the boundary takes for whom, by what, in which order; every kind of proof has its own tests of security."""

import dataclasses

import pytest
from werkzeug.test import EnvironBuilder
from werkzeug.wrappers import Request

from common.http import identity
from common.http.call import ANYONE
from common.http.problem import Problem
from common.identity import access, api_keys, families, sessions
from common.observability.audit import Who
from common.platform.identity import Caller, IdentityUnavailable
from common.platform.secrets import SecretsUnavailable
from tests.http_world import NamedTokens


def asked(context, routes, name="thing", method="GET", **headers):
    sent = {key.replace("_", "-"): value for key, value in headers.items()}
    return identity.authenticate(
        routes[name], Request(EnvironBuilder(method=method, headers=sent).get_environ()), context
    )


@pytest.fixture
def proofs(context):
    """One good proof of each kind, by the header that carries it."""
    family, _ = families.begin(context, "ann", "user", "tokens")
    session, cookie = sessions.begin(context, "sue", "user")
    key, text = api_keys.create(context, Who("root"), name="build server", owner="kim", role="user")
    token = access.issue(context, "ann", "user", family.id, now=context.clock.now())
    return {
        "id_token": ({"Authorization": "Bearer user:ida"}, Caller("ida", "user", "id_token")),
        "access_token": ({"Authorization": f"Bearer {token}"}, Caller("ann", "user", "access_token", family.id)),
        "session": ({"Cookie": f"__Host-session={cookie}"}, Caller("sue", "user", "session", session.id)),
        "api_key": ({"X-API-Key": text}, Caller("kim", "user", "api_key", key.id)),
    }


@pytest.mark.parametrize("kind", ["id_token", "access_token", "session", "api_key"])
def test_each_kind_of_proof_names_its_caller(context, routes, proofs, kind):
    headers, caller = proofs[kind]
    assert asked(context, routes, **headers) == caller


def test_a_header_goes_before_a_cookie(context, routes, proofs):
    cookie, _ = proofs["session"]
    for kind in ("id_token", "access_token", "api_key"):
        headers, caller = proofs[kind]
        assert asked(context, routes, **headers, **cookie) == caller


def test_a_header_that_proves_nothing_is_not_made_good_by_a_cookie(context, routes, proofs):
    cookie, _ = proofs["session"]
    for header in ({"Authorization": "Bearer nonsense"}, {"X-API-Key": "nonsense"}, {"Authorization": "Basic YTpi"}):
        with pytest.raises(Problem) as refused:
            asked(context, routes, **header, **cookie)
        assert refused.value.status == 401


@pytest.mark.parametrize("kind", ["id_token", "access_token"])
def test_two_headers_are_one_too_many(context, routes, proofs, kind):
    with pytest.raises(Problem) as refused:
        asked(context, routes, **proofs[kind][0], **proofs["api_key"][0])
    assert (refused.value.status, refused.value.code) == (400, "ambiguous_credentials")


def test_where_everybody_may_nobody_is_asked(context, routes):
    broken = dataclasses.replace(context, documents=None, identity=None, secrets=None, cache=None)
    assert asked(broken, routes, "open", Authorization="Bearer nonsense", X_API_Key="nonsense") == ANYONE


def test_with_the_provider_away_only_what_needs_it_is_refused(context, routes, proofs, monkeypatch):
    def away(*_, **__):
        raise IdentityUnavailable("no certificate came")

    monkeypatch.setattr(NamedTokens, "verify", away)
    with pytest.raises(Problem) as refused:
        asked(context, routes, **proofs["id_token"][0])
    assert (refused.value.status, refused.value.headers["Retry-After"]) == (503, "5")
    for kind in ("access_token", "session", "api_key"):
        headers, caller = proofs[kind]
        assert asked(context, routes, **headers) == caller


def test_another_role_is_told_which_ones_would_do(context, routes, proofs):
    with pytest.raises(Problem) as refused:
        asked(context, routes, "drop", "DELETE", **proofs["access_token"][0])
    assert (refused.value.status, refused.value.facts) == (403, {"role": "user", "allowed_roles": ["admin"]})


@pytest.mark.parametrize("token", ["", "x" * 8193])
def test_an_empty_or_huge_token_is_refused_before_anybody_reads_it(context, token):
    with pytest.raises(Problem) as refused:
        identity.by_token(token, dataclasses.replace(context, identity=None, secrets=None))
    assert refused.value.status == 401


def test_while_the_key_cannot_be_looked_up_a_token_of_ours_proves_nobody(context, routes, proofs, monkeypatch):
    fresh = dataclasses.replace(context)  # a process that has just started, and knows no key yet

    def away(_name):
        raise SecretsUnavailable("no answer came")

    monkeypatch.setattr(context.secrets, "versions", away)
    with pytest.raises(SecretsUnavailable):  # which the boundary answers with 503
        asked(fresh, routes, **proofs["access_token"][0])
    assert asked(fresh, routes, **proofs["id_token"][0]).id == "ida"
