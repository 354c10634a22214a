import pytest

from common.providers.registry import LISTINGS, Listing, Registry


class Engine:
    closed = 0

    def __init__(self, key: str = "") -> None:
        self.key = key

    def close(self) -> None:
        Engine.closed += 1


LISTING = (
    Listing("voice", "spoken", f"{__name__}:Engine"),
    Listing("planner", "paid", f"{__name__}:Engine", secret="k"),
)


def test_an_engine_is_made_once_until_it_is_forgotten() -> None:
    registry = Registry(lambda name: None, listings=LISTING)
    first = registry.engine("spoken")
    assert registry.engine("spoken") is first
    before = Engine.closed
    registry.forget()
    assert Engine.closed == before + 1
    assert registry.engine("spoken") is not first


def test_a_paid_engine_gets_its_key_and_is_unavailable_without() -> None:
    assert Registry(lambda name: f"value of {name}", listings=LISTING).engine("paid").key == "value of k"
    assert Registry(lambda name: None, listings=LISTING).unavailable("paid") == "no k is configured"


def test_a_rotated_key_counts_from_the_next_call_on() -> None:
    keys = ["old"]
    registry = Registry(lambda name: keys[-1], listings=LISTING)
    under_way, closed = registry.engine("paid"), Engine.closed
    assert registry.engine("paid") is under_way
    keys.append("new")
    assert registry.engine("paid").key == "new"
    assert (under_way.key, Engine.closed) == ("old", closed)


@pytest.mark.parametrize("listing", LISTINGS, ids=lambda listing: listing.name)
def test_every_listing_names_an_engine_of_its_name(listing: Listing) -> None:
    engine = Registry(lambda name: "key").kind_of(listing.name)
    assert engine.name == listing.name
    assert engine.paid == bool(listing.secret)
    assert 0 < engine.quality < 1


def test_every_kind_has_a_free_engine() -> None:
    registry = Registry(lambda name: None)
    for kind in ("planner", "visuals", "voice", "music", "effects", "reviewer"):
        assert any(not registry.kind_of(listing.name).paid for listing in registry.of_kind(kind))  # type: ignore[arg-type]
