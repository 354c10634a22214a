from itertools import pairwise

from common.domain.plan import Plan, Scene
from common.providers.effects.cues import SHARE, cues


def plan(*kinds: str, mood: str = "bright", seed: int = 1) -> Plan:
    scenes = [
        Scene(id=f"s{i}", kind=kind, narration="Hm.", headline="H", frames=90)  # type: ignore[arg-type]
        for i, kind in enumerate(kinds)
    ]
    return Plan(title="T", lang="en", aspect="16:9", resolution="720p", mood=mood, seed=seed, scenes=scenes, fps=30)


def test_first_title_and_statistics_are_marked():
    found = cues(plan("title", "statement", "statistic", "title"))
    assert [(cue.kind, cue.at) for cue in found] == [("impact", 0.2), ("pop", 6.5)]
    assert cues(plan("title", mood="calm"))[0].kind == "shimmer"


def test_at_most_a_third_of_the_cuts_sound_and_never_two_in_a_row():
    for count in range(1, 30):
        found = cues(plan(*["statement", "quote"] * count, seed=count))
        cuts = [round(cue.at / 3) for cue in found if cue.kind == "whoosh"]
        assert len(cuts) <= SHARE * (2 * count - 1)
        assert all(b - a > 1 for a, b in pairwise(cuts))


def test_a_riser_announces_in_tense_moods_only():
    kinds = ["title", "statement", "comparison", "statement", "statement"]
    assert [cue.kind for cue in cues(plan(*kinds, mood="epic"))] == ["impact", "riser"]
    assert [cue.kind for cue in cues(plan(*kinds, mood="warm"))] == ["impact", "whoosh"]


def test_the_same_plan_has_the_same_cues_in_order():
    many = plan(*["statement", "statistic", "list"] * 6)
    assert cues(many) == cues(many)
    assert list(cues(many)) == sorted(cues(many), key=lambda cue: cue.at)
