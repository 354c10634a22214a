"""What a screen is called when the script gives it no heading."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Literal

from common.domain.plan import Lang

_LABELS: Mapping[str, Mapping[str, str]] = MappingProxyType(
    {
        "list": {
            "en": "At a glance", "fr": "En bref", "es": "En breve", "de": "Auf einen Blick", "it": "In breve",
            "pt": "Em resumo", "ja": "ポイント", "zh": "要点", "ko": "한눈에 보기",
        },
        "steps": {
            "en": "Step by step", "fr": "Pas à pas", "es": "Paso a paso", "de": "Schritt für Schritt",
            "it": "Passo dopo passo", "pt": "Passo a passo", "ja": "手順", "zh": "步骤", "ko": "순서",
        },
    }
)  # fmt: skip


def label(kind: Literal["list", "steps"], lang: Lang) -> str:
    """The usual name of a list or of steps in a language."""
    return _LABELS[kind][lang]
