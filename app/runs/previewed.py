"""What a preview in a run asks about, as the run's problem would have it: a need or an offer, new or changed."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date
from typing import Any, Literal, NamedTuple

from pydantic import BaseModel
from sqlalchemy.orm import Session

from app.offers.terms import FACTS, term_faults
from app.parties.roll import roll
from app.problems import Fault, suggest
from app.records import Row, refuse
from app.reference.vocabulary import vocabulary
from app.requests.needs import changed_need, need_faults
from app.requests.schemas import NeedAmend
from app.runs.cut_off import iso, unstated
from app.runs.offered import OFFER_SETS, offer_document
from app.runs.preview import PREVIEW, drafted_needs
from app.runs.preview_schemas import ChangedNeed, ChangedOffer, NewOffer, PreviewInRunAsk
from app.runs.schemas import PreviewAsk

Json = dict[str, Any]


class Asked(NamedTuple):
    """A record to preview, as a problem document has it; new, unless one of its id took part in the run."""

    kind: Literal["need", "offer"]
    record: Json
    is_new: bool


def asked(session: Session, run: str, document: Mapping[str, Any], body: PreviewInRunAsk) -> Asked:
    """What ``body`` asks about a run, whose problem is given; raises InvalidContent."""
    given = [name for name in WAYS if name in body.model_fields_set]
    if "requester" in body.model_fields_set or "needs" in body.model_fields_set:
        given.append("requester")
    if len(given) != 1:
        detail = "give one of: requester with needs, changed_need, offer, changed_offer"
        refuse([Fault("/" + given[1] if given else "", "not_one_record", detail)])
    if given == ["requester"]:
        [need] = drafted_needs(session, _new_need(body))
        return Asked("need", need, True)
    [name] = given
    part = getattr(body, name)
    if part is None:
        refuse([Fault(f"/{name}", "missing", "is null; say what is to be previewed")])
    made, faults = WAYS[name](session, run, document, part)
    refuse([replace(fault, pointer=f"/{name}{fault.pointer}") for fault in faults])
    return made


def _new_need(body: PreviewInRunAsk) -> PreviewAsk:
    if body.requester is None or not body.needs:
        place = "/needs" if body.requester else "/requester"
        refuse([Fault(place, "missing", "is required; a new need is given by requester and needs")])
    given = {name: getattr(body, name) for name in PreviewAsk.model_fields if name in body.model_fields_set}
    return PreviewAsk(**given)


def _changed_need(
    session: Session, run: str, document: Mapping[str, Any], body: ChangedNeed
) -> tuple[Asked, list[Fault]]:
    need = _known(document["needs"], body.need, run, "changed_need", "need")
    before: Row = need | {
        "domain_code": need["domain"],
        "wanted_from": _day(need["wanted_from"]),
        "wanted_by": _day(need["wanted_by"]),
        "description": None,
        "withdrawn_on": None,
    }
    changes = NeedAmend(**_given(body, "need"))
    row = changed_need(before, changes)
    basis = {fact: rests_on for fact, rests_on in row["basis"].items() if fact != "delivery" or need["delivery"]}
    kept = {"consent": need["basis"]["consent"]} if "consent" in need["basis"] else {}
    record = need | {
        "domain": row["domain_code"],
        **{name: row[name] for name in ("modalities", "scopes", "languages", "units", "priority")},
        "wanted_from": iso(row["wanted_from"]),
        "wanted_by": iso(row["wanted_by"]),
        "basis": unstated(basis) | kept,
    }
    return Asked("need", record, False), list(need_faults(changes, row, [], vocabulary(session), before))


def _new_offer(session: Session, run: str, document: Mapping[str, Any], body: NewOffer) -> tuple[Asked, list[Fault]]:
    row: Row = body.model_dump() | {"partners": [], "basis": {}}
    faults = [*roll(session).party_fault(body.provider, ["provider"]), *_term_faults(session, row, {})]
    record = offer_document(row, PREVIEW, body.provider, body.units, {"delivered": 0, "failed": 0})
    return Asked("offer", record, True), faults


def _changed_offer(
    session: Session, run: str, document: Mapping[str, Any], body: ChangedOffer
) -> tuple[Asked, list[Fault]]:
    offer = _known(document["offers"], body.offer, run, "changed_offer", "offer")
    before: Row = {
        **{column: offer[name] for name, column in OFFER_SETS.items()},
        **{name: offer[name] for name in ("provider", "language_required", "worldwide", "units")},
        "valid_from": _day(offer["valid_from"]),
        "valid_until": _day(offer["valid_until"]),
        "partners": [],
    }
    given = _given(body, "offer")
    stated = {"units" if fact == "capacity" else fact for fact, columns in FACTS.items() if given.keys() & set(columns)}
    stated |= given.keys() & {"units"}
    row = before | given | {"basis": {fact: on for fact, on in offer["basis"].items() if fact not in stated}}
    record = offer_document(row, offer["id"], offer["provider"], row["units"], offer["record"])
    return Asked("offer", record, False), list(_term_faults(session, row, before))


Way = Callable[[Session, str, Mapping[str, Any], Any], tuple[Asked, list[Fault]]]

WAYS: dict[str, Way] = {"changed_need": _changed_need, "offer": _new_offer, "changed_offer": _changed_offer}
"""What a body may ask about beside a new need, by the name of its part."""


def _given(body: BaseModel, but: str) -> Json:
    """What a body sends, beside the reference of the record."""
    return {name: getattr(body, name) for name in body.model_fields_set if name != but}


def _term_faults(session: Session, row: Row, before: Row) -> Iterator[Fault]:
    return term_faults(row, vocabulary(session), roll(session), before)


def _known(records: Sequence[Json], reference: str, run: str, part: str, kind: str) -> Json:
    found = next((each for each in records if each["id"] == reference), None)
    if found is None:
        near = suggest(reference, [each["id"] for each in records])
        refuse([Fault(f"/{part}/{kind}", f"unknown_{kind}", f"no {kind} {reference} took part in {run}; {near}")])
        raise AssertionError
    return found


def _day(text: str | None) -> date | None:
    return date.fromisoformat(text) if text else None
