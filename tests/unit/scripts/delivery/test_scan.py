"""A grave hole with a remedy stops a release; one without is said; one that was accepted waits until its day."""

import json
from datetime import date
from typing import Any

import pytest

from scripts.delivery import scan

TODAY = date(2026, 11, 22)


def hole(severity: str | None, fix: bool | None = None, name: str = "CVE-2026-1") -> dict[str, Any]:
    told = {"shortDescription": "overflow"}
    told |= {"effectiveSeverity": severity} if severity else {}
    return {
        "noteName": f"projects/goog-vulnz/notes/{name}",
        "vulnerability": told | ({"fixAvailable": fix} if fix else {}),
    }


@pytest.mark.parametrize("severity", ["CRITICAL", "HIGH"])
def test_what_has_a_remedy_stops_and_what_has_none_is_said(severity: str):
    fatal, said = scan.judged([hole(severity, True), hole(severity)], {}, TODAY)
    assert len(fatal) == len(said) == 1
    assert fatal[0].startswith(f"{severity} CVE-2026-1 overflow: ")
    assert said == [f"{severity} CVE-2026-1 overflow: no remedy yet"]


def test_what_is_not_grave_or_says_no_severity_stops_nothing():
    assert scan.judged([hole("MEDIUM", True), hole(None, True), {}], {}, TODAY) == ([], [])


def test_what_was_accepted_waits_until_its_day_and_not_longer():
    until = scan.accepted("# a remark\n\nCVE-2026-1 2026-11-22 the base is built again on Monday\n")
    assert scan.judged([hole("HIGH", True)], until, TODAY)[0] == []
    assert scan.judged([hole("HIGH", True)], until, date(2026, 11, 23))[0]
    assert scan.judged([hole("HIGH", True, "CVE-2026-2")], until, TODAY)[0]


def test_accepting_takes_a_day_and_a_reason():
    with pytest.raises(ValueError, match=r"'CVE-2026-1 2026-11-22' has no day or no reason"):
        scan.accepted("CVE-2026-1 2026-11-22")
    scan.accepted(scan.ACCEPTED.read_text())


def test_the_command_names_the_image(tmp_path, capsys):
    file = tmp_path / "render.json"
    file.write_text(json.dumps([hole("CRITICAL", True)]))
    assert scan.main([str(file)]) == 1
    assert capsys.readouterr().out.startswith("render: CRITICAL CVE-2026-1")
    file.write_text("[]")
    assert scan.main([str(file)]) == 0
