"""Drill: the home region is lost with everything that it was working on."""

from scripts.drills.rehearsal import Drill
from scripts.drills.service import Answer
from scripts.drills.stack import until

WITHOUT = 90.0  # seconds that the other region has, alone, for what was under way


class Region(Drill):
    """The other region serves at once, takes the messages over, and finishes what the lost one had begun."""

    name = "region"
    failure = "home region's server killed"

    def strike(self) -> None:
        """End the process as a power cut would, with its render jobs."""
        self.stack.servers[self.stack.home_region].kill()

    def recover(self) -> None:
        """Have it back only after the other one has done the work alone."""
        at_stake = [job for job in self.traffic.jobs if job.under_way(self.struck)]
        if not until(lambda: all(job.over for job in at_stake), WITHOUT):
            self.complaints.append(f"the other region did not finish the lost one's work within {WITHOUT:.0f} s")
        self.note = f"{len(at_stake)} pipelines were under way; the other region finished them alone."
        self.stack.servers[self.stack.home_region].start()
        until(self.stack.servers[self.stack.home_region].up, WITHOUT)

    def excused(self, answer: Answer) -> bool:
        """Requests to the lost region are not answered; the other one answers everything."""
        return answer.server == self.stack.home_region and answer.status == 0
