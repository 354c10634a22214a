"""The fonts that come with the installed packages, and which of them has which character.

No system fonts, no fontconfig: every drawing names its files. Any text is split into runs, each set in a font that has
all its glyphs, so that nothing is ever shown as an empty box; a character that no font has is left out and reported.
"""

import hashlib
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache, lru_cache
from importlib.util import find_spec
from pathlib import Path

from fontTools.ttLib import TTFont

_CJK = "manimgx_fonts_cjk/NotoSansCJK-VF.otf.ttc"
_CJK_INDEX = {"ja": 0, "ko": 1, "zh": 2}
_CJK_NAMES = ("JP", "KR", "SC")
_NOTO = "manimgx_fonts/Noto{}[wght].ttf"
_VARIABLE = {
    "Lora": "fontpkg_lora/files/Lora[wght].ttf",
    "Manrope": "fontpkg_manrope/files/Manrope[wght].ttf",
    "JetBrains Mono": "fontpkg_jetbrains_mono/files/JetBrainsMono[wght].ttf",
}
_WEIGHTS = {400: "Regular", 500: "Medium", 600: "SemiBold", 700: "Bold", 800: "ExtraBold", 900: "Black"}

# First word of a character's Unicode name -> the Noto face of that script.
_SCRIPTS = {
    "ARABIC": "Sans Arabic", "ARMENIAN": "Sans Armenian", "BENGALI": "Sans Bengali", "DEVANAGARI": "Sans Devanagari",
    "ETHIOPIC": "Sans Ethiopic", "GEORGIAN": "Sans Georgian", "GUJARATI": "Sans Gujarati",
    "GURMUKHI": "Sans Gurmukhi", "HEBREW": "Sans Hebrew", "KANNADA": "Sans Kannada", "KHMER": "Sans Khmer",
    "LAO": "Sans Lao", "MALAYALAM": "Sans Malayalam", "MYANMAR": "Sans Myanmar", "ORIYA": "Sans Oriya",
    "SINHALA": "Sans Sinhala", "TAMIL": "Sans Tamil", "TELUGU": "Sans Telugu", "THAI": "Sans Thai",
}  # fmt: skip
_JOINER = "\u200d"
_IGNORED = frozenset("\u200b\u200c\u200d\u200e\u200f\u2060\u2066\u2067\u2068\u2069\ufe0e\ufe0f\u00ad")


@dataclass(frozen=True)
class Face:
    """A font at a weight. `key` names its file on every machine, `family` is the name that renderers know it by."""

    key: str
    family: str
    weight: int = 400
    variable: bool = False
    index: int = 0

    @property
    def path(self) -> Path:
        """Where the file is on this machine."""
        return font_path(self.key)


@dataclass(frozen=True)
class Run:
    """A piece of text and the font that has all of it."""

    text: str
    family_name: str
    path: Path
    face: Face


@cache
def font_path(key: str) -> Path:
    """The file of a font key (`package/file`); FileNotFoundError says which package to install."""
    package, _, name = key.partition("/")
    spec = find_spec(package)
    for root in (spec.submodule_search_locations or ()) if spec else ():
        if (Path(root) / name).is_file():
            return Path(root) / name
    raise FileNotFoundError(f"The font {key} is missing; install the package {package.replace('_', '-')}.")


@cache
def face(family: str, weight: int = 400) -> Face:
    """The face of a family at the nearest weight it has; KeyError for a family that is not installed."""
    if family in _VARIABLE:
        return Face(_VARIABLE[family], family, weight, variable=True)
    if family == "DM Serif Display":
        return Face("fontpkg_dm_serif_display/files/DMSerifDisplay-Regular.ttf", family)
    if family in ("Poppins", "Barlow Condensed"):
        step = min(_WEIGHTS, key=lambda known: abs(known - weight))
        folder = f"fontpkg_{family.lower().replace(' ', '_')}"
        return Face(f"{folder}/files/{family.replace(' ', '')}-{_WEIGHTS[step]}.ttf", family, step)
    if family.startswith("Noto Sans CJK "):
        return Face(_CJK, family, weight, variable=True, index=_CJK_NAMES.index(family[-2:]))
    if family.startswith("Noto "):
        return Face(_NOTO.format(family[5:].replace(" ", "")), family, weight, variable=True)
    raise KeyError(f"No installed font is called {family!r}.")


@cache
def _glyphs(key: str, index: int) -> frozenset[int]:
    with TTFont(font_path(key), fontNumber=index, lazy=True) as font:
        return frozenset(font.getBestCmap())


def has(face_: Face, cluster: str) -> bool:
    """Whether the face has every visible character of a cluster."""
    known = _glyphs(face_.key, face_.index)
    return all(ord(char) in known for char in cluster if char not in _IGNORED)


@lru_cache(maxsize=4096)
def clusters(text: str) -> tuple[str, ...]:
    """Split text into what a reader sees as one character: marks, joiners and selectors stay with their base."""
    found: list[str] = []
    for char in text:
        if found and (_extends(char) or found[-1].endswith(_JOINER) or _pairs(found[-1], char)):
            found[-1] += char
        else:
            found.append(char)
    return tuple(found)


