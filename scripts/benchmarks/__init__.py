"""Figures of this machine, each beside a plain baseline measured in the same run."""
