"""Everything a run can say for itself beside its result, as data with codes: stored, and outside `result_hash`."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import partial
from typing import Any

import numpy as np

from matching.attributes.profiles import Compiled
from matching.codes import Code
from matching.insight.edits import NotWarm
from matching.insight.in_line import Called, next_in_line
from matching.insight.overlaps import reaches
from matching.insight.pooling import pools
from matching.insight.shadow import shadows
from matching.insight.smallest import SmallestChanges
from matching.insight.warm import Warm
from matching.model import Outcome
from matching.time_limit import TimeLeft, is_over, unlimited

Json = dict[str, Any]
Tell = Callable[[float], None]

FORMAT = "matching-explanation/1"


class Missing(Code):
    """Why a part of an explanation is not there, or not whole."""

    TIME = "TIME", "the time limit came first"
    TOO_LARGE = "TOO_LARGE", "the problem is too large for it, or has what only solving again can tell"
    NOT_OPTIMAL = "NOT_OPTIMAL", "there is no optimum to explain"


def explanation(
    compiled: Compiled, outcome: Outcome, time_left: TimeLeft = unlimited, tell: Tell = lambda share: None
) -> Json:
    """The explanation of an optimal outcome.

    Parts that are not whole are ``missing``, with the reason. The time is looked at between parts, between entries of
    those that are found one by one (``pairings`` and ``unmatched``), and before each new solve; ``offers`` and
    ``shadows`` are worked out as a whole. A part that ends as the time does counts as not whole.
    ``pairings`` are missing too where the problem is too large for a table of all losses; ask pair by pair then
    (`Warm`). ``tell`` is told of the share done.
    """
    warm = Warm(compiled.model, outcome)
    written: Json = {}
    missing = {}
    for number, (part, entries_of) in enumerate(PARTS.items()):
        tell(number / len(PARTS))
        written[part], why = _as_far_as_possible(partial(entries_of, compiled, warm, time_left), time_left)
        if why is not None:
            missing[part] = str(why)
    return {"format": FORMAT, "conditions_kept": warm.conditions_kept, **written, "missing": missing}


def unexplained(why: Missing) -> Json:
    """The explanation of which nothing is there."""
    parts: Json = {part: [] for part in PARTS}
    return {"format": FORMAT, "conditions_kept": False, **parts, "missing": dict.fromkeys(PARTS, str(why))}


def _as_far_as_possible(
    entries: Callable[[], Iterable[Json]], time_left: TimeLeft
) -> tuple[list[Json], Missing | None]:
    """The entries of a part, and why there are not all of them."""
    written: list[Json] = []
    if is_over(time_left):
        return written, Missing.TIME
    try:
        for entry in entries():
            written.append(entry)
            if is_over(time_left):
                return written, Missing.TIME
    except NotWarm:
        return written, Missing.TOO_LARGE
    # A part that works out all its entries first leaves out what it has no time for.
    return written, Missing.TIME if is_over(time_left) else None


def _unmatched(compiled: Compiled, warm: Warm, time_left: TimeLeft) -> Iterator[Json]:
    """The smallest change for each row that is not served in full."""
    smallest = SmallestChanges(compiled, warm, time_left)
    served = warm.outcome.allocation.of_needs(compiled.model.n_needs)
    for row in np.flatnonzero(served < compiled.judged.facts.row_units).tolist():
        yield {**_row(compiled, row), **smallest.document(row)}


def _pairings(compiled: Compiled, warm: Warm, time_left: TimeLeft) -> Iterator[Json]:
    """For each pairing: offers next in line for its need, needs next in line for its offer, and alternates."""
    offers = [offer.id for offer in compiled.judged.facts.problem.offers]
    return next_in_line(warm, Called(partial(_row, compiled), offers))


def _offers(compiled: Compiled, warm: Warm, time_left: TimeLeft) -> Iterator[Json]:
    """What became of each offer, and what it has in common with others."""
    offers = compiled.judged.facts.problem.offers
    for reach in reaches(compiled, warm.outcome):
        yield {
            "offer": offers[reach.offer].id,
            "use": str(reach.use),
            "units": reach.units,
            "used": reach.used,
            "eligible": reach.eligible,
            "shared": reach.shared,
            "rules": reach.rules,
        }


def _shadows(compiled: Compiled, warm: Warm, time_left: TimeLeft) -> Iterator[Json]:
    """What one more unit of each standard offer would add."""
    for each in shadows(compiled.judged.facts.problem, warm):
        yield {
            "domain": each.domain,
            "subregion": each.subregion,
            "gain": list(each.gain),
            "eligible": each.eligible,
        }


def _pools(compiled: Compiled, warm: Warm, time_left: TimeLeft) -> Iterator[Json]:
    """Joint activities that could stand for needs that are alike."""
    for each in pools(compiled, warm.outcome, time_left):
        yield {
            "group": each.candidate.group,
            "domain": each.candidate.domain,
            "modality": each.candidate.modality,
            "needs": [need.id for need in each.candidate.needs],
            "offer": each.offer,
            "gain": list(each.gain),
            "met": [each.met_before, each.met_after],
        }


PARTS: Mapping[str, Callable[[Compiled, Warm, TimeLeft], Iterable[Json]]] = {
    "pairings": _pairings,
    "unmatched": _unmatched,
    "offers": _offers,
    "shadows": _shadows,
    "pools": _pools,
}
"""What writes each part, in the order in which they are written."""


def _row(compiled: Compiled, row: int) -> Json:
    problem = compiled.judged.facts.problem
    return {"need": problem.needs.ids[problem.rows.need[row]], "member": problem.rows.member_of(row)}
