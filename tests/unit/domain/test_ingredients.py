import pytest

from common.domain.ingredients import are_ingredients, ingredient


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
