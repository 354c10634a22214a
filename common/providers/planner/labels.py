"""What a screen is called when the script gives it no heading."""

from collections.abc import Mapping, Sequence
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
        "comparison": {
            "en": "Side by side", "fr": "Côte à côte", "es": "Frente a frente", "de": "Im Vergleich",
            "it": "A confronto", "pt": "Lado a lado", "ja": "比べてみると", "zh": "对比", "ko": "비교",
        },
        "closing": {
            "en": "Keep in mind", "fr": "À retenir", "es": "Para recordar", "de": "Das bleibt",
            "it": "Da ricordare", "pt": "Para recordar", "ja": "まとめ", "zh": "小结", "ko": "기억해 두세요",
        },
    }
)  # fmt: skip


_BEYOND = 0x370  # from here on signs are not Latin
_EAST: frozenset[Lang] = frozenset({"ja", "zh", "ko"})
Label = Literal["list", "ingredients", "steps", "comparison", "closing"]


def label_for(kind: Label, texts: Sequence[str], lang: Lang, otherwise: str) -> str:
    """The usual name of a screen in a language, or `otherwise` where its words are written in another script."""
    signs = [sign for text in texts for sign in text if sign.isalpha()]
    foreign = sum(ord(sign) >= _BEYOND for sign in signs) * 2 > len(signs)
    return otherwise if foreign and lang not in _EAST else label(kind, lang)


def label(kind: Label, lang: Lang) -> str:
    """The usual name of a screen of that kind in a language."""
    return _LABELS[kind][lang]
