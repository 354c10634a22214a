"""The one priced table: what things cost in dollars, and since when. Data, not code: a new price is a new line here."""

from collections.abc import Mapping
from decimal import Decimal
from types import MappingProxyType

from common.domain.model import Model

PRICES_OF = "2026-11-01"  # the day these prices were read


class TokenPrice(Model):
    """Dollars for 1000 tokens in and for 1000 tokens out."""

    tokens_in: Decimal
    tokens_out: Decimal

    def micros(self, tokens_in: int, tokens_out: int) -> int:
        """Micro-dollars of a call, rounded up: a bill is never underestimated."""
        thousandths = self.tokens_in * tokens_in + self.tokens_out * tokens_out
        return int(-(-thousandths * 1000 // 1))


# The published list price is computed with these alone (see estimate.py).
GEMINI = TokenPrice(tokens_in=Decimal("0.0001"), tokens_out=Decimal("0.0002"))
VIDEO_PER_SECOND: Mapping[str, Decimal] = MappingProxyType(
    {"runway_gen3": Decimal("0.02"), "runway_gen4_turbo": Decimal("0.008")}
)
CONCEPT_IMAGE = Decimal("0.05")  # once a job
STORAGE_GB_MONTH = Decimal("0.02")
EGRESS_GB = Decimal("0.12")
CPU_SECOND = Decimal("0.000024")
MEMORY_GB_SECOND = Decimal("0.0000025")
COMPETITORS_PER_MINUTE: Mapping[str, Decimal] = MappingProxyType(
    {
        "runway_direct": Decimal("2.50"),
        "synthesia": Decimal("2.00"),
        "pictory": Decimal("1.50"),
        "heygen": Decimal("1.80"),
    }
)

# What a call to a model truly costs, by the start of its name; the longest match counts.
TOKEN_PRICES: Mapping[str, TokenPrice] = MappingProxyType({"gemini": GEMINI})


def token_price(model: str) -> TokenPrice:
    """The price of a model's tokens. Raises KeyError for a model without a price: nothing unpriced is called."""
    known = [name for name in TOKEN_PRICES if model.startswith(name)]
    if not known:
        raise KeyError(f"The model {model!r} has no price; add it to the table of {PRICES_OF}.")
    return TOKEN_PRICES[max(known, key=len)]
