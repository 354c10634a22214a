"""Templates: each module offers VARIANTS, functions that compose a scene of one kind on a sheet."""

from collections.abc import Callable

import numpy as np

from common.domain.plan import Scene, SceneKind
from common.providers.visuals.sheet import Sheet
from common.providers.visuals.templates import title

Variant = Callable[[Sheet], None]
_TEMPLATES = {"title": title.VARIANTS}


def choose(scene: Scene, before: SceneKind | None, index: int, seed: int) -> tuple[str, Variant]:
    """The name and function of a scene's template; neighbours of one kind never share a variant."""
    kind = "title"
    variants = _TEMPLATES[kind]
    order = np.random.default_rng([seed, 41]).permutation(len(variants))
    variant = variants[int(order[index % len(variants)])]
    return f"{kind}.{variant.__name__}", variant
