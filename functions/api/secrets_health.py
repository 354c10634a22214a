"""GET /health/secrets: whether every secret that a function uses can be read. Never what it is."""

from typing import Literal

from pydantic import Field

from common.domain.model import Model
from common.http.audited import note
from common.http.call import Answer, Call, Empty
from common.platform.secrets import SecretMissing, Secrets, SecretsUnavailable

State = Literal["readable", "missing", "unavailable"]


class SecretHealth(Model):
    """One secret."""

    name: str = Field(description="Its name in the store of secrets.")
    state: State = Field(description="unavailable: the store of secrets did not answer.")


class SecretsHealth(Model):
    """All secrets of the catalogue."""

    status: Literal["ok", "incomplete"] = Field(
        description="incomplete where one is not readable; an engine whose key is missing is replaced by a local one."
    )
    secrets: tuple[SecretHealth, ...] = Field(description="By name.")


Reply = SecretsHealth
REPLY_EXAMPLE = {"status": "ok", "secrets": [{"name": "gemini-api-key", "state": "readable"}]}


def handle(call: Call[Empty]) -> Answer:
    """200 in either case; `status` says whether all are readable.

    No `firebase-credentials` is among them: on Google Cloud a function proves itself to Firebase, as to all else, by
    its own service account, of which no key is made. What is listed is all that is read.
    """
    entry = call.context.catalogue["secrets_health"]
    names = sorted(use.partition(":")[2] for use in entry.uses if use.startswith("secret:"))
    found = tuple(SecretHealth(name=name, state=_state(call.context.secrets, name)) for name in names)
    missing = [one.name for one in found if one.state != "readable"]
    note(call, "SECRET_ACCESS", actor=call.caller.id, subject="secrets", read=names, not_readable=missing)
    return Answer(body=SecretsHealth(status="incomplete" if missing else "ok", secrets=found))


def _state(secrets: Secrets, name: str) -> State:
    try:
        return "readable" if secrets.read(name).strip() else "missing"
    except SecretMissing:
        return "missing"
    except SecretsUnavailable:
        return "unavailable"
