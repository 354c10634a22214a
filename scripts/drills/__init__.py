"""Drills: what production must survive is done to the whole product on this machine, while clients work with it."""
