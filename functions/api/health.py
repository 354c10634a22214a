"""GET /health: the service is up. Asks nothing of anybody, so that it is up whenever the process is."""

from typing import Literal

from pydantic import Field

from common.domain.model import Model
from common.domain.settings import Profile
from common.domain.version import VERSION
from common.http.call import Answer, Call, Empty


class Health(Model):
    """What GET /health answers."""

    status: Literal["ok"] = Field(description="There is no other answer: what is down does not answer.")
    version: str = Field(description="Of this release.")
    profile: Profile = Field(description="Which outside world it runs in.")


Reply = Health
REPLY_EXAMPLE = {"status": "ok", "version": VERSION, "profile": "gcp"}


def handle(call: Call[Empty]) -> Answer:
    """Say so, with the version and the profile."""
    return Answer(body=Health(status="ok", version=VERSION, profile=call.context.settings.profile))
