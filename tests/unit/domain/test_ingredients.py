from time import process_time

import pytest

from common.domain.ingredients import are_ingredients, ingredient, kitchen_measures


@pytest.mark.parametrize(
    ("item", "amount", "thing"),
    [
        ("200 g flour", "200 g", "flour"),
        ("1 1/2 cups of sugar", "1 1/2 cups", "sugar"),
        ("1½ cups of sugar", "1½ cups", "sugar"),
        ("2 eggs", "2", "eggs"),
        ("a pinch of salt", "a pinch", "salt"),
        ("a ripe banana", "", "a ripe banana"),
        ("Butter for the pan", "", "Butter for the pan"),
        ("2-3 tbsp olive oil.", "2-3 tbsp", "olive oil"),
        ("250 g de farine", "250 g", "farine"),
        ("2 cuillères à soupe d'huile", "2 cuillères à soupe", "huile"),
        ("1 EL Zucker", "1 EL", "Zucker"),
        ("3 dientes de ajo", "3 dientes", "ajo"),
        ("小麦粉 200g", "200g", "小麦粉"),
        ("砂糖 大さじ2", "大さじ2", "砂糖"),
        ("面粉：200克", "200克", "面粉"),
        ("설탕 2큰술", "2큰술", "설탕"),
    ],
)
def test_an_item_is_parted_into_amount_and_thing(item: str, amount: str, thing: str) -> None:
    found = ingredient(item)
    assert (found.value, found.label) == (amount, thing)


def test_a_list_is_one_of_ingredients_where_it_measures() -> None:
    assert are_ingredients(["200 g flour", "2 eggs", "a pinch of salt", "butter"])
    assert are_ingredients(["小麦粉 200g", "卵 2個"])
    assert not are_ingredients(["3 reasons", "2 answers", "1 question"])
    assert not are_ingredients(["It cools the street", "It holds the soil"])
    assert not are_ingredients(["200 g flour"])
    assert not are_ingredients(["Weight: 300 g", "Capacity: 1 l", "Height: 20 cm"])
    assert not are_ingredients(["Poids : 300 g", "Capacité : 1 l"])
    assert are_ingredients(["小麦粉：200g", "砂糖: 大さじ2"])


def test_spoons_and_pinches_are_measures_of_a_kitchen():
    assert kitchen_measures(["200 g flour", "a pinch of salt"])
    assert kitchen_measures(["砂糖 大さじ1"])
    assert not kitchen_measures(["5 g proteins a day", "2 l of water", "3 cups of coffee", "Luck"])


def test_what_is_longer_than_an_ingredient_is_none():
    start = process_time()
    for text in ("1" + ":" * 50_000 + "x", "a:1" * 20_000 + " b c"):
        assert ingredient(text).value == ""
        assert not are_ingredients([text, text])
        assert not kitchen_measures([text])
    assert process_time() - start < 1
