"""Moments as stored text that sorts by time: UTC, always with microseconds."""

from datetime import UTC, datetime
from typing import Annotated

from pydantic import PlainSerializer


def stamp(moment: datetime) -> str:
    """The text of a moment; of two, the earlier one sorts first."""
    return moment.astimezone(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")


# A field that the store sorts by. A plain datetime leaves zero microseconds out, and so sorts after all of its second.
Stamp = Annotated[datetime, PlainSerializer(stamp, when_used="json")]
