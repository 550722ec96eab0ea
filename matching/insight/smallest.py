"""The smallest change that would get an unserved need served: fewest changes, then the first in the published list.

Changes are tried on the warm optimum, so that what they do for the need is exact: an offer that others value more does
not help by becoming eligible. A change is tried if it removes what keeps the need and an offer apart, or gives an
offer one more unit; what would only earn the need more points against others is not a fact to be mended. Two changes
are tried where both are about the same offer and no single one is enough.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from matching.attributes.columns import NeedReader
from matching.attributes.eligibility import evaluate
from matching.attributes.excerpt import excerpt
from matching.attributes.facts import Facts
from matching.attributes.pins import Pins, obstacle
from matching.attributes.problem import Problem
from matching.attributes.profiles import Compiled, judge, model_of
from matching.attributes.records import UNSPECIFIC, Offer
from matching.attributes.scoring import Scoring
from matching.insight.edits import Edit, NoPair, NotWarm, OfferPairs, OfferUnits, PairPoints
from matching.insight.obstacles import Obstacles
from matching.insight.remedies import Change, Remedy, amended, changed
from matching.insight.warm import Warm
from matching.optimise import optimise
from matching.time_limit import TimeLeft, unlimited

Json = dict[str, Any]
Points = dict[int, int]
"""Points of eligible pairs, by offer or by row."""

SOLVES = 100
"""How often at most changes are tried by solving anew, where a warm optimum cannot tell."""
FIRST_TRIED = 1
"""So many candidates' offers are judged together at first; then twice as many each time."""
PAIRS_AT_ONCE = 100_000
"""Rows times amended offers judged together at most, beside a single offer's."""


@dataclass(frozen=True)
class Answer:
    """What would get a row one unit more: no changes where none of the list does.

    ``complete`` says that every smaller or earlier change has been tried, and would not.
    """

    changes: tuple[Change, ...]
    complete: bool = True


