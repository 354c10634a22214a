import base64
import json
import threading
import time
from collections.abc import Mapping
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any

import jwt
import pytest
from google.auth.transport.requests import Request

from common.platform.documents import Unavailable
from common.platform.google import callers
from common.platform.google.callers import GoogleCallers
from common.platform.identity import InvalidToken
from tests.protocol.tokens import INVOKER, Issuer

URL = "https://direct-1.europe-west1.run.app"


@pytest.fixture(scope="module")
def issuer() -> Issuer:
    return Issuer()


@pytest.fixture(scope="module")
def stranger() -> Issuer:
    return Issuer()


class Published:
    """Certificates that can change or be out of reach, and how often they were asked for."""

    def __init__(self, certificates: Mapping[str, str], seconds: float = 3600.0) -> None:
        self.certificates, self.seconds, self.asked, self.away, self.now = certificates, seconds, 0, False, 0.0

    def __call__(self) -> tuple[Mapping[str, str], float]:
        self.asked += 1
        if self.away:
            raise Unavailable("no way to Google")
        return self.certificates, self.seconds


def verifier(published: Published) -> GoogleCallers:
    return GoogleCallers(published, monotonic=lambda: published.now)


def unsigned(token: str, signature: str = "", **header: Any) -> str:
    """The token with another header and no signature, or one that is given."""
    _, claims, _ = token.split(".")
    text = base64.urlsafe_b64encode(json.dumps(header).encode()).rstrip(b"=").decode()
    return f"{text}.{claims}.{signature}"


def test_the_address_of_the_caller_is_verified(issuer):
    assert verifier(Published(issuer.certificates)).verify(issuer.token(URL), URL) == INVOKER


def test_a_clock_a_little_behind_is_forgiven(issuer):
    now = int(time.time())
    token = issuer.token(URL, iat=now + 30, exp=now + 3630)
    assert verifier(Published(issuer.certificates)).verify(token, URL) == INVOKER


NOW = int(time.time())


@pytest.mark.parametrize(
    ("claims", "reason"),
    [
        ({"aud": "https://other.run.app"}, "audience"),
        ({"aud": [URL]}, "audience"),
        ({"aud": None}, "audience"),
        ({"iat": NOW - 7200, "exp": NOW - 3600}, "expired"),
        ({"iat": NOW + 3600, "exp": NOW + 7200}, "future"),
        ({"exp": None}, "times"),
        ({"iat": None}, "times"),
        ({"exp": "soon"}, "damaged"),
        ({"iss": "https://accounts.example.com"}, "issuer"),
        ({"iss": None}, "issuer"),
        ({"email": None}, "address"),
        ({"email": 5}, "address"),
        ({"email_verified": False}, "address"),
        ({"email_verified": "true"}, "address"),
        ({"email_verified": None}, "address"),
    ],
)
def test_a_claim_that_does_not_fit_is_refused(issuer, claims, reason):
    with pytest.raises(InvalidToken, match=reason):
        verifier(Published(issuer.certificates)).verify(issuer.token(URL, **claims), URL)


def test_another_key_of_the_same_name_is_refused(issuer, stranger):
    with pytest.raises(InvalidToken, match="signature"):
        verifier(Published(issuer.certificates)).verify(stranger.token(URL), URL)


@pytest.mark.parametrize(
    "forge",
    [
        lambda token: unsigned(token, alg="none", kid="key-1"),
        lambda token: unsigned(token, alg="none"),
        lambda token: unsigned(token, alg="RS256", kid="key-1"),
        lambda token: unsigned(token, alg="RS256"),
        lambda token: unsigned(token, alg="RS256", kid=["key-1"]),
        lambda token: unsigned(token, "AAAA", alg="ES256", kid="key-1"),
        lambda token: unsigned(token, alg={"a": 1}, kid="key-1"),
        lambda token: token[:-8] + "AAAAAAAA",
        lambda token: token.rpartition(".")[0],
        lambda token: "a.b.c",
        lambda token: "...",
        lambda token: "",
        lambda token: "é.ü.ß",
        lambda token: token + "." + token,
    ],
)
def test_what_google_did_not_sign_is_refused(issuer, forge):
    with pytest.raises(InvalidToken):
        verifier(Published(issuer.certificates)).verify(forge(issuer.token(URL)), URL)


def test_a_token_signed_with_the_public_key_as_a_secret_is_refused(issuer):
    secret = base64.urlsafe_b64encode(issuer.certificates["key-1"].encode()).decode()
    claims = jwt.decode(issuer.token(URL), options={"verify_signature": False})
    token = jwt.encode(claims, secret, "HS256", headers={"kid": "key-1"})
    with pytest.raises(InvalidToken, match="way"):
        verifier(Published(issuer.certificates)).verify(token, URL)


