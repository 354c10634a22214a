"""GET /presets: what a client can choose from."""

from common.domain.model import Model
from common.domain.presets import DEFAULT_PRESET, PRESETS, Preset, PresetName
from common.http.call import Answer, Call, Empty

ONE_HOUR = "public, max-age=3600"


class Presets(Model):
    """What GET /presets answers."""

    default: PresetName
    presets: tuple[Preset, ...]


def handle(_call: Call[Empty]) -> Answer:
    """Every preset with all its fields; the same for everybody, so caches may keep it for an hour."""
    answer = Presets(default=DEFAULT_PRESET, presets=tuple(PRESETS.values()))
    return Answer(body=answer, headers={"Cache-Control": ONE_HOUR})
