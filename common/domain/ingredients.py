"""What goes into a recipe, parted into amount and thing, as lists in our languages write it. Pure."""

import re
from collections.abc import Sequence

from common.domain.plan import Figure

_NUMBER = r"(?:\d+(?:[.,/]\d+|\s\d/\d)?(?:\s?[½¼¾⅓⅔⅛])?|[½¼¾⅓⅔⅛])"
_AMOUNT = rf"(?:(?:ca\.?|env\.|about|~)\s?)?{_NUMBER}(?:\s?[-–]\s?{_NUMBER})?"
_ONE = r"(?:an?|one|une?|eine?|una?|um|uma)"
_UNIT = (
    r"(?:[kmc]?g|[mcd]?l|oz|lbs?|cups?|tbsp\.?|tsp\.?|tablespoons?|teaspoons?|grams?|pinch(?:es)?|cloves?|slices?|cans?|"
    r"sticks?|bunch(?:es)?|handfuls?|sprigs?|pounds?|ounces?|lit(?:er|re)s?|"
    r"c(?:\.|uillères?) à (?:s\.|c\.|soupe|café)|grammes?|pincées?|gousses?|tranches?|sachets?|tasses?|brins?|"
    r"EL|TL|Prisen?|Zehen?|Päckchen|Bund|Tassen?|Scheiben?|"
    r"cucharad(?:it)?as?|tazas?|dientes?|pizcas?|gramos?|cucchia(?:io|i|ino|ini)|tazz[ae]|spicch(?:io|i)|pizzichi?o?|"
    r"grammi|colher(?:es)?(?: de (?:sopa|chá))?|xícaras?|dentes?|pitadas?|gramas?)"
)
_BEFORE = re.compile(
    rf"^((?:{_AMOUNT}|{_ONE}(?=\s{_UNIT}\b))(?:\s?({_UNIT})(?!\w))?)\s+(?:(?:of|de|di|do|da)\s+|d['’])?(\S.*)$", re.I
)
_EAST_UNIT = (
    r"(?:g|kg|ml|cc|l|グラム|個|本|枚|片|カップ|杯|合|克|千克|毫升|升|个|勺|茶匙|汤匙|根|瓣|"
    r"그램|컵|큰술|작은술|개|쪽|장)"
)
_AFTER = re.compile(
    rf"^(\S.*?)[\s:：、,，…-]*((?:大さじ|小さじ)\s?{_NUMBER}|{_NUMBER}\s?{_EAST_UNIT}|少々|适量|少许|조금|약간)$", re.I
)
_KITCHEN = re.compile(
    r"\b(?:tbsp|tsp|tablespoons?|teaspoons?|pinch(?:es)?|cuillères? à|pincées?|Prisen?|cucharad(?:it)?as?|pizcas?|"
    r"cucchia(?:io|i|ino|ini)|pizzichi?o?|colher(?:es)? de|pitadas?)\b|"
    r"大さじ|小さじ|少々|适量|少许|茶匙|汤匙|큰술|작은술",
    re.I,
)
# "Weight: 300 g" is one of a thing; in the scripts of the east a colon parts ingredients from amounts ("小麦粉：200g").
_PROPERTY = re.compile(rf"[^\u2e80-\u9fff\uac00-\ud7af\s]\s*[:：]\s*{_AMOUNT}\s?\S*$", re.I)
_LONGEST = 200  # signs of an item that can be an ingredient
_NAMED, _MEASURED = 1 / 2, 1 / 3  # shares of a list's items that name an amount, and one with a unit


def ingredient(item: str) -> Figure:
    """An item as amount (`value`, empty where it names none) and thing (`label`)."""
    text = _flat(item)
    if len(text) > _LONGEST:
        return Figure(value="", label=text)
    if found := _AFTER.match(text):
        return Figure(value=found.group(2), label=found.group(1))
    if found := _BEFORE.match(text):
        return Figure(value=found.group(1), label=found.group(3))
    return Figure(value="", label=text)


def are_ingredients(items: Sequence[str]) -> bool:
    """Whether a list can be one of ingredients: half of its items name an amount, and a third one with a unit.

    A property of something ("Weight: 300 g") is none. Amounts of other things look alike, so that something besides
    has to tell a recipe: its words, its steps, or how it is measured (see `kitchen_measures`).
    """
    texts = [text for text in map(_flat, items) if len(text) <= _LONGEST and not _PROPERTY.search(text)]
    measured = sum(1 for text in texts if _measured(text))
    named = sum(1 for text in texts if ingredient(text).value)
    return len(items) > 1 and measured >= _MEASURED * len(items) and named >= _NAMED * len(items)


def kitchen_measures(items: Sequence[str]) -> bool:
    """Whether an amount of a list is taken with a spoon or between two fingers, as nothing but food is."""
    return any(_KITCHEN.search(ingredient(item).value) for item in items)


def _flat(item: str) -> str:
    return " ".join(item.split()).rstrip(" .;,。")


def _measured(text: str) -> bool:
    before = _BEFORE.match(text)
    return bool(_AFTER.match(text) or (before and before.group(2)))
