"""Engines that turn a scene of the plan into a picture."""
