"""POST /webhooks/{id}/rotate-secret: sign with another secret, and with the old one for a day more."""

from datetime import datetime

from pydantic import Field

from common.domain.model import Model
from common.engine import webhooks
from common.engine.webhooks import UnknownHook
from common.http.audited import note
from common.http.call import Answer, Call
from common.http.problem import not_found
from common.http.webhooks import GivenSecret, visible


class Rotation(Model):
    """The secret to sign with from now on."""

    secret: GivenSecret | None = Field(
        default=None, description="whsec_ and base64, or text, of 24 to 64 bytes. Made if missing."
    )


class Rotated(Model):
    """What the messages are signed with."""

    secret: str | None = Field(description="Signs every message; shown now and never again. Null if you gave one.")
    old_secret_until: datetime | None = Field(description="Until when the one before signs them, too.")


Body = Rotation
Reply = Rotated
PROBLEMS = ("not_found",)
EXAMPLE: dict[str, str] = {}
REPLY_EXAMPLE = {
    "secret": "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSwMfKQ9r8GKYo=",
    "old_secret_until": "2026-02-02T12:00:00Z",
}


def handle(call: Call[Rotation]) -> Answer:
    """The new secret. Both signatures stand in every message for a day, so a receiver may change over at any time."""
    hook, given = visible(call, "change"), call.body.secret
    secret = webhooks.new_secret() if given is None else webhooks.read_secret(given)
    try:
        rotated = webhooks.rotate(call.context, hook.id, secret)
    except UnknownHook:
        raise not_found(f"There is no webhook {hook.id!r} any more.") from None
    note(call, "CONFIG_CHANGE", actor=call.caller.id, subject=f"webhooks/{hook.id}", reason="secret rotated")
    until = next((one.until for one in rotated.secrets if one.until is not None), None)
    shown = webhooks.show_secret(secret) if given is None else None
    return Answer(body=Rotated(secret=shown, old_secret_until=until), secret=True)
