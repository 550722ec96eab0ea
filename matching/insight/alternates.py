"""Who else could serve a pairing, so that a refusal costs no quarter."""

from dataclasses import dataclass

from matching.insight.regrets import Regret, Regrets


@dataclass(frozen=True)
class Alternate:
    """Another eligible offer for one unit of a pairing, and what that loses in all.

    A ``free`` one has a unit left over and disturbs no other pairing; its loss is then the difference in points alone.
    Of others the loss counts what the unit given up is worth elsewhere, and ``regret.losers`` who loses by it.
    """

    offer: int
    free: bool
    regret: Regret


def alternates(regrets: Regrets, need: int, offer: int) -> list[Alternate]:
    """Other offers for a proposed pair: free ones first, then those that disturb others; least loss first."""
    found = []
    for other in regrets.eligible(need):
        if other == offer:
            continue
        free = regrets.exchange(need, offer, other)
        if free is not None:
            found.append(Alternate(other, True, free))
            continue
        regret = regrets.instead(need, offer, other)
        if regret is not None:
            found.append(Alternate(other, False, regret))
    return sorted(found, key=lambda each: (not each.free, each.regret.loss, each.offer))
