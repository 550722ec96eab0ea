"""Recording, reading, amending and withdrawing what providers answered."""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session

from app.answers.filters import AnswersQuery, filtered
from app.answers.models import Answer, AnswerState
from app.answers.schemas import AnswerAmend, AnswerRead, AnswerSubmit
from app.events import history
from app.events.history import VersionRead
from app.offers.models import Offer
from app.paging import Page, page
from app.problems import Fault, NotFound
from app.records import (
    Origin,
    Outcome,
    Refusals,
    Row,
    amended_row,
    dating_faults,
    earliest,
    hash_of,
    hold,
    insert_rows,
    new_row,
    next_version,
    refuse,
    refuse_numbered,
    require_live,
    restated_row,
    sign,
    table_of,
    take_references,
    taken_meanwhile,
    update_row,
    withdrawn_row,
)
from app.requests.models import Beneficiary, Consent, Delivery, Need, Request
from app.schemas import Withdrawal
from app.visibility import Viewer, visible

ANSWERS = table_of(Answer)
TERMS = ("units", "state", "reason")

#: Constraint -> what its violation means. The content is checked before; what is left is a race.
REFUSALS: Refusals = {"uq_answers_reference": taken_meanwhile}


@dataclass(frozen=True)
class Asked:
    """A need, as far as an answer to it must know it: who asks, how many units at most, and on which day at first."""

    id: UUID
    parties: frozenset[UUID]
    units: int
    asked_on: date | None


@dataclass(frozen=True)
class Pairable:
    """The needs and offers that some answers name, with the parties on either side by id."""

    needs: dict[str, "Asked"]
    offers: dict[str, tuple[UUID, UUID]]


def submit(session: Session, viewer: Viewer, body: AnswerSubmit, origin: Origin | None = None) -> AnswerRead:
    """Record a new answer; raises InvalidContent or ReferenceTaken."""
    row, faults = _draft(body, _pairable(session, viewer, [body]), origin)
    refuse(faults)
    [reference] = _store(session, viewer, [row])
    return read(session, viewer, reference)


def submit_batch(
    session: Session, viewer: Viewer, bodies: Sequence[AnswerSubmit], origins: Sequence[Origin] | None = None
) -> list[str]:
    """Record many new answers, all or none, and return their references.

    Raises as ``submit`` does; pointers then begin with the number of the body, from 0.
    """
    named = _pairable(session, viewer, bodies)
    drafts = [_draft(body, named, origins[number] if origins else None) for number, body in enumerate(bodies)]
    refuse_numbered(faults for _, faults in drafts)
    return _store(session, viewer, [row for row, _ in drafts])


def _pairable(session: Session, viewer: Viewer, bodies: Sequence[AnswerSubmit]) -> Pairable:
    offers = visible(select(Offer.reference, Offer.id, Offer.provider_id), viewer).where(
        Offer.reference.in_({body.offer for body in bodies})
    )
    return Pairable(
        _asked(session, viewer, {body.need for body in bodies}),
        {row.reference: (row.id, row.provider_id) for row in session.execute(offers)},
    )


def _asked(session: Session, viewer: Viewer, references: Collection[str]) -> dict[str, Asked]:
    """The needs called so, by reference."""
    needs = visible(
        select(
            Need.reference,
            Need.id,
            Need.units,
            Need.delivery,
            func.array_agg(Beneficiary.state_id).label("states"),
            func.count().filter(Beneficiary.consent != Consent.LEFT).label("n_members"),
            Request.requester_id,
            Request.dated_on,
            Request.date_precision,
        )
        .join(Request, Request.id == Need.request_id)
        .outerjoin(Beneficiary, Beneficiary.request_id == Request.id)
        .group_by(Need.id, Request.id),
        viewer,
    ).where(Need.reference.in_(references))
    return {
        row.reference: Asked(
            row.id,
            frozenset([*row.states, row.requester_id]),
            row.units * (row.n_members if row.delivery is Delivery.PER_MEMBER else 1),
            earliest(row.dated_on, row.date_precision) if row.dated_on else None,
        )
        for row in session.execute(needs)
    }


def _draft(body: AnswerSubmit, named: Pairable, origin: Origin | None) -> tuple[Row, list[Fault]]:
    """The row of a new answer, and what is wrong with it."""
    need, offer = named.needs.get(body.need), named.offers.get(body.offer)
    row = new_row(body, origin) | {name: getattr(body, name) for name in TERMS}
    row |= {
        "reference": body.reference,
        "need": body.need,
        "offer": body.offer,
        "need_id": need.id if need else None,
        "offer_id": offer[0] if offer else None,
    }
    faults = list(_faults(row, need, {}))
    if need is None:
        faults.append(Fault("/need", "unknown_need", f"there is no need {body.need}"))
    if offer is None:
        faults.append(Fault("/offer", "unknown_offer", f"there is no offer {body.offer}"))
    if need and offer and offer[1] in need.parties:
        detail = f"{body.offer} is an offer of who asks in {body.need}: nobody provides to itself"
        faults.append(Fault("/offer", "provider_is_requester", detail))
    return row, faults


