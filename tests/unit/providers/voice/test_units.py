import pytest

from common.providers.voice.units import units


@pytest.mark.parametrize(
    ("sentence", "lang", "expected"),
    [
        ("Bonjour à tous !", "fr", ["Bonjour", "à", "tous !"]),
        ("En 1 250 000 fois", "fr", ["En", "1 250 000", "fois"]),
        ("« Oui »", "fr", ["« Oui »"]),
        ("Il dit : « Oui » «", "fr", ["Il", "dit :", "« Oui » «"]),
        ("今日はとても良い天気です。", "ja", ["今日はとても", "良い", "天気です。"]),
        ("2024年有1250人使用ChatGPT。", "zh", ["2024年", "有1250人", "使用ChatGPT。"]),
        ("历史与文化。它是的。", "zh", ["历史与", "文化。", "它是的。"]),
        ("안녕하세요. 오늘은", "ko", ["안녕하세요.", "오늘은"]),
    ],
)
def test_units_are_what_captions_light_up(sentence, lang, expected):
    text, found = units(sentence, lang)
    assert [unit.text for unit in found] == expected
    end = 0
    for unit in found:
        assert end <= unit.start < unit.end <= len(text)
        end = unit.end


def test_grouped_digits_are_spoken_as_one_number():
    assert units("il y a 1 250 chats", "fr")[0] == "il y a 1250 chats"
