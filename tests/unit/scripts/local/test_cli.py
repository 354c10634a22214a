"""The rim of the command: whatever happens, a sentence and an exit code."""

from pathlib import Path

import pytest

from scripts.local import cli, explain


def test_a_damaged_store_is_a_sentence(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "documents.sqlite3").write_text("this is no database, however long it may be")
    monkeypatch.setenv("AIPROD_HOME", str(tmp_path))
    assert cli.main(["explain"]) == 1
    said = capsys.readouterr().err
    assert said.startswith("aiprod: the document store")
    assert said.count("\n") == 1


def test_an_interrupt_is_no_traceback(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def interrupted(*_: object) -> int:
        raise KeyboardInterrupt

    monkeypatch.setenv("AIPROD_HOME", str(tmp_path))
    monkeypatch.setattr(explain, "explain", interrupted)
    assert cli.main(["explain"]) == 130
    assert capsys.readouterr().err == "aiprod: stopped.\n"
