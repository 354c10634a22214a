"""Drill: the network between a region and the database lets nothing through for a while."""

import time

from scripts.drills.rehearsal import Drill
from scripts.drills.service import Answer

CUT = 20.0  # seconds


class Partition(Drill):
    """The region that is cut off refuses for a while, the other one serves, and nothing is done twice afterwards.

    It is the home region, which messages are pushed to. What it sends while the wire is held reaches the database in
    the end, when nobody waits for the answer any more: that must do no harm.
    """

    name = "partition"
    failure = f"home region cut off the database for {CUT:.0f} s"

    def strike(self) -> None:
        """Hold everything that goes between the two."""
        self.stack.wires[self.stack.home_region].hold()

    def recover(self) -> None:
        """Let it through again."""
        time.sleep(CUT)
        self.stack.wires[self.stack.home_region].mend()

    def excused(self, answer: Answer) -> bool:
        """The region that is cut off says to come again; the other one answers everything."""
        return answer.put_off and answer.server == self.stack.home_region
