"""Reviewers: a finished video is judged against its plan."""
