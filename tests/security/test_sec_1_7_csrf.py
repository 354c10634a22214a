"""SEC-1.7: what a browser sends with a session's cookie changes nothing unless a page of ours sent it."""

import base64
import dataclasses
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st
from werkzeug.test import Client
from werkzeug.wrappers import Response

from common.identity import api_keys, families, sessions
from common.observability.audit import Who
from common.platform.embedded.cache import MemoryCache
from common.platform.embedded.clock import START
from common.platform.identity import IdentityUnavailable, InvalidToken
from functions.catalogue import CATALOGUE
from tests.http_world import NamedTokens, routed

SESSION = "__Host-session"
CHANGING = [entry for entry in CATALOGUE.endpoints() if entry.http.method not in ("GET", "HEAD")]
GUARDED = [entry for entry in CHANGING if entry.roles != "public"]
BODY = {"content": "Why cats purr when they are happy"}


@dataclasses.dataclass
class Browser:
    """What a browser keeps of one session: its cookies, and the token that the page's script has read."""

    client: Client
    cookies: dict[str, str]

    def send(self, method, path, *, token=None, csrf_cookie=None, **more):
        """A request with the session's cookie; the CSRF token and its cookie are the browser's unless given."""
        token = self.cookies["csrf_token"] if token is None else token
        kept = {**self.cookies, "csrf_token": token if csrf_cookie is None else csrf_cookie}
        headers = {"Cookie": "; ".join(f"{name}={value}" for name, value in kept.items() if value)}
        if token:
            headers["X-CSRF-Token"] = token
        return self.client.open(path, method=method, headers={**headers, **more.pop("headers", {})}, **more)


def set_cookies(answer):
    """Value and attributes by name."""
    found = {}
    for line in answer.headers.getlist("Set-Cookie"):
        pair, *attributes = line.split("; ")
        name, _, value = pair.partition("=")
        found[name] = (value, set(attributes))
    return found


@pytest.fixture
def browser(client, login):
    cookies = {name: value for name, (value, _) in set_cookies(login("admin:ann", session=True)).items()}
    return Browser(client, cookies)


def refused(answer):
    assert (answer.status_code, answer.json["code"]) == (403, "csrf_failed"), answer.text


def test_sec_1_7_a_login_for_a_browser_answers_cookies_and_no_tokens(login):
    answer = login("user:ann", session=True)
    assert answer.json.keys() == {"csrf_token", "token_type", "expires_in", "issued_at"}
    cookies = set_cookies(answer)
    assert cookies.keys() == {SESSION, "csrf_token"}
    assert cookies[SESSION][1] == {"Path=/", "Max-Age=604800", "SameSite=Lax", "Secure", "HttpOnly"}
    assert cookies["csrf_token"] == (
        answer.json["csrf_token"],
        {"Path=/", "Max-Age=3600", "SameSite=Lax", "Secure"},  # the page's script reads it
    )


@pytest.mark.parametrize("origin", ["https://evil.test", "http://api.test.evil.test", "null", "http://api.test:81", ""])
def test_sec_1_7_no_other_site_logs_its_visitor_in(client, origin):
    body = {"id_token": "user:eve", "session": True}
    answer = client.post("/auth/login", json=body, headers={"Origin": origin})
    assert (answer.status_code, answer.json["code"]) == (403, "origin_not_allowed")
    assert "Set-Cookie" not in answer.headers
    assert client.post("/auth/login", json=body, headers={"Origin": "http://api.test"}).status_code == 200


def test_sec_1_7_an_allowed_origin_logs_in(context):
    settings = dataclasses.replace(context.settings, allowed_origins="https://app.test")
    client = Client(routed(dataclasses.replace(context, settings=settings)), Response)
    body = {"id_token": "user:ann", "session": True}
    assert client.post("/auth/login", json=body, headers={"Origin": "https://app.test"}).status_code == 200


def test_sec_1_7_on_this_machine_the_cookie_works_without_tls(context):
    local = dataclasses.replace(
        context, settings=dataclasses.replace(context.settings, public_url="http://127.0.0.1:1")
    )
    answer = Client(routed(local), Response).post("/auth/login", json={"id_token": "user:ann", "session": True})
    cookies = set_cookies(answer)
    assert cookies.keys() == {"session", "csrf_token"}
    assert cookies["session"][1] == {"Path=/", "Max-Age=604800", "SameSite=Lax", "HttpOnly"}


