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
        "ingredients": {
            "en": "Ingredients", "fr": "Ingrédients", "es": "Ingredientes", "de": "Zutaten", "it": "Ingredienti",
            "pt": "Ingredientes", "ja": "材料", "zh": "食材", "ko": "재료",
        },
        "steps": {
            "en": "Step by step", "fr": "Pas à pas", "es": "Paso a paso", "de": "Schritt für Schritt",
            "it": "Passo dopo passo", "pt": "Passo a passo", "ja": "手順", "zh": "步骤", "ko": "순서",
        },
    }
)  # fmt: skip


Label = Literal["list", "ingredients", "steps"]


def label(kind: Label, lang: Lang) -> str:
    """The usual name of a list, of ingredients or of steps in a language."""
    return _LABELS[kind][lang]
