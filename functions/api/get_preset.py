"""GET /presets/{name}: one preset."""

from common.domain.filters import close
from common.domain.presets import PRESETS, Preset
from common.http.call import Answer, Call, Empty
from common.http.problem import Problem
from functions.api.presets import ONE_HOUR

Reply = Preset
REPLY_EXAMPLE = PRESETS["quick_social"].model_dump(mode="json")
PROBLEMS = ("not_found",)


def handle(call: Call[Empty]) -> Answer:
    """The preset with all its fields; the same for everybody, so caches may keep it for an hour."""
    name = call.params["name"]
    if name not in PRESETS:
        known = list(PRESETS)
        text = f"There is no preset {name[:64]!r}. {close(name, known)}"
        raise Problem(404, "not_found", text, facts={"known_presets": known})
    return Answer(body=PRESETS[name], headers={"Cache-Control": ONE_HOUR})
