"""Settings that all tests share."""

from hypothesis import settings

# The same examples on every run: a run that fails, fails again. No deadline: machines differ.
settings.register_profile("steady", deadline=None, derandomize=True)
settings.load_profile("steady")
