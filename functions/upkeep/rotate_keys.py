"""Rotate the keys that we make once they are old, end what a crash cut short, and disable versions that are over.

Keys of providers are not ours to make: an operator adds a version (`aiprod secret NAME`), and engines read the newest.
"""

import logging
from datetime import timedelta

from common.domain.profiles import ACCESS_KEY, PAGE_KEY
from common.engine.context import Context
from common.engine.push import Delivery
from common.identity import api_keys, rotation
from common.identity.rotation import Rotation, RotationInProgress
from common.observability.audit import Who
from common.platform.away import AWAY
from common.platform.documents import Conflict
from common.platform.secrets import SecretMissing

SIGNING = (ACCESS_KEY, PAGE_KEY)  # versions of these sign and verify, so a new one is all it takes

log = logging.getLogger(__name__)


def run(context: Context, _delivery: Delivery) -> str:
    """Every key on its own, so that one that fails keeps no other back; then the tick is asked for again."""
    said, failed = [], None
    for name in SIGNING:
        rotation.adopt(context, name)
    rows = [Rotation(name=name) for name in SIGNING] + rotation.services(context)
    for row in rows:
        try:
            said += [row.name] if _tend(context, row) else []
        except RotationInProgress:
            continue  # another tick, or an admin, is at it
        except SecretMissing as missing:  # nothing that a repetition would change
            log.error("a key cannot be rotated", extra={"secret": row.name, "reason": str(missing)})
        except (*AWAY, Conflict) as away:
            log.warning("a key is not rotated yet", extra={"secret": row.name, "reason": str(away)})
            failed = away
    if failed is not None:
        raise failed
    return f"rotated {', '.join(said)}" if said else ""


def _tend(context: Context, row: Rotation) -> bool:
    who, age = Who("rotate_keys"), timedelta(days=context.settings.key_rotation_days)
    made = None
    if not _given_up(context, row):
        made = rotation.rotate(context, who, row.name, row.service, after=age)
    if made is None:
        rotation.retire(context, row.name, row.service)
    return made is not None


def _given_up(context: Context, row: Rotation) -> bool:
    """Whether somebody revoked the key of a service: nobody gets a new one until it is asked for."""
    if not row.current or not row.service:
        return False
    found = context.documents.get(api_keys.key_path(row.current))
    return found is not None and api_keys.parsed(found.data).revoked_at is not None
