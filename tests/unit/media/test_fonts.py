import pytest
from fontTools.ttLib import TTFont

from common.media.fonts import clusters, dropped, face, font_path, fonts_digest, has, runs

FAMILY = "👨\u200d👩\u200d👧"


@pytest.mark.parametrize(
    ("text", "family"),
    [
        ("Lighthouse", "Poppins"),
        ("Маяк", "Noto Sans"),
        ("منارة", "Noto Sans Arabic"),
        ("מגדלור", "Noto Sans Hebrew"),
        ("दीपस्तंभ", "Poppins"),  # this family has Devanagari of its own
        ("ประภาคาร", "Noto Sans Thai"),
        ("🚀", "Noto Emoji"),
        ("❤\ufe0f", "Noto Emoji"),
        (FAMILY, "Noto Emoji"),
        ("👍🏽", "Noto Emoji"),
        ("☯", "Noto Sans Symbols"),
    ],
)
def test_each_script_is_one_run_in_a_font_that_has_it(text, family):
    (run,) = runs(text, "Poppins")
    assert (run.text, run.family_name) == (text, family)
    assert all(has(run.face, cluster) for cluster in clusters(run.text))


@pytest.mark.parametrize(("lang", "family"), [("ja", "JP"), ("ko", "KR"), ("zh", "SC"), ("en", "JP")])
def test_the_language_chooses_the_shapes_of_chinese_characters(lang, family):
    assert runs("灯台", "Poppins", lang)[0].family_name == f"Noto Sans CJK {family}"


def test_spaces_stay_with_their_words_and_nothing_is_lost():
    text = "Go منارة قديمة now 灯台 🚀 end"
    found = runs(text, "Poppins", "ja")
    assert "".join(run.text for run in found) == text
    assert "منارة قديمة " in [run.text for run in found]


@pytest.mark.parametrize(
    ("text", "families"),
    [
        ("Кто-то в 2024 году.", ["Noto Sans"]),
        ("Η πόλη: 12%", ["Noto Sans"]),
        ("Alpha-beta: α", ["DM Serif Display", "Noto Sans"]),
        ("2024年に", ["DM Serif Display", "Noto Sans CJK JP"]),
    ],
)
def test_signs_and_numbers_are_set_like_most_letters_of_their_text(text, families):
    assert [run.family_name for run in runs(text, "DM Serif Display", "ja")] == families


def test_what_no_font_has_is_left_out_and_reported():
    assert "".join(run.text for run in runs("a\U0001fbc5\ue000\x07b", "Poppins")) == "ab"
    assert set(dropped("a\U0001fbc5\ue000b", "Poppins")) == {"\U0001fbc5", "\ue000"}
    assert dropped("plain text", "Poppins") == ""


def test_clusters_keep_what_belongs_together():
    assert clusters(f"e\u0301{FAMILY}🇫🇷x") == ("e\u0301", FAMILY, "🇫🇷", "x")


@pytest.mark.parametrize(
    ("family", "weight"),
    [("Poppins", 700), ("Barlow Condensed", 600), ("DM Serif Display", 400), ("Lora", 600), ("Manrope", 500),
     ("Noto Sans", 400), ("Noto Emoji", 400), ("Noto Sans Arabic", 700), ("Noto Sans CJK KR", 500)],
)  # fmt: skip
def test_families_are_called_what_their_files_say(family, weight):
    found = face(family, weight)
    with TTFont(found.path, fontNumber=found.index, lazy=True) as font:
        name = font["name"].getDebugName(16) or font["name"].getDebugName(1)
    assert name == family


def files_of(*texts):
    return list(dict.fromkeys(run.path for text in texts for run in runs(text, "Poppins")))


def test_captions_need_few_files_and_their_digest_is_stable():
    plain = files_of("Hello")
    mixed = files_of("Hello", "مرحبا", "🚀")
    assert [path.name for path in plain] == ["Poppins-Bold.ttf"]
    assert len(mixed) == 3
    assert fonts_digest(mixed) == fonts_digest(reversed(mixed)) != fonts_digest(plain)


def test_unknown_families_and_missing_files_are_named():
    with pytest.raises(KeyError, match="Comic"):
        face("Comic")
    with pytest.raises(FileNotFoundError, match="no-such-fonts"):
        font_path("no_such_fonts/a.ttf")
