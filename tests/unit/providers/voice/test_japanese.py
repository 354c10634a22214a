import sys

import pytest

from common.providers.voice import japanese
from common.providers.voice.port import VoiceError

READ = [
    ("灯台は船を導いてきました。", ["灯台は", "船を", "導いてきました。"], "トーダイワ フネヲ ミチビイテキマシタ。"),
    ("2024年11月1日", ["2024年", "11月", "1日"], "ニセンニジューヨンネン ジューイチガツ ツイタチ"),
    ("AIとＧＰＴ", ["AIと", "ＧＰＴ"], "エイアイト ジーピーティー"),
    ("「はい」（笑）", ["「はい」", "（笑）"], "ハイ エミ"),
    ("— 5℃、ﾊﾞｽ", ["— 5℃、", "ﾊﾞｽ"], "、ゴド、 バス"),
    ("髙島屋へ行く", ["髙島屋へ", "行く"], "タカシマヤエ イク"),
    ("-5℃で$20", ["-5℃で", "$20"], "マイナスゴドデ ニジュードル"),
    ("何千もの船", ["何千もの", "船"], "ナンセンモノ フネ"),
    ("月の（", ["月の（"], "ツキノ"),
    ("A<B & C", None, None),
]


@pytest.mark.parametrize(("written", "units", "spoken"), READ)
def test_reads_phrase_by_phrase(written, units, spoken):
    said, found = japanese.spoken_units(written)
    if units is not None:
        assert [unit.text for unit in found] == units
        assert said == f"<speak>{spoken}</speak>"
    assert "".join(unit.text for unit in found).replace(" ", "") == written.replace(" ", "")
    end = 0
    for unit in found:
        assert end <= unit.start < unit.end <= len(said)
        assert said[unit.start : unit.end].strip()
        end = unit.end


def test_latin_words_are_said_in_english():
    said, _ = japanese.spoken_units("YouTubeで")
    assert said == '<speak><voice xml:lang="en-us">YouTube</voice>デ</speak>'


def test_long_phrases_are_cut():
    _, found = japanese.spoken_units("自然言語処理技術研究所運営委員会")
    assert all(len(unit.text) <= 13 for unit in found)


def test_a_missing_dictionary_is_a_clear_refusal(monkeypatch):
    monkeypatch.setattr(japanese, "_LOADED", [])
    monkeypatch.setitem(sys.modules, "janome.tokenizer", None)
    with pytest.raises(VoiceError, match="install janome"):
        japanese.spoken_units("船")
