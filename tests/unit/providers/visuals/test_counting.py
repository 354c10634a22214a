import pytest

from common.providers.visuals.counting import stages


@pytest.mark.parametrize("value", ["73 %", "$4.5 million", "1,200", "3 200 km", "12.75", "+40%"])
def test_figures_rise_to_themselves(value):
    texts = stages(value)
    assert texts[-1] == value
    assert len(texts) > 3
    numbers = [int("".join(char for char in text if char.isdigit()) or 0) for text in texts]
    assert numbers == sorted(numbers)


@pytest.mark.parametrize("value", ["1969", "2", "many", ""])
def test_years_small_numbers_and_words_do_not_count(value):
    assert stages(value) == (value,)


def test_separators_and_signs_stay():
    assert all("," in text or len(text.strip("$")) <= 3 for text in stages("$45,000"))
    assert all(text.endswith(" %") for text in stages("73 %"))