def _faults(row: Row, need: Asked | None, before: Row) -> Iterator[Fault]:
    """What is wrong with an answer to ``need``; what it said ``before`` stands although the need has changed since."""
    yield from dating_faults(row)
    if need and row["units"] > need.units and row["units"] != before.get("units"):
        detail = f"{row['units']} is more than {row['need']} asks for, {need.units} in all"
        yield Fault("/units", "more_than_asked", detail)
    dated_on = row["dated_on"]
    if need and need.asked_on and dated_on and dated_on < need.asked_on and dated_on != before.get("dated_on"):
        detail = f"must not be before the request that it answers, which is of {need.asked_on}"
        yield Fault("/dated_on", "before_request", detail)
    if row["state"] is AnswerState.DECLINED and not row["reason"]:
        yield Fault("/reason", "missing", "is required for declined: later runs respect it")


def _store(session: Session, viewer: Viewer, rows: list[Row]) -> list[str]:
    references = take_references(session, ANSWERS.c.reference, "ANS", [row["reference"] for row in rows])
    for row, reference in zip(rows, references, strict=True):
        row["reference"] = reference
        row["content_hash"] = _digest(row)
    sign(session, viewer)
    insert_rows(session, ANSWERS, rows, REFUSALS)
    return references


def restate(session: Session, viewer: Viewer, body: AnswerSubmit, origin: Origin) -> Outcome:
    """Record the answer, or bring the one of this reference to what ``body`` says; unchanged content changes nothing.

    Raises as ``submit`` does, and Conflict where the stored answer is withdrawn or about another pair.
    """
    before = _locked(session, viewer, body.reference) if body.reference else None
    if before is None:
        submit(session, viewer, body, origin)
        return Outcome.CREATED
    fresh, faults = _draft(body, _pairable(session, viewer, [body]), origin)
    refuse(faults)
    row = restated_row(before, fresh, ("need", "offer"))
    return Outcome.AMENDED if _keep(session, viewer, row, before) else Outcome.UNCHANGED


def read(session: Session, viewer: Viewer, reference: str, *, lock: bool = False) -> AnswerRead:
    """The answer called ``reference``, kept from changing until the transaction ends if ``lock``; raises NotFound."""
    return AnswerRead.model_validate(_required(session, viewer, reference, lock=lock))


def read_known_at(session: Session, viewer: Viewer, reference: str, instant: datetime) -> AnswerRead:
    """The answer as it was known at ``instant``; raises NotFound, also when it was not known yet."""
    unchanging = _unchanging(session, viewer, reference)
    return AnswerRead.model_validate(history.row_known_at(session, "answers", reference, instant) | unchanging)


def versions(session: Session, viewer: Viewer, reference: str) -> list[VersionRead]:
    """Every version of the answer, the first first; raises NotFound."""
    unchanging = _unchanging(session, viewer, reference)
    return history.row_versions(session, "answers", reference, lambda row: AnswerRead.model_validate(row | unchanging))


def answers(session: Session, viewer: Viewer, query: AnswersQuery) -> tuple[list[AnswerRead], Page[Any]]:
    """One page of the answers that every filter of ``query`` leaves."""
    statement, keys, descending = filtered(visible(_answers(), viewer), query)
    found = page(session, statement, keys, query, descending=descending)
    return [AnswerRead.model_validate(dict(row._mapping)) for row in found.rows], found


def amend(session: Session, viewer: Viewer, reference: str, body: AnswerAmend) -> AnswerRead:
    """Change the fields that ``body`` sends; raises NotFound, InvalidContent, or Conflict when it is withdrawn."""
    before = _required(session, viewer, reference, lock=True)
    require_live(before)
    row = amended_row(before, body, TERMS)
    refuse(list(_faults(row, _asked(session, viewer, [row["need"]]).get(row["need"]), before)))
    _keep(session, viewer, row, before)
    return read(session, viewer, reference)


def withdraw(session: Session, viewer: Viewer, reference: str, withdrawal: Withdrawal) -> AnswerRead:
    """Withdraw the answer; raises NotFound, or Conflict when it is withdrawn already."""
    before = _required(session, viewer, reference, lock=True)
    row = withdrawn_row(before, withdrawal)
    _keep(session, viewer, row, before)
    return read(session, viewer, reference)


def _digest(row: Row) -> str:
    return hash_of(row, ("reference", "need", "offer", *TERMS))


def _keep(session: Session, viewer: Viewer, row: Row, before: Row) -> bool:
    """Write what differs between ``row`` and ``before``, and say whether any content does."""
    version = next_version(row, _digest(row))
    if version is None:
        return False
    require_live(before)
    sign(session, viewer)
    update_row(session, ANSWERS, version, before, REFUSALS)
    return True


def _unchanging(session: Session, viewer: Viewer, reference: str) -> Row:
    """What the answer names, which no amendment changes and its history holds by id only."""
    current = _required(session, viewer, reference)
    return {name: current[name] for name in ("need", "offer")}


def _required(session: Session, viewer: Viewer, reference: str, *, lock: bool = False) -> Row:
    row = _locked(session, viewer, reference) if lock else _row(session, viewer, reference)
    if row is None:
        raise NotFound(f"there is no answer {reference}")
    return row


def _answers() -> Select[Any]:
    return (
        select(*ANSWERS.columns, Need.reference.label("need"), Offer.reference.label("offer"))
        .join(Need, Need.id == ANSWERS.c.need_id)
        .join(Offer, Offer.id == ANSWERS.c.offer_id)
    )


def _row(session: Session, viewer: Viewer, reference: str) -> Row | None:
    row = session.execute(visible(_answers(), viewer).where(ANSWERS.c.reference == reference)).one_or_none()
    return dict(row._mapping) if row else None


def _locked(session: Session, viewer: Viewer, reference: str) -> Row | None:
    hold(session, ANSWERS, reference)
    return _row(session, viewer, reference)
