"""The published list price of a video. What it truly costs is another figure: the ledger."""

from collections.abc import Mapping
from decimal import ROUND_HALF_UP, Decimal
from types import MappingProxyType
from typing import Literal

from pydantic import Field

from common.domain import prices
from common.domain.complexity import Level
from common.domain.model import Model

_GEMINI_CALLS, _TOKENS_A_CALL = 3, 2000
_RUN_SECONDS, _RUN_CPUS, _RUN_GB = 60, 2, 2
_MB_PER_30_S = 50
_MULTIPLIER: Mapping[Level, int] = MappingProxyType({"low": 1, "standard": 2, "high": 3})
_BACKEND = MappingProxyType({"fast": "runway_gen4_turbo", "full": "runway_gen3"})

PresetName = Literal["quick_social", "brand_campaign", "premium_spot"]


class Breakdown(Model):
    """Dollars by part, each rounded to 4 decimals."""

    gemini_api: float = Field(description="Planning and reviewing.")
    runway_api: float = Field(description="Pictures and clips.")
    gcs_storage: float = Field(description="Keeping and sending the files.")
    cloud_run: float = Field(description="Rendering.")


class Estimate(Model):
    """The answer of the price list; dollars, percent and seconds."""

    aiprod_optimized: float = Field(description="The list price: the sum of the breakdown.")
    breakdown: Breakdown = Field(description="What it is made of, each rounded to 4 decimals.")
    runway_alone: float = Field(description="The same length bought from Runway directly.")
    competitors: dict[str, float] = Field(description="The same length elsewhere, by service.")
    savings: float = Field(description="runway_alone minus aiprod_optimized.")
    savings_percent: float = Field(description="The same in percent of runway_alone.")
    quality_guarantee: float = Field(description="Quality, 0 to 1, below which a video is made again or fails.")
    backend_selected: str = Field(description="The engine that it is priced by.")
    preset: str = Field(description="The preset.")
    duration_sec: int = Field(description="Length in seconds.")
    complexity: Level = Field(description="The complexity that counts: the preset's own, or the request's.")
    value_proposition: str = Field(description="The same in a sentence.")


class _Line(Model):
    mode: Literal["fast", "full"]
    level: Level | None  # None: the request's
    quality: float


_LINES: Mapping[str, _Line] = MappingProxyType(
    {
        "quick_social": _Line(mode="fast", level="low", quality=0.6),
        "brand_campaign": _Line(mode="full", level=None, quality=0.8),
        "premium_spot": _Line(mode="full", level="high", quality=0.9),
    }
)


def estimate(preset: PresetName, duration_sec: int, level: Level = "standard") -> Estimate:
    """The list price of `duration_sec` seconds with a preset; `level` counts where the preset leaves it open."""
    line = _LINES[preset]
    level = line.level or level
    backend = _BACKEND[line.mode]
    seconds = Decimal(duration_sec)
    parts = {
        "gemini_api": _gemini(_MULTIPLIER[level]),
        "runway_api": prices.VIDEO_PER_SECOND[backend] * seconds + prices.CONCEPT_IMAGE,
        "gcs_storage": _storage(seconds),
        "cloud_run": _RUN_SECONDS * (_RUN_CPUS * prices.CPU_SECOND + _RUN_GB * prices.MEMORY_GB_SECOND),
    }
    rounded = {name: _round(value, 4) for name, value in parts.items()}
    total = sum(rounded.values(), Decimal(0))
    rivals = {name: _round(rate * seconds / 60, 2) for name, rate in prices.COMPETITORS_PER_MINUTE.items()}
    alone = rivals["runway_direct"]
    percent = _round(100 * (alone - total) / alone, 1)
    return Estimate(
        aiprod_optimized=float(_round(total, 2)),
        breakdown=Breakdown(**{name: float(value) for name, value in rounded.items()}),
        runway_alone=float(alone),
        competitors={name: float(value) for name, value in rivals.items()},
        savings=float(_round(alone - total, 2)),
        savings_percent=float(percent),
        quality_guarantee=line.quality,
        backend_selected=backend,
        preset=preset,
        duration_sec=duration_sec,
        complexity=level,
        value_proposition=f"Save {percent} % against a direct subscription, at a quality of {line.quality} or better.",
    )


def _gemini(multiplier: int) -> Decimal:
    thousands = Decimal(_TOKENS_A_CALL * multiplier) / 1000
    return _GEMINI_CALLS * thousands * (prices.GEMINI.tokens_in + prices.GEMINI.tokens_out)


def _storage(seconds: Decimal) -> Decimal:
    gigabytes = _MB_PER_30_S * seconds / 30 / 1024
    return gigabytes * (prices.STORAGE_GB_MONTH + prices.EGRESS_GB)


def _round(value: Decimal, places: int) -> Decimal:
    return value.quantize(Decimal(1).scaleb(-places), rounding=ROUND_HALF_UP)