def test_sec_1_7_in_production_the_cookie_is_always_kept_to_tls(context):
    for url in ("http://127.0.0.1:8080", "http://api.test", "https://api.test"):
        settings = dataclasses.replace(context.settings, profile="gcp", public_url=url)
        assert sessions.cookie_name(settings) == SESSION
        assert "; Secure" in sessions.cookies(settings, "a", "b", sessions.CSRF_LIFE)[0]


def test_sec_1_7_a_token_has_32_random_bytes_and_lives_for_an_hour(client, clock):
    answer = client.get("/csrf-token")
    assert answer.status_code == 200
    token = answer.json["csrf_token"]
    assert len(base64.urlsafe_b64decode(token.split(".")[0] + "=")) == 32
    assert answer.json["expires_at"] == "2026-01-01T01:00:00Z"
    assert set_cookies(answer)["csrf_token"][0] == token
    assert client.get("/csrf-token").json["csrf_token"] != token
    assert answer.headers["Cache-Control"] == "no-store"


def test_sec_1_7_reading_needs_no_token(browser):
    found = browser.send("GET", "/auth/me", token="")
    assert (found.status_code, found.json["via"]) == (200, "session")


@pytest.mark.parametrize("entry", GUARDED, ids=lambda entry: entry.name)
def test_sec_1_7_every_change_by_a_session_needs_a_token(browser, clock, entry):
    path = re.sub(r"\{\w+\}", "0123abcd", entry.http.path)

    def send(**more):
        return browser.send(entry.http.method, path, json={}, **more)

    refused(send(token=""))
    refused(send(token="", csrf_cookie=browser.cookies["csrf_token"]))
    refused(send(token="wrong"))
    refused(send(csrf_cookie="wrong"))
    refused(send(headers={"X-CSRF-Token": ""}))
    old = browser.cookies["csrf_token"]
    clock.advance(600)
    browser.cookies["csrf_token"] = browser.send("GET", "/csrf-token").json["csrf_token"]
    clock.advance(200)
    passed = send()
    assert passed.status_code not in (401, 403), passed.text
    assert old != browser.cookies["csrf_token"]


def test_sec_1_7_the_table_above_is_not_empty():
    assert {"run_pipeline", "cancel_pipeline", "logout"} <= {entry.name for entry in GUARDED}


def test_sec_1_7_an_expired_token_is_refused(browser, clock):
    token = browser.cookies["csrf_token"]
    for _ in range(4):
        clock.advance(899)
        fresh = browser.send("GET", "/csrf-token").json["csrf_token"]
        assert browser.send("POST", "/auth/refresh", token=fresh, json={}).status_code == 200
    assert browser.send("POST", "/pipeline/run", token=token, json=BODY).status_code == 202
    clock.advance(4)
    refused(browser.send("POST", "/pipeline/run", token=token, json=BODY))


def test_sec_1_7_a_planted_cookie_does_not_pass(browser, client):
    """A sister site can set cookies for the whole domain; what it cannot do is make a token of this session."""
    theirs = client.get("/csrf-token").json["csrf_token"]
    refused(browser.send("POST", "/pipeline/run", token=theirs, json=BODY))
    said, _, _ = browser.cookies["csrf_token"].rpartition(".")
    refused(browser.send("POST", "/pipeline/run", token=f"{said}.{'A' * 43}", json=BODY))
    random, _, rest = browser.cookies["csrf_token"].partition(".")
    refused(browser.send("POST", "/pipeline/run", token=f"{'A' * len(random)}.{rest}", json=BODY))


def test_sec_1_7_the_token_of_another_session_does_not_pass(browser, login):
    other = login("admin:ann", session=True).json["csrf_token"]
    refused(browser.send("POST", "/pipeline/run", token=other, json=BODY))


@given(st.text(max_size=120))
def test_sec_1_7_no_text_is_a_token_by_chance(text):
    assert not sessions.is_csrf_token("a.session.of", text, START)


