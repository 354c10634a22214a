"""What a chaos run did and found, for a person or a program."""

from dataclasses import dataclass, field


@dataclass
class Report:
    """What a run did and found; any violation fails it."""

    seed: int
    pipelines: int
    completed: int = 0
    failed: int = 0
    cancelled: int = 0
    worn_out: int = 0
    requests: int = 0
    kills: dict[str, int] = field(default_factory=dict)
    server_starts: int = 0
    hits: int = 0
    recovery_p50: float = 0.0
    recovery_p99: float = 0.0
    recovery_max: float = 0.0
    paid_calls: int = 0
    paid_charges: int = 0
    charged_unanswered: int = 0
    lost: list[str] = field(default_factory=list)
    duplicated_effects: list[str] = field(default_factory=list)
    double_charges: list[str] = field(default_factory=list)
    other_violations: list[str] = field(default_factory=list)
    seconds: float = 0.0

    @property
    def good(self) -> bool:
        """Whether every promise was kept."""
        return not (self.lost or self.duplicated_effects or self.double_charges or self.other_violations)

    def lines(self) -> list[str]:
        """The report for a person."""
        kinds = ", ".join(f"{count} {kind}" for kind, count in sorted(self.kills.items())) or "none"
        violations = [*self.lost, *self.duplicated_effects, *self.double_charges, *self.other_violations]
        return [
            f"chaos, seed {self.seed}: {self.pipelines} pipelines in {self.seconds:.0f} s, {self.requests} requests",
            f"  ended        {self.completed} completed, {self.cancelled} cancelled, {self.failed} failed"
            f" ({self.worn_out} because every attempt of a step was killed)",
            f"  killed       {sum(self.kills.values())}: {kinds}; {self.server_starts} server starts",
            f"  recovery     {self.hits} steps interrupted; p50 {self.recovery_p50:.1f} s,"
            f" p99 {self.recovery_p99:.1f} s, most {self.recovery_max:.1f} s",
            f"  money        {self.paid_calls} paid calls, {self.paid_charges} charges,"
            f" {self.charged_unanswered} of them for an answer that was lost",
            f"  lost {len(self.lost)}, duplicated effects {len(self.duplicated_effects)},"
            f" double charges {len(self.double_charges)}, other violations {len(self.other_violations)}",
            *(f"  VIOLATION {text}" for text in violations),
        ]
