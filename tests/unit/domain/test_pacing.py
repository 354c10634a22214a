"""Speaking times as measured on the voice, and frames that sum exactly."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from common.domain.pacing import (
    LEAD_IN,
    MIN_SCENE,
    TAIL,
    least_frames,
    scene_frames,
    scene_seconds,
    share_out,
    speech_seconds,
)

# Seconds from the first to the last sound, measured on the English voice with seed 0 (clip length less its silences).
MEASURED = [
    ("How lighthouses guided ships for two thousand years.", 2.62),
    ("Every long story has a first chapter, and this one begins at the edge of the sea.", 4.30),
    ("In 1886, the statue opened to the public.", 2.90),
    ("73% of teams say that planning saves time.", 3.10),
    ("Whisk three eggs with two hundred grams of sugar until the mixture is pale.", 3.98),
    ("Do not use the lift. Leave by the stairs, close the doors behind you, and wait outside.", 5.45),
    ("It was a dark night. The wind was up. The dog ran out.", 4.05),
    ("Sales grew by 2.5 million dollars, up 12% from 2019.", 4.80),
    ("1 in 4 people sleep less than six hours a night.", 2.60),
    ("Between 1914 and 1918 the harbour handled 12,450 ships.", 6.00),
    ("Quantum computers use superposition and entanglement to explore many possibilities at once.", 5.48),
    ("Preheat the oven to 180 degrees and bake for 25 minutes.", 4.15),
]
# The same of the Japanese voice.
MEASURED_JAPANESE = [
    ("灯台は二千年にわたって船を導いてきました。", 3.56),
    ("2024年の東京では、1,250人がAIを使っています。", 5.02),
    ("今日は良い天気です。", 1.53),
    ("GoogleとNASAは3.5%の成長を発表した。", 3.91),
    ("彼は「さようなら」と言って、100メートル歩いた。", 3.05),
    ("髙島屋の珈琲は本当に美味しい！", 2.52),
    ("東京スカイツリーは高さ634メートルです。", 3.88),
    ("きょうはとてもよいてんきです。", 2.00),
    ("日本語の自然言語処理技術について話し合いましょう。", 3.92),
    ("最初の灯台はアレクサンドリアのファロス島に建てられました。", 4.02),
    ("十九世紀になると、フレネルレンズが光をより遠くまで届けるようになりました。", 5.84),
    ("多くの灯台守は家族とともに孤独な岩の上で暮らしていました。", 4.76),
    ("現在、ほとんどの灯台は自動化されています。それでも、嵐の夜には船乗りたちの希望の光であり続けます。", 8.80),
    ("睡眠は記憶を整理し、体を回復させます。", 3.87),
    ("毎日コップ八杯の水を飲む必要はありません。", 3.60),
    ("ミツバチは花の蜜を集めるために、一日に何千もの花を訪れます。", 5.85),
    ("火山はどのように噴火するのでしょうか。地下のマグマが圧力によって押し上げられるのです。", 6.57),
    ("1969年7月20日、アポロ11号は月に着陸した。", 6.13),
    ("経済成長率は前年比2.4%増加した。", 4.16),
    ("ありがとうございました。また次回お会いしましょう。", 3.49),
]


@pytest.mark.parametrize(("text", "seconds"), MEASURED)
def test_english_estimates_are_within_twelve_percent_of_the_clip(text: str, seconds: float) -> None:
    clip = seconds + LEAD_IN + TAIL
    assert abs(speech_seconds(text, "en") + LEAD_IN + TAIL - clip) / clip < 0.12


def test_japanese_estimates_are_within_twelve_percent_on_average() -> None:
    errors = [speech_seconds(text, "ja") / seconds - 1 for text, seconds in MEASURED_JAPANESE]
    assert abs(sum(errors)) / len(errors) < 0.03
    assert sum(map(abs, errors)) / len(errors) < 0.12
    assert max(map(abs, errors)) < 0.18


@pytest.mark.parametrize("lang", ["en", "fr", "es", "de", "it", "pt", "ja", "zh", "ko"])
@given(text=st.text(max_size=200))
def test_more_text_never_takes_less_time(lang: str, text: str) -> None:
    assert 0 <= speech_seconds(text, lang) <= speech_seconds(f"{text} 7 lighthouses 灯台", lang)


def test_a_scene_never_flickers_and_is_never_slower_than_its_fastest() -> None:
    assert scene_seconds("", "en") == MIN_SCENE
    text = MEASURED[1][0]
    assert least_frames(text, "en") < scene_frames(text, "en")


@given(
    st.lists(st.tuples(st.integers(30, 400), st.integers(1, 400), st.floats(0.5, 2)), min_size=1, max_size=30),
    st.integers(-2000, 5000),
)
def test_frames_sum_exactly_and_keep_their_least(scenes: list[tuple[int, int, float]], spare: int) -> None:
    needs = [need for need, _, _ in scenes]
    least = [min(need, low) for need, low, _ in scenes]
    total = max(sum(least), sum(needs) + spare)
    shared = share_out(needs, least, total, [weight for _, _, weight in scenes])
    assert sum(shared) == total
    assert all(got >= low for got, low in zip(shared, least, strict=True))


def test_what_cannot_fit_is_an_error() -> None:
    with pytest.raises(ValueError, match="need 90 frames"):
        share_out([100], [90], 80, [1.0])
