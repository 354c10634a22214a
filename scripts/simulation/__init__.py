"""A world of one thread in which the real engine runs under virtual time, and everything that can go wrong does."""
