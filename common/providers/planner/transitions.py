"""How scenes take over from each other: by a fade, and here and there by what suits the coming scene and the mood."""

from collections.abc import Mapping
from types import MappingProxyType

from common.domain.plan import Mood, SceneKind, Transition

_LIVELY: frozenset[Mood] = frozenset({"bright", "playful", "epic", "tense", "warm"})
_SUITS: Mapping[SceneKind, Transition] = MappingProxyType(
    {
        "comparison": "wipe",  # one thing instead of another
        "split": "wipe",
        "list": "slide",  # the next page
        "steps": "slide",
        "timeline": "slide",
        "recipe": "slide",
        "code": "slide",
        "statistic": "zoom",  # a closer look
        "picture": "zoom",
    }
)


def transition_into(kind: SceneKind, index: int, mood: Mood, seed: int) -> Transition:
    """How the scene at `index` takes over, in a video of that mood: no two neighbours by anything but a fade.

    It depends on the scene's own kind and place alone, so that an edit of another leaves it as it is.
    """
    if index == 0 or index % 2 == seed % 2:
        return "fade"
    wanted = _SUITS.get(kind, "fade")
    return wanted if mood in _LIVELY or (mood == "calm" and wanted == "wipe") else "fade"
