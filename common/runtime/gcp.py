"""The gcp profile: Google Cloud, and nothing that development left behind."""

import os
from secrets import token_hex

from common.domain import profiles
from common.domain.catalogue import Catalogue
from common.domain.settings import InvalidSettings, Settings
from common.engine.context import Context
from common.observability import metrics
from common.platform.clock import SystemClock
from common.platform.documents import Documents
from common.platform.embedded.delivery import Deliver
from common.platform.embedded.identity import DevelopmentIdentity
from common.platform.google import clients
from common.platform.secrets import SecretMissing, Secrets
from common.runtime.egress import egress
from common.runtime.engines import registry
from common.runtime.late import late

JOBS = {"render": "aiprod-render"}


def build(catalogue: Catalogue, settings: Settings, deliver: Deliver | None) -> Context:
    """Everything of this profile; each client is made when it is first used."""
    if deliver is not None:
        raise InvalidSettings("The profile gcp runs on Google Cloud; here use embedded or emulators.")
    keys = late(lambda: clients.secrets(settings))
    profiles.check(settings, os.environ)  # before anything is asked of Google Cloud
    profiles.check(settings, os.environ, {**_left_behind(settings), **_used(catalogue, keys)})
    clock = SystemClock()
    return Context(
        settings=settings,
        catalogue=catalogue,
        documents=late(lambda: clients.documents(settings)),
        objects=late(lambda: clients.objects(settings)),
        messages=late(lambda: clients.messages(settings)),
        tasks=late(lambda: clients.tasks(settings)),
        jobs=late(lambda: clients.jobs(settings, JOBS)),
        identity=late(lambda: clients.identity(settings)),
        secrets=keys,
        cache=late(lambda: clients.cache(settings, clock, metrics.looked_up)),
        clock=clock,
        registry=registry(settings, keys),
        owner=f"{_service()}-{token_hex(6)}",
        callers=late(clients.callers),
        egress=egress(settings),
    )


def documents(settings: Settings) -> Documents:
    """The documents alone, for an operator's commands."""
    profiles.check(settings, os.environ)
    return clients.documents(settings)


def secrets(settings: Settings) -> Secrets:
    """The secrets alone, for the command that adds one."""
    profiles.check(settings, os.environ)
    return clients.secrets(settings)


def development_identity(settings: Settings) -> DevelopmentIdentity:  # noqa: ARG001
    """Refused: nothing here would accept its tokens."""
    raise InvalidSettings("The profile gcp accepts no development tokens; sign in with Firebase.")


def _left_behind(settings: Settings) -> dict[str, str]:
    """What the embedded profile keeps for itself, where a state folder came along with the code."""
    folder = settings.home / "secrets"
    return {name: "" for name in profiles.DEVELOPMENT_SECRETS if (folder / name).exists()}


def _used(catalogue: Catalogue, keys: Secrets) -> dict[str, str]:
    """The secrets that this process's function reads; where nobody added an engine's key, it does not run."""
    entry = catalogue.get(os.environ.get("FUNCTION_TARGET", ""))
    found: dict[str, str] = {}
    for use in entry.uses if entry else ():
        kind, _, name = use.partition(":")
        if kind == "secret":
            try:
                found[name] = keys.read(name)
            except SecretMissing as missing:
                if name == profiles.ACCESS_KEY:
                    text = f"The profile gcp refuses to start: nobody could prove who calls, for {missing}."
                    raise InvalidSettings(text) from missing
    return found


def _service() -> str:
    return os.environ.get("K_REVISION") or os.environ.get("CLOUD_RUN_EXECUTION") or "process"
