"""Japanese numbers in kana, with the sounds that change before a counter: 2024 人, 三百, 六本."""

import re
from collections.abc import Mapping
from types import MappingProxyType

_DIGITS = ("", "イチ", "ニ", "サン", "ヨン", "ゴ", "ロク", "ナナ", "ハチ", "キュー")
_ONE_BY_ONE = ("ゼロ", *_DIGITS[1:])
_HUNDREDS = MappingProxyType({1: "ヒャク", 3: "サンビャク", 6: "ロッピャク", 8: "ハッピャク"})
_THOUSANDS = MappingProxyType({1: "セン", 3: "サンゼン", 8: "ハッセン"})
_LARGE = (("兆", 10**12, "チョー"), ("億", 10**8, "オク"), ("万", 10**4, "マン"))
_KANJI = str.maketrans("〇零一二三四五六七八九，．", "00123456789,.")
_SMALL = re.compile(r"(?:(\d*)(千))?(?:(\d*)(百))?(?:(\d*)(十))?(\d*)")
_LONGEST = 16  # digits; a longer number is a code and read digit by digit

# Readings that follow no rule. A month or a day beyond these is regular.
_IRREGULAR: Mapping[tuple[int, str], str] = MappingProxyType(
    {(1, "人"): "ヒトリ", (2, "人"): "フタリ", (4, "人"): "ヨニン", (20, "歳"): "ハタチ", (4, "年"): "ヨネン"}
    | {(4, "月"): "シガツ", (7, "月"): "シチガツ", (9, "月"): "クガツ", (4, "円"): "ヨエン", (3, "階"): "サンガイ"}
    | {(4, "時"): "ヨジ", (7, "時"): "シチジ", (9, "時"): "クジ", (4, "時間"): "ヨジカン", (9, "時間"): "クジカン"}
    | {(1, "日"): "ツイタチ", (2, "日"): "フツカ", (3, "日"): "ミッカ", (4, "日"): "ヨッカ", (5, "日"): "イツカ"}
    | {(6, "日"): "ムイカ", (7, "日"): "ナノカ", (8, "日"): "ヨーカ", (9, "日"): "ココノカ", (10, "日"): "トーカ"}
    | {(14, "日"): "ジューヨッカ", (20, "日"): "ハツカ", (24, "日"): "ニジューヨッカ"}
)
_CUT = MappingProxyType({"イチ": "イッ", "ハチ": "ハッ", "ジュー": "ジュッ"})  # before k, s, t, h and p
_CUT_MORE = MappingProxyType({"ロク": "ロッ", "ヒャク": "ヒャッ"})  # before k and h only
_FULL_MEASURES = re.compile(r"[ァ-ヺー]+")  # loan words keep the number's full sound
_P = str.maketrans("ハヒフヘホ", "パピプペポ")
_B = str.maketrans("ハヒフヘホ", "バビブベボ")


def read_number(written: str) -> str:
    """The kana of a number in digits of any width, kanji numerals or both (`3.5`, `1,250`, `二千`, `2.5万`).

    What is no number by these rules is read digit by digit, and what is no digit is left out.
    """
    text = written.translate(_KANJI)
    text = "".join(str(int(char)) if char.isdecimal() else char for char in text)
    text = re.sub(r"(?<=\d),(?=\d{3}(?!\d))", "", text)
    spoken = ""
    for sign, _, name in _LARGE:
        before, found, after = text.partition(sign)
        if found:
            spoken += _before(_part(before), name) + name
            text = after
    return spoken + (_part(text) if text else "")


def counted(written: str, counter: str, reading: str) -> str:
    """The kana of a number and the counter behind it, given the counter's own reading in katakana."""
    number = read_number(written)
    for (value, sign), irregular in _IRREGULAR.items():
        if sign == counter and number == read_number(str(value)):
            return irregular
    if _FULL_MEASURES.fullmatch(counter) and reading[0] not in "パピプペポ":
        return number + reading
    if reading[0] in "ハヒフヘホ":
        if number.endswith(("サン", "ゼン", "ヨン")) and not (number.endswith("ヨン") and reading[0] != "フ"):
            return number + reading[0].translate(_P if counter[0] in "分歩泊発" else _B) + reading[1:]
        cut = _before(number, reading)
        return cut + (reading[0].translate(_P) if cut != number else reading[0]) + reading[1:]
    return _before(number, reading) + reading


def _before(number: str, reading: str) -> str:
    """The number as it sounds before a word with that reading."""
    first = reading[0]
    endings: dict[str, str] = {}
    if first in "カキクケコサシスセソタチツテトハヒフヘホパピプペポ":
        endings |= _CUT
    if first in "カキクケコハヒフヘホ":
        endings |= _CUT_MORE
    for full, cut in endings.items():
        if number.endswith(full):
            return number.removesuffix(full) + cut
    return number


def _part(text: str) -> str:
    """A number without 万 and above, perhaps with a fraction."""
    whole, point, fraction = text.partition(".")
    match = _SMALL.fullmatch(whole)
    if "十" in whole or "百" in whole or "千" in whole:
        if match is None:
            return _digits(text)
        value = int(match[7] or 0)
        for digits, sign, size in ((match[1], match[2], 1000), (match[3], match[4], 100), (match[5], match[6], 10)):
            value += (int(digits or 1) if sign else 0) * size
        return _integer(value)
    if not whole.isdecimal() or len(whole) > _LONGEST or (whole[0] == "0" and len(whole) > 1):
        return _digits(text)
    spoken = ("レイ" if fraction else "ゼロ") if int(whole) == 0 else _integer(int(whole))
    for digits in fraction.split(".") if point else ():  # several in a version's number
        spoken = _before(spoken, "テン") + "テン" + _digits(digits)
    return spoken


def _integer(value: int) -> str:
    spoken = ""
    for _, size, name in _LARGE:
        high, value = divmod(value, size)
        if high:
            spoken += _before(_integer(high), name) + name
    thousands, value = divmod(value, 1000)
    hundreds, value = divmod(value, 100)
    tens, ones = divmod(value, 10)
    spoken += _THOUSANDS.get(thousands, _DIGITS[thousands % 10] + "セン") if thousands else ""
    spoken += _HUNDREDS.get(hundreds, _DIGITS[hundreds] + "ヒャク") if hundreds else ""
    spoken += ("" if tens == 1 else _DIGITS[tens]) + "ジュー" if tens else ""
    return spoken + _DIGITS[ones]


def _digits(text: str) -> str:
    return "".join(_ONE_BY_ONE[int(char)] for char in text if char.isdecimal())
