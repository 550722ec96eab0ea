"""Strategies: named, versioned documents of rules and weights."""
