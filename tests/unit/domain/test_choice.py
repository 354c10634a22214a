import pytest

from common.domain.choice import Offer, choose

FREE = Offer(engine="free", version="1", quality=0.7)
FAST = Offer(engine="fast", version="1", quality=0.85, price=100)
BEST = Offer(engine="best", version="1", quality=0.95, price=500)


def test_the_cheapest_above_the_floor_wins() -> None:
    assert choose("x", [BEST, FAST, FREE], floor=0.8, room=None).engine == "fast"
    assert choose("x", [BEST, FAST, FREE], floor=0.9, room=None).engine == "best"
    assert choose("x", [BEST, FAST, FREE], floor=0.6, room=None).engine == "free"


def test_the_room_bounds_the_choice_and_the_notes_say_so() -> None:
    choice = choose("x", [BEST, FAST, FREE], floor=0.9, room=100)
    assert choice.engine == "fast"
    assert len(choice.notes) == 1
    assert "best did not run" in choice.notes[0]
    assert "below the preset's 0.90" in choose("x", [FAST, FREE], floor=0.9, room=100).notes[0]


def test_a_choice_that_lacks_nothing_has_no_notes() -> None:
    assert choose("x", [BEST, FREE], floor=0.9, room=0).notes == (
        "x: best did not run (it would cost $0.0005, and the budget leaves $0.0000); free ran instead.",
    )
    assert choose("x", [BEST, FREE], floor=0.6, room=0).notes == ()  # it would not have run for any money
    assert choose("x", [FREE], floor=0.6, room=0).notes == ()


def test_an_unavailable_engine_is_named_with_its_reason() -> None:
    away = BEST.model_copy(update={"unavailable": "no key is configured"})
    choice = choose("x", [away, FREE], floor=0.8, room=None)
    assert choose("x", [away, FREE], floor=0.6, room=None).notes == ()
    assert choice.notes == ("x: best did not run (no key is configured); free ran instead.",)


def test_there_must_be_a_free_engine() -> None:
    with pytest.raises(ValueError, match="free"):
        choose("x", [BEST], floor=0.6, room=0)


def test_an_overdrawn_budget_leaves_what_is_free() -> None:
    assert choose("x", [BEST, FREE], floor=0.9, room=-50).engine == "free"
