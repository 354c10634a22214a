"""Templates: each module offers VARIANTS, functions that compose a scene of one kind on a sheet."""

from collections.abc import Callable, Mapping
from types import MappingProxyType

import numpy as np

from common.domain.plan import Scene, SceneKind
from common.providers.visuals.sheet import Sheet
from common.providers.visuals.templates import (
    closing,
    code,
    comparison,
    items,
    picture,
    quote,
    recipe,
    split,
    statement,
    statistic,
    steps,
    timeline,
    title,
)

Variant = Callable[[Sheet], None]
TEMPLATES: Mapping[SceneKind, tuple[Variant, ...]] = MappingProxyType(
    {
        "title": title.VARIANTS,
        "statement": statement.VARIANTS,
        "list": items.VARIANTS,
        "statistic": statistic.VARIANTS,
        "comparison": comparison.VARIANTS,
        "timeline": timeline.VARIANTS,
        "quote": quote.VARIANTS,
        "steps": steps.VARIANTS,
        "picture": picture.VARIANTS,
        "split": split.VARIANTS,
        "code": code.VARIANTS,
        "recipe": recipe.VARIANTS,
        "closing": closing.VARIANTS,
    }
)


def kind_of(scene: Scene) -> SceneKind:
    """The template that can show a scene: its own kind where it brings what that needs, else a statement."""
    if scene.media is not None:
        return "split" if scene.kind == "split" else "picture"
    lines = [line for line in scene.lines if line.strip()]
    able = {
        "list": len(lines) > 0,
        "steps": len(lines) > 0,
        "comparison": len(lines) > 1,
        "timeline": len(lines) > 1 or len(scene.figures) > 1,
        "statistic": len(scene.figures) > 0,
        "code": len(lines) > 0,
        "recipe": len(scene.figures) > 0,
        "picture": False,
    }
    return scene.kind if able.get(scene.kind, True) else "statement"


def choose(scene: Scene, index: int, seed: int) -> tuple[str, Variant]:
    """The name and function of a scene's template: neighbours never share one, whatever their kinds."""
    kind = kind_of(scene)
    variants = TEMPLATES[kind]
    order = np.random.default_rng([seed, 41]).permutation(len(variants))
    variant = variants[int(order[index % len(variants)])]
    return f"{kind}.{variant.__name__}", variant
