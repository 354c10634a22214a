"""POST /api-keys/{id}/rotate: replace an API key by a new version of it."""

from common.http import keys
from common.http.call import Answer, Call, Empty
from common.http.keys import ROTATED_EXAMPLE, Rotation, who
from common.http.problem import Problem
from common.identity import api_keys, rotation
from common.identity.api_keys import KeyNotActive, UnknownKey

Reply = Rotation
PROBLEMS = ("not_found", "key_not_active", "key_of_service")
REPLY_EXAMPLE = ROTATED_EXAMPLE


def handle(call: Call[Empty]) -> Answer:
    """The new version works at once, the last one for seven more days, older ones no more.

    Two at once make one new version: the other gets 409 with its id.
    """
    try:
        key, _ = api_keys.load(call.context, call.params["id"])
        if key.service:
            text = f"The API key {key.id} is rotated for the service {key.service}, which reads it from its secret"
            how = f"POST /admin/api-keys/rotate with service_name {key.service}."
            raise Problem(409, "key_of_service", f"{text} {rotation.secret_of(key.service)}: use {how}")
        new, secret, last = api_keys.rotate(call.context, who(call), key.id)
    except UnknownKey as error:
        raise keys.unknown(error) from None
    except KeyNotActive as error:
        raise keys.not_active(error) from None
    return Answer(body=keys.rotation(new, secret, last), secret=True)
