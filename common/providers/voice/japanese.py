"""Japanese made speakable: kanji, numbers and signs as kana, phrase by phrase, for a voice that reads only kana."""

import re
import threading
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from xml.sax.saxutils import escape

from common.providers.voice.japanese_numbers import counted, read_number
from common.providers.voice.port import VoiceError
from common.providers.voice.script import ideographic
from common.providers.voice.units import Unit

_LONGEST, _LONGEST_COMPOUND = 13, 10  # written characters of one unit with its endings, and of joined nouns
_WIDE = {code: code + 0xFEE0 for code in range(0x21, 0x7F)}  # the dictionary knows ASCII in its wide form only
_VARIANTS = dict(zip(map(ord, "髙﨑𠮷德栁濵"), "高崎吉徳柳浜", strict=True))
_DEPENDENT = ("助詞", "助動詞", "動詞,非自立", "動詞,接尾", "形容詞,非自立", "名詞,接尾", "名詞,非自立,助動詞")
_DIGIT, _NUMBER, _SUFFIX, _PREFIX, _NOUN = "名詞,数", "数値", "名詞,接尾", "接頭詞", "名詞"
_PAUSES = str.maketrans("，,：:；;—–", "、、、、、、、、") | str.maketrans("．.…", "。。。")
_SIGNS = {
    "％": "パーセント",
    "＆": "アンド",
    "＋": "プラス",
    "＝": "イコール",
    "＠": "アット",
    "×": "カケル",
    "℃": "ド",
}
_SIGNS |= {"°": "ド", "＄": "ドル", "€": "ユーロ", "£": "ポンド", "￥": "エン", "¥": "エン", "№": "ナンバー"}
_BEFORE_NUMBERS = {sign: ("", _SIGNS[sign]) for sign in "＄€£￥¥"} | dict.fromkeys("－−", ("マイナス", ""))
_KANA = re.compile(r"[ぁ-ゖァ-ヺーｦ-ﾟ]")
_LATIN = re.compile(r"[A-Za-zÀ-ɏ][A-Za-zÀ-ɏ'’.-]*")

_LOCK = threading.Lock()
_LOADED: list[Any] = []  # the tokenizer, once it is needed


@dataclass(frozen=True)
class _Token:
    start: int  # in the sentence
    end: int
    wide: str  # as the dictionary was asked
    kind: str  # part of speech, most general first
    kana: str  # how it sounds; empty where the dictionary does not tell


@dataclass(frozen=True)
class _Part:
    start: int
    end: int
    kind: str
    said: str  # what the voice is given: kana, a pause, marked Latin, or nothing


def spoken_units(sentence: str) -> tuple[str, list[Unit]]:
    """The text to speak, as SSML in kana with Latin words marked as English, and the written units it reads, in order.

    A unit is a phrase as Japanese is spoken: a word with its particles and endings. Its text is the written one, its
    range the place in the spoken text. Raises VoiceError for a character without a known reading, or when the
    dictionary is missing.
    """
    said, found = "<speak>", []
    for phrase in _phrases(list(_parts(sentence)), sentence):
        kana = unicodedata.normalize("NFC", "".join(part.said for part in phrase))
        start = len(said)
        said += kana or "、"
        found.append(Unit(sentence[phrase[0].start : phrase[-1].end].strip(), start, len(said)))
        said += " "
    return said.rstrip() + "</speak>", found


def _tokens(text: str) -> list[_Token]:
    """The words of a text; spaces come along."""
    wide = text.translate(_WIDE).translate(_VARIANTS)
    try:
        with _LOCK:
            if not _LOADED:
                from janome.tokenizer import Tokenizer

                _LOADED.append(Tokenizer(mmap=True))  # 80 MB, where the whole dictionary in memory takes 300
            read = list(_LOADED[0].tokenize(wide))
    except (ImportError, OSError, SystemExit) as error:  # it exits where its files are damaged
        raise VoiceError(f"The dictionary that reads kanji cannot be loaded here ({error}); install janome.") from error
    found, at = [], 0
    for word in read:
        at = wide.index(word.surface, at)
        kana = "" if word.phonetic == "*" else word.phonetic
        found.append(_Token(at, at + len(word.surface), word.surface, word.part_of_speech, kana))
        at += len(word.surface)
    return found


