"""`aiprod token`: a development ID token on standard output."""

from common import runtime
from common.domain.settings import Settings


def token(role: str, user: str, settings: Settings) -> int:
    """Print a token that this machine's own service accepts for an hour."""
    print(runtime.development_identity(settings).issue(user, role, 3600))
    return 0
