"""Every setting of a process, read once from its environment."""

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from functools import cached_property
from pathlib import Path
from typing import Literal, get_args

Profile = Literal["embedded", "emulators", "gcp"]
PROFILES: tuple[Profile, ...] = get_args(Profile)


# As a browser writes it: in lower case, without a path, and with a port only where that is not the usual one.
_ORIGIN = re.compile(r"https?://[a-z0-9.-]+(:[0-9]{1,5})?|https?://\[[0-9a-f:]+\](:[0-9]{1,5})?")


class InvalidSettings(ValueError):
    """A setting cannot be used; the text names it and says what would do."""


@dataclass(frozen=True)
class Settings:
    """The settings of one process. The environment variable of `field` is AIPROD_FIELD."""

    # Which outside world to use: embedded (Python alone), emulators (Google's, on this machine) or gcp.
    profile: Profile = "embedded"
    # Where this machine keeps its state: all of the embedded profile's, secrets and job records of the emulators'.
    home: Path = Path(".aiprod")
    # Background steps that one process runs at a time, and segments that one render encodes at a time.
    workers: int = 2
    # Tasks that a long render is spread over at most, each in a container of its own; a task uses all cores of one.
    render_tasks: int = 1
    # How often a running step looks whether it was cancelled, in seconds.
    poll_seconds: float = 0.4
    # How often a process of this machine sweeps, in seconds; on Google Cloud the schedule says.
    sweep_seconds: float = 5.0
    # Where clients reach the service; links in answers start with it.
    public_url: str = "http://127.0.0.1:8080"
    # Origins of web pages that may call the service from a browser, with cookies; comma-separated, as https://HOST.
    allowed_origins: str = ""
    # Entries that our own proxies add to X-Forwarded-For, of which the first is the client; 2 on Google Cloud.
    trusted_proxies: int = 0
    # Project on Google Cloud; the emulators take names that start with demo- only, and demo-aiprod by default.
    project: str = ""
    # Region of the project's queues, jobs and schedules.
    region: str = ""
    # Bucket of all objects; aiprod on the emulators by default.
    bucket: str = ""
    # Redis that shares counters between processes, as redis://HOST:PORT; without it they are kept per process.
    redis_url: str = ""
    # Where Pub/Sub, Cloud Tasks and Cloud Scheduler call a function: a URL with {function} in it.
    functions_url: str = ""
    # Service account, by e-mail address, whose OIDC token those calls carry.
    invoker: str = ""
    # How long an access token works, and a login whose user or role the provider took away, in seconds.
    access_token_ttl: int = 900
    # How long a refresh token, or a session of a browser that is not used, can be renewed, in seconds.
    refresh_token_ttl: int = 604_800
    # Age at which keys that we make are rotated, in days: 7 in production, 30 in staging.
    key_rotation_days: int = 7
    # Named point at which the process kills itself, for tests of recovery: POINT or POINT:STEP.
    fail_at: str = ""
    # 1 lets webhooks reach http://127.0.0.1 of this machine, for trying them out; never on Google Cloud.
    webhook_loopback: int = 0
    # Base URL of the Gemini API, changed in tests only.
    gemini_url: str = "https://generativelanguage.googleapis.com"
    # Base URL of the Runway API, changed in tests only.
    runway_url: str = "https://api.dev.runwayml.com"

    @cached_property
    def origins(self) -> frozenset[str]:
        """The allowed origins, each as a browser sends it."""
        return frozenset(origin.strip() for origin in self.allowed_origins.split(",") if origin.strip())

    def environment(self) -> dict[str, str]:
        """The environment from which another process of this machine, wherever it runs, reads these settings."""
        values = {**{field.name: getattr(self, field.name) for field in fields(self)}, "home": self.home.absolute()}
        return {f"AIPROD_{name.upper()}": str(value) for name, value in values.items()}


_KINDS: dict[type, type] = {int: int, float: float, str: str, type(Path()): Path}


def read(environ: Mapping[str, str] = os.environ) -> Settings:
    """Settings from the environment; InvalidSettings for a value that does not fit or a name that is unknown."""
    known = {f"AIPROD_{field.name.upper()}": field for field in fields(Settings)}
    unknown = [name for name in environ if name.startswith("AIPROD_") and name not in known]
    if unknown:
        raise InvalidSettings(f"{unknown[0]} is no setting; known ones are {', '.join(sorted(known))}.")
    values: dict[str, object] = {}
    for name, field in known.items():
        if name not in environ:
            continue
        kind = _KINDS.get(type(field.default), str)
        try:
            values[field.name] = kind(environ[name])
        except ValueError as error:
            raise InvalidSettings(f"{name} is {environ[name]!r}, but must be of type {kind.__name__}.") from error
    settings = Settings(**values)  # type: ignore[arg-type]
    if settings.profile not in PROFILES:
        raise InvalidSettings(f"AIPROD_PROFILE is {settings.profile!r}; use embedded, emulators or gcp.")
    if settings.workers < 1:
        raise InvalidSettings(f"AIPROD_WORKERS is {settings.workers}; use 1 or more.")
    if not 1 <= settings.render_tasks <= 100:
        raise InvalidSettings(f"AIPROD_RENDER_TASKS is {settings.render_tasks}; use 1 to 100.")
    if not 60 <= settings.access_token_ttl <= 3600:
        raise InvalidSettings(f"AIPROD_ACCESS_TOKEN_TTL is {settings.access_token_ttl}; use 60 to 3600 seconds.")
    if not settings.access_token_ttl <= settings.refresh_token_ttl <= 2_592_000:
        raise InvalidSettings(
            f"AIPROD_REFRESH_TOKEN_TTL is {settings.refresh_token_ttl}; use AIPROD_ACCESS_TOKEN_TTL to 2592000 seconds."
        )
    if not 1 <= settings.key_rotation_days <= 80:  # a key lives for 90
        raise InvalidSettings(f"AIPROD_KEY_ROTATION_DAYS is {settings.key_rotation_days}; use 1 to 80.")
    if settings.trusted_proxies < 0:
        raise InvalidSettings(f"AIPROD_TRUSTED_PROXIES is {settings.trusted_proxies}; use 0 or more.")
    for origin in settings.origins:
        if not _ORIGIN.fullmatch(origin):
            raise InvalidSettings(
                f"AIPROD_ALLOWED_ORIGINS names {origin!r}; an origin is a scheme and a host, as https://app.example.com."
            )
    if settings.profile == "gcp" and "AIPROD_TRUSTED_PROXIES" not in environ:
        settings = replace(settings, trusted_proxies=2)  # the load balancer appends the client and itself
    if settings.profile == "emulators":
        settings = replace(
            settings,
            project=settings.project or "demo-aiprod",
            region=settings.region or "local",
            bucket=settings.bucket or "aiprod",
        )
    return settings
