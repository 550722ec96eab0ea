"""The filters and orders of the list of offers."""

from typing import Annotated, Any

from pydantic import Field
from sqlalchemy import ColumnElement, Select, and_, not_, or_, select
from sqlalchemy.orm import Session

from app.filters import RecordsQuery, one_of, order_of, recorded, standing
from app.offers.models import Offer, OfferKind
from app.paging import Codes, OneOf
from app.parties.models import Party, StateFacts
from app.parties.roll import groups_on
from app.records import today
from app.schemas import Day, RecordStatus


class OffersQuery(RecordsQuery):
    """Filters of the offers: codes of one filter mean OR, several filters mean AND."""

    kind: OneOf[OfferKind]
    status: OneOf[RecordStatus]
    provider: Codes
    domain: Codes
    modality: Codes
    scope: Codes
    language: Codes
    accepts_requests: bool | None = None
    covers: Annotated[Codes, Field(description="ISO 3166-1 alpha-3: offers that cover this State and do not except it")]
    valid_on: Day | None = Field(None, description="Only offers that hold on this day; an end not stated is open")


def filtered(
    session: Session, statement: Select[Any], query: OffersQuery
) -> tuple[Select[Any], list[ColumnElement[Any]], bool]:
    """``statement`` with the filters of ``query``, its keys of order, and whether they descend."""
    statement = standing(recorded(statement, Offer, query), Offer, query.status)
    statement = one_of(statement, {Offer.kind: query.kind, Party.reference: query.provider})
    for column, codes in (
        (Offer.domains, query.domain),
        (Offer.modalities, query.modality),
        (Offer.scopes, query.scope),
        (Offer.languages, query.language),
    ):
        if codes:
            statement = statement.where(column.overlap(codes))
    if query.accepts_requests is not None:
        statement = statement.where(Offer.accepts_requests == query.accepts_requests)
    if query.valid_on:
        statement = statement.where(
            or_(Offer.valid_from.is_(None), Offer.valid_from <= query.valid_on),
            or_(Offer.valid_until.is_(None), Offer.valid_until >= query.valid_on),
        )
    if query.covers:
        statement = statement.where(_covers(session, query))
    return statement, *order_of(Offer, query.sort)


def _covers(session: Session, query: OffersQuery) -> ColumnElement[bool]:
    """Whether an offer covers one of the States by name, group, region or worldwide, and does not except it."""
    day = query.valid_on or today()
    states = session.execute(
        select(
            StateFacts.iso3, StateFacts.region_code, StateFacts.subregion_code, StateFacts.intermediate_region_code
        ).where(StateFacts.iso3.in_(query.covers))
    ).all()
    covered: list[ColumnElement[bool]] = []
    for iso3, *regions in states:
        by = [
            Offer.worldwide,
            Offer.coverage_states.contains([iso3]),
            Offer.coverage_regions.overlap([region for region in regions if region]),
            Offer.coverage_groups.overlap(sorted(groups_on(session, iso3, day))),
        ]
        covered.append(and_(or_(*by), not_(Offer.coverage_excepted.contains([iso3]))))
    return or_(False, *covered)
