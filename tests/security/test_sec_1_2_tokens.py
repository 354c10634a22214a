"""SEC-1.2: short access tokens, refresh tokens that work once, families that end together, and revocation."""

import base64
import dataclasses
import json
import threading
from datetime import timedelta
from hashlib import sha256

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric.rsa import generate_private_key
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from hypothesis import given
from hypothesis import strategies as st
from werkzeug.test import Client
from werkzeug.wrappers import Response

from common.domain.profiles import ACCESS_KEY
from common.identity import access, families
from common.observability import audit
from common.platform.documents import Conflict, Unavailable
from common.platform.embedded.cache import MemoryCache
from common.platform.identity import IdentityUnavailable, InvalidToken
from common.platform.secrets import SecretsUnavailable
from tests.http_world import NamedTokens, routed

LIFE = 900
WEEK = 7 * 24 * 3600


def bearer(token):
    return {"Authorization": f"Bearer {token}"}


def refresh(client, token):
    return client.post("/auth/refresh", json={"refresh_token": token})


def me(client, token):
    return client.get("/auth/me", headers=bearer(token))


def events(context):
    return [event for _, event in reversed(audit.newest(context.documents, limit=100))]


def refused(response, code="unauthenticated"):
    assert (response.status_code, response.json["code"]) == (401, code), response.text
    assert response.headers["WWW-Authenticate"] == 'Bearer realm="aiprod", error="invalid_token"'
    assert response.content_type == "application/problem+json"


def test_sec_1_2_a_login_answers_what_is_promised(client, context, login):
    answer = login("user:ann")
    assert answer.status_code == 200
    assert answer.json.keys() == {"access_token", "refresh_token", "token_type", "expires_in", "issued_at"}
    assert (answer.json["token_type"], answer.json["expires_in"]) == ("Bearer", LIFE)
    assert answer.json["issued_at"] == "2026-01-01T00:00:00Z"
    assert answer.headers["Cache-Control"] == "no-store"
    assert "Set-Cookie" not in answer.headers
    found = me(client, answer.json["access_token"]).json
    assert (found["id"], found["role"], found["via"]) == ("ann", "user", "access_token")
    assert found["session_expires_at"] == "2026-01-08T00:00:00Z"
    [success] = events(context)
    assert (success.kind, success.actor, success.outcome) == ("AUTH_SUCCESS", "ann", "success")


def test_sec_1_2_refresh_tokens_are_32_random_bytes_kept_as_hashes_for_seven_days(context, login):
    text = login("user:ann").json["refresh_token"]
    assert len(base64.urlsafe_b64decode(text.partition(".")[2] + "=")) == 32
    [kept] = context.documents.query("users/ann/tokens")
    assert kept.id == sha256(text.encode()).hexdigest()
    assert kept.data["expires_at"] == "2026-01-08T00:00:00Z"
    rows = [*context.documents.query("users/ann/tokens"), *context.documents.query("users/ann/families")]
    assert text.partition(".")[2] not in json.dumps([row.data for row in rows])


def test_sec_1_2_a_refresh_answers_new_tokens_and_the_old_one_works_no_more(client, context, clock, login):
    first = login("user:ann").json
    clock.advance(600)
    answer = refresh(client, first["refresh_token"])
    second = answer.json
    assert answer.status_code == 200
    assert second.keys() == first.keys()
    assert second["refresh_token"] != first["refresh_token"]
    assert second["issued_at"] == "2026-01-01T00:10:00Z"
    assert me(client, second["access_token"]).status_code == 200
    assert me(client, first["access_token"]).status_code == 200  # until it expires
    clock.advance(LIFE - 600)
    refused(me(client, first["access_token"]))
    assert me(client, second["access_token"]).status_code == 200
    refused(refresh(client, first["refresh_token"]), "refresh_refused")


