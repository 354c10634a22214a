"""What the apps that show a video draw over it: margins in which no text of ours may stand."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Literal, NamedTuple

Platform = Literal["youtube", "shorts", "tiktok", "reels", "stories"]


class Margins(NamedTuple):
    """What is taken off each side, as shares of the picture's width and height."""

    top: float
    right: float
    bottom: float
    left: float


TITLE_SAFE = Margins(0.05, 0.05, 0.05, 0.05)  # EBU R 95: the graphics safe area of a television picture

# Of pictures that stand upright, which the apps fill the screen with; others they show whole, with bars around them.
# Reels and stories: Meta asks advertisers to leave 14 % at the top, 35 and 20 % at the bottom, 6 % each side.
# Shorts and TikTok, as their helps for advertisers are widely quoted: 840 x 960 of 1080 x 1920 from (48, 288) on; and,
# with a caption of several lines, all but 130 pixels at the top, 140 right, 484 at the bottom and 60 left.
_UPRIGHT: Mapping[Platform, Margins] = MappingProxyType(
    {
        "shorts": Margins(0.15, 0.178, 0.35, 0.045),
        "tiktok": Margins(0.068, 0.13, 0.252, 0.056),
        "reels": Margins(0.14, 0.06, 0.35, 0.06),
        "stories": Margins(0.14, 0.06, 0.20, 0.06),
    }
)


def margins(platform: Platform | None, upright: bool) -> Margins:
    """The margins of a platform, for a picture that stands upright or not; youtube shows an upright one as a short."""
    if platform is None or not upright:
        return TITLE_SAFE
    return _UPRIGHT["shorts" if platform == "youtube" else platform]
