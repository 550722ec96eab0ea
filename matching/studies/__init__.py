"""The numbers of a strategy tried otherwise: how firm pairings are, how far a number moves, how equal shares are."""
