"""Captions in the typeface and colour of a brand, as far as they can be read."""

from common.domain.plan import Plan
from common.media import caption_look as captions
from common.media.caption_look import CaptionLook
from common.media.colour import contrast, lch_of, mix, readable

_TOLD = 1.35  # contrast of the lit word with the others, by which it is still told apart
_WEIGHT = 700


def caption_look(plan: Plan) -> CaptionLook:
    """The look of a plan's captions: its brand's where it has one, clear of what its platform draws."""
    brand = plan.brand
    family = brand.font if brand and brand.font else "Poppins"
    look = captions.caption_look(plan.size, plan.lang, plan.captions, family, _WEIGHT, plan.platform)
    if brand is None or not brand.colours:
        return look
    grounds = [mix(under, look.plate_colour, look.plate_opacity or 1.0) for under in ("#000000", "#ffffff")]
    lit = readable(lch_of(brand.colours[0]), grounds)
    if contrast(lit, look.colour) < _TOLD:
        return look
    return look.model_copy(update={"lit_colour": lit})
