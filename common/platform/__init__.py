"""The outside world behind narrow ports. Only adapters know what is on the other side."""
