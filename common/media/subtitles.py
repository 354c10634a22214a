"""Captions as files beside the video: SRT, WebVTT, and every word with its time."""

import json
from collections.abc import Mapping, Sequence

from common.domain.pacing import LEAD_IN
from common.domain.plan import Plan
from common.domain.speech import Narration
from common.media.captions import Cue


def srt(cues: Sequence[Cue], fps: int) -> str:
    """SubRip: numbered cues."""
    return "\n".join(
        f"{number}\n{_stamp(cue.first, fps, ',')} --> {_stamp(cue.end, fps, ',')}\n{cue.text()}\n"
        for number, cue in enumerate(cues, 1)
    )


def vtt(cues: Sequence[Cue], fps: int) -> str:
    """WebVTT, with text that cannot be taken for markup."""
    return "\n".join(
        [
            "WEBVTT\n",
            *(f"{_stamp(cue.first, fps, '.')} --> {_stamp(cue.end, fps, '.')}\n{_plain(cue.text())}\n" for cue in cues),
        ]
    )


def words(plan: Plan, narrations: Mapping[str, Narration]) -> str:
    """JSON: every spoken word with its scene and its exact start and end in seconds of the video."""
    spoken = [
        {
            "scene": scene.id,
            "text": word.text,
            "start": round(start / plan.fps + LEAD_IN + word.start, 3),
            "end": round(start / plan.fps + LEAD_IN + word.end, 3),
        }
        for scene, start in zip(plan.scenes, plan.starts(), strict=True)
        if scene.id in narrations
        for word in narrations[scene.id].words
    ]
    return json.dumps({"lang": plan.lang, "words": spoken}, ensure_ascii=False, indent=1) + "\n"


def _stamp(frame: int, fps: int, point: str) -> str:
    milliseconds = round(frame * 1000 / fps)
    minutes, seconds = divmod(milliseconds // 1000, 60)
    return f"{minutes // 60:02}:{minutes % 60:02}:{seconds:02}{point}{milliseconds % 1000:03}"


def _plain(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
