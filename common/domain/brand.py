"""What makes a video look like its brand's: colours and a typeface, beside the logo."""

from typing import Annotated, Literal

from pydantic import Field, StringConstraints

from common.domain.model import Model

Font = Literal["Barlow Condensed", "DM Serif Display", "Lora", "Manrope", "Poppins"]
Colour = Annotated[str, StringConstraints(pattern=r"^#[0-9A-Fa-f]{6}$", to_lower=True)]


class Brand(Model):
    """A brand kit. Where a colour of it cannot be read, its lightness gives way, never its hue."""

    colours: tuple[Colour, ...] = Field(
        default=(), max_length=3, description="As #rrggbb: of surfaces and accents, of details, of the ground."
    )
    font: Font | None = Field(default=None, description="Typeface of headlines and captions.")
