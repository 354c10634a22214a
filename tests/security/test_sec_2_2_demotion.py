"""SEC-2.2: who is no admin any more has nothing left of it: no token, no session, no key, and no way to a new one."""

import pytest

from common.identity import access, families
from common.platform.identity import IdentityUnavailable
from tests.http_world import NamedTokens
from tests.security.test_sec_1_7_csrf import set_cookies

ROOT = {"Authorization": "Bearer admin:root"}
EVE = "admin:eve"  # her ID token, from before
KEY = {"name": "mine", "role": "admin"}


def bearer(token):
    return {"Authorization": f"Bearer {token}"}


def demote(client, role="viewer"):
    answer = client.put("/admin/users/eve/role", json={"role": role}, headers=ROOT)
    assert (answer.status_code, answer.json) == (200, {"id": "eve", "role": role})


def refused(answer, *wanted):
    assert (answer.status_code, answer.json["code"]) in wanted, answer.text


@pytest.mark.parametrize("role", ["viewer", "user", "service"])
def test_sec_2_2_a_demoted_admin_has_nothing_left_of_the_role(client, context, login, role):
    grant = login(EVE).json
    token = bearer(grant["access_token"])
    cookies = {name: value for name, (value, _) in set_cookies(login(EVE, session=True)).items()}
    browser = {
        "Cookie": "; ".join(f"{name}={value}" for name, value in cookies.items()),
        "X-CSRF-Token": cookies["csrf_token"],
    }
    made = client.post("/api-keys", json=KEY, headers=token)
    assert made.status_code == 201
    key = {"X-API-Key": made.json["api_key"]}
    for proof in (token, browser, key, bearer(EVE)):
        assert client.get("/auth/me", headers=proof).json["role"] == "admin"

    demote(client, role)

    over, beyond = (401, "unauthenticated"), (403, "forbidden")
    for proof in (token, browser, key):
        refused(client.get("/auth/me", headers=proof), over)
        refused(client.post("/api-keys", json=KEY, headers=proof), over)
    refused(client.post("/auth/refresh", json={"refresh_token": grant["refresh_token"]}), (401, "refresh_refused"))
    refused(client.post("/auth/refresh", json={}, headers=browser), (401, "refresh_refused"))
    # Her old ID token says admin for an hour, and proves who she is: in the role of now.
    refused(client.post("/api-keys", json=KEY, headers=bearer(EVE)), beyond)
    assert client.get("/auth/me", headers=bearer(EVE)).json["role"] == role
    again = bearer(login(EVE).json["access_token"])
    assert client.get("/auth/me", headers=again).json["role"] == role
    refused(client.post("/api-keys", json=KEY, headers=again), beyond)


def test_sec_2_2_a_role_that_grows_or_stays_ends_no_login(client, context, login):
    token = bearer(login("user:eve").json["access_token"])
    for role in ("user", "admin"):
        demote(client, role)
        assert client.get("/auth/me", headers=token).json["role"] == "user"
    demote(client, "viewer")
    assert client.get("/auth/me", headers=token).status_code == 401


def test_sec_2_2_a_demotion_that_was_cut_short_is_ended_by_the_next_one(client, context, login):
    token = bearer(login(EVE).json["access_token"])
    context.identity.set_role("eve", "viewer")  # and no more of it: the process ended
    demote(client)
    assert client.get("/auth/me", headers=token).status_code == 401


@pytest.mark.parametrize("session", [False, True])
def test_sec_2_2_what_admins_alone_may_do_takes_the_role_that_the_provider_says_now(client, context, session):
    """Also where the role was taken away at the provider, of which no login hears."""
    context.identity.set_role("eve", "admin")
    family, text = families.begin(context, "eve", "admin", "session" if session else "tokens")
    if session:
        proof = {"Cookie": f"__Host-session={family.id}.{text}"}
    else:
        proof = bearer(access.issue(context, "eve", "admin", family.id, now=context.clock.now()))
    assert client.get("/api-keys", headers=proof).status_code == 200
    context.identity.set_role("eve", "viewer")
    refused(client.get("/api-keys", headers=proof), (403, "forbidden"))
    context.identity.set_role("eve", "admin")
    context.identity.gone.add("eve")
    refused(client.get("/api-keys", headers=proof), (401, "unauthenticated"))
    refused(client.get("/auth/me", headers=bearer(EVE)), (401, "unauthenticated"))


def test_sec_2_2_nobody_is_an_admin_while_that_cannot_be_found_out(client, login, monkeypatch):
    token, plain = login(EVE).json["access_token"], login("user:ann").json["access_token"]

    def away(*_, **__):
        raise IdentityUnavailable("no answer came")

    monkeypatch.setattr(NamedTokens, "role_of", away)
    for proof in (EVE, token):
        refused(client.get("/api-keys", headers=bearer(proof)), (503, "unavailable"))
    assert client.get("/auth/me", headers=bearer(token)).status_code == 200, "issued tokens go on for what others may"
    refused(client.get("/api-keys", headers=bearer(plain)), (403, "forbidden"))
