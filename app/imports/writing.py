"""Handing the records of a file to the services that keep them: new ones in batches, stored ones one by one."""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from itertools import islice
from types import ModuleType
from typing import Any, TypeVar
from uuid import UUID

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Session

from app.classification import Basis
from app.imports.bodies import OfferLine, RecordLine
from app.imports.drafts import Draft
from app.imports.faults import LineFault
from app.offers import service as offers
from app.offers.models import Offer
from app.problems import Fault, Problem
from app.records import Origin, Outcome
from app.requests import service as requests
from app.requests.models import Request
from app.requests.schemas import BeneficiarySubmit, RequestAmend
from app.schemas import Withdrawal
from app.visibility import Viewer

#: Records that are checked and inserted at a time.
BATCH = 500

Told = Callable[[float], None]
Item = TypeVar("Item")


@dataclass(frozen=True)
class Stated:
    """A record that a file states: the draft for its places, the body for its content."""

    draft: Draft
    body: RecordLine


@dataclass
class Written:
    """What became of the records of a file. With any fault, some were not written, and nothing should be kept."""

    outcomes: Counter[Outcome] = field(default_factory=Counter)
    faults: list[LineFault] = field(default_factory=list)


def examine(session: Session, records: Sequence[Stated]) -> list[LineFault]:
    """What the services would refuse of the content of each record, without writing any."""
    faults = []
    for service, _, of_kind in _by_service(records):
        found = service.examine(session, [each.body for each in of_kind])
        for each, refused in zip(of_kind, found, strict=True):
            faults += [each.draft.fault(fault.pointer, fault.detail) for fault in refused]
    return faults


def write(session: Session, viewer: Viewer, records: Sequence[Stated], import_id: UUID, told: Told) -> Written:
    """Create or amend each record, and note every refusal at its line. ``told`` hears the share that is done."""
    written = Written()
    before: dict[str, Outcome] = {}
    done = 0
    for service, column, of_kind in _by_service(records):
        known = _stored(session, column, [each.draft.reference for each in of_kind])
        fresh = [each for each in of_kind if each.draft.reference not in known]
        for batch in _batches(fresh):
            if _create(session, viewer, service, batch, import_id, written):
                before |= {each.draft.reference: Outcome.CREATED for each in batch}
            told((done := done + len(batch)) / len(records))
        for batch in _batches(each for each in of_kind if each.draft.reference in known):
            before |= _restate_all(session, viewer, service, batch, import_id, written)
            told((done := done + len(batch)) / len(records))
    for service, _, of_kind in _by_service(records):
        for each in of_kind:
            if (found := before.get(each.draft.reference)) is not None:
                written.outcomes[_since(session, viewer, service, each, found, written)] += 1
    return written


def _by_service(records: Iterable[Stated]) -> Iterator[tuple[ModuleType, ColumnElement[str], list[Stated]]]:
    offered = [each for each in records if isinstance(each.body, OfferLine)]
    requested = [each for each in records if not isinstance(each.body, OfferLine)]
    yield requests, Request.__table__.c.reference, requested
    yield offers, Offer.__table__.c.reference, offered


def _stored(session: Session, column: ColumnElement[str], references: Sequence[str]) -> set[str]:
    found: set[str] = set()
    for batch in _batches(references):
        found.update(session.scalars(select(column).where(column.in_(batch))))
    return found


def _batches(items: Iterable[Item]) -> Iterator[list[Item]]:
    remaining = iter(items)
    while batch := [*islice(remaining, BATCH)]:
        yield batch


def _create(
    session: Session, viewer: Viewer, service: Any, batch: list[Stated], import_id: UUID, written: Written
) -> bool:
    """Insert all of the batch or, where any of it is refused, none; says which."""
    origins = [Origin(import_id, each.draft.line) for each in batch]
    try:
        with session.begin_nested():
            service.submit_batch(session, viewer, [each.body for each in batch], origins)
    except Problem as problem:
        for error in problem.errors:
            assert isinstance(error, Fault)
            number, slash, place = error.pointer.removeprefix("/").partition("/")
            written.faults.append(batch[int(number)].draft.fault(slash + place, error.detail))
        if not problem.errors:
            raise
        return False
    return True


def _restate_all(
    session: Session, viewer: Viewer, service: Any, batch: list[Stated], import_id: UUID, written: Written
) -> dict[str, Outcome]:
    """Bring stored records to what the file states, and say what came of each that is not refused."""
    batch = [_with_stored_members(session, viewer, each) if each.draft.assumed_members else each for each in batch]
    same = service.already_stated(session, viewer, [each.body for each in batch])
    found = dict.fromkeys(same, Outcome.UNCHANGED)
    for each in batch:
        if each.draft.reference in same:
            continue
        try:
            with session.begin_nested():
                origin = Origin(import_id, each.draft.line)
                found[each.draft.reference] = service.restate(session, viewer, each.body, origin)
        except Problem as problem:
            written.faults += _refusals(each.draft, problem)
    return found


def _with_stored_members(session: Session, viewer: Viewer, stated: Stated) -> Stated:
    """What members have said since goes before what the first import assumed."""
    stored = requests.read(session, viewer, stated.draft.reference)
    beneficiaries = [
        BeneficiarySubmit.model_validate(
            {"state": each.state, "consent_on": each.consent_on, "consent_document": each.consent_document}
            | (
                {}
                if each.consent_basis is Basis.NOT_STATED
                else {"consent": each.consent, "consent_basis": each.consent_basis.value}
            )
        )
        for each in stored.beneficiaries
    ]
    return replace(stated, body=stated.body.model_copy(update={"beneficiaries": beneficiaries}))


def _since(
    session: Session, viewer: Viewer, service: Any, stated: Stated, outcome: Outcome, written: Written
) -> Outcome:
    """Replace or withdraw the record where the file says so, and say what came of it in all."""
    body, reference = stated.body, stated.draft.reference
    replaced_by = None if isinstance(body, OfferLine) else body.superseded_by
    if replaced_by is None and body.withdrawn_on is None:
        return outcome
    try:
        with session.begin_nested():
            current = service.read(session, viewer, reference)
            changed = False
            if replaced_by is not None and current.superseded_by != replaced_by:
                service.amend(session, viewer, reference, RequestAmend(superseded_by=replaced_by))
                changed = True
            if body.withdrawn_on is not None and current.withdrawn_on is None:
                withdrawal = Withdrawal(reason=body.withdrawn_reason or "", withdrawn_on=body.withdrawn_on)
                service.withdraw(session, viewer, reference, withdrawal)
                changed = True
    except Problem as problem:
        written.faults += _refusals(stated.draft, problem)
        return outcome
    return Outcome.AMENDED if changed and outcome is Outcome.UNCHANGED else outcome


def _refusals(draft: Draft, problem: Problem) -> list[LineFault]:
    """Each thing that a service refuses, at its place in the file."""
    if not problem.errors:
        return [draft.fault("/reference", str(problem))]
    return [draft.fault(error.pointer, error.detail) for error in problem.errors if isinstance(error, Fault)]
