"""Runs: a quarter's snapshot, its solve, and what it proposed."""
