"""Why nothing is feasible: the smallest set of needs, offers and limits that cannot be kept together."""
