"""Numbers worth showing are found with what they count; years are dates."""

import pytest

from common.domain.figures import figures, years


@pytest.mark.parametrize(
    ("text", "value", "label", "share"),
    [
        ("73% of teams say that planning saves time.", "73%", "Teams say that planning saves time", 0.73),
        ("1 in 4 people sleep badly.", "1 in 4", "People sleep badly", 0.25),
        ("2.5 million walk to work", "2.5 million", "Walk to work", None),
        ("Sales reached $3.2 billion last year", "$3.2 billion", "Last year", None),
        ("The harbour handled 12,450 ships.", "12,450 ships", "The harbour handled", None),
        ("Près de 40 % des élèves lisent le soir", "40%", "Élèves lisent le soir", 0.4),
        ("1 enfant sur 4 n'a pas de livre", "1 enfant sur 4", "N'a pas de livre", 0.25),
        ("It opened in 1886 with 3 rooms.", "", "", None),
    ],
)
def test_figures(text: str, value: str, label: str, share: float | None) -> None:
    found = figures(text)
    if not value:
        assert found == ()
        return
    assert (found[0].value, found[0].label, found[0].share) == (value, label, share)


def test_years() -> None:
    assert years("In 1662 a book, in 1872 a day, and 1,500 trees") == ["1662", "1872"]
