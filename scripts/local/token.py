"""`aiprod token`: a development ID token on standard output."""

from common import runtime
from common.domain.settings import Settings
from common.platform.identity import Role


def token(role: Role, user: str, settings: Settings) -> int:
    """Print a token that this machine's own service accepts for an hour."""
    print(runtime.development_identity(settings).issue(user, role))
    return 0
