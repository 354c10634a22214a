"""Hold a running service to what it was built for: CRIT-1 to CRIT-6, one line each, and 1 if any of them fails.

It talks to the service as a client does. The pipeline that it starts costs nothing and is cancelled at the end.
"""

import argparse
import json
import socket
import ssl
import statistics
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx

from common.domain import settings
from scripts.local.token import issue

REQUESTS, SECONDS, LEAST = 100, 60.0, 0.99
# Without these an engine of our own takes over. Firebase needs no key of ours: the function's own account vouches.
ENGINE_KEYS = frozenset({"gemini-api-key", "suno-api-key", "runway-api-key"})
SOON_DAYS = 14
_LOCAL = ("127.0.0.1", "localhost", "::1")


class Unfit(Exception):
    """What was found is not what was promised; the text says what was found."""


class NotHere(Exception):
    """There is nothing to check here; the text says why."""


@dataclass
class Service:
    """The service, as a client with a token sees it."""

    base: str
    http: httpx.Client
    token: str
    logs: Path | None = None
    pipeline: str = ""

    @property
    def local(self) -> bool:
        """Whether it runs on this machine."""
        return urlsplit(self.base).hostname in _LOCAL

    def ask(self, method: str, path: str, *statuses: int, signed: bool = False, body: Any = None) -> httpx.Response:
        """The answer with one of these statuses; Unfit for any other."""
        if signed and not self.token:
            raise Unfit("needs --token")
        headers = {"Authorization": f"Bearer {self.token}"} if signed else {}
        found = self.http.request(method, self.base + path, headers=headers, json=body)
        if found.status_code not in statuses:
            code = _code(found)
            raise Unfit(f"{found.status_code}{f' {code}' if code else ''}, not {' or '.join(map(str, statuses))}")
        return found


Check = Callable[[Service], str]


def health(service: Service) -> str:
    """200 with status ok."""
    said = service.ask("GET", "/health", 200).json()
    if said.get("status") != "ok":
        raise Unfit(f"status is {said.get('status')!r}")
    return f"200, version {said.get('version')}"


def page(path: str, mark: str) -> Check:
    """A page that holds a mark."""

    def check(service: Service) -> str:
        text = service.ask("GET", path, 200).text
        if mark not in text:
            raise Unfit(f"200, without {mark}")
        return "200"

    return check


def openapi(service: Service) -> str:
    """An OpenAPI document."""
    said = service.ask("GET", "/openapi.json", 200).json()
    return f"200, OpenAPI {said['openapi']}, {len(said['paths'])} paths"


def presets(service: Service) -> str:
    """The list of presets."""
    return f"200, {len(service.ask('GET', '/presets', 200).json()['presets'])} presets"


def login(service: Service) -> str:
    """Tokens for an ID token."""
    said = service.ask("POST", "/auth/login", 200, body={"id_token": service.token}).json()
    if not said.get("access_token"):
        raise Unfit("200, without an access token")
    return f"200, for {said.get('expires_in')} s"


def run(service: Service) -> str:
    """A pipeline is accepted."""
    body = {"content": "A short film that shows that this service works", "duration_sec": 5, "budget": 0}
    service.pipeline = service.ask("POST", "/pipeline/run", 202, signed=True, body=body).json()["id"]
    return f"202, {service.pipeline}"


def pipeline(service: Service) -> str:
    """The pipeline is shown."""
    return f"200, {service.ask('GET', f'/pipeline/{_started(service)}', 200, signed=True).json()['status']}"


def result(service: Service) -> str:
    """The result, or that it is being made."""
    found = service.ask("GET", f"/pipeline/{_started(service)}/result", 200, 202, signed=True)
    return f"{found.status_code}, {found.json()['status']}"


def documents(service: Service) -> str:
    """The store answers a query."""
    rows = service.ask("GET", "/pipelines?page_size=1", 200, signed=True).json()["pipelines"]
    return f"200, {len(rows)} row of pipelines"


