"""Spoken words with their exact times: the one source of every caption format."""

from common.domain.model import Model


class Word(Model):
    """One word as the script writes it, punctuation attached; seconds from the start of its scene's narration."""

    text: str
    start: float
    end: float


class Narration(Model):
    """What a voice engine made of one scene's text: length in seconds, words in order, and who spoke."""

    seconds: float
    words: tuple[Word, ...]
    engine: str
    version: str
    lang: str
    note: str = ""  # why another voice than the asked one spoke, or empty
