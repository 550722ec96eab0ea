"""What becomes of a request when it is amended, when a beneficiary answers, when a source states it anew."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.classification import Basis
from app.parties.roll import roll
from app.problems import Fault, pointer
from app.records import Row, amended_row, day_faults, restated_row, today
from app.reference.vocabulary import Vocabulary, vocabulary
from app.requests.models import Consent, Request
from app.requests.needs import LAST_NUMBER, audience_faults, changed_need, need_faults, need_row
from app.requests.schemas import BeneficiarySubmit, ConsentSubmit, NeedAmend, RequestAmend
from app.requests.submission import TERMS, Whole, beneficiary_row, date_faults, member_fault
from app.visibility import Viewer, visible


def amended(session: Session, viewer: Viewer, before: Whole, body: RequestAmend) -> tuple[Whole, list[Fault]]:
    """The request ``before`` with what ``body`` changes, and what is wrong with that."""
    request = amended_row(before.request, body, TERMS)
    faults: list[Fault] = []
    if "superseded_by" in body.model_fields_set:
        request["superseded_by"] = body.superseded_by
        request["superseded_by_id"] = None
        if body.superseded_by is not None:
            faults += _superseded(session, viewer, request, body.superseded_by)
    lines, line_faults = _amended_needs(before, body.needs, vocabulary(session))
    faults += [*line_faults, *date_faults(request), *_stranger_faults(session, before, request)]
    return replace(before, request=request, needs=lines), faults


def _stranger_faults(session: Session, before: Whole, request: Row) -> Iterator[Fault]:
    """A new date of a group submission on which a State that it is for did not belong to the group."""
    if request["group_kind"] is None or request["dated_on"] == before.request["dated_on"]:
        return
    group = roll(session).parties[request["requester"]]
    for each in before.beneficiaries:
        if each["consent"] != Consent.LEFT:
            yield from member_fault(session, group, each["state"], request, ["dated_on"])


def _superseded(session: Session, viewer: Viewer, request: Row, reference: str) -> Iterator[Fault]:
    """Point ``request`` at the request that supersedes it, unless that one leads back to it."""
    place = "/superseded_by"
    # One at a time: of two requests that are superseded by each other at once, neither would see the circle.
    session.execute(select(func.pg_advisory_xact_lock(func.hashtext("supersession"))))
    first = select(Request.id, Request.reference, Request.superseded_by_id).where(Request.reference == reference)
    chain = visible(first, viewer).cte("chain", recursive=True)
    later = select(Request.id, Request.reference, Request.superseded_by_id)
    found = session.execute(select(chain.union(later.join(chain, Request.id == chain.c.superseded_by_id)))).all()
    if not found:
        yield Fault(place, "unknown_request", f"there is no request {reference}")
    elif reference == request["reference"]:
        yield Fault(place, "supersedes_itself", "a request cannot supersede itself")
    elif any(row.id == request["id"] for row in found):
        yield Fault(place, "circle", f"{reference} is itself superseded by {request['reference']}")
    else:
        request["superseded_by_id"] = next(row.id for row in found if row.reference == reference)


def _amended_needs(before: Whole, bodies: Sequence[NeedAmend], words: Vocabulary) -> tuple[list[Row], list[Fault]]:
    lines = {need["number"]: need for need in before.needs}
    faults: list[Fault] = []
    touched: set[int] = set()
    for position, body in enumerate(bodies):
        place = ("needs", position)
        if body.number is None:
            earlier: Row = {}
            row = need_row(before.request, max(lines) + 1, body)
        elif body.number not in lines or lines[body.number]["withdrawn_on"] is not None or body.number in touched:
            faults.append(_number_fault(lines, touched, body.number, (*place, "number")))
            continue
        else:
            earlier = lines[body.number]
            row = changed_need(earlier, body)
        row["reference"] = f"{before.request['reference']}/{row['number']}"
        faults += need_faults(body, row, place, words, earlier)
        faults += audience_faults(row, place, before.audience)
        lines[row["number"]] = row
        touched.add(row["number"])
    if max(lines) > LAST_NUMBER:
        faults.append(Fault("/needs", "too_many", f"a request has {LAST_NUMBER} needs at most; submit another one"))
    return list(lines.values()), faults


def _number_fault(lines: dict[int, Row], touched: set[int], number: int, place: tuple[str | int, ...]) -> Fault:
    if number in touched:
        return Fault(pointer(*place), "repeated_number", f"need {number} is given twice")
    if number in lines:
        return Fault(pointer(*place), "withdrawn_need", f"need {number} was withdrawn; add a further need instead")
    numbers = ", ".join(str(each) for each in sorted(lines)[:20])
    return Fault(pointer(*place), "unknown_number", f"there is no need {number}; there are {numbers}")


def answered(session: Session, before: Whole, state: str, body: ConsentSubmit) -> tuple[Whole, list[Fault]]:
    """The group submission ``before`` with the consent of one beneficiary, who joins if it was none."""
    given = BeneficiarySubmit(state=state, **{name: getattr(body, name) for name in ConsentSubmit.model_fields})
    row = beneficiary_row(before.request, given, roll(session))
    row["consent_basis"] = Basis.STATED
    others = [each for each in before.beneficiaries if each["state"] != state]
    faults = list(day_faults(body.consent_on, "/consent_on", synthetic=before.request["synthetic"]))
    return replace(before, beneficiaries=sorted([*others, row], key=lambda each: each["state"])), faults


def restated(before: Whole, fresh: Whole) -> Whole:
    """``before`` as its source states it now: a need that is gone is withdrawn, a beneficiary that is gone has left.

    Raises Conflict where another party asks.
    """
    request = restated_row(before.request, fresh.request, ("requester",))
    request["superseded_by"] = before.request["superseded_by"]
    request["superseded_by_id"] = before.request["superseded_by_id"]
    fresh.call(request["reference"])
    return Whole(
        request,
        _restated_needs(before, fresh),
        _merged_beneficiaries(before, fresh),
    )


def _restated_needs(before: Whole, fresh: Whole) -> list[Row]:
    stated = {need["number"]: need for need in fresh.needs}
    lines = []
    for earlier in before.needs:
        need = stated.pop(earlier["number"], None)
        if need is not None:
            lines.append(need | _identity(earlier))
        else:
            lines.append(earlier | {"withdrawn_on": earlier["withdrawn_on"] or today()})
    return lines + [need | {"request_id": before.request["id"]} for need in stated.values()]


def _identity(earlier: Row) -> dict[str, Any]:
    return {name: earlier[name] for name in ("id", "request_id")}


def _merged_beneficiaries(before: Whole, fresh: Whole) -> list[Row]:
    stated = {each["state"]: each | {"request_id": before.request["id"]} for each in fresh.beneficiaries}
    gone = {
        each["state"]: each | {"consent": Consent.LEFT} for each in before.beneficiaries if each["state"] not in stated
    }
    return [row for _, row in sorted((stated | gone).items())]
