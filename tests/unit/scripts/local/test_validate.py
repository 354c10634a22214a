"""CRIT-1 to CRIT-6: the command says what holds, notices each fault, and judges TLS by what a server speaks."""

import contextlib
import socket
import ssl
import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path
from typing import Any

import httpx
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from scripts.local import validate
from scripts.local.validate import NotHere, Service, Unfit
from tests.http_world import clock, context, posted, routed

__all__ = ["clock", "context", "posted"]


def service(app: Any) -> Service:
    return Service("http://127.0.0.1:1", httpx.Client(transport=httpx.WSGITransport(app)), "admin:validate")


def judged(app: Any) -> tuple[int, list[str]]:
    said: list[str] = []
    with service(app).http as http:
        code = validate.validate(Service("http://127.0.0.1:1", http, "admin:validate"), said.append)
    return code, said


def test_crit_1_to_6_hold_for_this_service(context):
    code, said = judged(routed(context))
    assert code == 0, "\n".join(said)
    assert {line.split()[1] for line in said[:-1]} == {f"CRIT-{number}" for number in range(1, 7)}
    assert sum(line.startswith("ok   CRIT-1") for line in said) == 10
    assert all(len(line) <= 160 for line in said)


@pytest.mark.parametrize("path", ["/health", "/docs", "/openapi.json", "/metrics", "/pipelines", "/auth/login"])
def test_a_fault_of_one_endpoint_is_told_on_its_line_and_by_the_exit_code(context, path):
    sound = routed(context)

    def faulty(environ: Any, start_response: Any) -> Any:
        if environ["PATH_INFO"] == path:
            start_response("200 OK", [("Content-Type", "application/json")])
            return [b'{"status": "poor"}']
        return sound(environ, start_response)

    code, said = judged(faulty)
    assert code == 1
    assert [line for line in said if line.startswith("FAIL")]


def test_crit_5_two_failures_in_a_hundred_are_too_many(context):
    sound, count = routed(context), iter(range(10_000))

    def flaky(environ: Any, start_response: Any) -> Any:
        if environ["PATH_INFO"] == "/presets" and next(count) < 2:
            start_response("503 Service Unavailable", [])
            return [b""]
        return sound(environ, start_response)

    with pytest.raises(Unfit, match="98/100"):
        validate.smoke(service(flaky))


def test_crit_4_plain_http_is_for_this_machine_alone():
    with pytest.raises(NotHere):
        validate.tls(Service("http://127.0.0.1:1", httpx.Client(), ""))
    with pytest.raises(Unfit, match="plain http"):
        validate.tls(Service("http://api.example.com", httpx.Client(), ""))


@pytest.mark.parametrize(
    ("days", "versions", "expected"),
    [
        (90, (ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3), ""),
        (-1, (ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3), "certificate has expired"),
        (3, (ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3), "certificate ends"),
        (90, (ssl.TLSVersion.TLSv1, ssl.TLSVersion.TLSv1), "no TLS 1.2 or 1.3"),
        (90, (ssl.TLSVersion.TLSv1, ssl.TLSVersion.TLSv1_3), "is taken, too"),
    ],
)
@pytest.mark.filterwarnings("ignore:ssl.TLSVersion.TLSv1:DeprecationWarning")
def test_crit_4_tls_is_judged_by_what_the_server_speaks(tmp_path, monkeypatch, days, versions, expected):
    certificate = signed(tmp_path, days)
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))  # trusted, so that only its dates are judged
    with speaking(certificate, versions) as port:
        where = Service(f"https://127.0.0.1:{port}", httpx.Client(), "")
        if expected:
            with pytest.raises(Unfit, match=expected):
                validate.tls(where)
        else:
            assert validate.tls(where).startswith("TLSv1.3, certificate until")


class Listed:
    """A service somewhere else that says so of its secrets."""

    def __init__(self, **changes: str) -> None:
        states = dict.fromkeys([*validate.ENGINE_KEYS, "access-token-key", "page-tokens"], "readable")
        states |= {name.replace("_", "-"): state for name, state in changes.items()}
        self.rows = [{"name": name, "state": state} for name, state in states.items() if state]

    def judged(self) -> str:
        answer = httpx.MockTransport(lambda request: httpx.Response(200, json={"secrets": self.rows}))
        return validate.secrets(Service("https://video.example.com", httpx.Client(transport=answer), "a-token"))


def test_crit_3_every_secret_that_is_listed_is_confirmed():
    assert Listed().judged() == "5 readable"
    with pytest.raises(Unfit, match="not readable: page-tokens"):
        Listed(page_tokens="missing").judged()


def test_crit_3_a_key_that_nobody_has_is_named_and_is_no_failure_anywhere():
    with pytest.raises(NotHere, match="3 readable; no key, so engines of our own: gemini-api-key, suno-api-key"):
        Listed(suno_api_key="missing", gemini_api_key="missing").judged()


def test_crit_3_a_key_that_cannot_be_read_or_is_not_looked_at_is_a_failure():
    with pytest.raises(Unfit, match="not readable: gemini-api-key"):
        Listed(suno_api_key="missing", gemini_api_key="unavailable").judged()
    with pytest.raises(Unfit, match="not looked at: suno-api-key"):
        Listed(suno_api_key="").judged()


def signed(folder: Path, days: int) -> Path:
    """A certificate for 127.0.0.1 that ends in so many days, and its key, in one file."""
    key, now = ec.generate_private_key(ec.SECP256R1()), datetime.now(UTC)
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "127.0.0.1")])
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=30))
        .not_valid_after(now + timedelta(days=days, hours=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))]), critical=False)
        .sign(key, hashes.SHA256())
    )
    file = folder / "certificate.pem"
    plain = serialization.NoEncryption()
    file.write_bytes(
        made.public_bytes(serialization.Encoding.PEM)
        + key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, plain)
    )
    return file


@contextlib.contextmanager
def speaking(certificate: Path, versions: tuple[ssl.TLSVersion, ssl.TLSVersion]) -> Iterator[int]:
    """A server that shakes hands in these versions of TLS and says nothing more; its port."""
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    tls.load_cert_chain(certificate)
    tls.set_ciphers("ALL:@SECLEVEL=0")
    tls.options &= ~(ssl.OP_NO_TLSv1 | ssl.OP_NO_TLSv1_1)
    tls.minimum_version, tls.maximum_version = versions
    listener = socket.create_server(("127.0.0.1", 0))

    def answer() -> None:
        while True:
            try:
                plain, _ = listener.accept()
            except OSError:
                return
            with contextlib.suppress(OSError), plain, tls.wrap_socket(plain, server_side=True) as secure:
                secure.recv(1)

    thread = threading.Thread(target=answer)
    thread.start()
    try:
        yield listener.getsockname()[1]
    finally:
        listener.shutdown(socket.SHUT_RDWR)
        listener.close()
        thread.join()
