"""How much an offer in one domain fits a need in another."""

from decimal import Decimal

from matching.attributes.problem import Problem
from matching.attributes.records import UNSPECIFIC


class Relatedness:
    """Relatedness of domains under a problem's record and strategy; the strategy's own pairs come first."""

    def __init__(self, problem: Problem) -> None:
        strategy = problem.strategy
        self._parent = {domain.id: domain.parent for domain in problem.domains}
        self._related = strategy.rules.related_domains.value
        self._least = strategy.rules.least_relatedness.value
        self._same_parent = strategy.relatedness.same_parent.value
        self._parent_child = strategy.relatedness.parent_child.value
        self._pairs = {frozenset((pair.a, pair.b)): pair.weight for pair in problem.record.relatedness}
        self._pairs |= {frozenset((pair.a, pair.b)): pair.value for pair in strategy.relatedness.pairs}

    def between(self, need: str, offer: str) -> Decimal:
        """From 0 (unrelated, or not related enough to be used) to 1 (the same domain). UNSPEC fits nothing."""
        if UNSPECIFIC in (need, offer):
            return Decimal(0)
        if need == offer:
            return Decimal(1)
        value = self._stated_or_by_parent(need, offer)
        return value if self._related and value >= self._least else Decimal(0)

    def _stated_or_by_parent(self, need: str, offer: str) -> Decimal:
        stated = self._pairs.get(frozenset((need, offer)))
        if stated is not None:
            return stated
        above_need, above_offer = self._parent.get(need), self._parent.get(offer)
        if above_need == offer or above_offer == need:
            return self._parent_child
        return self._same_parent if above_need is not None and above_need == above_offer else Decimal(0)
