"""The one place that builds the outside world from the settings, and hands it to the functions of this process.

One module per profile. Each is imported when it is asked for, for Google's clients take seconds to import.
"""

import threading
from importlib import import_module
from typing import TYPE_CHECKING, Any

from common.domain import settings as settings_module
from common.domain.catalogue import Catalogue
from common.domain.settings import Settings
from common.engine.context import Context
from common.platform.documents import Documents
from common.platform.embedded.delivery import Deliver
from common.platform.secrets import Secrets
from common.runtime.host import is_alive, own_name

if TYPE_CHECKING:
    from common.platform.embedded.identity import DevelopmentIdentity

__all__ = [
    "build",
    "check",
    "current",
    "development_identity",
    "documents",
    "install",
    "is_alive",
    "own_name",
    "prepare",
    "secrets",
]

_current: Context | None = None
_lock = threading.Lock()


def install(context: Context) -> None:
    """Make a context the one that functions of this process get."""
    global _current
    _current = context


def current(catalogue: Catalogue) -> Context:
    """The context of this process, built from its environment at the first call."""
    global _current
    with _lock:
        if _current is None:
            _current = build(catalogue)
        return _current


def build(catalogue: Catalogue, settings: Settings | None = None, deliver: Deliver | None = None) -> Context:
    """The outside world that the settings name; InvalidSettings where the profile must not start like this.

    On one machine, a process without `deliver` only works and leaves what it cannot publish in the outbox, for the
    host to relay: so does a job.
    """
    settings = settings or settings_module.read()
    context: Context = _profile(settings).build(catalogue, settings, deliver)
    return context


def check(catalogue: Catalogue) -> None:
    """Have a process on Google Cloud end where it must not start like this, instead of failing every request."""
    if settings_module.read().profile == "gcp":
        current(catalogue)


def prepare(catalogue: Catalogue, settings: Settings, *, again: bool = False) -> None:
    """Make what messages need to reach this process; within it nothing, and on Google Cloud Terraform has done so."""
    if settings.profile == "emulators":
        _profile(settings).prepare(catalogue, settings, again=again)


def documents(settings: Settings) -> Documents:
    """The documents alone, for commands that only read."""
    found: Documents = _profile(settings).documents(settings)
    return found


def secrets(settings: Settings) -> Secrets:
    """The secrets alone, for the command that adds one."""
    found: Secrets = _profile(settings).secrets(settings)
    return found


def development_identity(settings: Settings) -> "DevelopmentIdentity":
    """The issuer of development tokens alone; InvalidSettings where such a token opens nothing."""
    found: DevelopmentIdentity = _profile(settings).development_identity(settings)
    return found


def _profile(settings: Settings) -> Any:
    return import_module(f"common.runtime.{settings.profile}")
