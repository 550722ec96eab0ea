"""Offers: what a provider can deliver, to whom, how much of it and until when."""

from datetime import date
from enum import StrEnum
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.classification import Recorded, record_checks
from app.database import Base, coded, key
from app.parties.models import Party


class OfferKind(StrEnum):
    """An offer and a programme that accepts requests are matched; an intention is listed."""

    OFFER = "offer"
    INTENTION = "intention"
    PROGRAMME = "programme"


class Offer(Recorded, Base):
    """What a provider can deliver. An empty list states nothing; ``basis`` tells that from a choice."""

    __tablename__ = "offers"
    __table_args__ = (
        *record_checks(),
        # What an exclusion under an offer refers to: the offer and whose it is.
        UniqueConstraint("id", "provider_id"),
        CheckConstraint("valid_until >= valid_from", name="validity"),
        CheckConstraint("capacity_per_quarter BETWEEN 0 AND 1000000000", name="capacity_per_quarter_range"),
        CheckConstraint("capacity_total BETWEEN 0 AND 1000000000", name="capacity_total_range"),
        CheckConstraint(
            "NOT worldwide OR cardinality(coverage_states || coverage_groups || coverage_regions) = 0",
            name="worldwide_stands_alone",
        ),
        CheckConstraint("cardinality(domains) > 0", name="domain_given"),
        CheckConstraint("NOT 'UNSPEC' = ANY (domains) OR cardinality(domains) = 1", name="unspecified_stands_alone"),
        CheckConstraint("NOT language_required OR cardinality(languages) > 0", name="required_language_given"),
        CheckConstraint("NOT coverage_states && coverage_excepted", name="covered_or_excepted"),
        CheckConstraint(
            "cardinality(coverage_excepted) = 0 OR worldwide"
            " OR cardinality(coverage_states || coverage_groups || coverage_regions) > 0",
            name="exception_to_a_coverage",
        ),
    )
    id: Mapped[UUID] = key()
    reference: Mapped[str] = mapped_column(unique=True)
    kind: Mapped[OfferKind] = mapped_column(coded(OfferKind, "offer_kind"))
    accepts_requests: Mapped[bool] = mapped_column(default=True)
    provider_id: Mapped[UUID] = mapped_column(ForeignKey("parties.id"), index=True)
    partners: Mapped[list[str]] = mapped_column(default=list)
    domains: Mapped[list[str]] = mapped_column(default=list)
    modalities: Mapped[list[str]] = mapped_column(default=list)
    scopes: Mapped[list[str]] = mapped_column(default=list)
    languages: Mapped[list[str]] = mapped_column(default=list)
    language_required: Mapped[bool] = mapped_column(default=False)
    worldwide: Mapped[bool] = mapped_column(default=False)
    coverage_states: Mapped[list[str]] = mapped_column(default=list)
    coverage_groups: Mapped[list[str]] = mapped_column(default=list)
    coverage_regions: Mapped[list[str]] = mapped_column(default=list)
    coverage_excepted: Mapped[list[str]] = mapped_column(default=list)
    capacity_per_quarter: Mapped[int | None]
    capacity_total: Mapped[int | None]
    valid_from: Mapped[date | None]
    valid_until: Mapped[date | None]
    requires_groups: Mapped[list[str]] = mapped_column(default=list)
    conditions: Mapped[str | None]
    preferred_domains: Mapped[list[str]] = mapped_column(default=list)
    preferred_states: Mapped[list[str]] = mapped_column(default=list)
    basis: Mapped[dict[str, str]]
    provider: Mapped[Party] = relationship(lazy="raise")
