"""Planners: text becomes a plan."""
