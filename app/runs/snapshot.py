"""A snapshot: rows of the record at one instant, up to the cut-off, as the canonical problem document.

The one place that knows both the tables and the engine's words. Everything in the document is a public
reference, a code or a date; no database key and no insert time enters it, so that the same records give the
same document in any database. It has every field that the engine knows, in the engine's own form.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import Select, func, or_, select
from sqlalchemy.engine import Engine
from sqlalchemy.orm import Session, aliased

from app.database import session_scope
from app.offers.models import Offer, OfferKind
from app.parties.models import Exclusion, GroupFacts, Membership, Party, StateFacts
from app.quarters import Quarter, day_of
from app.reference.models import Domain, GroupKind, Relatedness
from app.requests.models import Beneficiary, Consent, Delivery, Need, Request, RequestKind
from app.runs.answered import Answered, AnyRow, Pair, units_left
from app.runs.cut_off import by, live, not_by, open_request
from app.visibility import Viewer, visible

#: Domain of a need or an offer whose content no source states. The engine keeps it and never matches it.
UNSPECIFIC = "UNSPEC"

#: Units a quarter of an offer whose capacity nobody states.
ASSUMED_CAPACITY = 1

ONE_DAY = timedelta(days=1)

Pairs = list[dict[str, str]]


@dataclass(frozen=True)
class Intention:
    """An intention of a requester or a provider: listed and followed up, never matched."""

    reference: str
    party: str
    summary: str | None


@dataclass(frozen=True)
class Snapshot:
    """What a run is about: the problem document, and what is told beside it."""

    document: dict[str, Any]
    known_at: datetime
    #: Needs whose units have all been accepted already.
    needs_met: list[str]
    intentions: list[Intention]
    #: Offer -> the conditions in words that no rule can check.
    conditions: dict[str, str]


@dataclass(frozen=True)
class View:
    """What a snapshot sees: the record of ``session``, by ``viewer``, up to the last day that the run sees."""

    session: Session
    viewer: Viewer
    day: date

    def rows(self, statement: Select[*tuple[Any, ...]]) -> Sequence[AnyRow]:
        """The rows of ``statement`` that the viewer may see."""
        return self.session.execute(visible(statement, self.viewer)).all()


@contextmanager
def frozen(engine: Engine) -> Iterator[Session]:
    """A session in which every query sees the record as it was at one instant, and none can write."""
    with session_scope(engine) as session:
        session.connection(execution_options={"isolation_level": "REPEATABLE READ", "postgresql_readonly": True})
        yield session


def take(
    session: Session,
    viewer: Viewer,
    quarter: Quarter,
    cut_off: datetime,
    strategy: Mapping[str, Any],
    further: Sequence[dict[str, Any]] = (),
) -> Snapshot:
    """The snapshot of a ``frozen`` session for the run of ``quarter``; ``strategy`` is a strategy's document.

    ``further`` needs, each as ``need_document`` makes it, take part as if they had been submitted.
    """
    known_at = session.scalar(select(func.now()))
    assert known_at is not None
    view = View(session, viewer, day_of(cut_off))
    beneficiaries = _beneficiaries(view)
    answered = Answered.read(session, viewer, quarter, view.day, beneficiaries)
    needs, met = _needs(view, answered)
    needs += further
    offers, conditions = _offers(view, answered)
    document = {
        "format": "matching/1",
        "quarter": str(quarter),
        "cut_off": cut_off.strftime("%Y-%m-%dT%H:%M:%S.%fZ"),
        "delivery": {"from": _day(quarter.next.first_day), "until": _day(quarter.next.last_day)},
        "states": list(_states(view, {state for need in needs for state in need["states"]}, answered)),
        "domains": list(_domains(view)),
        "relatedness": list(_relatedness(view)),
        "needs": needs,
        "offers": offers,
        "exclusions": list(_exclusions(view)),
        "declined": _pairs(answered.declined(strategy["rules"]["declined_quarters"]["value"]), needs, offers),
        "earlier": _pairs(answered.unanswered(), needs, offers),
        "pinned": [],
        "forbidden": [],
        "strategy": dict(strategy),
    }
    for name, order in SORTED.items():
        listed: Any = document[name]
        listed.sort(key=order)
    return Snapshot(document, known_at, met, _intentions(view), conditions)


def _by_id(item: Mapping[str, Any]) -> str:
    return str(item["id"])


def _by_pair(item: Mapping[str, Any]) -> tuple[str, str]:
    return item["need"], item["offer"]


#: Order of each list of the document.
SORTED = {
    "states": _by_id,
    "domains": _by_id,
    "needs": _by_id,
    "offers": _by_id,
    "relatedness": lambda pair: (pair["a"], pair["b"]),
    "exclusions": lambda exclusion: (exclusion["by"], exclusion["offer"] or "", exclusion["other"]),
    "declined": _by_pair,
    "earlier": _by_pair,
}


def decimal(number: Decimal) -> str:
    """A decimal as the engine writes it: no trailing zeros, no exponent."""
    return format(number.normalize(), "f") if number else "0"


def _day(day: date | None) -> str | None:
    return day.isoformat() if day else None


def _basis(stored: Mapping[str, str], **renamed: str) -> dict[str, str]:
    """Facts that are not stated, by the engine's names for them."""
    return {renamed.get(fact, fact): basis for fact, basis in sorted(stored.items()) if basis != "stated"}


