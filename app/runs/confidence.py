"""Which of the records that are paired their sources bear out only weakly, as they are recorded now."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.classification import Confidence
from app.offers.models import Offer
from app.requests.models import Need, Request
from app.visibility import Viewer, visible


@dataclass(frozen=True)
class Doubtful:
    """References of needs and offers that are recorded with low confidence."""

    needs: frozenset[str]
    offers: frozenset[str]

    @classmethod
    def read(cls, session: Session, viewer: Viewer, pairings: Sequence[Any]) -> "Doubtful":
        """Those among the needs and offers of ``pairings``, which have the columns of the table."""
        asked = select(Need.reference).join(Need.request)
        asked = visible(asked, viewer).where(
            Need.reference.in_({row.need_reference for row in pairings}), Request.confidence == Confidence.LOW
        )
        offered = visible(select(Offer.reference), viewer).where(
            Offer.reference.in_({row.offer_reference for row in pairings}), Offer.confidence == Confidence.LOW
        )
        return cls(frozenset(session.scalars(asked)), frozenset(session.scalars(offered)))

    def of(self, pairing: Any) -> list[str]:
        """``need``, ``offer``, both or neither: the records of the pairing that are doubtful."""
        found = {"need": pairing.need_reference in self.needs, "offer": pairing.offer_reference in self.offers}
        return [record for record, doubtful in found.items() if doubtful]
