import pytest
from hypothesis import given
from hypothesis import strategies as st

from common.media.fonts import face
from common.media.text import Style, width_of
from common.providers.visuals.syntax import Span, rows, tinted

MONO = Style(face("JetBrains Mono", 500), 1.5)


def test_words_values_and_comments_are_told_apart() -> None:
    found = tinted(("def area(r):  # of a circle", "    return 3.14 * r"), "python")
    assert Span("def", "word") in found[0]
    assert Span("# of a circle", "comment") in found[0]
    assert Span("3.14", "value") in found[1]
    assert Span("return", "word") in found[1]
    assert found[1][0].text.isspace()


def test_a_string_over_several_lines_stays_one() -> None:
    found = tinted(('"""a', 'b"""'), "python")
    assert [[span.role for span in line] for line in found] == [["value"], ["value"]]


def test_an_unknown_language_is_plain() -> None:
    assert tinted(("if x: y",), "no such language") == [[Span("if x: y", "plain")]]


@pytest.mark.parametrize("syntax", ["console", "shell-session", "psql", "doscon", "rbcon", "pycon", "http"])
@pytest.mark.parametrize("lines", [("$ pip install aiprod",), ("$ ls", "a  b", "", ">>> 1 + 1", "$ ")])
def test_a_session_keeps_its_last_line(syntax: str, lines: tuple[str, ...]) -> None:
    assert ["".join(span.text for span in line) for line in tinted(lines, syntax)] == list(lines)


def test_a_session_is_tinted() -> None:
    [[prompt, *command]] = tinted(('$ echo "lit"',), "console")
    assert prompt.text == "$ "
    assert Span('"lit"', "value") in command


def test_what_a_language_would_lose_is_plain() -> None:
    assert tinted(("\ufeffx = 1",), "python") == [[Span("\ufeffx = 1", "plain")]]


@given(
    st.lists(st.text(max_size=60), min_size=1, max_size=6),
    st.sampled_from(["", "python", "html", "json", "go", "console"]),
)
def test_every_line_keeps_its_signs(lines: list[str], syntax: str) -> None:
    flat = [" ".join(line.splitlines()) for line in lines]
    assert ["".join(span.text for span in line) for line in tinted(lines, syntax)] == flat


@given(st.text(alphabet="ab ().,_灯", min_size=1, max_size=90), st.floats(4, 30))
def test_rows_are_no_wider_than_their_room_and_lose_nothing(text: str, room: float) -> None:
    found = rows([Span(text, "plain")], room, MONO, "en")
    shown = ["".join(span.text for span in row) for row in found]
    assert all(width_of(row, MONO, 1.0) <= room + 1.0 for row in shown)
    assert "".join(shown).replace(" ", "") == text.replace(" ", "")


def test_the_rest_of_a_line_hangs_under_its_beginning() -> None:
    found = rows([Span("    call(first, second, third)", "plain")], 12.0, MONO, "en")
    assert len(found) > 1
    assert all(row[0].text.startswith("      ") for row in found[1:])
