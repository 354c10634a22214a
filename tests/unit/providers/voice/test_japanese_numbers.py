import pytest

from common.providers.voice.japanese_numbers import counted, read_number

NUMBERS = {
    "0": "ゼロ",
    "7": "ナナ",
    "10": "ジュー",
    "2024": "ニセンニジューヨン",
    "２０２４": "ニセンニジューヨン",
    "二〇二四": "ニセンニジューヨン",
    "1,250": "センニヒャクゴジュー",
    "3.5": "サンテンゴ",
    "0.25": "レイテンニゴ",
    "三百": "サンビャク",
    "8600": "ハッセンロッピャク",
    "2.5万": "ニテンゴマン",
    "1億2千万": "イチオクニセンマン",
    "10000000": "センマン",
    "1兆": "イッチョー",
    "007": "ゼロゼロナナ",
    "12345678901234567": "イチニサンヨンゴロクナナハチキューゼロイチニサンヨンゴロクナナ",
    "1.2.3": "イッテンニテンサン",
}


@pytest.mark.parametrize("written", NUMBERS)
def test_reads_numbers(written):
    assert read_number(written) == NUMBERS[written]


@pytest.mark.parametrize(
    ("written", "counter", "reading", "spoken"),
    [
        ("1", "人", "ニン", "ヒトリ"),
        ("３", "人", "ニン", "サンニン"),
        ("10", "本", "ホン", "ジュッポン"),
        ("3", "本", "ホン", "サンボン"),
        ("4", "本", "ホン", "ヨンホン"),
        ("13", "分", "フン", "ジューサンプン"),
        ("4", "分", "フン", "ヨンプン"),
        ("6", "回", "カイ", "ロッカイ"),
        ("8", "歳", "サイ", "ハッサイ"),
        ("100", "キロ", "キロ", "ヒャクキロ"),
        ("10", "％", "パーセント", "ジュッパーセント"),
        ("二十", "日", "ニチ", "ハツカ"),
        ("4", "月", "ガツ", "シガツ"),
    ],
)
def test_counters_change_the_sound(written, counter, reading, spoken):
    assert counted(written, counter, reading) == spoken
