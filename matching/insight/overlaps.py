"""Supply compared with supply: which offers reach the same needs, which are never used, and why."""

from dataclasses import dataclass

import numpy as np

from matching.arrays import Ints, totals
from matching.attributes.eligibility import RULES, removed_from
from matching.attributes.profiles import Compiled
from matching.codes import Code
from matching.model import Outcome


class Use(Code):
    """What became of an offer, in order of precedence."""

    NO_UNITS = "NO_UNITS", "the offer has no units left for the delivery quarter"
    NEVER_ELIGIBLE = "NEVER_ELIGIBLE", "the offer fails a rule for every need; the counts say which"
    USED = "USED", "every unit of the offer is proposed"
    PARTLY_USED = "PARTLY_USED", "some units of the offer are proposed"
    PROVIDER_AT_LIMIT = "PROVIDER_AT_LIMIT", "the provider's offers together give all that the provider may"
    OTHERS_SERVE = "OTHERS_SERVE", "every need that the offer might serve is served in full by other offers"
    NO_GAIN = "NO_GAIN", "the strategy or a condition sees no gain in using the offer for the needs it might serve"


@dataclass(frozen=True)
class Reach:
    """What one offer might do and does.

    ``eligible`` rows might be served by it, ``shared`` of them by another offer with units too. ``rules`` counts the
    rows by the first rule that they fail with it, where it is eligible for none.
    """

    offer: int
    use: Use
    units: int
    used: int
    eligible: int
    shared: int
    rules: dict[str, int]


def reaches(compiled: Compiled, outcome: Outcome) -> list[Reach]:
    """The reach of every offer, in their order."""
    model, eligibility = compiled.model, compiled.judged.eligibility
    used = totals(outcome.allocation.offer, outcome.allocation.units, model.n_offers)
    served = totals(outcome.allocation.need, outcome.allocation.units, model.n_needs)
    short = totals(model.needs.profile, (served < model.needs.units).astype(np.int64), model.n_profiles)
    given = totals(
        model.offers.provider[outcome.allocation.offer], outcome.allocation.units, len(compiled.providers) + 1
    )
    supplied = (model.offers.units > 0)[eligibility.cell_offer]
    of_cell = model.profiles.of_cell
    n_supplied = totals(of_cell, supplied.astype(np.int64), model.n_profiles)
    rows = eligibility.n_rows[of_cell]
    others = n_supplied[of_cell] - supplied > 0
    eligible = totals(eligibility.cell_offer, rows, model.n_offers)
    shared = totals(eligibility.cell_offer, rows * others, model.n_offers)
    wanted = totals(eligibility.cell_offer, short[of_cell], model.n_offers)
    at_limit = np.append(given[:-1] >= model.providers.most, False)[model.offers.provider]
    columns = zip(*(column.tolist() for column in (used, eligible, shared, wanted, at_limit)), strict=True)
    rules = _failing(compiled, np.flatnonzero(eligible == 0))
    return [
        Reach(
            offer,
            use := _use(int(model.offers.units[offer]), gone, many, open_, limited),
            int(model.offers.units[offer]),
            gone,
            many,
            both,
            rules[offer] if use == Use.NEVER_ELIGIBLE else {},
        )
        for offer, (gone, many, both, open_, limited) in enumerate(columns)
    ]


def _use(units: int, used: int, eligible: int, wanted: int, at_limit: bool) -> Use:
    conditions = {
        Use.NO_UNITS: units == 0,
        Use.NEVER_ELIGIBLE: eligible == 0,
        Use.USED: used == units,
        Use.PARTLY_USED: used > 0,
        Use.PROVIDER_AT_LIMIT: at_limit,
        Use.OTHERS_SERVE: wanted == 0,
    }
    return next((use for use, holds in conditions.items() if holds), Use.NO_GAIN)


def _failing(compiled: Compiled, offers: Ints) -> dict[int, dict[str, int]]:
    """How many rows fail each rule first with each of these offers."""
    removed = removed_from(compiled.judged.facts, compiled.judged.eligibility, offers)
    return {
        offer: {str(rule): number for rule, number in zip(RULES, numbers, strict=True) if number}
        for offer, numbers in zip(offers.tolist(), removed.tolist(), strict=True)
    }
