"""Submitting, reading, amending and withdrawing offers."""

from collections.abc import Mapping, Sequence
from contextlib import suppress
from datetime import datetime
from typing import Any

from sqlalchemy import Select, Table, select
from sqlalchemy.orm import Session

from app.events import history
from app.events.history import VersionRead
from app.offers.filters import OffersQuery, filtered
from app.offers.models import Offer
from app.offers.schemas import OfferAmend, OfferRead, OfferSubmit
from app.offers.terms import changed_row, digest, offer_row
from app.paging import Page, page
from app.parties.models import Party
from app.parties.roll import roll
from app.problems import Conflict, Fault, NotFound
from app.records import (
    Origin,
    Outcome,
    Refusals,
    Row,
    hold,
    insert_rows,
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
from app.reference.vocabulary import vocabulary
from app.schemas import RecordStatus, Withdrawal
from app.visibility import Viewer, visible

OFFERS: Table = table_of(Offer)

#: Constraint -> what its violation means. The terms are checked before; what is left is a race.
REFUSALS: Refusals = {"uq_offers_reference": taken_meanwhile}


def submit(session: Session, viewer: Viewer, body: OfferSubmit, origin: Origin | None = None) -> OfferRead:
    """Store a new offer; raises InvalidContent or ReferenceTaken."""
    row, faults = offer_row(body, vocabulary(session), roll(session), origin)
    refuse(faults)
    [reference] = _store(session, viewer, [row])
    return read(session, viewer, reference)


def submit_batch(
    session: Session, viewer: Viewer, bodies: Sequence[OfferSubmit], origins: Sequence[Origin] | None = None
) -> list[str]:
    """Store many new offers, all or none, and return their references.

    Raises as ``submit`` does; pointers then begin with the number of the body, from 0.
    """
    words, known = vocabulary(session), roll(session)
    drafts = [offer_row(body, words, known, origins[number] if origins else None) for number, body in enumerate(bodies)]
    refuse_numbered(faults for _, faults in drafts)
    return _store(session, viewer, [row for row, _ in drafts])


def examine(session: Session, bodies: Sequence[OfferSubmit]) -> list[Sequence[Fault]]:
    """What is wrong with each of ``bodies``, and nothing stored."""
    words, known = vocabulary(session), roll(session)
    return [offer_row(body, words, known, None)[1] for body in bodies]


def _store(session: Session, viewer: Viewer, rows: list[Row]) -> list[str]:
    references = take_references(session, OFFERS.c.reference, "OFF", [row["reference"] for row in rows])
    for row, reference in zip(rows, references, strict=True):
        row["reference"] = reference
        row["content_hash"] = digest(row)
    sign(session, viewer)
    insert_rows(session, OFFERS, rows, REFUSALS)
    return references


def restate(session: Session, viewer: Viewer, body: OfferSubmit, origin: Origin) -> Outcome:
    """Store the offer, or bring the one of this reference to what ``body`` says; unchanged content changes nothing.

    Raises as ``submit`` does, and Conflict where the stored offer is withdrawn or another provider's.
    """
    before = _locked(session, viewer, body.reference) if body.reference else None
    if before is None:
        submit(session, viewer, body, origin)
        return Outcome.CREATED
    fresh, faults = offer_row(body, vocabulary(session), roll(session), origin)
    refuse(faults)
    row = restated_row(before, fresh, ("provider",))
    return Outcome.AMENDED if _keep(session, viewer, row, before) else Outcome.UNCHANGED


def already_stated(session: Session, viewer: Viewer, bodies: Sequence[OfferSubmit]) -> set[str]:
    """References of those ``bodies`` that say what is stored already: ``restate`` would change nothing."""
    words, known = vocabulary(session), roll(session)
    statement = visible(_offers(), viewer).where(OFFERS.c.reference.in_([body.reference for body in bodies]))
    before = {row.reference: dict(row._mapping) for row in session.execute(statement)}
    found = set()
    for body in bodies:
        if earlier := before.get(body.reference or ""):
            fresh, _ = offer_row(body, words, known, None)
            with suppress(Conflict):
                if digest(restated_row(earlier, fresh, ("provider",))) == earlier["content_hash"]:
                    found.add(earlier["reference"])
    return found


def read(session: Session, viewer: Viewer, reference: str, *, lock: bool = False) -> OfferRead:
    """The offer called ``reference``, kept from changing until the transaction ends if ``lock``; raises NotFound."""
    return as_read(_required(session, viewer, reference, lock=lock))


def read_known_at(session: Session, viewer: Viewer, reference: str, instant: datetime) -> OfferRead:
    """The offer as it was known at ``instant``; raises NotFound, also when it was not known yet."""
    unchanging = {"provider": _required(session, viewer, reference)["provider"]}
    return as_read(history.row_known_at(session, "offers", reference, instant) | unchanging)


def versions(session: Session, viewer: Viewer, reference: str) -> list[VersionRead]:
    """Every version of the offer, the first first; raises NotFound."""
    unchanging = {"provider": _required(session, viewer, reference)["provider"]}
    return history.row_versions(session, "offers", reference, lambda row: as_read(row | unchanging))


def offers(session: Session, viewer: Viewer, query: OffersQuery) -> tuple[list[OfferRead], Page[Any]]:
    """One page of the offers that every filter of ``query`` leaves."""
    statement, keys, descending = filtered(session, visible(_offers(), viewer), query)
    found = page(session, statement, keys, query, descending=descending)
    return [as_read(row._mapping) for row in found.rows], found


def amend(session: Session, viewer: Viewer, reference: str, body: OfferAmend) -> OfferRead:
    """Change the fields that ``body`` sends; raises NotFound, InvalidContent, or Conflict when it is withdrawn."""
    before = _required(session, viewer, reference, lock=True)
    require_live(before)
    row, faults = changed_row(before, body, vocabulary(session), roll(session))
    refuse(faults)
    _keep(session, viewer, row, before)
    return read(session, viewer, reference)


def withdraw(session: Session, viewer: Viewer, reference: str, withdrawal: Withdrawal) -> OfferRead:
    """Withdraw the offer; raises NotFound, or Conflict when it is withdrawn already."""
    before = _required(session, viewer, reference, lock=True)
    _keep(session, viewer, withdrawn_row(before, withdrawal), before)
    return read(session, viewer, reference)


def _keep(session: Session, viewer: Viewer, row: Row, before: Row) -> bool:
    """Write what differs between ``row`` and ``before``, and say whether any content does."""
    version = next_version(row, digest(row))
    if version is None:
        return False
    require_live(before)
    sign(session, viewer)
    update_row(session, OFFERS, version, before, REFUSALS)
    return True


def _required(session: Session, viewer: Viewer, reference: str, *, lock: bool = False) -> Row:
    row = _locked(session, viewer, reference) if lock else _row(session, viewer, reference)
    if row is None:
        raise NotFound(f"there is no offer {reference}")
    return row


def _offers() -> Select[Any]:
    return select(*OFFERS.columns, Party.reference.label("provider")).join(Party, Party.id == OFFERS.c.provider_id)


def _row(session: Session, viewer: Viewer, reference: str) -> Row | None:
    row = session.execute(visible(_offers(), viewer).where(OFFERS.c.reference == reference)).one_or_none()
    return dict(row._mapping) if row else None


def _locked(session: Session, viewer: Viewer, reference: str) -> Row | None:
    hold(session, OFFERS, reference)
    return _row(session, viewer, reference)


def as_read(row: Mapping[Any, Any]) -> OfferRead:
    """The offer of one row, a current one or one of the history."""
    status = RecordStatus.OPEN if row["withdrawn_on"] is None else RecordStatus.WITHDRAWN
    return OfferRead.model_validate({**row, "status": status})
