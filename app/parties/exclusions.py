"""Recording, reading, amending and withdrawing exclusions: who is not served by whom."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from sqlalchemy import Select, Uuid, column, or_, select, table
from sqlalchemy.orm import Session, aliased

from app.events import history
from app.events.history import VersionRead
from app.filters import RecordsQuery, one_of, order_of, recorded, standing
from app.paging import Codes, OneOf, Page, page
from app.parties.models import Exclusion, Party
from app.parties.roll import roll
from app.parties.schemas import ExclusionAmend, ExclusionRead, ExclusionSubmit
from app.problems import Conflict, Fault, NotFound
from app.records import (
    Origin,
    Refusals,
    Row,
    amended_row,
    dating_faults,
    hash_of,
    hold,
    insert_rows,
    new_row,
    next_version,
    refuse,
    require_live,
    sign,
    table_of,
    take_references,
    taken_meanwhile,
    update_row,
    withdrawn_row,
)
from app.schemas import RecordStatus, Withdrawal
from app.visibility import Viewer, visible

EXCLUSIONS = table_of(Exclusion)
TERMS = ("reason", "source", "expires_on")

#: The offers, by name only: offers know parties, not the other way round.
OFFERS = table("offers", column("id", Uuid), column("reference"), column("provider_id", Uuid))
BY, OTHER = aliased(Party), aliased(Party)

STANDS_ALREADY = "excludes the same parties from each other already; amend or withdraw that one"

#: Constraint -> what its violation means.
REFUSALS: Refusals = {
    "uq_exclusions_reference": taken_meanwhile,
    "uq_exclusions_live": lambda: Conflict(f"another exclusion {STANDS_ALREADY}"),
}


class ExclusionsQuery(RecordsQuery):
    """Filters of the exclusions: codes of one filter mean OR, several filters mean AND."""

    status: OneOf[RecordStatus]
    by_party: Codes
    other_party: Codes
    party: Codes
    offer: Codes


def submit(session: Session, viewer: Viewer, body: ExclusionSubmit, origin: Origin | None = None) -> ExclusionRead:
    """Record a new exclusion; raises InvalidContent, ReferenceTaken, or Conflict when the same one stands."""
    row, faults = _draft(session, viewer, body, origin)
    refuse(faults)
    [row["reference"]] = take_references(session, EXCLUSIONS.c.reference, "EXC", [body.reference])
    row["content_hash"] = _digest(row)
    sign(session, viewer)
    try:
        insert_rows(session, EXCLUSIONS, [row], REFUSALS)
    except Conflict as conflict:
        raise Conflict(f"{_standing(session, viewer, row)} {STANDS_ALREADY}") from conflict
    return read(session, viewer, row["reference"])


def _standing(session: Session, viewer: Viewer, row: Row) -> str:
    """The reference of the exclusion that stands in the way of ``row``."""
    columns = EXCLUSIONS.c
    same = [columns[name].is_not_distinct_from(row[name]) for name in ("by_party_id", "other_party_id", "offer_id")]
    statement = visible(select(columns.reference), viewer).where(columns.withdrawn_on.is_(None), *same)
    return session.scalar(statement) or "another exclusion"


def _draft(session: Session, viewer: Viewer, body: ExclusionSubmit, origin: Origin | None) -> tuple[Row, list[Fault]]:
    """The row of a new exclusion, and what is wrong with it."""
    known = roll(session)
    row = new_row(body, origin) | {name: getattr(body, name) for name in TERMS}
    faults = [*known.party_fault(body.by_party, ["by_party"]), *known.party_fault(body.other_party, ["other_party"])]
    by_party, other_party = known.parties.get(body.by_party), known.parties.get(body.other_party)
    if body.by_party == body.other_party:
        faults.append(Fault("/other_party", "same_party", "a party cannot exclude itself"))
    row |= {
        "by_party": body.by_party,
        "other_party": body.other_party,
        "by_party_id": by_party.id if by_party else None,
        "other_party_id": other_party.id if other_party else None,
        "offer": body.offer,
        "offer_id": None,
    }
    if body.offer is not None:
        offers = visible(select(OFFERS.c.id, OFFERS.c.provider_id), viewer)
        offer = session.execute(offers.where(OFFERS.c.reference == body.offer)).one_or_none()
        if offer is None:
            faults.append(Fault("/offer", "unknown_offer", f"there is no offer {body.offer}"))
        elif by_party and offer.provider_id != by_party.id:
            faults.append(Fault("/offer", "not_its_offer", f"{body.offer} is not an offer of {body.by_party}"))
        else:
            row["offer_id"] = offer.id
    return row, [*faults, *_faults(row)]


def _faults(row: Row) -> Iterator[Fault]:
    yield from dating_faults(row)
    if row["dated_on"] and row["expires_on"] and row["expires_on"] < row["dated_on"]:
        detail = f"must not be before the exclusion's date, {row['dated_on']}"
        yield Fault("/expires_on", "ends_before_it_begins", detail)


def read(session: Session, viewer: Viewer, reference: str, *, lock: bool = False) -> ExclusionRead:
    """The exclusion called ``reference``, kept from changing while ``lock``; raises NotFound."""
    return ExclusionRead.model_validate(_required(session, viewer, reference, lock=lock))


def read_known_at(session: Session, viewer: Viewer, reference: str, instant: datetime) -> ExclusionRead:
    """The exclusion as it was known at ``instant``; raises NotFound, also when it was not known yet."""
    unchanging = _unchanging(session, viewer, reference)
    return ExclusionRead.model_validate(history.row_known_at(session, "exclusions", reference, instant) | unchanging)


def versions(session: Session, viewer: Viewer, reference: str) -> list[VersionRead]:
    """Every version of the exclusion, the first first; raises NotFound."""
    unchanging = _unchanging(session, viewer, reference)
    return history.row_versions(
        session, "exclusions", reference, lambda row: ExclusionRead.model_validate(row | unchanging)
    )


def exclusions(session: Session, viewer: Viewer, query: ExclusionsQuery) -> tuple[list[ExclusionRead], Page[Any]]:
    """One page of the exclusions that every filter of ``query`` leaves."""
    statement = standing(recorded(visible(_exclusions(), viewer), Exclusion, query), Exclusion, query.status)
    statement = one_of(
        statement,
        {BY.reference: query.by_party, OTHER.reference: query.other_party, OFFERS.c.reference: query.offer},
    )
    if query.party:
        statement = statement.where(or_(BY.reference.in_(query.party), OTHER.reference.in_(query.party)))
    keys, descending = order_of(Exclusion, query.sort)
    found = page(session, statement, keys, query, descending=descending)
    return [ExclusionRead.model_validate(dict(row._mapping)) for row in found.rows], found


def amend(session: Session, viewer: Viewer, reference: str, body: ExclusionAmend) -> ExclusionRead:
    """Change the fields that ``body`` sends; raises NotFound, InvalidContent, or Conflict when it is withdrawn."""
    before = _required(session, viewer, reference, lock=True)
    require_live(before)
    row = amended_row(before, body, TERMS)
    refuse(list(_faults(row)))
    _keep(session, viewer, row, before)
    return read(session, viewer, reference)


def withdraw(session: Session, viewer: Viewer, reference: str, withdrawal: Withdrawal) -> ExclusionRead:
    """Withdraw the exclusion; raises NotFound, or Conflict when it is withdrawn already."""
    before = _required(session, viewer, reference, lock=True)
    _keep(session, viewer, withdrawn_row(before, withdrawal), before)
    return read(session, viewer, reference)


def _keep(session: Session, viewer: Viewer, row: Row, before: Row) -> None:
    version = next_version(row, _digest(row))
    if version is not None:
        sign(session, viewer)
        update_row(session, EXCLUSIONS, version, before, REFUSALS)


def _digest(row: Row) -> str:
    return hash_of(row, ("reference", "by_party", "other_party", "offer", *TERMS))


def _unchanging(session: Session, viewer: Viewer, reference: str) -> Row:
    """What the exclusion names, which no amendment changes and its history holds by id only."""
    current = _required(session, viewer, reference)
    return {name: current[name] for name in ("by_party", "other_party", "offer")}


def _required(session: Session, viewer: Viewer, reference: str, *, lock: bool = False) -> Row:
    if lock:
        hold(session, EXCLUSIONS, reference)
    row = session.execute(visible(_exclusions(), viewer).where(EXCLUSIONS.c.reference == reference)).one_or_none()
    if row is None:
        raise NotFound(f"there is no exclusion {reference}")
    return dict(row._mapping)


def _exclusions() -> Select[Any]:
    return (
        select(
            *EXCLUSIONS.columns,
            BY.reference.label("by_party"),
            OTHER.reference.label("other_party"),
            OFFERS.c.reference.label("offer"),
        )
        .join(BY, BY.id == EXCLUSIONS.c.by_party_id)
        .join(OTHER, OTHER.id == EXCLUSIONS.c.other_party_id)
        .outerjoin(OFFERS, OFFERS.c.id == EXCLUSIONS.c.offer_id)
    )