def test_a_signature_that_cloud_run_took_away_is_named_as_such(issuer):
    stripped = issuer.token(URL).rpartition(".")[0] + ".SIGNATURE_REMOVED_BY_GOOGLE"
    with pytest.raises(InvalidToken, match="invoker_iam_disabled"):
        verifier(Published(issuer.certificates)).verify(stripped, URL)


def test_a_refusal_never_quotes_the_token(issuer):
    token = issuer.token(URL, aud="https://secret-project.run.app")
    for bad in (token, token[:-5], token.replace(".", ""), "secret-project"):
        with pytest.raises(InvalidToken) as refused:
            verifier(Published(issuer.certificates)).verify(bad, URL)
        assert "secret-project" not in str(refused.value)
        assert token[:20] not in str(refused.value)


def test_certificates_are_kept_as_long_as_google_says(issuer):
    published = Published(issuer.certificates, seconds=600)
    port = verifier(published)
    for published.now in (0, 100, 599):
        port.verify(issuer.token(URL), URL)
    assert published.asked == 1
    published.now = 600
    port.verify(issuer.token(URL), URL)
    assert published.asked == 2


def test_a_new_key_of_google_is_looked_for_but_not_at_every_forgery(issuer):
    published = Published(issuer.certificates)
    port = verifier(published)
    port.verify(issuer.token(URL), URL)
    successor = Issuer("key-2")
    published.certificates = {**issuer.certificates, **successor.certificates}
    published.now = 61
    assert port.verify(successor.token(URL), URL) == INVOKER
    assert published.asked == 2
    for number in range(10):
        with pytest.raises(InvalidToken):
            port.verify(Issuer.token(_renamed(issuer, f"x{number}"), URL), URL)
    assert published.asked == 2


def test_without_certificates_nobody_is_verified_and_google_is_not_stormed(issuer):
    published = Published(issuer.certificates, seconds=600)
    published.away = True
    port = verifier(published)
    for _ in range(5):
        with pytest.raises(Unavailable):
            port.verify(issuer.token(URL), URL)
    assert published.asked == 1
    published.now, published.away = 3, False
    assert port.verify(issuer.token(URL), URL) == INVOKER
    published.now, published.away = 700, True
    with pytest.raises(Unavailable):
        port.verify(issuer.token(URL), URL)


class Answers(BaseHTTPRequestHandler):
    status, body, headers_sent = 200, b"{}", {}

    def do_GET(self) -> None:
        self.send_response(self.status)
        for name, value in self.headers_sent.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(self.body)))
        self.end_headers()
        self.wfile.write(self.body)

    def log_message(self, format: str, *args: object) -> None:
        return


@pytest.fixture
def certificates_server():
    """Serves one answer; yields how to set it and its address."""

    class Mine(Answers):
        pass

    server = HTTPServer(("127.0.0.1", 0), Mine)
    thread = threading.Thread(target=server.serve_forever, args=[0.02], daemon=True)
    thread.start()
    yield Mine, f"http://127.0.0.1:{server.server_address[1]}/certs"
    server.shutdown()
    server.server_close()
    thread.join(5)


def test_certificates_come_over_http_with_their_life(issuer, certificates_server):
    answer, url = certificates_server
    answer.body = json.dumps(dict(issuer.certificates)).encode()
    answer.headers_sent = {"Cache-Control": "public, max-age=21600, must-revalidate", "Age": "600"}
    fetch = callers.fetcher(Request(), url)
    assert fetch() == (issuer.certificates, 21000.0)
    assert GoogleCallers(fetch).verify(issuer.token(URL), URL) == INVOKER


@pytest.mark.parametrize(
    ("status", "body"), [(500, b"{}"), (404, b"no"), (200, b"no json"), (200, b"{}"), (200, b"[]")]
)
def test_an_answer_without_certificates_is_as_none(certificates_server, status, body):
    answer, url = certificates_server
    answer.status, answer.body = status, body
    with pytest.raises(Unavailable, match="certificates"):
        callers.fetcher(Request(), url)()


def test_a_place_nobody_answers_at_is_unavailable():
    with pytest.raises(Unavailable, match="certificates"):
        callers.fetcher(Request(), "http://127.0.0.1:9/certs")()


def _renamed(issuer: Issuer, key_id: str) -> Issuer:
    """The same key under another name."""
    other = object.__new__(Issuer)
    other.key_id, other.private = key_id, issuer.private
    return other
