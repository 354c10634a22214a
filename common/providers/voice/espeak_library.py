"""eSpeak NG by its C library, which comes with its data inside a wheel: text in, samples and word marks out."""

import ctypes
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np

from common.media.wave import Samples
from common.providers.voice.port import VoiceError

_SYNCHRONOUS = 2  # espeak_AUDIO_OUTPUT: Synth returns when all is said
_DONT_EXIT = 0x8000  # on broken data, return an error instead of ending the process
_POSITION_IS_CHARACTER = 1
_UTF8 = 1
_SSML = 0x10
_RATE = 1  # espeak_PARAMETER: words a minute
_WORD, _END_OF_LIST = 1, 0
_BUFFER_MS = 200

# The library keeps one state for the whole process.
_LOCK = threading.Lock()


class _Event(ctypes.Structure):
    _fields_ = (
        ("type", ctypes.c_int),
        ("unique", ctypes.c_uint),
        ("text_position", ctypes.c_int),
        ("length", ctypes.c_int),
        ("audio_position", ctypes.c_int),
        ("sample", ctypes.c_int),
        ("user_data", ctypes.c_void_p),
        ("id", ctypes.c_char * 8),
    )


_Callback = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.POINTER(ctypes.c_short), ctypes.c_int, ctypes.POINTER(_Event))


def synthesise(
    text: str, voice: str, words_per_minute: int, ssml: bool = False
) -> tuple[Samples, int, list[tuple[int, float]]]:
    """Say a text: (samples, rate in Hz, [(index of the word's first character, its start in seconds), ...]).

    `voice` is an eSpeak voice name, such as `fr` or `cmn`. With `ssml` the text carries tags, which count in the index.
    Raises VoiceError when the library or the voice is missing. Calls from several threads wait for one another.
    """
    pieces: list[Samples] = []
    marks: list[tuple[int, int]] = []

    def take(samples: Any, count: int, events: Any) -> int:
        if count and samples:
            pieces.append(np.ctypeslib.as_array(samples, (count,)).astype(np.float32) / 32768.0)
        place = 0
        while events and events[place].type != _END_OF_LIST:
            if events[place].type == _WORD:
                marks.append((events[place].text_position - 1, events[place].sample))
            place += 1
        return 0

    with _LOCK, _loaded() as (library, rate):
        if library.espeak_SetVoiceByName(voice.encode()) != 0:
            raise VoiceError(f"eSpeak NG has no voice {voice!r}.")
        library.espeak_SetParameter(_RATE, words_per_minute, 0)
        said = text.encode()
        flags = _UTF8 | (_SSML if ssml else 0)
        receiver = _Callback(take)
        library.espeak_SetSynthCallback(receiver)
        failed = library.espeak_Synth(said, len(said) + 1, 0, _POSITION_IS_CHARACTER, 0, flags, None, None)
        if failed == 0:
            failed = library.espeak_Synchronize()
    if failed != 0:
        raise VoiceError(f"eSpeak NG refused the text (error {failed}).")
    samples = np.concatenate(pieces) if pieces else np.zeros(0, np.float32)
    return samples, rate, [(at, sample / rate) for at, sample in marks]


@contextmanager
def _loaded() -> Iterator[tuple[Any, int]]:
    """A fresh copy of the library and its sample rate; VoiceError when it cannot be loaded here.

    It is unloaded again, for it carries the flutter of its voice from one text into the next, and nothing but a fresh
    copy (7 ms) forgets that: equal texts would not give equal sound.
    """
    try:
        import espeakng_loader

        library = ctypes.CDLL(espeakng_loader.get_library_path())
        data = espeakng_loader.get_data_path()
    except (ImportError, OSError, RuntimeError) as error:
        raise VoiceError(f"eSpeak NG cannot be loaded here ({error}); install espeakng-loader.") from error
    system = ctypes.CDLL(None)
    try:
        library.espeak_Synth.argtypes = (
            ctypes.c_char_p, ctypes.c_size_t, ctypes.c_uint, ctypes.c_int,
            ctypes.c_uint, ctypes.c_uint, ctypes.c_void_p, ctypes.c_void_p,
        )  # fmt: skip
        library.espeak_SetSynthCallback.argtypes = (_Callback,)
        library.espeak_SetSynthCallback.restype = None
        rate = int(library.espeak_Initialize(_SYNCHRONOUS, _BUFFER_MS, data.encode(), _DONT_EXIT))
        if rate <= 0:
            raise VoiceError(f"eSpeak NG could not start (error {rate}); reinstall espeakng-loader.")
        system.srand(1)  # its breath noise comes from the C library
        yield library, rate
    finally:
        library.espeak_Terminate()
        system.dlclose.argtypes = (ctypes.c_void_p,)
        system.dlclose(library._handle)
