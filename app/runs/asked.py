"""What is asked for, as a snapshot has it: formal requests' needs with units that nobody has accepted yet."""

from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, and_, select

from app.classification import Basis
from app.parties.models import Party, StateFacts
from app.requests.models import Beneficiary, Consent, Delivery, Need, Request, RequestKind
from app.runs.answered import Answered, units_left
from app.runs.cut_off import View, by, iso, not_by, open_request, unstated

NEED_COLUMNS = (
    "reference", "request_id", "domain_code", "modalities", "scopes", "languages", "units", "priority", "wanted_from",
    "wanted_by", "delivery", "least", "basis",
)  # fmt: skip
#: What a fact may rest on, the firmest first.
WEAKNESS = (Basis.STATED, Basis.INFERRED, Basis.ASSUMED, Basis.NOT_STATED)


def needs_of(view: View, answered: Answered) -> tuple[list[dict[str, Any]], list[str]]:
    """Needs that take part, and the references of those whose units have all been accepted already."""
    statement = (
        select(
            *(Need.__table__.c[name] for name in NEED_COLUMNS),
            Request.reference.label("request"),
            Request.dated_on,
            Request.authenticated_on,
            Request.action_plan,
            Party.reference.label("requester"),
            Party.matchable,
        )
        .join(Request, Request.id == Need.request_id)
        .join(Party, Party.id == Request.requester_id)
        .where(not_by(Need.withdrawn_on, view.day), open_request(RequestKind.FORMAL, view.day))
    )
    accepted, served, consents = answered.accepted(), answered.served(), _consents(view)
    needs, met = [], []
    for row in view.rows(statement):
        states = answered.beneficiaries.get(row.request_id, []) if row.matchable else []
        units = units_left(row.units, accepted[row.reference], row.delivery, len(states))
        if units:
            consent = consents.get(row.request_id, Basis.STATED) if states else Basis.STATED
            needs.append(need_document(row, states, units, row.request_id in served, view.day, consent))
        else:
            met.append(row.reference)
    return needs, sorted(met)


def need_document(
    row: Any, states: list[str], units: int, served: bool, day: date, consent: Basis = Basis.STATED
) -> dict[str, Any]:
    """A need as the engine reads it; ``row`` has the columns of the need and of its request.

    ``consent``: on what it rests that all of ``states`` agree.
    """
    # A request authenticated after the cut-off was, at the cut-off, a request made and not yet authenticated.
    authenticated = row.authenticated_on if row.authenticated_on and row.authenticated_on <= day else None
    delivery, basis = row.delivery, unstated(row.basis)
    if delivery is None:
        basis.pop("delivery", None)
        if row.matchable and len(states) != 1:
            # Asked for several States at once, without saying that each needs its own.
            delivery, basis = Delivery.JOINT, basis | {"delivery": Basis.ASSUMED.value}
    if consent is not Basis.STATED:
        basis["consent"] = consent.value
    return {
        "id": row.reference,
        "request": row.request,
        "requester": row.requester,
        "states": states,
        "domain": row.domain_code,
        "modalities": sorted(set(row.modalities)),
        "scopes": sorted(set(row.scopes)),
        "languages": sorted(set(row.languages)),
        "units": units,
        "priority": row.priority,
        "date": iso(row.dated_on),
        "waiting_since": iso(authenticated or row.dated_on),
        "wanted_from": iso(row.wanted_from),
        "wanted_by": iso(row.wanted_by),
        "served_before": served,
        "action_plan": row.action_plan,
        "named": row.matchable,
        "delivery": delivery.value if delivery else None,
        "least": row.least if delivery else None,
        "basis": basis,
    }


def beneficiaries_of(view: View) -> dict[UUID, list[str]]:
    """ISO codes of the States that each request is for and that had confirmed by the cut-off, by request."""
    statement = (
        select(Beneficiary.request_id, StateFacts.iso3)
        .join(StateFacts, StateFacts.party_id == Beneficiary.state_id)
        .where(_confirmed(view))
        .order_by(StateFacts.iso3)
    )
    found: dict[UUID, list[str]] = {}
    for row in view.rows(statement):
        found.setdefault(row.request_id, []).append(row.iso3)
    return found


def _consents(view: View) -> dict[UUID, Basis]:
    """The weakest of what the consents of each request's confirmed beneficiaries rest on, by request."""
    weakest: dict[UUID, Basis] = {}
    statement = select(Beneficiary.request_id, Beneficiary.consent_basis).where(_confirmed(view)).distinct()
    for row in view.rows(statement):
        weakest[row.request_id] = max(weakest.get(row.request_id, Basis.STATED), row.consent_basis, key=WEAKNESS.index)
    return weakest


def _confirmed(view: View) -> ColumnElement[bool]:
    """That a beneficiary had confirmed by the cut-off."""
    return and_(Beneficiary.consent == Consent.CONFIRMED, by(Beneficiary.consent_on, view.day))
