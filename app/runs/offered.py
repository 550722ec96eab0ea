"""What is offered, as a snapshot has it: offers that take requests, with the capacity that is left of them."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import select

from app.offers.models import Offer, OfferKind
from app.parties.models import Party
from app.runs.answered import Answered
from app.runs.cut_off import AnyRow, View, iso, live, unstated

#: Units a quarter of an offer whose capacity nobody states.
ASSUMED_CAPACITY = 1


def offers_of(view: View, answered: Answered) -> tuple[list[dict[str, Any]], dict[str, str]]:
    """Offers that take part, and the conditions in words of those that have some."""
    statement = (
        select(*(column for column in Offer.__table__.c if column.name in OFFER_COLUMNS), Party.reference.label("by"))
        .join(Party, Party.id == Offer.provider_id)
        .where(Offer.kind.in_([OfferKind.OFFER, OfferKind.PROGRAMME]), Offer.accepts_requests, live(Offer, view.day))
    )
    rows = view.rows(statement)
    next_quarter, in_all = answered.taken()
    records = answered.records()
    offers = [
        _offer(row, next_quarter[row.id], in_all[row.id], records.get(row.id, {"delivered": 0, "failed": 0}))
        for row in rows
    ]
    return offers, {row.reference: row.conditions for row in rows if row.conditions}


#: Sets of codes of an offer: the engine's name -> the column.
OFFER_SETS = {
    "domains": "domains",
    "modalities": "modalities",
    "scopes": "scopes",
    "languages": "languages",
    "states": "coverage_states",
    "groups": "coverage_groups",
    "regions": "coverage_regions",
    "except": "coverage_excepted",
    "requires_groups": "requires_groups",
    "preferred_domains": "preferred_domains",
    "preferred_states": "preferred_states",
}
OFFER_COLUMNS = {
    *OFFER_SETS.values(), "id", "reference", "language_required", "worldwide", "capacity_per_quarter",
    "capacity_total", "valid_from", "valid_until", "conditions", "basis",
}  # fmt: skip


def _offer(row: AnyRow, next_quarter: int, in_all: int, record: dict[str, int]) -> dict[str, Any]:
    limits = [
        capacity - taken
        for capacity, taken in ((row.capacity_per_quarter, next_quarter), (row.capacity_total, in_all))
        if capacity is not None
    ]
    units = max(min(limits, default=ASSUMED_CAPACITY), 0)
    return offer_document(row._mapping, row.reference, row.by, units, record)


def offer_document(
    given: Mapping[Any, Any], reference: str, provider: str, units: int, record: Mapping[str, int]
) -> dict[str, Any]:
    """An offer as the engine reads it; ``given`` has the columns of its terms, ``units`` are left for the quarter."""
    return {
        "id": reference,
        "provider": provider,
        **{name: sorted(set(given[column])) for name, column in OFFER_SETS.items()},
        "language_required": given["language_required"],
        "worldwide": given["worldwide"],
        "units": units,
        "valid_from": iso(given["valid_from"]),
        "valid_until": iso(given["valid_until"]),
        "record": dict(record),
        "basis": unstated(given["basis"], capacity="units"),
    }
