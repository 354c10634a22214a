"""The way to other people's servers of any profile, made when something is first sent there."""

from common.domain.settings import Settings
from common.platform.egress import Egress
from common.runtime.late import late


def egress(settings: Settings) -> Egress:
    """The real network, and this machine's own ports where the settings say so."""

    def make() -> Egress:
        from common.platform.pinned_egress import PinnedEgress  # most functions send nothing there

        return PinnedEgress(loopback=bool(settings.webhook_loopback))

    return late(make)
