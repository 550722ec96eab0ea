"""Answers: what a provider said to a pairing proposed to it, which later runs respect."""

from enum import StrEnum
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.classification import Recorded, record_checks
from app.database import Base, coded, key
from app.offers.models import Offer
from app.requests.models import Need


class AnswerState(StrEnum):
    """Accepted and not failed counts as help received; declined keeps the pair apart for a while."""

    ACCEPTED = "accepted"
    DECLINED = "declined"
    DELIVERED = "delivered"
    FAILED = "failed"


class Answer(Recorded, Base):
    """A provider's answer to one pairing of one quarter. ``dated_on`` is the day of the answer."""

    __tablename__ = "answers"
    __table_args__ = (
        *record_checks(),
        CheckConstraint("units BETWEEN 1 AND 1000000000", name="units_range"),
        CheckConstraint("state <> 'declined' OR reason IS NOT NULL", name="a_refusal_has_a_reason"),
    )
    id: Mapped[UUID] = key()
    reference: Mapped[str] = mapped_column(unique=True)
    need_id: Mapped[UUID] = mapped_column(ForeignKey("needs.id"), index=True)
    offer_id: Mapped[UUID] = mapped_column(ForeignKey("offers.id"), index=True)
    units: Mapped[int]
    state: Mapped[AnswerState] = mapped_column(coded(AnswerState, "answer_state"))
    reason: Mapped[str | None]
    need: Mapped[Need] = relationship(lazy="raise")
    offer: Mapped[Offer] = relationship(lazy="raise")
