"""One fault, one finding: what merely follows from a fault that was found is left out."""

from collections.abc import Sequence

from common.domain.findings import Finding

_BLIND = frozenset({"black", "freeze"})  # where nothing else can be seen
_ABSENT = frozenset({"missing_scene", "scene_order"})  # nor in a scene that is not there
_MARGIN_SECONDS = 0.2


def causes(findings: Sequence[Finding]) -> list[Finding]:
    """The findings of the picture, without those of a stretch that is black or frozen or of a scene that is absent.

    What is black does not move either; where a scene is missing, others come at another time; captions that are
    missing or late are not read as well.
    """
    black = [one for one in findings if one.code == "black"]
    left = [one for one in findings if one.code != "freeze" or not any(_within(one, other, 0.0) for other in black)]
    blind = [one for one in left if one.code in _BLIND]
    left = [one for one in left if one in blind or not any(_within(one, other) for other in blind)]
    absent = {one.scene for one in left if one.code in _ABSENT}
    left = [one for one in left if one.code in _BLIND | _ABSENT or one.scene not in absent]
    if any(one.code == "missing_scene" for one in left):
        left = [one for one in left if one.code != "scene_order"]
    captions = {one.scene for one in left if one.code == "captions"}
    return [one for one in left if one.code != "text" or one.scene not in captions]


def _within(one: Finding, blind: Finding, margin: float = _MARGIN_SECONDS) -> bool:
    """Whether a finding lies in a blind stretch: its middle where it takes long itself, else any part of it."""
    first, end = blind.at - margin, blind.at + blind.seconds + margin
    if one.code in _ABSENT or one.code in _BLIND:
        return first <= one.at + one.seconds / 2 <= end
    return one.at <= end and one.at + one.seconds >= first
