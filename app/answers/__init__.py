"""Answers: what a provider said to a pairing that was proposed to it."""
