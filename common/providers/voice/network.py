"""The neural network of the English voice: phonemes in, sound and exact durations out."""

import hashlib
import json
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from common.domain.speech import Word
from common.media.wave import Samples
from common.providers.voice.phonemes import PUNCTUATION, Breath
from common.providers.voice.port import VoiceError
from common.providers.voice.reading import Sentence, first_sound, last_sound, loudest_step

MODEL_SHA256 = "5f70741d4e900f4e85d0037498736cc1b3e1b9a63a13546a5da1e63abf4fccd8"

_UNIT = 0.025  # seconds that one count of the model's durations lasts
_FRAMES = 2  # spectrum frames in it
_LEAD = 0.045  # seconds by which its sounds come before their durations say (measured on plosives and vowels alike)
_DURATIONS = "/Cast_32_output_0"


class Network:
    """The loaded network. `exact` tells whether it answers with true phoneme durations."""

    def __init__(self) -> None:
        import onnxruntime  # heavy, and only this engine needs it

        path = _assets() / "hibari.onnx"
        weights = path.read_bytes()
        if hashlib.sha256(weights).hexdigest() != MODEL_SHA256:
            raise VoiceError(
                f"The voice model {path.name} is not the one of hibari-tts 0.2.1 (its SHA-256 differs); reinstall it."
            )
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = options.inter_op_num_threads = 1
        options.enable_cpu_mem_arena = False  # memory goes back after each sentence
        options.log_severity_level = 3
        self._session: Any = onnxruntime.InferenceSession(
            weights + _extra_output(_DURATIONS), options, providers=["CPUExecutionProvider"]
        )
        self._ids: dict[str, int] = json.loads((_assets() / "vocab.json").read_text("utf-8"))
        _, durations, frames = self._infer(self._identify("hˈaI.")[0], 1.0)
        self.exact = len(durations) == 7 and int(durations.sum()) * _FRAMES == frames

    def say(self, breath: Breath, speed: float, noise: np.random.Generator) -> Sentence:
        """One breath as sound, with the times of its written words."""
        from hibari import dsp

        ids, places = self._identify(breath.phonemes)
        spectra, durations, frames = self._infer(ids, speed)
        samples: Samples = dsp.synth(*spectra, noise)
        if len(durations) != len(ids) or int(durations.sum()) * _FRAMES != frames:
            durations = np.full(len(ids), frames / _FRAMES / len(ids))
        edges = np.maximum(0.0, np.concatenate([[0.0], np.cumsum(durations)]) * _UNIT - _LEAD)
        loudest = loudest_step(samples)
        words: list[Word] = []
        after = 0.0
        for text, first, last in breath.words:
            sounding = [places[i] for i in range(first, last) if i in places and breath.phonemes[i] not in PUNCTUATION]
            start, end = float(edges[sounding[0]]), float(edges[sounding[-1] + 1])
            # The model counts a pause as part of the sound before it.
            end = last_sound(samples, start, end, loudest)
            words.append(Word(text=text, start=first_sound(samples, after, max(start, after), loudest), end=end))
            after = end
        return Sentence(samples, tuple(words), breath.pause)

    def _identify(self, phonemes: str) -> tuple[list[int], dict[int, int]]:
        """The model's ids between two pads, and where each phoneme of the text is among them."""
        ids, places = [0], {}
        for index, phoneme in enumerate(phonemes):
            if phoneme in self._ids:
                places[index] = len(ids)
                ids.append(self._ids[phoneme])
        return [*ids, 0], places

    def _infer(self, ids: list[int], speed: float) -> tuple[list[Samples], NDArray[np.int64], int]:
        feed = {"ids": np.asarray([ids], np.int64), "speed": np.asarray([speed], np.float32)}
        *spectra, durations = self._session.run(None, feed)
        return [part[0] for part in spectra], durations.reshape(-1), int(spectra[0].shape[-1])


def _assets() -> Path:
    import hibari

    return Path(hibari.__file__).parent / "assets"


def _extra_output(tensor: str) -> bytes:
    """Bytes that, appended to an ONNX file, make an inner int64 tensor one more output of its graph.

    A protocol buffer merges a repeated `graph` field into the first, so appending is enough: field 7 (graph) of the
    model, 12 (output), 1 (name) and 2 (type), 1 (tensor), 1 (element) = 7 (int64).
    """
    described = _field(1, tensor.encode()) + _field(2, _field(1, bytes([1 << 3, 7])))
    return _field(7, _field(12, described))


def _field(number: int, payload: bytes) -> bytes:
    if len(payload) > 127:
        raise ValueError(f"A field of {len(payload)} bytes needs a longer length prefix; name a shorter tensor.")
    return bytes([number << 3 | 2, len(payload)]) + payload
