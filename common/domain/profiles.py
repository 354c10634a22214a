"""What a profile insists on before a process starts: production never meets an emulator, nor an emulator production."""

import ipaddress
import re
from collections.abc import Iterator, Mapping
from dataclasses import fields
from urllib.parse import urlsplit

from common.domain.settings import InvalidSettings, Settings

# What the embedded profile makes for itself; whoever finds one in production looks at a copied development state.
DEVELOPMENT_SECRETS = ("development-tokens", "signed-urls")

# What no process that asks who calls can do without.
ACCESS_KEY = "access-token-key"
PAGE_KEY = "page-tokens"  # the secret with the keys of page tokens
SHORTEST_ACCESS_KEY = 32  # characters

# Emulators without which the emulators profile has no outside world.
NEEDED = ("FIRESTORE_EMULATOR_HOST", "PUBSUB_EMULATOR_HOST", "STORAGE_EMULATOR_HOST")

SHORTEST = 12  # characters of a secret

_EMULATOR = re.compile(r"\w+_EMULATOR_(HOST|HOST_PATH|HUB)|FIREBASE_EMULATOR_HUB|API_ENDPOINT_OVERRIDE")
_OVERRIDE = "CLOUDSDK_API_ENDPOINT_OVERRIDES_"
_SECRET = re.compile(r"(^|_)(KEY|SECRET|TOKEN|PASSWORD)(_|$)")
_GUESSES = """
admin aiprod changeit changeme change-me default demo dev development dummy example foobar insecure letmein none null
password placeholder replaceme secret test testing the-key todo token xxx your-api-key
"""


def check(settings: Settings, environ: Mapping[str, str], secrets: Mapping[str, str] | None = None) -> None:
    """InvalidSettings, with every reason at once, when the profile must not start like this.

    `secrets` are names and values of what the process can read at its start.
    """
    reasons: list[str] = []
    if settings.profile == "emulators":
        reasons += _emulators(settings, environ)
    if settings.profile == "gcp":
        reasons += _production(settings, environ, secrets or {})
    if reasons:
        raise InvalidSettings(f"The profile {settings.profile} refuses to start. {' '.join(reasons)}")


def is_loopback(host: str) -> bool:
    """Whether `host`, `host:port` or a URL names this very machine."""
    name = urlsplit(host if "://" in host else f"//{host}").hostname or ""
    if name == "localhost":
        return True
    try:
        return ipaddress.ip_address(name).is_loopback
    except ValueError:
        return False


def is_default(value: str) -> bool:
    """Whether a secret is one that everybody would try first."""
    plain = value.strip().casefold()
    return plain in _GUESSES.split() or len(set(plain)) < 4 or plain.startswith(("changeme", "your-", "<"))


def _emulators(settings: Settings, environ: Mapping[str, str]) -> Iterator[str]:
    if not settings.project.startswith("demo-"):
        yield f"AIPROD_PROJECT is {settings.project!r}, which may exist; use a name that starts with demo-."
    for name in NEEDED:
        if not environ.get(name):
            yield f"{name} is not set; start one with scripts/emulators."
    for name, value in sorted(environ.items()):
        if _EMULATOR.fullmatch(name) and value and not is_loopback(value):
            yield f"{name} is {value!r}, which is not this machine; use an emulator at 127.0.0.1."
    for name, url in (("AIPROD_REDIS_URL", settings.redis_url), ("AIPROD_FUNCTIONS_URL", settings.functions_url)):
        if url and not is_loopback(url):
            yield f"{name} leads to another machine; use one at 127.0.0.1."


def _production(settings: Settings, environ: Mapping[str, str], secrets: Mapping[str, str]) -> Iterator[str]:
    for name in ("project", "region", "bucket", "functions_url", "invoker"):
        if not getattr(settings, name):
            yield f"AIPROD_{name.upper()} is missing; set it."
    if settings.project.startswith("demo-"):
        yield f"AIPROD_PROJECT is {settings.project!r}, a name for emulators; set the real project."
    if settings.functions_url and not _is_https(settings.functions_url):
        yield "AIPROD_FUNCTIONS_URL is no https URL; calls carry tokens, so set one."
    if settings.functions_url and "{function}" not in settings.functions_url:
        yield "AIPROD_FUNCTIONS_URL lacks {function}; put it where the function's name goes."
    if settings.invoker and "@" not in settings.invoker:
        yield "AIPROD_INVOKER is no e-mail address; set the service account's."
    for name in _base_urls():
        if not _is_https(getattr(settings, name)):
            yield f"AIPROD_{name.upper()} is no https URL of another machine; set one."
    if settings.webhook_loopback:
        yield "AIPROD_WEBHOOK_LOOPBACK is set, which lets users call this machine's own ports; unset it."
    if settings.fail_at:
        yield "AIPROD_FAIL_AT is set, which kills the process for tests; unset it."
    for name, value in sorted(environ.items()):
        if (_EMULATOR.fullmatch(name) or name.startswith(_OVERRIDE)) and value:
            yield f"{name} is set, which leads away from Google Cloud; unset it."
        if _SECRET.search(name) and value and is_default(value):
            yield f"{name} holds a default or guessable value; set a real one."
    password = urlsplit(settings.redis_url).password
    if password is not None and is_default(password):
        yield "AIPROD_REDIS_URL has a default or guessable password; set a real one."
    for name, value in sorted(secrets.items()):
        if name in DEVELOPMENT_SECRETS:
            yield f"The secret {name} is one that development makes for itself; remove it from where production looks."
        elif is_default(value) or len(value.strip()) < SHORTEST:
            yield f"The secret {name} holds a default or guessable value; add a version with a real one."
        elif name == ACCESS_KEY and len(value) < SHORTEST_ACCESS_KEY:
            yield f"The secret {name} has less than {SHORTEST_ACCESS_KEY} characters; add a version with more."


def _base_urls() -> list[str]:
    """Where the process itself, or a client, sends keys and tokens to."""
    return [field.name for field in fields(Settings) if field.name.endswith("_url") and field.name not in _OTHER_URLS]


_OTHER_URLS = ("redis_url", "functions_url")


def _is_https(url: str) -> bool:
    parts = urlsplit(url)
    return parts.scheme == "https" and bool(parts.hostname) and not is_loopback(url)