def secrets(service: Service) -> str:
    """Every secret can be read; keys of engines may be missing, which is said and not counted as held."""
    rows = service.ask("GET", "/health/secrets", 200, signed=True).json()["secrets"]
    states = {row["name"]: row["state"] for row in rows}
    if unlisted := sorted(ENGINE_KEYS - states.keys()):
        raise Unfit(f"not looked at: {', '.join(unlisted)}")
    absent = sorted(name for name in ENGINE_KEYS if states[name] == "missing")
    if broken := sorted(name for name, state in states.items() if state != "readable" and name not in absent):
        raise Unfit(f"not readable: {', '.join(broken)}")
    if absent:
        raise NotHere(f"{len(rows) - len(absent)} readable; no key, so engines of our own: {', '.join(absent)}")
    return f"{len(rows)} readable"


def tls(service: Service) -> str:
    """TLS 1.2 or newer and nothing older, and a certificate that stays valid for a while."""
    parts = urlsplit(service.base)
    if parts.scheme != "https":
        if service.local:
            raise NotHere("plain http on this machine")
        raise Unfit("plain http to another machine")
    host, port = parts.hostname or "", parts.port or 443
    try:
        with _connect(host, port, ssl.create_default_context()) as secure:
            version, certificate = secure.version(), secure.getpeercert()
    except ssl.SSLCertVerificationError as refused:
        raise Unfit(f"certificate: {refused.verify_message}") from None
    except (ssl.SSLError, ConnectionResetError) as refused:
        raise Unfit(f"no TLS 1.2 or 1.3: {getattr(refused, 'reason', None) or refused}") from None
    assert certificate
    ends = datetime.fromtimestamp(ssl.cert_time_to_seconds(str(certificate["notAfter"])), UTC)
    if (ends - datetime.now(UTC)).days < SOON_DAYS:
        raise Unfit(f"certificate ends {ends:%Y-%m-%d}")
    if old := _old_version(host, port):
        raise Unfit(f"{old} is taken, too")
    return f"{version}, certificate until {ends:%Y-%m-%d}"


def smoke(service: Service) -> str:
    """100 requests within a minute, of which 99 % succeed."""
    began, took, failed = time.monotonic(), [], 0
    for number in range(REQUESTS):
        asked = time.monotonic()
        try:
            service.ask("GET", ("/health", "/presets")[number % 2], 200)
        except (Unfit, httpx.HTTPError):
            failed += 1
        took.append(time.monotonic() - asked)
        if time.monotonic() - began > SECONDS:
            break
    good = (len(took) - failed) / REQUESTS
    p95 = statistics.quantiles(took, n=20)[-1] if len(took) > 1 else took[0]
    said = f"{len(took) - failed}/{REQUESTS} in {time.monotonic() - began:.1f} s, p95 {p95 * 1000:.0f} ms"
    if good < LEAST:
        raise Unfit(said)
    return said


def metrics(service: Service) -> str:
    """The series of requests is there."""
    text = service.ask("GET", "/metrics", 200).text
    if "http_requests_total" not in text:
        raise Unfit("no http_requests_total")
    return f"http_requests_total, {sum(1 for line in text.splitlines() if line[:1] not in '#')} samples"


def logs(service: Service) -> str:
    """A request is found in the structured log by its id."""
    if service.logs is None:
        raise NotHere("give --logs FILE to look at them")
    wanted = service.ask("GET", "/presets", 200).headers["X-Request-Id"]
    for _ in range(20):
        for line in service.logs.read_text(encoding="utf-8").splitlines():
            if wanted in line and json.loads(line).get("request_id") == wanted:
                return "found by request id"
        time.sleep(0.1)
    raise Unfit("no line with this request id")