def _pairs(pairs: Iterable[Pair], needs: Sequence[Mapping[str, Any]], offers: Sequence[Mapping[str, Any]]) -> Pairs:
    """Those of ``pairs`` whose need and offer both take part."""
    known = {need["id"] for need in needs}, {offer["id"] for offer in offers}
    return [{"need": need, "offer": offer} for need, offer in pairs if need in known[0] and offer in known[1]]


def _needs(view: View, answered: Answered) -> tuple[list[dict[str, Any]], list[str]]:
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
    accepted, served = answered.accepted(), answered.served()
    needs, met = [], []
    for row in view.rows(statement):
        states = answered.beneficiaries.get(row.request_id, []) if row.matchable else []
        units = units_left(row.units, accepted[row.reference], row.delivery, len(states))
        if units:
            needs.append(need_document(row, states, units, row.request_id in served, view.day))
        else:
            met.append(row.reference)
    return needs, sorted(met)


NEED_COLUMNS = (
    "reference", "request_id", "domain_code", "modalities", "scopes", "languages", "units", "priority", "wanted_from",
    "wanted_by", "delivery", "least", "basis",
)  # fmt: skip


def need_document(row: Any, states: list[str], units: int, served: bool, day: date) -> dict[str, Any]:
    """A need as the engine reads it; ``row`` has the columns of the need and of its request."""
    # A request authenticated after the cut-off was, at the cut-off, a request made and not yet authenticated.
    authenticated = row.authenticated_on if row.authenticated_on and row.authenticated_on <= day else None
    delivery, basis = row.delivery, _basis(row.basis)
    if delivery is None and row.matchable and len(states) != 1:
        # Asked for several States at once, without saying that each needs its own.
        delivery, basis = Delivery.JOINT, basis | {"delivery": "assumed"}
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
        "date": _day(row.dated_on),
        "waiting_since": _day(authenticated or row.dated_on),
        "wanted_from": _day(row.wanted_from),
        "wanted_by": _day(row.wanted_by),
        "served_before": served,
        "action_plan": row.action_plan,
        "named": row.matchable,
        "delivery": delivery.value if delivery else None,
        "least": row.least if delivery else None,
        "basis": basis,
    }


def _beneficiaries(view: View) -> dict[UUID, list[str]]:
    """ISO codes of the States that each request is for and that had confirmed by the cut-off, by request."""
    statement = (
        select(Beneficiary.request_id, StateFacts.iso3)
        .join(StateFacts, StateFacts.party_id == Beneficiary.state_id)
        .where(
            Beneficiary.consent == Consent.CONFIRMED,
            by(Beneficiary.consent_on, view.day),
        )
        .order_by(StateFacts.iso3)
    )
    found: dict[UUID, list[str]] = {}
    for row in view.rows(statement):
        found.setdefault(row.request_id, []).append(row.iso3)
    return found


def _offers(view: View, answered: Answered) -> tuple[list[dict[str, Any]], dict[str, str]]:
    """Offers that take part, and the conditions in words of those that have some."""
    statement = (
        select(*(column for column in Offer.__table__.c if column.name in OFFER_COLUMNS), Party.reference.label("by"))
        .join(Party, Party.id == Offer.provider_id)
        .where(Offer.kind.in_([OfferKind.OFFER, OfferKind.PROGRAMME]), Offer.accepts_requests, live(Offer, view.day))
    )
    rows = view.rows(statement)
    next_quarter, in_all = answered.taken()
    records = answered.records()
    offers = [
        _offer(row, next_quarter[row.id], in_all[row.id], records.get(row.id, {"delivered": 0, "failed": 0}))
        for row in rows
    ]
    return offers, {row.reference: row.conditions for row in rows if row.conditions}


