"""GET /presets: what a client can choose from."""

from pydantic import Field

from common.domain.model import Model
from common.domain.presets import DEFAULT_PRESET, PRESETS, Preset, PresetName
from common.http.call import Answer, Call, Empty

ONE_HOUR = "public, max-age=3600"


class Presets(Model):
    """What GET /presets answers."""

    default: PresetName = Field(description="The preset of a request that names none.")
    presets: tuple[Preset, ...] = Field(description="All there are.")


_ANSWER = Presets(default=DEFAULT_PRESET, presets=tuple(PRESETS.values()))

Reply = Presets
REPLY_EXAMPLE = _ANSWER.model_dump(mode="json")


def handle(_call: Call[Empty]) -> Answer:
    """Every preset with all its fields; the same for everybody, so caches may keep it for an hour."""
    return Answer(body=_ANSWER, headers={"Cache-Control": ONE_HOUR})