CHECKS: Sequence[tuple[str, str, Check]] = (
    ("CRIT-1", "GET /health", health),
    ("CRIT-1", "GET /docs", page("/docs", "swagger-ui")),
    ("CRIT-1", "GET /redoc", page("/redoc", "redoc")),
    ("CRIT-1", "GET /openapi.json", openapi),
    ("CRIT-1", "GET /metrics", page("/metrics", "# TYPE")),
    ("CRIT-1", "GET /presets", presets),
    ("CRIT-1", "POST /auth/login", login),
    ("CRIT-1", "POST /pipeline/run", run),
    ("CRIT-1", "GET /pipeline/{id}", pipeline),
    ("CRIT-1", "GET /pipeline/{id}/result", result),
    ("CRIT-2", "documents", documents),
    ("CRIT-3", "secrets", secrets),
    ("CRIT-4", "TLS", tls),
    ("CRIT-5", "smoke test", smoke),
    ("CRIT-6", "metrics", metrics),
    ("CRIT-6", "logs", logs),
)


def validate(service: Service, say: Callable[[str], None] = print) -> int:
    """Make every check and say how it went; 1 when any failed."""
    verdicts = []
    for row, name, check in CHECKS:
        try:
            verdict, said = "ok", check(service)
        except NotHere as nothing:
            verdict, said = "skip", str(nothing)
        except Unfit as unfit:
            verdict, said = "FAIL", str(unfit)
        except (httpx.HTTPError, OSError) as away:
            verdict, said = "FAIL", f"no answer: {away or type(away).__name__}"
        except (ValueError, KeyError, TypeError) as odd:
            verdict, said = "FAIL", f"the answer has another shape: {type(odd).__name__} {odd}"
        verdicts.append(verdict)
        say(f"{verdict:4} {row} {name:25} {said}"[:160])
    if service.pipeline:
        service.http.post(
            f"{service.base}/pipeline/{service.pipeline}/cancel", headers={"Authorization": f"Bearer {service.token}"}
        )
    say(f"{verdicts.count('ok')} held, {verdicts.count('FAIL')} failed, {verdicts.count('skip')} skipped")
    return int("FAIL" in verdicts)


def main(words: Sequence[str] | None = None) -> int:
    """The command."""
    parser = argparse.ArgumentParser(prog="scripts/validate", description=__doc__)
    parser.add_argument("base", metavar="BASE_URL", help="where the service is reached")
    parser.add_argument("--token", default="", help="ID token of an admin; made by itself for a server of this machine")
    parser.add_argument("--logs", type=Path, help="file that the service writes its log to")
    given = parser.parse_args(words)
    base = given.base.rstrip("/")
    token = given.token
    if not token and urlsplit(base).hostname in _LOCAL:
        token = issue("validate", "admin", settings.read())
    with httpx.Client(timeout=20) as http:
        return validate(Service(base, http, token, given.logs))


def _started(service: Service) -> str:
    if not service.pipeline:
        raise Unfit("no pipeline was started")
    return service.pipeline


def _code(found: httpx.Response) -> str:
    try:
        return str(found.json().get("code", ""))
    except (ValueError, AttributeError):
        return ""


def _connect(host: str, port: int, context: ssl.SSLContext) -> ssl.SSLSocket:
    plain = socket.create_connection((host, port), timeout=10)
    try:
        return context.wrap_socket(plain, server_hostname=host)
    except BaseException:
        plain.close()
        raise


def _old_version(host: str, port: int) -> str:
    """The version before 1.2 that the server takes, or nothing."""
    context = ssl.create_default_context()
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    context.set_ciphers("ALL:@SECLEVEL=0")
    context.options &= ~(ssl.OP_NO_TLSv1 | ssl.OP_NO_TLSv1_1)
    context.minimum_version, context.maximum_version = ssl.TLSVersion.TLSv1, ssl.TLSVersion.TLSv1_1
    try:
        with _connect(host, port, context) as secure:
            return secure.version() or "an old version"
    except OSError:
        return ""


if __name__ == "__main__":
    sys.exit(main())