class SmallestChanges:
    """Looks for the smallest change for rows of a solved problem."""

    def __init__(self, compiled: Compiled, warm: Warm, time_left: TimeLeft = unlimited) -> None:
        self._model, self._warm, self._time_left = compiled.model, warm, time_left
        self._problem: Problem = compiled.judged.facts.problem
        self._conditioned = compiled.model.conditions.needs
        self._limited = {quota.id for quota in self._problem.strategy.quotas if quota.kind == "offer"}
        self._served = warm.outcome.allocation.of_needs(self._model.n_needs)
        self._may_make_room = bool(self._served[list(self._conditioned)].any())
        self._columns: dict[tuple[Change, ...], Points] = {}
        self._solves_left = SOLVES

    def of(self, row: int) -> Answer:
        """The smallest change for a row that is not served in full."""
        if self._may_make_room and not self._solves_left:
            return Answer((), complete=next(self._worth_trying(row), None) is None)
        complete = True
        for changes in self._candidates(row):
            enough = self._enough(row, changes)
            if enough:
                return Answer(changes, complete)
            complete = complete and enough is not None
        return Answer((), complete)

    def document(self, row: int) -> Json:
        """The answer as data."""
        answer = self.of(row)
        codes = {0: "NO_CHANGE" if answer.complete else "NOT_ALL_TRIED", 1: "ONE_CHANGE", 2: "TWO_CHANGES"}
        return {
            "code": codes[len(answer.changes)],
            "complete": answer.complete,
            "changes": [
                {
                    "code": str(change.remedy),
                    "record": "need" if change.of_need else "offer",
                    "id": change.id,
                    "value": change.value,
                }
                for change in answer.changes
            ],
        }

    # What to try

    def _candidates(self, row: int) -> Iterator[tuple[Change, ...]]:
        """All that is worth trying, fewest changes first, then in the order of the list."""
        different = set(self._worth_trying(row))
        for size in (1, 2):
            group = [tried for tried in different if len(tried) == size]
            group.sort(key=lambda tried: [change.place for change in tried])
            yield from self._judged(group)

    def _worth_trying(self, row: int) -> Iterator[tuple[Change, ...]]:
        for first, offer, wanted in self._mends(row):
            changes = {*first, *wanted}
            more = {Change(Remedy.ONE_MORE_UNIT, self._problem.offers[offer].id)} if offer is not None else set()
            for each in (changes, changes | more):
                if len(each) in (1, 2):
                    yield tuple(sorted(each, key=lambda change: change.place))

    def _judged(self, group: Sequence[tuple[Change, ...]]) -> Iterator[tuple[Change, ...]]:
        """The same, their amended offers judged together: few at first, since the first may do, then more."""
        most = max(1, PAIRS_AT_ONCE // max(1, self._model.n_needs))
        start, size = 0, min(FIRST_TRIED, most)
        while start < len(group):
            part = group[start : start + size]
            if not self._may_make_room:
                self._judge_columns(part)
            yield from part
            start, size = start + size, min(2 * size, most)

    def _mends(self, row: int) -> Iterator[tuple[tuple[Change, ...], int | None, tuple[Change, ...]]]:
        """Offers with the changes that would make them eligible, after others of the need itself."""
        record = self._problem.rows[row]
        need = self._problem.needs[record.need]
        if not record.beneficiaries:
            group = need.requester.removeprefix("group:")
            members = (state for state in self._problem.states if need.named and group in state.groups)
            for state in members:
                yield (Change(Remedy.CONFIRM_MEMBER, need.id, state.id),), None, ()
        elif need.domain != UNSPECIFIC:
            yield from (((), offer, changes) for offer, changes in self._obstacles.changes(row, need.domain))
        else:
            for domain in self._obstacles.offered:
                named = (Change(Remedy.NAME_DOMAIN, need.id, domain),)
                yield from ((named, offer, changes) for offer, changes in self._obstacles.changes(row, domain))

    @cached_property
    def _obstacles(self) -> Obstacles:
        return Obstacles(self._problem)

    # What it does

    def _enough(self, row: int, changes: tuple[Change, ...]) -> bool | None:
        """Whether a row would receive more with these changes; None where that was not tried."""
        # The warm optimum keeps needs of bundles and substitutes as they are. A new solve may take from them what they
        # have, so that neither answer of the warm one would stand.
        if self._may_make_room:
            return self._enough_anew(row, changes)
        try:
            served = self._warm_answer(row, changes)
        except NotWarm:
            return self._enough_anew(row, changes)
        before, after = (served or {}).get(row, (0, 0))
        return after > before and (not self._conditioned or self._enough_anew(row, changes))

    def _warm_answer(self, row: int, changes: tuple[Change, ...]) -> dict[int, tuple[int, int]] | None:
        limited = any(change.id in self._limited for change in changes)
        if row in self._conditioned or limited or any(change.remedy == Remedy.CONFIRM_MEMBER for change in changes):
            raise NotWarm("what becomes of this need, or how many units count, is for a new solve to say")
        return self._warm.served(*self._edits(row, changes))

    def _enough_anew(self, row: int, changes: tuple[Change, ...]) -> bool | None:
        if not self._solves_left:
            return None
        self._solves_left -= 1
        record = self._problem.rows[row]
        problem = Problem.from_document(amended(self._problem.document, changes))
        judged = judge(problem)
        if obstacle(judged.facts, Pins.of(judged.facts)) is not None:
            return False
        outcome = optimise(model_of(judged).model, time_left=self._time_left)
        if outcome.status == "time_limit":
            return None
        position = problem.position_of_need(self._problem.needs.ids[record.need])
        same = problem.rows.need == position
        if record.member is not None:
            same = np.arange(len(problem.rows)) == problem.rows.of(position, record.member)
        after = int(outcome.allocation.units[same[outcome.allocation.need]].sum())
        return outcome.status == "optimal" and after > self._served[row]

    def _edits(self, row: int, changes: tuple[Change, ...]) -> Iterator[Edit]:
        """The changes as edits of the model."""
        of_need = tuple(change for change in changes if change.of_need)
        of_offer = tuple(change for change in changes if not change.of_need)
        for offer, mine in self._by_offer(changes):
            more = sum(change.remedy == Remedy.ONE_MORE_UNIT for change in mine)
            if more:
                yield OfferUnits(offer, int(self._model.offers.units[offer]) + more)
            if self._judged_anew(offer, mine):
                yield from self._of_column(offer, mine)
        if of_need:
            yield from self._of_row(row, of_need, of_offer)

    def _by_offer(self, changes: tuple[Change, ...]) -> Iterator[tuple[int, tuple[Change, ...]]]:
        """Offers that change, each with its changes."""
        for reference in sorted({change.id for change in changes if not change.of_need}):
            mine = tuple(change for change in changes if not change.of_need and change.id == reference)
            yield self._problem.offer_of[reference], mine

    def _judged_anew(self, offer: int, changes: tuple[Change, ...]) -> bool:
        """Whether these changes of an offer decide whom it may serve: units beyond the first do not."""
        return any(change.remedy != Remedy.ONE_MORE_UNIT for change in changes) or not self._problem.offers[offer].units

    def _of_row(self, row: int, of_need: tuple[Change, ...], of_offer: tuple[Change, ...]) -> Iterator[Edit]:
        problem, model = self._problem, self._model
        offers = [self._amended_offer(offer, of_offer) for offer in problem.offers]
        need: Json = problem.needs[problem.rows[row].need].model_dump(mode="json")
        for change in of_need:
            if change.remedy != Remedy.ALLOW_DECLINED:
                need = changed(need, change, self._delivery)
        amended_part = excerpt(
            problem, NeedReader().read([need]), offers, {(change.id, change.value) for change in of_need}
        )
        facts = Facts(amended_part)
        eligibility, scoring = evaluate(facts), Scoring(facts)
        found = eligibility.offers(0)
        after = dict(zip(found.tolist(), scoring.points(np.zeros_like(found), found).tolist(), strict=True))
        profile = int(model.needs.profile[row])
        cells = np.arange(model.profiles.start[profile], model.profiles.start[profile + 1])
        worth = model.points(np.full(len(cells), row), cells).tolist()
        before = dict(zip(model.profiles.offer[cells].tolist(), worth, strict=True))
        yield from (NoPair(row, offer) for offer in sorted(before.keys() - after.keys()))
        yield from (PairPoints(row, offer, points) for offer, points in after.items() if before.get(offer) != points)

    def _of_column(self, offer: int, changes: tuple[Change, ...]) -> Iterator[Edit]:
        if changes not in self._columns:
            self._columns.update(self._columns_of({offer: changes}))
        if self._columns[changes]:
            rows, points = zip(*sorted(self._columns[changes].items()), strict=True)
            yield OfferPairs(offer, rows, points)

    def _judge_columns(self, candidates: Iterable[tuple[Change, ...]]) -> None:
        """Judge the amended offers of these candidates, each offer once in a batch: it keeps its id."""
        batches: list[dict[int, tuple[Change, ...]]] = []
        wanted = {mine: offer for changes in candidates for offer, mine in self._by_offer(changes)}
        for mine, offer in wanted.items():
            if mine in self._columns or not self._judged_anew(offer, mine):
                continue
            batch = next((each for each in batches if offer not in each), None)
            if batch is None:
                batches.append(batch := {})
            batch[offer] = mine
        for batch in batches:
            self._columns.update(self._columns_of(batch))

    def _columns_of(self, changes: Mapping[int, tuple[Change, ...]]) -> dict[tuple[Change, ...], Points]:
        """Points of the rows that each amended offer may serve, where they are new or have changed."""
        problem, model = self._problem, self._model
        offers = sorted(changes)
        amended_offers = [self._amended_offer(problem.offers[offer], changes[offer]) for offer in offers]
        facts = Facts(excerpt(problem, problem.needs, amended_offers))
        eligibility, scoring = evaluate(facts), Scoring(facts)
        columns = {}
        for place, offer in enumerate(offers):
            profiles = eligibility.cell_profile[eligibility.cell_offer == place]
            rows = np.flatnonzero(np.isin(eligibility.profile, profiles))
            points = scoring.points(rows, np.full_like(rows, place))
            cells = model.cell(rows, np.full(len(rows), offer))
            same, known = np.zeros(len(rows), dtype=bool), np.flatnonzero(cells >= 0)
            same[known] = model.points(rows[known], cells[known]) == points[known]
            columns[changes[offer]] = dict(zip(rows[~same].tolist(), points[~same].tolist(), strict=True))
        return columns

    def _amended_offer(self, offer: Offer, changes: tuple[Change, ...]) -> Offer:
        mine = [change for change in changes if change.id == offer.id]
        if not mine:
            return offer
        record: Json = offer.model_dump(mode="json", by_alias=True)
        for change in mine:
            record = changed(record, change, self._delivery)
        return Offer.model_validate(record)

    @cached_property
    def _delivery(self) -> Mapping[str, Any]:
        return self._problem.record.delivery.model_dump(mode="json", by_alias=True)