def test_sec_1_7_who_comes_with_a_token_or_a_key_needs_none(client, context, login):
    token = login("user:ann").json["access_token"]
    _, key = api_keys.create(context, Who("root"), name="build server", owner="ann", role="user")
    for proof in ({"Authorization": f"Bearer {token}"}, {"Authorization": "Bearer user:ann"}, {"X-API-Key": key}):
        answer = client.post("/pipeline/run", json=BODY, headers=proof)
        assert answer.status_code == 202, answer.text


def test_sec_1_7_a_cookie_beside_a_token_counts_for_nothing(browser, login):
    token = login("user:bob").json["access_token"]
    headers = {"Authorization": f"Bearer {token}"}
    assert browser.send("GET", "/auth/me", headers=headers).json["id"] == "bob"
    assert browser.send("POST", "/pipeline/run", token="", json=BODY, headers=headers).status_code == 202
    refused_token = browser.send("GET", "/auth/me", headers={"Authorization": "Bearer nonsense"})
    assert refused_token.status_code == 401


def test_sec_1_7_a_session_has_to_be_renewed_and_then_goes_on(browser, clock, context):
    clock.advance(900)
    stale = browser.send("GET", "/auth/me")
    assert (stale.status_code, stale.json["code"]) == (401, "session_stale")
    refused(browser.send("POST", "/auth/refresh", token="", json={}))
    context.identity.set_role("ann", "viewer")
    renewed = browser.send("POST", "/auth/refresh", json={})
    assert renewed.status_code == 200
    assert renewed.json.keys() == {"csrf_token", "token_type", "expires_in", "issued_at"}
    cookies = set_cookies(renewed)
    assert cookies[SESSION][0] == browser.cookies[SESSION], "the tabs of a browser share one cookie"
    found = browser.send("GET", "/auth/me")
    assert (found.status_code, found.json["role"]) == (200, "viewer")
    assert found.json["session_expires_at"] == "2026-01-08T00:15:00Z"


def test_sec_1_7_who_knows_the_ids_alone_renews_no_session(browser, context, clock):
    """Whoever sends a made-up cookie can have a CSRF token that fits it: it is the session's secret that counts."""
    family, _, text = browser.cookies[SESSION].partition(".")
    browser.cookies[SESSION] = f"{family}.{text.partition('.')[0]}.{'x' * 43}"
    token = browser.send("GET", "/csrf-token").json["csrf_token"]
    clock.advance(1)
    answer = browser.send("POST", "/auth/refresh", token=token, json={})
    assert (answer.status_code, answer.json["code"]) == (401, "refresh_refused")
    assert context.documents.get(families.family_path("ann", family)).data["proved_at"] == "2026-01-01T00:00:00Z"


def test_sec_1_7_a_session_that_nobody_renews_ends(browser, clock):
    clock.advance(7 * 24 * 3600)
    token = browser.send("GET", "/csrf-token").json["csrf_token"]
    answer = browser.send("POST", "/auth/refresh", token=token, json={})
    assert (answer.status_code, answer.json["code"]) == (401, "refresh_refused")


def test_sec_1_7_a_session_whose_user_is_gone_ends(browser, context, clock):
    context.identity.gone.add("ann")
    answer = browser.send("POST", "/auth/refresh", json={})
    assert (answer.status_code, answer.json["code"]) == (401, "refresh_refused")
    assert browser.send("GET", "/auth/me").status_code == 401


def test_sec_1_7_logging_out_ends_the_session_and_takes_the_cookies_away(browser):
    refused(browser.send("POST", "/auth/logout", token=""))
    done = browser.send("POST", "/auth/logout")
    assert done.status_code == 200
    gone = set_cookies(done)
    assert gone.keys() == {SESSION, "csrf_token"}
    assert all(value == "" and "Max-Age=0" in attributes for value, attributes in gone.values())
    answer = browser.send("GET", "/auth/me")
    assert (answer.status_code, answer.json["code"]) == (401, "unauthenticated")


@pytest.mark.parametrize(
    "change", [lambda c: c[:-1] + ("A" if c[-1] != "A" else "B"), lambda c: "x" + c, lambda c: c[21:]]
)
def test_sec_1_7_a_changed_session_cookie_is_401(browser, change):
    browser.cookies[SESSION] = change(browser.cookies[SESSION])
    answer = browser.send("GET", "/auth/me")
    assert (answer.status_code, answer.json["code"]) == (401, "unauthenticated")


