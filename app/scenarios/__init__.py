"""Scenarios: one snapshot or many, solved under other strategies than the run's, to see what would change."""
