import pytest

from common.media.pool import Pool
from tests.unit.media.films import Bars


class Counted(Bars):
    closed = False

    def close(self) -> None:
        self.closed = True


@pytest.fixture
def made() -> list[Counted]:
    return []


@pytest.fixture
def pool(made: list[Counted]) -> Pool:
    def prepare(_: str) -> Counted:
        made.append(Counted())
        return made[-1]

    return Pool(prepare, most=2)


def test_what_comes_back_is_lent_again(pool: Pool, made: list[Counted]) -> None:
    for _ in range(3):
        with pool.lend("a"):
            assert pool.missing(["a"]) == 1, "it is lent to one at a time"
        assert pool.missing(["a", "b"]) == 1
    assert len(made) == 1


def test_two_at_once_are_two(pool: Pool, made: list[Counted]) -> None:
    with pool.lend("a") as one, pool.lend("a") as other:
        assert one is not other
    assert len(made) == 2


def test_the_longest_unused_is_closed(pool: Pool, made: list[Counted]) -> None:
    for scene in "abc":
        with pool.lend(scene):
            pass
    assert [source.closed for source in made] == [True, False, False]
    pool.close()
    assert all(source.closed for source in made)


def test_those_lent_leave_less_room_for_idle_ones(pool: Pool, made: list[Counted]) -> None:
    with pool.lend("a"):
        pass
    with pool.lend("b"), pool.lend("c"):
        assert made[0].closed


def test_a_source_that_failed_is_not_lent_again(pool: Pool, made: list[Counted]) -> None:
    with pytest.raises(ValueError), pool.lend("a"):
        raise ValueError
    assert made[0].closed
    assert pool.missing(["a"]) == 1
