"""A snapshot: rows of the record at one instant, up to the cut-off, as the canonical problem document.

The one place that knows both the tables and the engine's words. Everything in the document is a public
reference, a code or a date; no database key and no insert time enters it, so that the same records give the
same document in any database. It has every field that the engine knows, in the engine's own form.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from sqlalchemy import func, or_, select
from sqlalchemy.engine import Engine
from sqlalchemy.orm import Session, aliased

from app.database import session_scope
from app.offers.models import Offer, OfferKind
from app.parties.models import Exclusion, GroupFacts, Membership, Party, StateFacts
from app.quarters import Quarter, day_of
from app.reference.models import Domain, GroupKind, Relatedness
from app.reference.vocabulary import UNSPECIFIED
from app.requests.models import Request, RequestKind
from app.runs.answered import Answered, Pair
from app.runs.asked import beneficiaries_of, needs_of
from app.runs.cut_off import View, by, iso, live, not_by, open_request
from app.runs.offered import offers_of
from app.visibility import Viewer, visible

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

    ``further`` needs, each as ``asked.need_document`` makes it, take part as if they had been submitted.
    """
    known_at = session.scalar(select(func.now()))
    assert known_at is not None
    view = View(session, viewer, day_of(cut_off))
    beneficiaries = beneficiaries_of(view)
    answered = Answered.read(session, viewer, quarter, view.day, beneficiaries)
    needs, met = needs_of(view, answered)
    needs += further
    offers, conditions = offers_of(view, answered)
    document = {
        "format": "matching/1",
        "quarter": str(quarter),
        "cut_off": cut_off.strftime("%Y-%m-%dT%H:%M:%S.%fZ"),
        "delivery": {"from": iso(quarter.next.first_day), "until": iso(quarter.next.last_day)},
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


def states_beside(
    session: Session, viewer: Viewer, quarter: Quarter, cut_off: datetime, known: Iterable[str]
) -> list[dict[str, Any]]:
    """All States but the ``known`` ones, as the problem of a run would have them."""
    view = View(session, viewer, day_of(cut_off))
    answered = Answered.read(session, viewer, quarter, view.day, beneficiaries_of(view))
    every = set(session.scalars(visible(select(StateFacts.iso3), viewer)))
    return list(_states(view, every.difference(known), answered))


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
    "exclusions": lambda each: (each["by"], each["offer"] is None, each["offer"] or "", each["other"]),
    "declined": _by_pair,
    "earlier": _by_pair,
}


def decimal(number: Decimal) -> str:
    """A decimal as the engine writes it: no trailing zeros, no exponent."""
    return format(number.normalize(), "f") if number else "0"


def _pairs(pairs: Iterable[Pair], needs: Sequence[Mapping[str, Any]], offers: Sequence[Mapping[str, Any]]) -> Pairs:
    """Those of ``pairs`` whose need and offer both take part."""
    known = {need["id"] for need in needs}, {offer["id"] for offer in offers}
    return [{"need": need, "offer": offer} for need, offer in pairs if need in known[0] and offer in known[1]]


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
    for row in view.rows(select(Domain.code, Domain.parent_code).where(Domain.code != UNSPECIFIED)):
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
        .distinct()
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
