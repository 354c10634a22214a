"""A prompt of a line becomes scene drafts: templates about its own subject, chosen by intent and fitted to a length."""

from dataclasses import replace
from itertools import pairwise

from common.domain.condense import condense
from common.domain.frame import FPS
from common.domain.moods import mood_of
from common.domain.pacing import least_frames, scene_frames
from common.domain.plan import Mood
from common.domain.text import sentences
from common.providers.planner.beats import Beat, beats_for
from common.providers.planner.draft import Draft
from common.providers.planner.items import item_drafts
from common.providers.planner.port import FAST_TRACK_SCENES, Brief
from common.providers.planner.subject import subject_of

_MOODS: dict[str, Mood] = {
    "recipe": "warm", "launch": "bright", "safety": "serious", "poem": "tender", "celebrate": "playful",
    "tips": "bright", "statistics": "serious", "history": "epic", "howto": "bright",
    "announce": "bright", "job": "bright", "invite": "bright", "appeal": "tender", "motivate": "bright",
    "travel": "bright", "company": "warm", "life": "epic",
}  # fmt: skip

_SHORTEST_TIP = 3.4 * FPS  # frames a scene needs to be followed

_SOBER = ("statistics", "safety")  # whatever words they use


def draft_prompt(brief: Brief) -> tuple[str, Mood, list[Draft]]:
    """Title, mood and drafts that fill the brief's seconds and can be spoken in them; at least one draft."""
    subject = subject_of(brief.content, brief.lang)
    mood = _MOODS.get(subject.intent, "calm")
    if subject.intent not in _SOBER:
        mood = mood_of(brief.content, mood)
    total = (brief.seconds or 30) * FPS
    beats = beats_for(subject, brief.lang, brief.seed)
    facts = item_drafts(subject, brief.lang)
    if facts:  # the client's own lists and steps make the template's superfluous
        beats = [beat for beat in beats if beat.kind not in ("list", "steps")]
    counted = subject.count + 2 if subject.intent == "tips" and subject.count else 0
    drafts = _fitted(beats, facts, brief, total, counted if counted * _SHORTEST_TIP <= total else 0)
    if counted and not facts and len(drafts) == counted:
        drafts = _numbered(drafts)
    return subject.title, mood, [replace(draft, mood=draft.mood or mood) for draft in drafts]


def scenes_for(seconds: float, track: str) -> int:
    """How many scenes a prompt's video of that length has at best."""
    if track == "fast":
        return max(1, min(FAST_TRACK_SCENES, round(seconds / 5)))
    return max(1, round(seconds / 5.2) if seconds <= 45 else round(8.6 + (seconds - 45) / 8.6))


def _numbered(drafts: list[Draft]) -> list[Draft]:
    """The tips that were asked for by number, numbered."""
    return [
        replace(draft, headline=f"{index}. {draft.headline}") if 0 < index < len(drafts) - 1 else draft
        for index, draft in enumerate(drafts)
    ]


def _fitted(beats: list[Beat], facts: list[Draft], brief: Brief, total: int, counted: int = 0) -> list[Draft]:
    """The best choice of beats and of their sentences: core sentences first, then more until the time is filled.

    `counted` asks for exactly so many scenes, where the beats suffice.
    """
    wanted = scenes_for(total / FPS, brief.track)
    if brief.track != "fast" and facts:
        whole = _chosen(beats, facts, len(facts) + 2)
        if sum(_need(_draft(item, 1), brief) for _, item in whole) <= total:
            wanted = max(wanted, len(whole))  # no fact of the client's is dropped for the sake of a rhythm
    if counted and brief.track != "fast" and counted <= len(beats):
        return _filled(_chosen(beats, facts, counted), brief, total)
    best: list[Draft] = []
    for count in range(wanted, len(beats) + len(facts) + 1):
        best = _filled(_chosen(beats, facts, count), brief, total)
        spare = total - sum(scene_frames(draft.narration, brief.lang) for draft in best)
        if brief.track == "fast" or wanted == 1 or spare <= 1.6 * FPS * len(best):
            break
    return best or _filled(_chosen(beats, facts, wanted), brief, total)


