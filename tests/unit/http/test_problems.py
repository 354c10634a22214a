"""Complete lists: every code that is answered is registered with its status, and every registered one is answered."""

import ast
from collections.abc import Iterator
from http import HTTPStatus
from pathlib import Path

import pytest

from common.http.problems import PROBLEMS

ROOT = Path(__file__).parents[3]
# What makes a Problem of a status and a code that others hand it: its calls count as well, the one in it does not.
MAKERS = {"self._refuse", "refused"}
HANDED = {"common/http/live/protocol.py", "common/http/live/refusal.py"}


def refusals() -> Iterator[tuple[str, int, int | None, str | None]]:
    """File, line, status and code of every Problem that is made; None for what is no constant."""
    for package in ("common", "functions", "scripts/local"):
        for path in (ROOT / package).rglob("*.py"):
            tree = ast.parse(path.read_text(encoding="utf-8"))
            kinds = (
                {"Problem"}
                | MAKERS
                | {
                    node.name
                    for node in ast.walk(tree)
                    if isinstance(node, ast.ClassDef) and any(ast.unparse(base) == "Problem" for base in node.bases)
                }
            )
            for node in ast.walk(tree):
                if isinstance(node, ast.Call) and ast.unparse(node.func) in kinds:
                    given = dict(zip(("status", "code"), node.args, strict=False))
                    given |= {word.arg: word.value for word in node.keywords if word.arg in ("status", "code")}
                    status, code = (_constant(given.get(name)) for name in ("status", "code"))
                    assert status is None or isinstance(status, int)
                    assert code is None or isinstance(code, str)
                    yield str(path.relative_to(ROOT)), node.lineno, status, code


def _constant(node: ast.expr | None) -> object:
    return node.value if isinstance(node, ast.Constant) else None


@pytest.fixture(scope="module")
def made() -> list[tuple[str, int, int | None, str | None]]:
    return sorted(set(refusals()), key=str)


def test_every_refusal_names_a_registered_code_and_one_of_its_statuses(made):
    for path, line, status, code in made:
        if code is None:
            assert path in HANDED, f"{path}:{line} makes a Problem whose code nobody can read; write it out"
            continue
        assert code in PROBLEMS, f"{path}:{line} answers {code!r}; register it in common/http/problems.py"
        assert status is None or status in PROBLEMS[code].statuses, f"{path}:{line} answers {code!r} with {status}"


def test_every_registered_code_is_answered_somewhere(made):
    assert set(PROBLEMS) - {code for _, _, _, code in made} == set()


@pytest.mark.parametrize("code", PROBLEMS)
def test_a_kind_is_told_in_whole_sentences(code):
    kind = PROBLEMS[code]
    assert all(HTTPStatus(status) >= 400 for status in kind.statuses)
    assert kind.title[0].isupper()
    assert not kind.title.endswith(".")
    for text in (kind.meaning, kind.remedy):
        assert text[0].isupper()
        assert text.endswith(".")


def test_no_two_codes_share_a_title():
    assert len({kind.title for kind in PROBLEMS.values()}) == len(PROBLEMS)
