"""POST /webhooks: have events delivered to a URL."""

from pydantic import Field

from common.domain.model import Model
from common.domain.webhooks import RETRIES
from common.engine import webhooks
from common.engine.webhooks import TooManyHooks
from common.http.audited import note
from common.http.call import Answer, Call
from common.http.problem import Problem
from common.http.webhooks import HOOK_EXAMPLE, GivenSecret, HookView, Retries, Text, Types, Url, checked, listed, view


class NewHook(Model):
    """A webhook to be made."""

    event_type: Types
    url: Url
    secret: GivenSecret | None = Field(
        default=None,
        description="What messages are signed with: whsec_ and base64, or text, of 24 to 64 bytes. Made if missing.",
    )
    description: Text = ""
    retries: Retries = RETRIES


class MadeHook(HookView):
    """The webhook, with the secret that was made for it."""

    secret: str | None = Field(description="Signs every message; shown now and never again. Null if you gave one.")


Body = NewHook
Reply = MadeHook
STATUS = 201
PROBLEMS = ("url_refused", "too_many_webhooks")
SENDS = ("Location",)
EXAMPLE = {"event_type": ["pipeline.completed", "pipeline.failed"], "url": "https://hooks.example.com/aiprod"}
REPLY_EXAMPLE = {**HOOK_EXAMPLE, "secret": "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSwMfKQ9r8GKYo="}


def handle(call: Call[NewHook]) -> Answer:
    """201 with the webhook, and once with its secret; 422 for a URL that may not be called, 409 for one too many."""
    body, context = call.body, call.context
    secret = webhooks.new_secret() if body.secret is None else webhooks.read_secret(body.secret)
    url = checked(context.settings, body.url)
    try:
        hook = webhooks.create(
            context,
            call.new_id,
            call.caller.id,
            url,
            listed(body.event_type),
            secret,
            description=body.description,
            retries=body.retries,
        )
    except TooManyHooks as most:
        raise Problem(409, "too_many_webhooks", str(most)) from None
    note(call, "CONFIG_CHANGE", actor=call.caller.id, subject=f"webhooks/{hook.id}", reason="created")
    shown = webhooks.show_secret(secret) if body.secret is None else None
    at = f"{context.settings.public_url.rstrip('/')}/webhooks/{hook.id}"
    return Answer(201, MadeHook(**view(hook).model_dump(), secret=shown), {"Location": at}, secret=True)
