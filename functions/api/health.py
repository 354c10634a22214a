"""GET /health: the service is up. Asks nothing of anybody, so that it is up whenever the process is."""

from common.domain.model import Model
from common.domain.settings import Profile
from common.domain.version import VERSION
from common.http.call import Answer, Call, Empty


class Health(Model):
    """What GET /health answers."""

    status: str
    version: str
    profile: Profile


def handle(call: Call[Empty]) -> Answer:
    """Say so, with the version and the profile."""
    return Answer(body=Health(status="ok", version=VERSION, profile=call.context.settings.profile))
