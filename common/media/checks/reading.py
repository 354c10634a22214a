"""Reading a line of text back from pixels, by a small recognition model that lies inside a wheel.

PP-OCRv6 small, Apache-2.0, in the package rapidocr. Its detector is not needed: where every line stands is known. It
knows Latin with accents, Greek, Chinese and kana; not Arabic, Hebrew, Hangul, Cyrillic or emoji.
Format: https://github.com/PaddlePaddle/PaddleOCR, recognition by CTC over a picture 48 pixels high.
"""

import importlib.util
import re
import unicodedata
from difflib import SequenceMatcher
from functools import cache, cached_property
from pathlib import Path

import cv2
import numpy as np
import numpy.typing as npt
import onnxruntime

from common.media.captions import width_of

_MODEL = Path("models") / "PP-OCRv6_rec_small.onnx"
_HEIGHT = 48  # pixels of a line, as the model was trained
_LONGEST = 1600  # pixels of its length; longer lines are squeezed
_KNOWN_SHARE = 0.9  # of a text's signs that the model must know, or nothing is read
_SHORTEST = 20  # tenths of an em: two wide signs or four narrow ones; "1 l" and "II" are read as anything
_ALIKE = 0.7  # of the letters, in order; measured: 0.95 and more for what is there, under 0.5 for other words
_TWINS = str.maketrans("i10", "llo")  # in many a face these are one

_Plane = npt.NDArray[np.uint8]


class Reader:
    """Reads lines. The model (about 70 MB in use) loads at the first one, on one thread, and goes with the reader."""

    def read(self, line: _Plane) -> str:
        """What the luma plane of one line says, of light letters or dark ones; empty where nothing is legible."""
        height, width = line.shape
        if min(height, width) < 4:
            return ""
        across = min(_LONGEST, max(_HEIGHT, round(width * _HEIGHT / height)))
        way = cv2.INTER_AREA if height > _HEIGHT else cv2.INTER_CUBIC
        scaled = cv2.resize(line, (across, _HEIGHT), interpolation=way).astype(np.float32) / 127.5 - 1
        likely = self._session.run(None, {"x": np.repeat(scaled[None, None], 3, axis=1)})[0][0].argmax(axis=1)
        kept = likely[np.flatnonzero(np.diff(likely, prepend=0))]
        return "".join(self._signs[sign] for sign in kept if sign).strip()

    def knows(self, text: str) -> bool:
        """Whether the text is one that it can read: long enough, in scripts that it was trained on."""
        letters = folded(text)
        known = sum(1 for sign in letters if sign in self._alphabet)
        return width_of(letters) >= _SHORTEST and known >= _KNOWN_SHARE * len(letters)

    @cached_property
    def _session(self) -> onnxruntime.InferenceSession:
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = options.inter_op_num_threads = 1
        options.enable_cpu_mem_arena = False  # lines differ in length, and memory for the longest would stay
        return onnxruntime.InferenceSession(str(_model()), options, providers=["CPUExecutionProvider"])

    @cached_property
    def _signs(self) -> list[str]:
        """The sign of every class: none first, then the model's own list, then a space."""
        return ["", *self._session.get_modelmeta().custom_metadata_map["character"].split("\n"), " "]

    @cached_property
    def _alphabet(self) -> frozenset[str]:
        return frozenset(letter for sign in self._signs for letter in folded(sign))


@cache
def _model() -> Path:
    """The file inside the wheel, whose package need not be imported for it."""
    found = importlib.util.find_spec("rapidocr")
    if found is None or found.origin is None:
        raise ModuleNotFoundError("The package rapidocr, which holds the reading model, is missing; run scripts/setup.")
    return Path(found.origin).parent / _MODEL


def folded(text: str) -> str:
    """Letters and digits alone: no case, accents, spaces or marks, wide forms as narrow ones, œ and æ as two."""
    bare = unicodedata.normalize("NFKD", text.casefold()).replace("œ", "oe").replace("æ", "ae")
    return "".join(re.findall(r"[^\W_]", "".join(sign for sign in bare if not unicodedata.combining(sign))))


def likeness(wanted: str, read: str) -> float:
    """How far two texts have the same letters in the same order, 0..1; letters that look alike count as the same."""
    one, other = (folded(text).translate(_TWINS) for text in (wanted, read))
    return SequenceMatcher(None, one, other, autojunk=False).ratio()


def misread(wanted: str, read: str) -> bool:
    """Whether another text is read than was wanted. One sign may differ, however few there are: 十 and + are alike."""
    signs = len(folded(wanted))
    return likeness(wanted, read) < min(_ALIKE, (signs - 1) / max(1, signs))
