"""POST /admin/api-keys/rotate: give a service a new API key, or its first one."""

from pydantic import Field

from common.domain.catalogue import Catalogue
from common.domain.keys import SERVICE
from common.domain.model import Model
from common.http import keys
from common.http.call import Answer, Call
from common.http.keys import ROTATED_EXAMPLE, Rotation, who
from common.http.problem import Fault, Problem
from common.identity import rotation
from common.identity.rotation import RotationInProgress
from common.platform.secrets import SecretMissing


class Service(Model):
    """Whose key is rotated."""

    service_name: str = Field(
        pattern=SERVICE, description="The service, which calls under this name and in the role service."
    )


Body = Service
Reply = Rotation
PROBLEMS = ("rotation_in_progress", "provider_key", "secret_missing")
EXAMPLE = {"service_name": "render-farm"}
REPLY_EXAMPLE = ROTATED_EXAMPLE


def handle(call: Call[Service]) -> Answer:
    """The new version works at once and is the newest of the service's secret; the last one works seven more days.

    Of two rotations at once one answers, the other is refused with 409. A rotation that a crash cut short is ended by
    the next one, with the key that was handed out.
    """
    service = call.body.service_name
    if service in _providers(call.context.catalogue):
        text = f"service_name {service} is a provider, whose key only the provider can make; add it as a new version."
        raise Problem(422, "provider_key", text, faults=[Fault("#/service_name", text)])
    try:
        made = rotation.rotate_service(call.context, who(call), service)
    except RotationInProgress as busy:
        raise Problem(409, "rotation_in_progress", str(busy), headers={"Retry-After": "5"}) from None
    except SecretMissing:
        name = rotation.secret_of(service)
        text = f"There is no secret {name}, and this function may not make it: declare it in terraform first."
        raise Problem(409, "secret_missing", text, facts={"secret": name}) from None
    assert made is not None
    assert made.key is not None
    return Answer(body=keys.rotation(made.key, made.text, made.last), secret=True)


def _providers(catalogue: Catalogue) -> set[str]:
    """Names under which somebody may look for a provider's key: runway, runway-api-key."""
    secrets = {use.partition(":")[2] for entry in catalogue.values() for use in entry.uses if use.startswith("secret:")}
    return secrets | {name.removesuffix("-api-key") for name in secrets}