@pytest.mark.parametrize("cookie", ["x", "a.b.c", "..", "a" * 9000, "\u00e9", "0" * 20 + "." + "YW5u." + "x" * 43])
def test_sec_1_7_what_is_no_session_is_401(client, cookie):
    answer = client.get("/auth/me", headers={"Cookie": f"{SESSION}={cookie}".encode().decode("latin-1")})
    assert (answer.status_code, answer.json["code"]) == (401, "unauthenticated")


def test_sec_1_7_the_session_of_another_user_is_not_opened_by_ones_own_secret(context):
    mine, cookie = sessions.begin(context, "eve", "user")
    theirs, other = sessions.begin(context, "ann", "admin")
    _, uid, secret = cookie.split(".")
    for forged in (f"{theirs.id}.{uid}.{secret}", f"{theirs.id}.{other.split('.')[1]}.{secret}"):
        with pytest.raises(InvalidToken):
            sessions.verify(context, forged)
    assert sessions.verify(context, cookie).id == mine.id


def test_sec_1_7_a_refresh_token_is_no_session_and_the_reverse(client, context, login, browser):
    text = login("user:ann").json["refresh_token"]
    user, family = families.family_of(context, text)
    with pytest.raises(InvalidToken):
        sessions.verify(context, f"{family}.{text}")
    session_text = browser.cookies[SESSION].partition(".")[2]
    answer = client.post("/auth/refresh", json={"refresh_token": session_text})
    assert (user, answer.status_code) == ("ann", 401)


def test_sec_1_7_nothing_to_renew_is_400(client):
    answer = client.post("/auth/refresh", json={})
    assert (answer.status_code, answer.json["code"]) == (400, "nothing_to_renew")


def test_sec_1_7_two_tabs_that_renew_at_once_both_go_on(browser):
    answers = [browser.send("POST", "/auth/refresh", json={}) for _ in range(2)]
    assert [answer.status_code for answer in answers] == [200, 200]
    assert browser.send("GET", "/auth/me").status_code == 200


def test_sec_1_7_a_session_renewed_in_another_process_is_not_taken_for_stale(context, clock):
    elsewhere = dataclasses.replace(context, cache=MemoryCache(clock))
    _, cookie = sessions.begin(context, "ann", "user")
    clock.advance(899)
    sessions.verify(elsewhere, cookie)
    clock.advance(1)
    sessions.renew(context, cookie)
    assert sessions.verify(elsewhere, cookie).user == "ann"


def test_sec_1_7_sessions_fail_closed_while_the_provider_is_away(browser, clock, monkeypatch):
    def away(*_, **__):
        raise IdentityUnavailable("no answer came")

    monkeypatch.setattr(NamedTokens, "role_of", away)
    assert browser.send("GET", "/auth/me").status_code == 200
    clock.advance(900)
    assert browser.send("GET", "/auth/me").status_code == 401
    answer = browser.send("POST", "/auth/refresh", json={})
    assert (answer.status_code, answer.json["code"]) == (503, "unavailable")


@pytest.mark.parametrize(
    "cookie", ["a=\xff", "a=\xc3", "\xff\xfe=\x80", f"{SESSION}=\xff", f'{SESSION}="\\377"', "a=\xc3\xa9"]
)
def test_sec_1_7_a_cookie_of_odd_bytes_is_a_cookie_that_proves_nothing(client, cookie):
    headers = {"Cookie": cookie, "X-CSRF-Token": "\xff"}
    assert client.get("/csrf-token", headers=headers).status_code == 200
    assert client.get("/auth/me", headers=headers).status_code == 401
    refused = client.post("/auth/refresh", json={}, headers=headers)
    assert (refused.status_code, refused.json["code"]) in ((400, "nothing_to_renew"), (403, "csrf_failed"))


def test_sec_1_7_a_cookie_of_odd_bytes_hides_no_other(browser):
    browser.cookies["a"] = "\xff"
    assert browser.send("POST", "/auth/refresh", json={}).status_code == 200
    assert browser.send("POST", "/pipeline/run", json=BODY).status_code == 202
    refused(browser.send("POST", "/auth/refresh", json={}, csrf_cookie="\xff"))
