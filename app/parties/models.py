"""States, organizations and groups, and who belongs to which group from when to when."""

from datetime import date
from decimal import Decimal
from enum import StrEnum
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, ForeignKeyConstraint, Index, Numeric, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.classification import Recorded, record_checks
from app.database import Base, coded, key


class PartyKind(StrEnum):
    """What a party is. ISO 3166 and group codes collide (CAN), so a reference names the kind too."""

    STATE = "state"
    ORGANIZATION = "organization"
    GROUP = "group"


class Party(Base):
    """Somebody who can request, offer or belong: referred to as ``state:ALB``, ``group:CAN``, ``organization:IAEA``."""

    __tablename__ = "parties"
    __table_args__ = (CheckConstraint("reference = kind || ':' || code", name="reference_is_kind_and_code"),)
    id: Mapped[UUID] = key()
    reference: Mapped[str] = mapped_column(unique=True)
    kind: Mapped[PartyKind] = mapped_column(coded(PartyKind, "kind"))
    code: Mapped[str]
    name: Mapped[dict[str, str]]
    alternative_names: Mapped[list[str]] = mapped_column(default=list)
    #: False for UNATTRIBUTED, who stands for a requester that the source does not name.
    matchable: Mapped[bool] = mapped_column(default=True)
    since_version: Mapped[str]
    retired_in: Mapped[str | None]
    state: Mapped["StateFacts | None"] = relationship(lazy="raise", back_populates="party")
    group: Mapped["GroupFacts | None"] = relationship(lazy="raise", back_populates="party")


class StateFacts(Base):
    """What the reference data say of a State."""

    __tablename__ = "states"
    party_id: Mapped[UUID] = mapped_column(ForeignKey("parties.id"), primary_key=True)
    iso3: Mapped[str] = mapped_column(unique=True)
    iso2: Mapped[str] = mapped_column(unique=True)
    m49: Mapped[str] = mapped_column(unique=True)
    regional_group: Mapped[str]
    regional_group_status: Mapped[str]
    regional_group_note: Mapped[str | None]
    region_code: Mapped[str] = mapped_column(ForeignKey("regions.code"))
    subregion_code: Mapped[str] = mapped_column(ForeignKey("regions.code"))
    intermediate_region_code: Mapped[str | None] = mapped_column(ForeignKey("regions.code"))
    ldc: Mapped[bool]
    ldc_graduates_on: Mapped[date | None]
    lldc: Mapped[bool]
    sids: Mapped[bool]
    languages: Mapped[list[str]]
    income_group: Mapped[str | None]
    capital: Mapped[str | None]
    latitude: Mapped[Decimal] = mapped_column(Numeric(8, 4))
    longitude: Mapped[Decimal] = mapped_column(Numeric(8, 4))
    party: Mapped[Party] = relationship(lazy="raise", back_populates="state")


class GroupFacts(Base):
    """What is known of a group; an assistance conference has dates, and participants for members."""

    __tablename__ = "groups"
    __table_args__ = (CheckConstraint("held_until >= held_from", name="conference_dates"),)
    party_id: Mapped[UUID] = mapped_column(ForeignKey("parties.id"), primary_key=True)
    group_kind: Mapped[str] = mapped_column(ForeignKey("group_kinds.code"))
    founded: Mapped[str | None]
    treaty: Mapped[str | None]
    source_url: Mapped[str | None]
    as_of: Mapped[str | None]
    note: Mapped[str | None]
    held_from: Mapped[date | None]
    held_until: Mapped[date | None]
    party: Mapped[Party] = relationship(lazy="raise", back_populates="group")


class Membership(Base):
    """A State in a group. ``since`` is as the source has it (a year, a month or a day); the dates bound it."""

    __tablename__ = "memberships"
    __table_args__ = (
        UniqueConstraint("group_id", "state_id", "status", "since"),
        CheckConstraint("ends_on >= starts_on", name="period"),
        Index("ix_memberships_state_id", "state_id"),
    )
    id: Mapped[UUID] = key()
    group_id: Mapped[UUID] = mapped_column(ForeignKey("groups.party_id"))
    state_id: Mapped[UUID] = mapped_column(ForeignKey("states.party_id"))
    status: Mapped[str]
    since: Mapped[str] = mapped_column(server_default="")
    starts_on: Mapped[date | None]
    ends_on: Mapped[date | None]
    note: Mapped[str | None]


class Exclusion(Recorded, Base):
    """One party may not be served by another, in general or under one offer, with the reason and its source."""

    __tablename__ = "exclusions"
    __table_args__ = (
        *record_checks(),
        CheckConstraint("by_party_id <> other_party_id", name="two_parties"),
        CheckConstraint("expires_on >= dated_on", name="period"),
        # Both at once: the offer, where one is named, is an offer of who excludes.
        ForeignKeyConstraint(["offer_id", "by_party_id"], ["offers.id", "offers.provider_id"]),
        Index(
            "uq_exclusions_live",
            "by_party_id",
            "other_party_id",
            text("coalesce(offer_id, by_party_id)"),
            unique=True,
            postgresql_where=text("withdrawn_on IS NULL"),
        ),
    )
    id: Mapped[UUID] = key()
    reference: Mapped[str] = mapped_column(unique=True)
    by_party_id: Mapped[UUID] = mapped_column(ForeignKey("parties.id"))
    other_party_id: Mapped[UUID] = mapped_column(ForeignKey("parties.id"), index=True)
    offer_id: Mapped[UUID | None]
    reason: Mapped[str]
    source: Mapped[str]
    expires_on: Mapped[date | None]
