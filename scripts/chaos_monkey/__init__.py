"""Chaos on real processes: servers and jobs are killed at random, and every pipeline is audited afterwards."""