#: Sets of codes of an offer: the engine's name -> the column.
OFFER_SETS = {
    "domains": "domains",
    "modalities": "modalities",
    "scopes": "scopes",
    "languages": "languages",
    "states": "coverage_states",
    "groups": "coverage_groups",
    "regions": "coverage_regions",
    "except": "coverage_excepted",
    "requires_groups": "requires_groups",
    "preferred_domains": "preferred_domains",
    "preferred_states": "preferred_states",
}
OFFER_COLUMNS = {
    *OFFER_SETS.values(), "id", "reference", "language_required", "worldwide", "capacity_per_quarter",
    "capacity_total", "valid_from", "valid_until", "conditions", "basis",
}  # fmt: skip


def _offer(row: AnyRow, next_quarter: int, in_all: int, record: dict[str, int]) -> dict[str, Any]:
    given = row._mapping
    limits = [
        capacity - taken
        for capacity, taken in ((row.capacity_per_quarter, next_quarter), (row.capacity_total, in_all))
        if capacity is not None
    ]
    return {
        "id": row.reference,
        "provider": row.by,
        **{name: sorted(set(given[column])) for name, column in OFFER_SETS.items()},
        "language_required": row.language_required,
        "worldwide": row.worldwide,
        "units": max(min(limits, default=ASSUMED_CAPACITY), 0),
        "valid_from": _day(row.valid_from),
        "valid_until": _day(row.valid_until),
        "record": record,
        "basis": _basis(row.basis, capacity="units"),
    }


def _states(view: View, wanted: set[str], answered: Answered) -> Iterator[dict[str, Any]]:
    """The States that needs are for, with the groups that they belonged to on the day of the cut-off."""
    group = aliased(Party)
    statement = (
        select(StateFacts.iso3, group.code)
        .join(Membership, Membership.state_id == StateFacts.party_id)
        .join(GroupFacts, GroupFacts.party_id == Membership.group_id)
        .join(GroupKind, GroupKind.code == GroupFacts.group_kind)
        .join(group, group.id == GroupFacts.party_id)
        .where(
            Membership.status == GroupKind.counting_statuses.any_(),
            by(Membership.starts_on, view.day),
            not_by(Membership.ends_on, view.day - ONE_DAY),
        )
    )
    received = answered.received()
    groups: dict[str, set[str]] = {}
    for row in view.rows(statement):
        groups.setdefault(row.iso3, set()).add(row.code)
    facts = select(StateFacts.__table__).order_by(StateFacts.iso3)
    for row in view.rows(facts):
        if row.iso3 in wanted:
            yield {
                "id": row.iso3,
                "regional_group": row.regional_group,
                "region": row.region_code,
                "subregion": row.subregion_code,
                "intermediate_region": row.intermediate_region_code,
                "groups": sorted(groups.get(row.iso3, ())),
                "ldc": row.ldc,
                "lldc": row.lldc,
                "sids": row.sids,
                "received": received[row.iso3],
            }


def _domains(view: View) -> Iterator[dict[str, Any]]:
    for row in view.rows(select(Domain.code, Domain.parent_code).where(Domain.code != UNSPECIFIC)):
        yield {"id": row.code, "parent": row.parent_code}


def _relatedness(view: View) -> Iterator[dict[str, str]]:
    for row in view.rows(select(Relatedness.a, Relatedness.b, Relatedness.weight)):
        yield {"a": row.a, "b": row.b, "weight": decimal(row.weight)}


def _exclusions(view: View) -> Iterator[dict[str, Any]]:
    """Exclusions in force on the day of the cut-off."""
    who, other = aliased(Party), aliased(Party)
    statement = (
        select(who.reference.label("by"), other.reference.label("other"), Offer.reference.label("offer"))
        .select_from(Exclusion)
        .join(who, who.id == Exclusion.by_party_id)
        .join(other, other.id == Exclusion.other_party_id)
        .outerjoin(Offer, Offer.id == Exclusion.offer_id)
        .where(live(Exclusion, view.day), not_by(Exclusion.expires_on, view.day - ONE_DAY))
    )
    for row in view.rows(statement):
        yield {"by": row.by, "other": row.other, "offer": row.offer}


def _intentions(view: View) -> list[Intention]:
    """Intentions to request and to offer, and programmes that take no requests, by reference."""
    requested = (
        select(Request.reference, Party.reference.label("party"), Request.summary)
        .select_from(Request)
        .join(Party, Party.id == Request.requester_id)
        .where(open_request(RequestKind.INTENTION, view.day))
    )
    offered = (
        select(Offer.reference, Party.reference.label("party"), Offer.summary)
        .join(Party, Party.id == Offer.provider_id)
        .where(live(Offer, view.day), or_(Offer.kind == OfferKind.INTENTION, ~Offer.accepts_requests))
    )
    rows = [*view.rows(requested), *view.rows(offered)]
    return sorted(
        (Intention(row.reference, row.party, row.summary) for row in rows), key=lambda intention: intention.reference
    )
