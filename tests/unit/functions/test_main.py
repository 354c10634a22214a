"""One source file, one function per target, loaded when asked for."""

import subprocess
import sys
from types import FunctionType

import pytest
from werkzeug.test import Client

import functions.main as main
from common import runtime
from common.http.headers import SECURITY
from functions.catalogue import CATALOGUE
from scripts.local.gateway import load


@pytest.mark.parametrize("name", list(CATALOGUE))
def test_every_target_becomes_a_real_function_of_that_name(name):
    function = getattr(main, name)
    assert isinstance(function, FunctionType)
    assert function.__name__ == name
    assert getattr(main, name) is function


def test_an_unknown_target_is_refused_with_the_known_ones():
    with pytest.raises(AttributeError, match=r"'no_such' is no function of the catalogue; .*health"):
        _ = main.no_such


def test_a_target_imports_its_own_module_and_no_other_function():
    code = (
        "import sys, functions.main as main; main.health; "
        "print(*[n for n in sys.modules if n.startswith(('functions.api.', 'functions.steps.', 'functions.upkeep.'))],"
        " *[n for n in ('numpy', 'cv2', 'onnxruntime', 'av', 'jwt', 'cryptography', 'redis', 'firebase_admin')"
        " if n in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["functions.api.health"]


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/health", 200),
        ("GET", "/robots.txt", 404),
        ("GET", "/favicon.ico", 404),
        ("GET", "/nothing//here", 404),
        ("DELETE", "/health", 405),
        ("OPTIONS", "/health", 405),
    ],
)
def test_through_functions_framework_every_answer_is_ours(context, monkeypatch, method, path, status):
    monkeypatch.setattr(runtime, "_current", context)
    response = Client(load("health")).open(path, method=method)
    assert response.status_code == status
    assert response.content_type == ("application/json" if status == 200 else "application/problem+json")
    assert {name: response.headers.get(name) for name in SECURITY} == dict(SECURITY)
    assert response.headers["X-Request-Id"]
