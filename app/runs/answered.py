"""What earlier answers mean for a run: units received, capacity taken, pairs declined, proposals still open."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from math import floor
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.answers.models import Answer, AnswerState
from app.offers.models import Offer
from app.quarters import Quarter
from app.requests.models import Delivery, Need, Request
from app.runs.cut_off import AnyRow, live
from app.runs.models import Pairing, Run, RunState
from app.visibility import Viewer, visible

Pair = tuple[str, str]

#: Answers that count as help received: accepted and, since then, not failed.
HELPED = (AnswerState.ACCEPTED, AnswerState.DELIVERED)

#: Quarters, the run's own included, whose receipts a State starts from.
QUARTERS_OF_RECEIPTS = 3


@dataclass(frozen=True)
class Answered:
    """Every answer dated on or before ``day``, seen from the run of ``quarter``.

    A proposal of the run before is delivered in the quarter of the run now. What was accepted in the run's own
    quarter without having been proposed is delivered in the next one, for which this run proposes.
    """

    quarter: Quarter
    answers: list[AnyRow]
    #: Pairs that the newest run of the quarter before proposed.
    proposed: set[Pair]
    #: Beneficiaries of each request, by ISO code.
    beneficiaries: Mapping[UUID, list[str]]

    @classmethod
    def read(
        cls, session: Session, viewer: Viewer, quarter: Quarter, day: date, beneficiaries: Mapping[UUID, list[str]]
    ) -> "Answered":
        """Read the answers and the proposals before them."""
        statement = (
            select(
                Need.reference.label("need"),
                Need.request_id,
                Need.delivery,
                Offer.reference.label("offer"),
                Answer.offer_id,
                Answer.units,
                Answer.state,
                Answer.dated_on,
                (Request.updated_at > Answer.updated_at).label("request_changed"),
                (Offer.updated_at > Answer.updated_at).label("offer_changed"),
            )
            .join(Need, Need.id == Answer.need_id)
            .join(Request, Request.id == Need.request_id)
            .join(Offer, Offer.id == Answer.offer_id)
            .where(live(Answer, day))
            .order_by(Answer.dated_on.nulls_first(), Answer.reference)
        )
        answers = list(session.execute(visible(statement, viewer)))
        return cls(quarter, answers, proposals(session, viewer, quarter.previous), beneficiaries)

    def helped(self) -> Iterable[AnyRow]:
        """The answers that count as help received."""
        return (answer for answer in self.answers if answer.state in HELPED)

    def served(self) -> set[UUID]:
        """Requests that have been helped before."""
        return {answer.request_id for answer in self.helped()}

    def accepted(self) -> Counter[str]:
        """Units accepted of each need."""
        units: Counter[str] = Counter()
        for answer in self.helped():
            units[answer.need] += answer.units
        return units

    def received(self) -> Counter[str]:
        """Units that each State received in the last three quarters.

        A joint activity counts as a share for each beneficiary; the shares of a State are added up, then floored.
        """
        begin = self.quarter.shifted(1 - QUARTERS_OF_RECEIPTS).first_day
        shares: defaultdict[str, Fraction] = defaultdict(Fraction)
        for answer in self.helped():
            if answer.dated_on is not None and answer.dated_on >= begin:
                states = self.beneficiaries.get(answer.request_id, [])
                for state in states:
                    shares[state] += Fraction(answer.units, len(states))
        return Counter({state: floor(share) for state, share in shares.items()})

    def taken(self) -> tuple[Counter[UUID], Counter[UUID]]:
        """Units of each offer that are taken: of the next quarter's capacity, and of the capacity in all."""
        next_quarter: Counter[UUID] = Counter()
        in_all: Counter[UUID] = Counter()
        for answer in self.helped():
            in_all[answer.offer_id] += answer.units
            unasked = (answer.need, answer.offer) not in self.proposed
            if unasked and answer.dated_on is not None and answer.dated_on >= self.quarter.first_day:
                next_quarter[answer.offer_id] += answer.units
        return next_quarter, in_all

    def records(self) -> dict[UUID, dict[str, int]]:
        """Units that each offer has delivered, and that it promised and failed to deliver."""
        units: dict[UUID, dict[str, int]] = {}
        for answer in self.answers:
            if answer.state in (AnswerState.DELIVERED, AnswerState.FAILED):
                kept = units.setdefault(answer.offer_id, {"delivered": 0, "failed": 0})
                kept[answer.state.value] += answer.units
        return units

    def declined(self, quarters: int) -> set[Pair]:
        """Pairs whose newest answer is a refusal that still holds.

        It holds until either side changes its record, or for so many quarters from the one it was given in.
        """
        newest = {(answer.need, answer.offer): answer for answer in self.answers}
        first = self.quarter.shifted(1 - quarters)
        return {
            pair
            for pair, answer in newest.items()
            if answer.state == AnswerState.DECLINED
            and not (answer.request_changed or answer.offer_changed)
            and answer.dated_on is not None
            and Quarter.of(answer.dated_on) >= first
        }

    def unanswered(self) -> set[Pair]:
        """Pairs proposed in the quarter before that nobody has answered."""
        return self.proposed - {(answer.need, answer.offer) for answer in self.answers}


def units_left(units: int, accepted: int, delivery: Delivery | None, beneficiaries: int) -> int:
    """Units of a need that are still wanted, for each member where it is delivered to each.

    An answer does not say which members it serves, so accepted units count for all of them alike.
    """
    if delivery is Delivery.PER_MEMBER and beneficiaries:
        accepted //= beneficiaries
    return max(units - accepted, 0)


def proposals(session: Session, viewer: Viewer, quarter: Quarter) -> set[Pair]:
    """Pairs that the newest finished run of ``quarter`` proposed."""
    newest = (
        select(Run.id)
        .where(Run.quarter == str(quarter), Run.state == RunState.DONE)
        .order_by(Run.revision.desc())
        .limit(1)
        .scalar_subquery()
    )
    statement = select(Pairing.need_reference, Pairing.offer_reference).distinct().where(Pairing.run_id == newest)
    return {(row.need_reference, row.offer_reference) for row in session.execute(visible(statement, viewer))}
