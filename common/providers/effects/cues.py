"""Which moments of a plan deserve a sound. Few: the first title, numbers that appear, and some of the cuts."""

import numpy as np

from common.domain.plan import Plan
from common.providers.effects.port import Cue, Kind

SHARE = 0.3  # of the cuts, at most

_REVEAL = 0.5  # seconds into a scene when its number appears
_STRONG = ("comparison", "quote", "timeline", "title", "closing")  # scenes whose entry is worth a sound most
_GENTLE = ("calm", "tender")


def cues(plan: Plan) -> tuple[Cue, ...]:
    """The cues of a plan, in order of time: pure, and the same for the same plan.

    The first title gets one accent, every statistic one, and at most SHARE of the cuts a whoosh; in gentle moods the
    accents are soft. The first number of an epic or tense video is announced by a riser instead of a whoosh.
    """
    starts = [start / plan.fps for start in plan.starts()]
    chosen = [*_accents(plan, starts), *_cuts(plan, starts)]
    return tuple(sorted(chosen, key=lambda cue: (cue.at, cue.kind)))


def _accents(plan: Plan, starts: list[float]) -> list[Cue]:
    found = []
    titled = False
    for scene, start in zip(plan.scenes, starts, strict=True):
        if scene.kind == "statistic":
            found.append(Cue(at=round(start + _REVEAL, 3), kind="pop"))
        elif scene.kind == "title" and not titled:
            titled = True
            kind: Kind = "shimmer" if plan.mood in _GENTLE else "impact"
            found.append(Cue(at=round(start + 0.2, 3), kind=kind))
    return found


def _cuts(plan: Plan, starts: list[float]) -> list[Cue]:
    """Sounds on the cuts that matter most; ties are broken by the plan's seed, and neighbours are left alone."""
    count = int(SHARE * (len(plan.scenes) - 1))
    chance = np.random.default_rng([plan.seed, 11])
    weight = {i: (plan.scenes[i].kind not in _STRONG, chance.random()) for i in range(1, len(plan.scenes))}
    taken: list[int] = []
    for index in sorted(weight, key=weight.__getitem__):
        if len(taken) < count and not {index - 1, index + 1} & set(taken):
            taken.append(index)
    announced = next((i for i in sorted(taken) if plan.scenes[i].kind in ("statistic", "title", "comparison")), None)
    rising = plan.mood in ("epic", "tense")
    return [Cue(at=round(starts[i], 3), kind="riser" if rising and i == announced else "whoosh") for i in sorted(taken)]
