"""Excerpts of a problem: some of its needs and offers, as they are or amended, for rules and terms alone."""

from collections.abc import Collection, Iterable, Sequence

from matching.attributes.columns import Needs
from matching.attributes.problem import Problem
from matching.attributes.records import Offer, Pair


def excerpt(
    problem: Problem,
    needs: Needs,
    offers: Sequence[Offer],
    allowed: Collection[tuple[str, str | None]] = (),
) -> Problem:
    """The problem of these needs and these offers, both in order of id, without pins and substitutes.

    Pairs of ``allowed``, as ids of need and offer, are as if they had never been declined.
    """
    all_needs, all_offers = needs is problem.needs, offers is problem.offers
    ids = set() if all_needs else set(needs.ids)
    offered = set() if all_offers else {offer.id for offer in offers}
    record = problem.record

    def about(pairs: Iterable[Pair]) -> tuple[Pair, ...]:
        return tuple(
            pair for pair in pairs if (all_needs or pair.need in ids) and (all_offers or pair.offer in offered)
        )

    kept = {
        "offers": tuple(offers),
        "declined": tuple(pair for pair in about(record.declined) if (pair.need, pair.offer) not in allowed),
        "earlier": about(record.earlier),
        "forbidden": about(record.forbidden),
        "pinned": (),
        "substitutes": (),
        "exclusions": tuple(
            each for each in record.exclusions if all_offers or each.offer is None or each.offer in offered
        ),
    }
    rows = problem.rows if all_needs else None
    return Problem(record.model_copy(update=kept), needs, problem.strategy, rows)