@pytest.mark.parametrize("generations", [1, 2, 5])
def test_sec_1_2_reuse_of_any_older_token_ends_the_whole_family(client, context, login, generations):
    texts, newest = [], login("user:ann").json
    for _ in range(generations):
        texts.append(newest["refresh_token"])
        newest = refresh(client, newest["refresh_token"]).json
    other = login("user:ann").json
    refused(refresh(client, texts[0]), "refresh_refused")
    refused(refresh(client, newest["refresh_token"]), "refresh_refused")
    refused(me(client, newest["access_token"]))
    assert me(client, other["access_token"]).status_code == 200, "another login of the same user lives on"
    alert = next(event for event in events(context) if event.kind == "SECURITY_ALERT")
    assert (alert.actor, alert.outcome) == ("ann", "failure")
    assert texts[0] not in json.dumps([event.model_dump(mode="json") for event in events(context)])


def test_sec_1_2_there_is_no_time_of_grace(client, login):
    """The same token at the same moment of the clock, right after its refresh: a copy is a copy."""
    first = login("user:ann").json["refresh_token"]
    second = refresh(client, first).json["refresh_token"]
    refused(refresh(client, first), "refresh_refused")
    refused(refresh(client, second), "refresh_refused")


def test_sec_1_2_of_two_refreshes_that_race_one_wins_and_keeps_its_family(client, context, login, monkeypatch):
    """Both read the token while it still works; the store takes the commit of one."""
    text, both = login("user:ann").json["refresh_token"], threading.Barrier(2)
    asked = threading.local()
    asked.once = True  # this thread races nobody
    role_of = NamedTokens.role_of

    def together(self, user, **more):  # asked between the read and the commit
        if not getattr(asked, "once", False):
            asked.once = True
            both.wait(10)
        return role_of(self, user, **more)

    monkeypatch.setattr(NamedTokens, "role_of", together)
    answers = []
    threads = [threading.Thread(target=lambda: answers.append(refresh(client, text))) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    winner, loser = sorted(answers, key=lambda answer: answer.status_code)
    assert winner.status_code == 200
    refused(loser, "refresh_refused")
    assert "faster" in loser.json["detail"]
    assert len(context.documents.query("users/ann/tokens")) == 2
    assert me(client, winner.json["access_token"]).status_code == 200
    assert refresh(client, winner.json["refresh_token"]).status_code == 200


def test_sec_1_2_many_refreshes_at_once_make_one_successor_at_most(client, context, login):
    text, answers = login("user:ann").json["refresh_token"], []
    threads = [threading.Thread(target=lambda: answers.append(refresh(client, text).status_code)) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert sorted(answers) == [200, *[401] * 7]
    assert len(context.documents.query("users/ann/tokens")) == 2


class LosesAnswers:
    """Documents whose commits are taken, or not, and whose answers are lost."""

    def __init__(self, documents, times, *, taken):
        self._documents, self._left, self._taken = documents, times, taken

    def __getattr__(self, name):
        return getattr(self._documents, name)

    def commit(self, writes):
        if self._left and any("users/" in write.path for write in writes):
            self._left -= 1
            if self._taken:
                self._documents.commit(writes)
            raise Unavailable("no answer came")
        self._documents.commit(writes)


@pytest.mark.parametrize("taken", [True, False])
def test_sec_1_2_a_refresh_whose_answer_the_store_lost_is_done_once(context, taken):
    _, first = families.begin(context, "ann", "user", "tokens")
    lossy = dataclasses.replace(context, documents=LosesAnswers(context.documents, 1, taken=taken))
    family, second = families.refresh(lossy, first)
    assert len(context.documents.query("users/ann/tokens")) == 2
    assert families.refresh(context, second)[0].id == family.id


@pytest.mark.parametrize("taken", [True, False])
def test_sec_1_2_a_login_whose_answer_the_store_lost_starts_one_family(context, taken):
    lossy = dataclasses.replace(context, documents=LosesAnswers(context.documents, 1, taken=taken))
    family, text = families.begin(lossy, "ann", "user", "tokens")
    assert len(context.documents.query("users/ann/families")) == 1
    assert families.refresh(context, text)[0].id == family.id


def test_sec_1_2_an_expired_refresh_token_is_refused(client, clock, login):
    text = login("user:ann").json["refresh_token"]
    clock.advance(WEEK - 1)
    text = refresh(client, text).json["refresh_token"]
    clock.advance(WEEK)
    answer = refresh(client, text)
    refused(answer, "refresh_refused")


def test_sec_1_2_a_login_ends_after_thirty_days_however_often_it_is_renewed(client, clock, login):
    text = login("user:ann").json["refresh_token"]
    for _ in range(4):
        clock.advance(6 * 24 * 3600)
        text = refresh(client, text).json["refresh_token"]
    clock.advance(6 * 24 * 3600)
    refused(refresh(client, text), "refresh_refused")


def test_sec_1_2_revocation_ends_the_family_whatever_token_of_it_came(client, context, login):
    first = login("user:ann").json
    second = refresh(client, first["refresh_token"]).json
    assert client.post("/auth/revoke", json={"refresh_token": first["refresh_token"]}).json == {"revoked": True}
    refused(me(client, second["access_token"]))
    refused(refresh(client, second["refresh_token"]), "refresh_refused")
    again = client.post("/auth/revoke", json={"refresh_token": second["refresh_token"]})
    assert (again.status_code, again.json) == (200, {"revoked": True})
    assert [event.kind for event in events(context)].count("AUTH_TOKEN_REVOKE") == 1


@pytest.mark.parametrize("text", ["x", "a.b", "YW5u." + "x" * 43, "../../x." + "x" * 43, "\u00e9" * 10, "_" * 1024])
def test_sec_1_2_revoking_what_is_unknown_is_200_and_refreshing_it_401(client, text):
    answer = client.post("/auth/revoke", json={"refresh_token": text})
    assert (answer.status_code, answer.json) == (200, {"revoked": True})
    refused(refresh(client, text), "refresh_refused")


@given(st.text(max_size=300) | st.from_regex(r"[A-Za-z0-9_-]{1,40}\.[A-Za-z0-9_-]{43}", fullmatch=True))
def test_sec_1_2_no_text_that_we_did_not_make_is_a_refresh_token(text):
    try:
        user = families.user_of(text)
    except InvalidToken:
        return
    assert families.token_path(user, text).startswith("users/")
    assert "/" not in user


def test_sec_1_2_logout_ends_the_family_at_once(client, context, login):
    answer = login("user:ann").json
    done = client.post("/auth/logout", headers=bearer(answer["access_token"]))
    assert (done.status_code, done.json) == (200, {"logged_out": True})
    refused(me(client, answer["access_token"]))
    refused(refresh(client, answer["refresh_token"]), "refresh_refused")
    [ended] = [event for event in events(context) if event.kind == "AUTH_TOKEN_REVOKE"]
    assert (ended.actor, ended.facts) == ("ann", {"reason": "logged out"})


def test_sec_1_2_an_id_token_has_no_login_to_end(client):
    answer = client.post("/auth/logout", headers=bearer("user:ann"))
    assert (answer.status_code, answer.json["code"]) == (400, "no_session")


def test_sec_1_2_another_process_hears_of_an_end_within_a_minute(context, clock):
    """The promised bound of what a process may believe without looking."""
    family, _ = families.begin(context, "ann", "user", "tokens")
    elsewhere = dataclasses.replace(context, cache=MemoryCache(clock))
    families.standing(elsewhere, "ann", family.id)
    assert families.end(context, "ann", family.id, "logged out")
    families.standing(elsewhere, "ann", family.id)
    clock.advance(families.LOOK)
    with pytest.raises(InvalidToken, match="has ended"):
        families.standing(elsewhere, "ann", family.id)
    assert families.LOOK <= 60


def test_sec_1_2_a_demotion_comes_with_the_next_refresh(client, context, login):
    first = login("admin:ann").json
    context.identity.set_role("ann", "viewer")
    second = refresh(client, first["refresh_token"]).json
    assert me(client, second["access_token"]).json["role"] == "viewer"


def test_sec_1_2_a_user_who_is_gone_is_not_renewed_and_the_family_ends(client, context, login):
    first = login("user:ann").json
    context.identity.gone.add("ann")
    refused(refresh(client, first["refresh_token"]), "refresh_refused")
    refused(me(client, first["access_token"]))
    refused(login("user:ann"), "login_refused")


def test_sec_1_2_with_the_provider_away_nobody_new_gets_in_and_issued_tokens_go_on(client, clock, login, monkeypatch):
    first = login("user:ann").json

    def away(*_, **__):
        raise IdentityUnavailable("no answer came")

    monkeypatch.setattr(NamedTokens, "verify", away)
    monkeypatch.setattr(NamedTokens, "role_of", away)
    for answer in (login("user:bob"), me(client, "user:bob"), refresh(client, first["refresh_token"])):
        assert (answer.status_code, answer.json["code"]) == (503, "unavailable")
        assert int(answer.headers["Retry-After"]) >= 1
    assert me(client, first["access_token"]).status_code == 200
    clock.advance(LIFE)
    refused(me(client, first["access_token"]))
    monkeypatch.undo()
    assert refresh(client, first["refresh_token"]).status_code == 200, "the outage consumed nothing"


def test_sec_1_2_with_the_documents_away_no_family_is_taken_on_trust(client, context, clock, login, monkeypatch):
    token = login("user:ann").json["access_token"]
    assert me(client, token).status_code == 200

    def away(path):
        raise Unavailable("no answer came")

    monkeypatch.setattr(context.documents, "get", away)
    assert me(client, token).status_code == 200  # known for less than a minute
    clock.advance(families.LOOK)
    assert me(client, token).status_code == 503


# Forged access tokens


@pytest.fixture
def claims(context, login):
    """The claims of a good token, whose family lives."""
    token = login("user:ann").json["access_token"]
    return jwt.decode(token, options={"verify_signature": False})


def key(context):
    return context.secrets.read(ACCESS_KEY)


def sign(context, claims, *, secret=None, algorithm="HS256", **headers):
    return jwt.encode(claims, secret or key(context), algorithm, headers={"kid": "1", "typ": "at+jwt", **headers})


def encoded(value):
    return base64.urlsafe_b64encode(json.dumps(value).encode()).decode().rstrip("=")


def test_sec_1_2_the_good_token_of_the_forgeries_is_good(client, context, claims):
    assert me(client, sign(context, claims)).status_code == 200


@pytest.mark.parametrize(
    "change",
    [
        {"iss": "aiprod-elsewhere"},
        {"aud": "another"},
        {"aud": ["another"]},
        {"sub": "bob"},
        {"sub": ""},
        {"sub": "../admin"},
        {"sub": 7},
        {"role": "root"},
        {"role": ["admin"]},
        {"role": None},
        {"family": "0" * 20},
        {"family": "../../x"},
        {"family": 1},
        {"exp": 1},
        {"exp": "soon"},
        {"exp": True},
        {"exp": 10**400},
        {"exp": -1},
        {"iat": 4_000_000_000, "exp": 4_000_000_900},
        {"iat": None},
        *({name: ...} for name in ("iss", "aud", "sub", "role", "family", "iat", "exp", "jti")),
    ],
)
def test_sec_1_2_a_token_with_another_claim_is_401_though_we_signed_it(client, context, claims, change):
    changed = {name: value for name, value in {**claims, **change}.items() if value is not ...}
    refused(me(client, sign(context, changed)))


@pytest.mark.parametrize("algorithm", ["none", "None", "NONE", "nOnE"])
@pytest.mark.parametrize("signature", ["", "c2lnbmF0dXJl"])
def test_sec_1_2_alg_none_is_401(client, claims, algorithm, signature):
    head = encoded({"alg": algorithm, "typ": "at+jwt", "kid": "1"})
    refused(me(client, f"{head}.{encoded({**claims, 'role': 'admin'})}.{signature}"))


@pytest.mark.parametrize("algorithm", ["HS384", "HS512"])
def test_sec_1_2_another_algorithm_is_401_even_with_our_key(client, context, claims, algorithm):
    refused(me(client, sign(context, claims, secret=key(context) * 3, algorithm=algorithm)))
    forged = sign(context, claims, secret=(key(context) + "x" * 64)[:64], algorithm=algorithm)
    refused(me(client, forged))


def test_sec_1_2_an_asymmetric_signature_is_401(client, context, claims):
    refused(me(client, sign(context, claims, secret=generate_private_key(65537, 2048), algorithm="RS256")))


def test_sec_1_2_a_public_key_is_no_secret_of_ours(client, context, claims):
    """HS256 with the bytes of a public key, as where one verifier takes both kinds of algorithm."""
    public = (
        generate_private_key(65537, 2048).public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    )
    head, body = encoded({"alg": "HS256", "typ": "at+jwt", "kid": "1"}), encoded(claims)
    signer = jwt.algorithms.HMACAlgorithm(jwt.algorithms.HMACAlgorithm.SHA256)
    mac = base64.urlsafe_b64encode(signer.sign(f"{head}.{body}".encode(), public)).decode().rstrip("=")
    refused(me(client, f"{head}.{body}.{mac}"))


@pytest.mark.parametrize(
    "headers", [{"kid": "2"}, {"kid": "../1"}, {"kid": ""}, {"kid": "latest"}, {"typ": "JWT"}, {"typ": "at+JWT"}]
)
def test_sec_1_2_another_key_id_or_type_is_401(client, context, claims, headers):
    refused(me(client, sign(context, claims, **headers)))


def test_sec_1_2_another_key_is_401(client, context, claims):
    refused(me(client, sign(context, claims, secret="another key of some length, made by somebody")))


def test_sec_1_2_a_key_that_comes_with_the_token_is_not_looked_at(client, context, claims):
    theirs = "another key of some length, made by somebody"
    jwk = {"kty": "oct", "k": base64.urlsafe_b64encode(theirs.encode()).decode()}
    refused(me(client, sign(context, claims, secret=theirs, jwk=jwk, jku="https://evil.test/keys")))


def test_sec_1_2_a_changed_payload_is_401(client, context, claims):
    head, _, signature = sign(context, claims).split(".")
    refused(me(client, f"{head}.{encoded({**claims, 'role': 'admin'})}.{signature}"))


@pytest.mark.parametrize(
    "token",
    [
        "a" * 9000,
        ".".join(
            [encoded({"alg": "HS256", "kid": "1", "typ": "at+jwt"}), encoded({"iss": "aiprod", "x": "y" * 9000}), "x"]
        ),
        ".".join(["e30", base64.urlsafe_b64encode(b"[" * 4000).decode().rstrip("="), "x"]),
        ".".join([encoded([1]), encoded({"iss": "aiprod"}), "x"]),
        ".".join([encoded("x"), encoded({"iss": "aiprod"}), "x"]),
        ".".join(["", encoded({"iss": "aiprod"}), ""]),
        encoded({"iss": "aiprod"}),
        "\u00e9.\u00e9.\u00e9",
        "a.b.c.d.e",
    ],
)
def test_sec_1_2_what_is_no_token_is_401(client, token):
    answer = client.get("/auth/me", headers={"Authorization": f"Bearer {token}"})
    assert (answer.status_code, answer.json["code"]) == (401, "unauthenticated")


@given(st.text(max_size=200) | st.binary(max_size=60).map(lambda raw: ".".join(["e30", encoded(raw.hex()), "x"])))
def test_sec_1_2_no_text_makes_the_look_at_the_issuer_fail(text):
    assert access.is_ours(text) in (True, False)


def test_sec_1_2_a_token_of_ours_is_never_shown_to_another_verifier(client, context, claims, monkeypatch):
    def never(*_, **__):
        raise AssertionError("asked about a token that names us as its issuer")

    monkeypatch.setattr(NamedTokens, "verify", never)
    refused(me(client, sign(context, claims, secret="another key of some length, made by somebody")))
    assert me(client, sign(context, claims)).status_code == 200


def test_sec_1_2_the_family_of_another_user_is_401(client, context, claims, login):
    theirs = jwt.decode(login("admin:eve").json["access_token"], options={"verify_signature": False})
    refused(me(client, sign(context, {**claims, "family": theirs["family"]})))


def test_sec_1_2_the_key_rotates_without_logging_anybody_out(client, context, clock, login):
    before = login("user:ann").json
    context.secrets.add(ACCESS_KEY, "the second key of some length, for the tokens of tests")
    clock.advance(60)
    after = login("user:ann").json
    assert jwt.get_unverified_header(after["access_token"])["kid"] == "2"
    assert me(client, before["access_token"]).status_code == 200
    context.secrets.add(ACCESS_KEY, "the third key of some length, for the tokens of tests")
    clock.advance(60)
    refused(me(client, before["access_token"]))
    assert me(client, after["access_token"]).status_code == 200
    assert refresh(client, before["refresh_token"]).status_code == 200, "a refresh token is of no key"


def test_sec_1_2_failed_logins_and_refreshes_are_in_the_audit_log_without_their_tokens(client, context, login):
    refused(login("root:ann"), "login_refused")
    refused(refresh(client, "YW5u." + "x" * 43), "refresh_refused")
    found = events(context)
    assert [(event.kind, event.outcome, event.actor) for event in found] == [("AUTH_FAILURE", "failure", "")] * 2
    assert "root:ann" not in found[0].model_dump_json()
    assert "x" * 43 not in found[1].model_dump_json()


def test_sec_1_2_rivals_that_never_let_us_commit_are_an_outage(client, context, login, monkeypatch):
    text = login("user:ann").json["refresh_token"]

    def rival(writes):
        raise Conflict("users/ann is contended for")

    monkeypatch.setattr(context.documents, "commit", rival)
    assert refresh(client, text).status_code == 503


def test_sec_1_2_every_login_of_a_user_that_may_do_more_than_the_role_can_be_ended(client, context, login):
    tokens = [login("user:ann").json["access_token"] for _ in range(3)]
    other = login("user:bob").json["access_token"]
    assert families.bound(context, "ann", "admin") == families.bound(context, "ann", "user") == 0
    assert me(client, tokens[0]).status_code == 200
    assert families.bound(context, "ann", "viewer") == 3
    for token in tokens:
        refused(me(client, token))
    assert me(client, other).status_code == 200
    assert families.bound(context, "ann", "service") == 0, "they have ended"
    plain, _ = families.begin(context, "ann", "viewer", "tokens")
    assert families.bound(context, "ann", "user") == 0
    assert families.standing(context, "ann", plain.id).role == "viewer"


def test_sec_1_2_lives_are_settings(context, login):
    ours = dataclasses.replace(context, settings=dataclasses.replace(context.settings, refresh_token_ttl=3600))
    family, _ = families.begin(ours, "ann", "user", "tokens")
    assert family.expires_at - family.created_at == timedelta(hours=1)


def test_sec_1_2_guessing_is_slowed_down_and_then_stopped(client):
    def attempt(token, address="203.0.113.9"):
        here = {"REMOTE_ADDR": address}
        return client.post("/auth/login", json={"id_token": token}, environ_overrides=here).status_code

    assert [attempt("root:ann") for _ in range(21)] == [401] * 20 + [429]
    assert attempt("user:ann") == 429, "whatever comes next from there"
    assert attempt("user:ann", "203.0.113.10") == 200


def test_sec_1_2_an_access_token_is_no_id_token(client, login):
    refused(login(login("user:ann").json["access_token"]), "login_refused")


def test_sec_1_2_a_refresh_that_could_not_be_signed_consumes_nothing(context, login, monkeypatch):
    text = login("user:ann").json["refresh_token"]
    restarted = Client(routed(dataclasses.replace(context)), Response)  # which knows no key yet

    def away(_name):
        raise SecretsUnavailable("no answer came")

    with monkeypatch.context() as outage:
        outage.setattr(context.secrets, "versions", away)
        assert refresh(restarted, text).status_code == 503
    assert refresh(restarted, text).status_code == 200