def _chosen(beats: list[Beat], facts: list[Draft], count: int) -> list[tuple[float, Beat | Draft]]:
    """Title and closing first, then the client's own facts, then beats by rank; in the video's order."""
    if count == 1 and facts:
        return [(0.0, facts[0])]
    placed: list[tuple[float, Beat | Draft]] = [
        (10 + index * 60 / max(1, len(facts)), fact) for index, fact in enumerate(facts)
    ]
    frame = [beat for beat in beats if beat.kind in ("title", "closing")]
    inner = sorted((beat for beat in beats if beat.kind not in ("title", "closing")), key=lambda beat: beat.rank)
    kept: list[tuple[float, Beat | Draft]] = [(beat.at, beat) for beat in frame[: max(1, count)]]
    kept += placed[: max(0, count - len(kept))]
    speaking = sum(beat.own[0] for beat in inner) * 2 >= len(inner)  # else variety matters more
    passed = []
    for beat in inner:
        if len(kept) >= count:
            break
        wider = sorted([*kept, (beat.at, beat)], key=lambda pair: pair[0])
        if speaking and _vague(wider) > _vague(sorted(kept, key=lambda pair: pair[0])):
            passed.append(beat)  # it would stand beside another that does not speak of the subject
        else:
            kept = wider
    kept += [(beat.at, beat) for beat in passed[: max(0, count - len(kept))]]
    return sorted(kept, key=lambda pair: pair[0])


def _vague(items: list[tuple[float, Beat | Draft]]) -> int:
    """How often two scenes in a row begin without a word of the subject."""
    begins = [not item.own[0] if isinstance(item, Beat) else False for _, item in items]
    return sum(first and second for first, second in pairwise(begins))


def _wanders(items: list[Beat | Draft], said: list[int]) -> int:
    """How often two sentences in a row do without a word of the subject."""
    own = [
        word
        for item, count in zip(items, said, strict=True)
        for word in (item.own[:count] if isinstance(item, Beat) else (True,))
    ]
    return sum(not first and not second for first, second in pairwise(own))


def _filled(chosen: list[tuple[float, Beat | Draft]], brief: Brief, total: int) -> list[Draft]:
    items = [item for _, item in chosen]
    while True:
        said = [1] * len(items)
        drafts = [_draft(item, 1) for item in items]
        needs = [_need(draft, brief) for draft in drafts]
        if sum(needs) <= total or len(items) == 1:
            break
        if sum(least_frames(draft.narration, brief.lang) for draft in drafts) <= total and len(items) <= 2:
            break
        items.pop(_weakest(items))
    growing = set(range(len(items)))
    beats = [item for item in items if isinstance(item, Beat)]
    speaking = sum(beat.own[0] for beat in beats) * 2 > len(beats)
    while growing:
        index = min(growing, key=lambda at: (needs[at], at))
        longer = _draft(items[index], said[index] + 1)
        need = _need(longer, brief)
        more = [*said[:index], said[index] + 1, *said[index + 1 :]]
        if (
            longer.narration == drafts[index].narration
            or sum(needs) - needs[index] + need > total
            or need > 11 * FPS
            or (speaking and _wanders(items, more) > _wanders(items, said))
        ):
            growing.discard(index)
            continue
        said[index] += 1
        drafts[index], needs[index] = longer, need
    return [_squeezed(draft, brief, total) for draft in drafts] if len(drafts) == 1 else drafts


def _weakest(items: list[Beat | Draft]) -> int:
    frame = {"title": -2.0, "closing": -1.0}
    ranks = [frame.get(item.kind, item.rank) if isinstance(item, Beat) else 1.5 for item in items]
    return max(range(len(items)), key=lambda at: (ranks[at], at))


def _squeezed(draft: Draft, brief: Brief, total: int) -> Draft:
    """A lone scene whose words do not fit says its first sentence, or a shorter form of it."""
    parts = sentences(draft.narration)
    if len(parts) > 1 and least_frames(draft.narration, brief.lang) > total:
        draft = replace(draft, narration=parts[0])
    limit = 64
    while least_frames(draft.narration, brief.lang) > total and limit > 8:
        draft = replace(draft, narration=condense(draft.narration, limit).rstrip(".") + ".")
        limit -= 8
    if least_frames(draft.narration, brief.lang) > total:  # say another of its sentences, and only show the long one
        fitting = [part for part in parts[1:] if least_frames(part, brief.lang) <= total]
        draft = replace(draft, narration=fitting[0] if fitting else "")
    return draft


def _need(draft: Draft, brief: Brief) -> int:
    return scene_frames(draft.narration, brief.lang)


def _draft(item: Beat | Draft, sentences: int) -> Draft:
    return item if isinstance(item, Draft) else item.draft(sentences)
