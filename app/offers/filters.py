"""The filters and orders of the list of offers."""

from typing import Annotated, Any, Literal

from pydantic import Field
from sqlalchemy import ColumnElement, Select, and_, not_, or_, select
from sqlalchemy.orm import Session

from app.classification import Classification
from app.offers.models import Offer, OfferKind
from app.offers.schemas import OfferStatus
from app.paging import Codes, OneOf, PageQuery
from app.parties.models import Party, StateFacts
from app.parties.roll import groups_on
from app.records import sort_keys, today
from app.schemas import Day

OfferSort = Literal["reference", "dated_on", "-dated_on", "updated_at", "-updated_at", "recorded_at", "-recorded_at"]


class OffersQuery(PageQuery):
    """Filters of the offers: codes of one filter mean OR, several filters mean AND."""

    reference: Codes
    kind: OneOf[OfferKind]
    status: OneOf[OfferStatus]
    provider: Codes
    domain: Codes
    modality: Codes
    scope: Codes
    language: Codes
    classification: OneOf[Classification]
    accepts_requests: bool | None = None
    synthetic: bool | None = None
    covers: Annotated[
        Codes, Field(description="Offers that cover this State in any way, and do not except it; ISO 3166-1 alpha-3")
    ]
    valid_on: Day | None = Field(None, description="Only offers that hold on this day; an end not stated is open")
    sort: OfferSort = Field("reference", description="Order; the reference decides between equals")


def filtered(
    session: Session, statement: Select[Any], query: OffersQuery
) -> tuple[Select[Any], list[ColumnElement[Any]], bool]:
    """``statement`` with the filters of ``query``, its keys of order, and whether they descend."""
    table = Offer.__table__.c
    for column, wanted in (
        (table.reference, query.reference),
        (table.kind, query.kind),
        (Party.reference, query.provider),
        (table.classification, query.classification),
    ):
        if wanted:
            statement = statement.where(column.in_(wanted))
    for codes_column, codes in (
        (Offer.domains, query.domain),
        (Offer.modalities, query.modality),
        (Offer.scopes, query.scope),
        (Offer.languages, query.language),
    ):
        if codes:
            statement = statement.where(codes_column.overlap(codes))
    for column, value in ((table.accepts_requests, query.accepts_requests), (table.synthetic, query.synthetic)):
        if value is not None:
            statement = statement.where(column == value)
    if query.status:
        open_ = table.withdrawn_on.is_(None)
        statement = statement.where(or_(*(open_ if each is OfferStatus.OPEN else not_(open_) for each in query.status)))
    if query.valid_on:
        statement = statement.where(
            or_(table.valid_from.is_(None), table.valid_from <= query.valid_on),
            or_(table.valid_until.is_(None), table.valid_until >= query.valid_on),
        )
    if query.covers:
        statement = statement.where(_covers(session, query))
    return statement, *sort_keys(Offer, query.sort)


def _covers(session: Session, query: OffersQuery) -> ColumnElement[bool]:
    """Whether an offer covers one of the States by name, group, region or worldwide, and does not except it."""
    day = query.valid_on or today()
    states = session.execute(
        select(
            StateFacts.iso3, StateFacts.region_code, StateFacts.subregion_code, StateFacts.intermediate_region_code
        ).where(StateFacts.iso3.in_(query.covers))
    ).all()
    covered = []
    for iso3, *regions in states:
        by = [
            Offer.worldwide,
            Offer.coverage_states.contains([iso3]),
            Offer.coverage_regions.overlap([region for region in regions if region]),
            Offer.coverage_groups.overlap(sorted(groups_on(session, iso3, day))),
        ]
        covered.append(and_(or_(*by), not_(Offer.coverage_excepted.contains([iso3]))))
    return or_(False, *covered)
