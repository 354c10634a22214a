from common.media.memory import give_back_freed_memory


def test_it_can_be_asked_for_anywhere_and_again() -> None:
    assert give_back_freed_memory() in (True, False)
    assert give_back_freed_memory() == give_back_freed_memory()