def _parts(sentence: str) -> Iterator[_Part]:
    tokens = _tokens(sentence)
    place = 0
    while place < len(tokens):
        token, start = tokens[place], tokens[place].start
        place += 1
        lead, trail = "", ""  # of "-5" and "$5"
        free = start == 0 or not (sentence[start - 1].isascii() and sentence[start - 1].isalnum())
        if free and token.wide in _BEFORE_NUMBERS and place < len(tokens) and _numeral(tokens[place]):
            lead, trail = _BEFORE_NUMBERS[token.wide]
            token = tokens[place]
            place += 1
        if not _numeral(token):
            yield _Part(token.start, token.end, token.kind, _said(token, sentence))
            continue
        end = token.end
        while place < len(tokens) and _numeral(tokens[place]):
            end = tokens[place].end
            place += 1
        number = sentence[token.start : end].rstrip(",.，．")
        stop = sentence[token.start + len(number) : end]
        if place < len(tokens) and not stop:
            after = tokens[place]
            digit = re.match(r"\d+", after.wide)  # "11月" comes as "1" and "1月"
            if digit:
                number += digit[0]
                (rest,) = _tokens(sentence[after.start + digit.end() : after.end])[:1]
                after = _Token(after.start, after.end, rest.wide, _SUFFIX, rest.kana)
            if after.kind.startswith(_SUFFIX) and after.kana:
                yield _Part(start, after.end, _NUMBER, lead + counted(number, after.wide, after.kana) + trail)
                place += 1
                continue
        yield _Part(start, end, _NUMBER, lead + read_number(number) + trail + stop.translate(_PAUSES))


def _numeral(token: _Token) -> bool:
    return token.kind.startswith(_DIGIT) and (token.wide in "，．" or token.wide[0].isnumeric())


def _said(token: _Token, sentence: str) -> str:
    written = sentence[token.start : token.end]
    if token.kana and token.kana[0].isalnum():
        return token.kana
    if _LATIN.fullmatch(written) and not (written.isascii() and written.isupper()):
        return f'<voice xml:lang="en-us">{escape(written)}</voice>'
    return "".join(_character(char, wide) for char, wide in zip(written, token.wide, strict=True))


def _character(char: str, wide: str) -> str:
    """One character of a word that the dictionary does not know."""
    if wide in _SIGNS:
        return _SIGNS[wide]
    if _KANA.match(char):
        return unicodedata.normalize("NFKC", char)
    if char in "！？!?。、" or ord(char) in _PAUSES:
        return char.translate(_PAUSES)
    if not (char.isalnum() or ideographic(char)):
        return ""
    alone = _tokens(char)
    if alone and alone[0].kana:
        return alone[0].kana
    if ideographic(char):
        raise VoiceError(f"The voice espeak-ng cannot read the kanji {char!r} aloud.")
    return escape(char)


def _phrases(parts: list[_Part], sentence: str) -> list[list[_Part]]:
    """Parts put together as they are spoken in one breath; what has no letter hangs on to a neighbour."""
    found: list[list[_Part]] = []
    opened = True  # the next word starts a phrase, whatever it is
    for part in parts:
        written = sentence[part.start : part.end]
        if not written.strip():
            opened = True
        elif not _worded(written):
            opens = unicodedata.category(written[0]) in ("Ps", "Pi")
            if found and not opens:
                found[-1].append(part)
                opened = opened or any(char in part.said for char in "、。！？!?")
            else:  # an opening bracket goes before the word that follows
                found.append([part])
        elif found and not any(_worded(sentence[old.start : old.end]) for old in found[-1]):
            found[-1].append(part)
            opened = False
        elif found and not opened and _joins(found[-1], part, sentence):
            found[-1].append(part)
        else:
            found.append([part])
            opened = False
    if len(found) > 1 and not any(_worded(sentence[part.start : part.end]) for part in found[-1]):
        last = found.pop()
        found[-1] += last
    return found


def _worded(written: str) -> bool:
    return any(char.isalnum() for char in written)


def _joins(phrase: list[_Part], part: _Part, sentence: str) -> bool:
    last, length = phrase[-1], part.end - phrase[0].start
    if length > _LONGEST:
        return False
    if part.kind.startswith(_DEPENDENT) or last.kind.startswith(_PREFIX):
        return True
    if sentence[last.end - 1].isascii() and sentence[part.start].isascii():
        return True  # letters of one abbreviation
    if part.kind == _NUMBER or sentence[part.start].isdecimal():
        return last.kind.startswith(_DIGIT)  # "何千"
    compound = part.kind.startswith(_NOUN) and last.kind.startswith((_NOUN, _NUMBER))
    verb = part.kind.startswith("動詞") and last.kind.startswith("名詞,サ変")
    return (compound or verb) and length <= _LONGEST_COMPOUND
