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
    ids, offered = set(needs.ids), {offer.id for offer in offers}
    record = problem.record

    def about(pairs: Iterable[Pair]) -> tuple[Pair, ...]:
        return tuple(pair for pair in pairs if pair.need in ids and pair.offer in offered)

    kept = {
        "offers": tuple(offers),
        "declined": tuple(pair for pair in about(record.declined) if (pair.need, pair.offer) not in allowed),
        "earlier": about(record.earlier),
        "forbidden": about(record.forbidden),
        "pinned": (),
        "substitutes": (),
        "exclusions": tuple(each for each in record.exclusions if each.offer is None or each.offer in offered),
    }
    return Problem(record.model_copy(update=kept), needs, problem.strategy)
