"""The planner that needs nothing: rules and templates."""

import math
from dataclasses import replace
from itertools import pairwise

from common.domain.frame import FPS
from common.domain.moods import mood_of
from common.domain.pacing import least_frames
from common.domain.plan import Plan
from common.domain.text import readable
from common.providers.planner.draft import Draft, assemble, clean_title, left_out, needed_frames, total_frames
from common.providers.planner.headings import distinct
from common.providers.planner.outline import draft_prompt
from common.providers.planner.port import FAST_TRACK_SCENES, SHORTEST_SECONDS, Brief, ScriptTooLong, UnusableScript
from common.providers.planner.script import draft_script

NOTHING_TO_SAY = "There are no words, numbers or pictographs in this text to make a video of; write what it should say."


class LocalPlanner:
    """Scripts become scenes by rules; a prompt is written out from templates, and the plan says so."""

    name = "local-planner"
    version = "7"
    quality = 0.6
    paid = False

    def direct(self, brief: Brief) -> Plan:
        """The plan of a brief. Raises UnusableScript or ScriptTooLong, nothing else."""
        if not readable(brief.content):
            raise UnusableScript(NOTHING_TO_SAY)
        try:
            return self._from_script(brief) if brief.source == "script" else self._from_prompt(brief)
        except ValueError as error:
            raise UnusableScript(f"This text cannot be spoken in the time it was given: {error} Shorten it.") from error

    def _from_script(self, brief: Brief) -> Plan:
        title, drafts = draft_script(brief.content, brief.lang)
        if not drafts:
            raise UnusableScript(NOTHING_TO_SAY)
        if brief.track == "fast":
            drafts = at_most(drafts, FAST_TRACK_SCENES)
        drafts = distinct(drafts, brief.lang)
        named = clean_title(brief.title or title or drafts[0].headline or drafts[0].narration)
        mood = drafts[0].mood or mood_of(f"{named} {drafts[0].narration}")
        return assemble(drafts, brief, named, mood, self._signature(brief, drafts, ""), self._length(brief, drafts))

    def _from_prompt(self, brief: Brief) -> Plan:
        title, mood, drafts = draft_prompt(brief)
        drafts = distinct(drafts, brief.lang)
        named = clean_title(brief.title or title)
        signature = self._signature(brief, drafts, " (template)")
        return assemble(drafts, brief, named, mood, signature, total_frames(brief))

    def _length(self, brief: Brief, drafts: list[Draft]) -> int | None:
        """The exact frames of a script's video, or None for what speaking takes. Raises ScriptTooLong."""
        natural = sum(needed_frames(draft, brief.lang) for draft in drafts)
        least = sum(least_frames(draft.narration, brief.lang) for draft in drafts)
        asked = total_frames(brief)
        allowed = asked if asked is not None else brief.max_seconds * FPS
        if least > allowed:
            raise ScriptTooLong(math.ceil(natural / FPS), allowed // FPS, asked is not None)
        if asked is not None:
            return asked
        if natural > allowed:  # spoken a little faster it still fits the preset
            return allowed
        return SHORTEST_SECONDS * FPS if natural < SHORTEST_SECONDS * FPS else None

    def _signature(self, brief: Brief, drafts: list[Draft], note: str) -> str:
        told = f", {brief.note}" if brief.note else ""
        return f"{self.name}/{self.version}{note}{told}{left_out(brief, len(drafts))}"


def at_most(drafts: list[Draft], count: int) -> list[Draft]:
    """The drafts joined into at most `count` scenes of neighbours, every word kept.

    Code and recipes stay what they are, and say what their neighbours say besides.
    """
    if len(drafts) <= count:
        return drafts
    edges = [part * len(drafts) // count for part in range(count + 1)]
    return [_joined(drafts[start:end], opens=not start) for start, end in pairwise(edges)]


def _joined(group: list[Draft], opens: bool) -> Draft:
    """Neighbours as one scene."""
    first = group[0]
    if len(group) == 1:
        return first
    narration = " ".join(draft.narration for draft in group if draft.narration)
    for kind in ("code", "recipe"):
        if same := [draft for draft in group if draft.kind == kind]:
            return replace(
                same[0],
                narration=narration,
                headline=same[0].headline or first.headline,
                lines=tuple(line for draft in same for line in draft.lines),
                figures=tuple(figure for draft in same for figure in draft.figures),
                syntax=same[0].syntax if len({draft.syntax for draft in same}) == 1 else "",
            )
    shown = tuple(line for draft in group[1:] for line in (draft.headline, *draft.lines) if line)
    return Draft(
        kind="title" if opens else "list" if len(shown) > 1 else first.kind,
        narration=narration,
        headline=first.headline,
        lines=first.lines if opens else (*first.lines, *shown)[:4],
        figures=tuple(figure for draft in group for figure in draft.figures)[:3],
        attribution=first.attribution,
    )
