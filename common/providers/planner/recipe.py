"""A recipe as one scene: what goes into it with its amounts, beside what is done with it."""

from collections.abc import Sequence

from common.domain.condense import LINE, condense
from common.domain.ingredients import are_ingredients, ingredient
from common.domain.pacing import speech_seconds
from common.domain.plan import Figure, Lang
from common.domain.text import readable
from common.providers.planner.chunks import joined
from common.providers.planner.draft import Draft
from common.providers.planner.labels import label
from common.providers.planner.markdown import Block

MOST_INGREDIENTS, MOST_STEPS = 8, 5  # of one scene
_SECONDS = 22.0  # of speech in a scene that holds a whole recipe


def lists_ingredients(block: Block, heading: str, lang: Lang) -> bool:
    """Whether a block is the ingredients of a recipe, by its heading or by the amounts it names."""
    if block.kind != "bullets" or len(block.texts) > MOST_INGREDIENTS:
        return False
    named = heading.casefold().startswith(label("ingredients", lang).casefold())
    return (named and len(block.texts) > 1) or are_ingredients(block.texts)


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
