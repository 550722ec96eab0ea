"""Requests with their needs, and group submissions with each beneficiary's consent."""

from datetime import date
from enum import StrEnum
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.classification import Basis, Recorded, record_checks
from app.database import Base, coded, key
from app.parties.models import Party


class RequestKind(StrEnum):
    """Only a formal request is matched; an intention is listed and followed up."""

    FORMAL = "formal"
    INTENTION = "intention"


class Channel(StrEnum):
    """How a request reached the Committee, or that it was made elsewhere."""

    COMMITTEE = "1540_committee"
    TEMPLATE = "template"
    NOTE_VERBALE = "note_verbale_or_memorandum"
    NATIONAL_REPORT = "national_report"
    REFERRAL = "referral_with_consent"
    INFORMAL = "informal"
    BWC_PROGRAMME = "bwc_programme"


class Delivery(StrEnum):
    """How a need of a group submission is met: one activity for all, or one for each member."""

    JOINT = "joint"
    PER_MEMBER = "per_member"


class Consent(StrEnum):
    """Where a beneficiary of a group submission stands; only a confirmed one is counted."""

    PENDING = "pending"
    CONFIRMED = "confirmed"
    LEFT = "left"


class Request(Recorded, Base):
    """Support that a party asks for. Withdrawn or superseded, never deleted: past runs point at it."""

    __tablename__ = "requests"
    __table_args__ = (
        *record_checks(),
        CheckConstraint(
            "authenticated_on IS NULL OR dated_on IS NULL OR authenticated_on >= dated_on",
            name="authenticated_after_date",
        ),
        CheckConstraint("superseded_by_id <> id", name="not_superseded_by_itself"),
    )
    id: Mapped[UUID] = key()
    reference: Mapped[str] = mapped_column(unique=True)
    kind: Mapped[RequestKind] = mapped_column(coded(RequestKind, "request_kind"))
    requester_id: Mapped[UUID] = mapped_column(ForeignKey("parties.id"), index=True)
    requester_candidates: Mapped[list[str]] = mapped_column(default=list)
    channel: Mapped[Channel] = mapped_column(coded(Channel, "channel"))
    authenticated_on: Mapped[date | None]
    action_plan: Mapped[bool] = mapped_column(default=False)
    status_note: Mapped[str | None]
    superseded_by_id: Mapped[UUID | None] = mapped_column(ForeignKey("requests.id"))
    requester: Mapped[Party] = relationship(lazy="raise")
    needs: Mapped[list["Need"]] = relationship(lazy="raise", order_by="Need.number", back_populates="request")
    beneficiaries: Mapped[list["Beneficiary"]] = relationship(lazy="raise", back_populates="request")


class Need(Base):
    """One line of a request: one domain, the forms of help wanted, units. ``basis`` says on what each fact rests."""

    __tablename__ = "needs"
    __table_args__ = (
        UniqueConstraint("request_id", "number"),
        CheckConstraint("units BETWEEN 1 AND 1000000000", name="units_range"),
        CheckConstraint("priority BETWEEN 1 AND 5", name="priority_range"),
        CheckConstraint("least IS NULL OR (least >= 1 AND delivery IS NOT NULL)", name="least_of_a_group_need"),
        CheckConstraint("wanted_by >= wanted_from", name="wanted_period"),
    )
    id: Mapped[UUID] = key()
    request_id: Mapped[UUID] = mapped_column(ForeignKey("requests.id"))
    number: Mapped[int]
    reference: Mapped[str] = mapped_column(unique=True)
    domain_code: Mapped[str] = mapped_column(ForeignKey("domains.code"), index=True)
    modalities: Mapped[list[str]] = mapped_column(default=list)
    scopes: Mapped[list[str]] = mapped_column(default=list)
    languages: Mapped[list[str]] = mapped_column(default=list)
    units: Mapped[int]
    priority: Mapped[int] = mapped_column(default=3)
    wanted_from: Mapped[date | None]
    wanted_by: Mapped[date | None]
    description: Mapped[str | None]
    delivery: Mapped[Delivery | None] = mapped_column(coded(Delivery, "delivery"))
    least: Mapped[int | None]
    basis: Mapped[dict[str, str]]
    withdrawn_on: Mapped[date | None]
    request: Mapped[Request] = relationship(lazy="raise", back_populates="needs")


class Beneficiary(Base):
    """A State that a request is for. A national request has one: the requester itself."""

    __tablename__ = "beneficiaries"
    request_id: Mapped[UUID] = mapped_column(ForeignKey("requests.id"), primary_key=True)
    state_id: Mapped[UUID] = mapped_column(ForeignKey("states.party_id"), primary_key=True, index=True)
    consent: Mapped[Consent] = mapped_column(coded(Consent, "consent"))
    consent_basis: Mapped[Basis] = mapped_column(coded(Basis, "consent_basis"))
    consent_on: Mapped[date | None]
    consent_document: Mapped[str | None]
    request: Mapped[Request] = relationship(lazy="raise", back_populates="beneficiaries")
