"""Sound effects: a few quiet accents on cuts and reveals."""