def _extends(char: str) -> bool:
    code = ord(char)
    return (
        char in (_JOINER, "\u200c")
        or unicodedata.category(char) in ("Mn", "Me", "Mc")
        or 0x1F3FB <= code <= 0x1F3FF
        or 0xE0020 <= code <= 0xE007F
    )


def _pairs(before: str, char: str) -> bool:
    return len(before) == 1 and all(0x1F1E6 <= ord(each) <= 0x1F1FF for each in before + char)


def _calm(cluster: str) -> str:
    """The cluster without stacked-up accents: more than one that has no letter of its own leaves the line."""
    accents = [char for char in cluster[1:] if 0x0300 <= ord(char) <= 0x036F or 0x1AB0 <= ord(char) <= 0x1DFF]
    return cluster[0] + accents[0] if len(accents) > 1 else cluster


def _is_emoji(cluster: str) -> bool:
    return any(ord(char) >= 0x1F000 or char in "\ufe0f\u20e3" for char in cluster) and "\ufe0e" not in cluster


def _candidates(cluster: str, wanted: Face, lang: str) -> Iterable[Face]:
    weight = wanted.weight if wanted.family != "DM Serif Display" else 600
    if _is_emoji(cluster):
        yield face("Noto Emoji", min(weight, 700))
    yield wanted
    base = next((char for char in cluster if char not in _IGNORED), cluster[0])
    script = unicodedata.name(base, "").split(" ")[0].split("-")[0]
    if script in _SCRIPTS:
        yield face(f"Noto {_SCRIPTS[script]}", weight)
    east = _is_east(base)
    if east:
        yield _east(lang, weight)
    yield face("Noto Sans", weight)
    yield face("Noto Sans Symbols", weight)
    yield face("Noto Emoji", min(weight, 700))
    if not east:
        yield _east(lang, weight)


def _is_east(char: str) -> bool:
    code = ord(char)
    return (
        0x2E80 <= code <= 0x9FFF
        or 0xAC00 <= code <= 0xD7FF
        or 0xF900 <= code <= 0xFAFF
        or 0xFE30 <= code <= 0xFE4F
        or 0xFF00 <= code <= 0xFFEF
        or code >= 0x20000
    )


def _east(lang: str, weight: int) -> Face:
    return face(f"Noto Sans CJK {_CJK_NAMES[_CJK_INDEX.get(lang, 0)]}", weight)


@dataclass(frozen=True)
class Covered:
    """Text split by font, and the characters that no font has."""

    runs: tuple[Run, ...]
    dropped: str = ""


@lru_cache(maxsize=4096)
def covering(text: str, wanted: Face, lang: str = "en") -> Covered:
    """Split text into runs set in `wanted` where it has the glyphs and in the best other face where it has not.

    Where `wanted` lacks most letters of the text, its signs and numbers are set in the other face, too.
    """
    wanted = _suited(text, wanted, lang)
    pieces: list[tuple[Face, str]] = []
    dropped = ""
    for cluster in map(_calm, clusters(unicodedata.normalize("NFC", text))):
        if cluster.isspace():
            cluster = " "
        elif all(unicodedata.category(char) in ("Cc", "Cf", "Cs", "Co", "Cn") for char in cluster):
            dropped += "" if all(char in _IGNORED for char in cluster) else cluster
            continue
        chosen, shown = _choose(cluster, wanted, lang, pieces[-1][0] if pieces else None)
        if chosen is None:
            dropped += cluster
        elif pieces and pieces[-1][0] == chosen:
            pieces[-1] = (chosen, pieces[-1][1] + shown)
        else:
            pieces.append((chosen, shown))
    return Covered(tuple(Run(part, used.family, used.path, used) for used, part in pieces), dropped)


def _suited(text: str, wanted: Face, lang: str) -> Face:
    """The face that has most letters of a text; East Asian ones stand well among the signs of any face."""
    letters = [char for char in text if char.isalpha()]
    lacking = [char for char in letters if not has(wanted, char) and not _is_east(char)]
    if 2 * len(lacking) <= len(letters):
        return wanted
    return next((other for other in _candidates(lacking[0], wanted, lang) if has(other, lacking[0])), wanted)


def _choose(cluster: str, wanted: Face, lang: str, previous: Face | None) -> tuple[Face | None, str]:
    if cluster == " " and previous is not None and previous.family != "Noto Emoji" and has(previous, " "):
        return previous, cluster  # a space stays with its word, so that a foreign phrase is one run
    for shown in (cluster, cluster[0]):  # a base letter without its rare mark reads better than a gap
        for candidate in _candidates(shown, wanted, lang):
            if has(candidate, shown):
                return candidate, shown
    return None, cluster


def runs(text: str, family: str, lang: str = "en", weight: int = 700) -> tuple[Run, ...]:
    """The runs of a text set in a family, for the picture and for burned captions."""
    return covering(text, face(family, weight), lang).runs


def dropped(text: str, family: str, lang: str = "en", weight: int = 700) -> str:
    """The characters of a text that no installed font has."""
    return covering(text, face(family, weight), lang).dropped


@cache
def _file_digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def fonts_digest(paths: Iterable[Path]) -> str:
    """One SHA-256 over the names and contents of font files, for cache keys."""
    parts = sorted(f"{path.name}:{_file_digest(path)}" for path in set(paths))
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()
