"""A recipe as one scene: what goes into it with its amounts, beside what is done with it."""

import re
from collections.abc import Sequence

from common.domain.condense import LINE, condense
from common.domain.ingredients import are_ingredients, ingredient, kitchen_measures
from common.domain.pacing import speech_seconds
from common.domain.plan import Figure, Lang
from common.domain.text import readable
from common.providers.planner.chunks import joined
from common.providers.planner.draft import Draft
from common.providers.planner.labels import label
from common.providers.planner.markdown import Block

MOST_INGREDIENTS, MOST_STEPS = 8, 5  # of one scene
_RECIPE = re.compile(r"\b(?:recipes?|recettes?|recetas?|ricett[ae]|receitas?)\b|rezept|レシピ|食谱|菜谱|레시피", re.I)
_SECONDS = 22.0  # of speech in a scene that holds a whole recipe


def lists_ingredients(blocks: Sequence[Block], at: int, title: str, heading: str, lang: Lang) -> bool:
    """Whether the block at `at` is the ingredients of a recipe: its heading says so, or its amounts do and besides
    the film's title or the heading speaks of a recipe, steps follow, or they are measures of a kitchen.
    """
    block = blocks[at]
    if block.kind != "bullets" or len(block.texts) > MOST_INGREDIENTS:
        return False
    if heading.casefold().startswith(label("ingredients", lang).casefold()):
        return len(block.texts) > 1
    told = _RECIPE.search(f"{title}\n{heading}") is not None
    return are_ingredients(block.texts) and (told or _steps_follow(blocks, at) or kitchen_measures(block.texts))


def _steps_follow(blocks: Sequence[Block], at: int) -> bool:
    """Whether steps come next, but for headings and the ingredients of other parts."""
    rest = (block for block in blocks[at + 1 :] if block.kind != "heading" and not are_ingredients(block.texts))
    return next((block.kind == "steps" for block in rest), False)


def method_after(blocks: Sequence[Block], at: int, lang: Lang) -> tuple[str, Block] | None:
    """The method that follows the ingredients at `at`, with its heading ("" for none), where one scene holds both."""
    heading = ""
    rest = blocks[at + 1 : at + 3]
    if rest and rest[0].kind == "heading":
        heading, rest = rest[0].texts[0], rest[1:]
    if not rest or rest[0].kind != "steps" or len(rest[0].texts) > MOST_STEPS:
        return None
    spoken = joined([*blocks[at].texts, heading, *rest[0].texts])
    return (heading, rest[0]) if speech_seconds(spoken, lang) <= _SECONDS else None


def draft(said: Sequence[str], title: str, ingredients: Sequence[str], steps: Sequence[str]) -> Draft:
    """The scene of a recipe that says the given sentences."""
    narration = joined([text for text in said if readable(text)])
    method = tuple(condense(step, LINE) for step in steps)
    return Draft("recipe", narration, condense(title), method, _parts(ingredients))


def _parts(items: Sequence[str]) -> tuple[Figure, ...]:
    return tuple(
        part.model_copy(update={"label": condense(part.label, LINE)}) for part in (ingredient(item) for item in items)
    )
