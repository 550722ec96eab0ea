"""Realistic synthetic records, the same from the same numbers on every machine."""
