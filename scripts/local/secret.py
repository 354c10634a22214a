"""`aiprod secret`: keep a provider's key on this machine, for the engines that need one."""

import getpass
import sys

from common import runtime
from common.domain.settings import Settings
from common.providers.registry import LISTINGS
from scripts.local.refusal import Refusal

KNOWN = tuple(sorted({listing.secret for listing in LISTINGS if listing.secret}))


def secret(name: str, settings: Settings) -> int:
    """Read the value from the terminal unseen, or from standard input, and add it as the newest version."""
    if name not in KNOWN:
        raise Refusal(f"{name} is no secret that an engine here needs; known ones are {', '.join(KNOWN)}.")
    value = (getpass.getpass(f"{name}: ") if sys.stdin.isatty() else sys.stdin.readline()).strip()
    if not value:
        raise Refusal(f"the value of {name} is empty; nothing was kept.")
    version = runtime.secrets(settings).add(name, value)
    print(f"{name} is kept as version {version} in {(settings.home / 'secrets').resolve()}")
    return 0
