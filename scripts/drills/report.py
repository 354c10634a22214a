"""What a drill found, beside what production promises, for a person or a program."""

from collections.abc import Sequence
from dataclasses import dataclass, field

RTO = 15 * 60.0  # seconds
RPO = 60.0  # seconds
HEAD = ("drill", "failure", "noticed", "served again", "work done", "failed requests", "data lost")


@dataclass
class Finding:
    """One drill. Times are seconds from the failure; None where it never came to that. Any complaint fails it.

    `served` is when the last request failed, and `done` when everything had ended that was under way at the failure,
    the time that the work itself takes included. `lost` is how much of the past was gone.
    """

    drill: str
    failure: str
    noticed: float | None = None
    served: float | None = None
    done: float | None = None
    failed: int = 0
    requests: int = 0
    lost: float = 0.0
    pipelines: int = 0
    note: str = ""
    complaints: list[str] = field(default_factory=list)
    seconds: float = 0.0

    @property
    def misses(self) -> list[str]:
        """Every promise that was not kept."""
        found = list(self.complaints)
        if self.noticed is None:
            found.append("nobody noticed the failure")
        for what, seconds in (("the service answered again", self.served), ("the work was done", self.done)):
            if seconds is None:
                found.append(f"it never came to it that {what}")
            elif seconds > RTO:
                found.append(f"{what} after {seconds:.0f} s; the target is {RTO:.0f} s")
        if self.lost > RPO:
            found.append(f"accepted work of the last {self.lost:.0f} s was lost; the target is {RPO:.0f} s")
        return found

    def cells(self) -> tuple[str, ...]:
        """Its row of the table."""
        times = (self.noticed, self.served, self.done)
        lost = f"{self.lost:.1f} s" if self.lost else "none"
        return (
            self.drill,
            self.failure,
            *("never" if seconds is None else f"{seconds:.1f} s" for seconds in times),
            f"{self.failed} of {self.requests}",
            lost,
        )


def lines(findings: Sequence[Finding]) -> list[str]:
    """The report for a person: a table, what is to be said beside it, and every promise that was not kept."""
    targets = ("target", "", "", f"{RTO / 60:.0f} min", f"{RTO / 60:.0f} min", "", f"{RPO / 60:.0f} min")
    rows = [HEAD, *(finding.cells() for finding in findings), targets]
    widths = [max(len(row[column]) for row in rows) for column in range(len(HEAD))]
    table = ["  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows]
    pipelines, seconds = sum(one.pipelines for one in findings), sum(one.seconds for one in findings)
    return [
        *table,
        "",
        *(f"{finding.drill}: {finding.note}" for finding in findings if finding.note),
        f"{pipelines} pipelines in {seconds:.0f} s; every one ended once, and the store keeps every invariant."
        if not any(finding.misses for finding in findings)
        else f"{pipelines} pipelines in {seconds:.0f} s.",
        *(f"MISSED {finding.drill}: {miss}" for finding in findings for miss in finding.misses),
    ]
