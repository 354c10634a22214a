"""Voices: a script read aloud, with the exact time of every word."""
