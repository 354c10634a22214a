"""PATCH /webhooks/{id}: change a webhook, or switch it off and on."""

from datetime import datetime

from pydantic import Field

from common.domain.model import Model
from common.domain.webhooks import Hook
from common.engine import webhooks
from common.engine.webhooks import UnknownHook
from common.http import conditional
from common.http.audited import note
from common.http.call import Answer, Call
from common.http.problem import not_found
from common.http.webhooks import HOOK_EXAMPLE, HookView, Retries, Text, Types, Url, checked, listed, tag, view, visible


class HookEdit(Model):
    """What is to be different; what is left out stays."""

    event_type: Types | None = Field(default=None, description="One type, a list of types, or * for all.")
    url: Url | None = Field(default=None, description="Where messages are sent by POST, those that wait included.")
    description: Text | None = Field(default=None, description="What it is for, in your words.")
    retries: Retries | None = Field(default=None, description="Retries of the messages that come.")
    enabled: bool | None = Field(
        default=None, strict=True, description="true switches it on and forgets what failed; false switches it off."
    )


Body = HookEdit
Reply = HookView
PROBLEMS = ("not_found", "url_refused", "precondition_failed")
SENDS = ("ETag",)
EXAMPLE = {"enabled": True}
REPLY_EXAMPLE = HOOK_EXAMPLE


def handle(call: Call[HookEdit]) -> Answer:
    """The webhook as it is now. Messages that failed while it was off are sent again by a replay of each."""
    hook, body = visible(call, "change"), call.body
    fields: dict[str, object] = {
        name: value
        for name, value in (("description", body.description), ("retries", body.retries), ("enabled", body.enabled))
        if value is not None
    }
    if body.event_type is not None:
        fields["events"] = tuple(listed(body.event_type))
    if body.url is not None:
        fields["url"] = checked(call.context.settings, body.url)
    if body.enabled is not None:
        fields |= {"failures": 0, "reason": ""} if body.enabled else {"reason": "You switched it off."}

    def edit(found: Hook, now: datetime) -> Hook:
        changed = found.but(**fields)
        if changed == found:  # nothing to change, or our commit arrived and only its answer was lost
            return found
        conditional.require(call, tag(found))
        return changed.but(updated_at=now)

    try:
        changed = webhooks.change(call.context, hook.id, edit)
    except UnknownHook:
        raise not_found(f"There is no webhook {hook.id!r} any more.") from None
    note(call, "CONFIG_CHANGE", actor=call.caller.id, subject=f"webhooks/{hook.id}", reason="changed")
    return Answer(body=view(changed), headers={"ETag": tag(changed)})
