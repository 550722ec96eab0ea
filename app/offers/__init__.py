"""Offers: what providers can deliver."""
