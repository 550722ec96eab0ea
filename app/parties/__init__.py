"""Parties: States, organizations, groups, their members and exclusions."""
