"""Records that their sources bear out only weakly: which those are, and what is said of them."""

from types import SimpleNamespace

from sqlalchemy.orm import Session

from app.classification import Confidence
from app.offers import service as offers
from app.offers.schemas import OfferAmend
from app.requests import service as requests
from app.requests.schemas import RequestAmend
from app.runs import sentences
from app.runs.confidence import Doubtful
from app.visibility import LOCAL

PAIRING = SimpleNamespace(need_reference="R-ALB/1", offer_reference="O-CAN")


def test_a_record_is_doubtful_once_its_confidence_is_low(session: Session) -> None:
    assert Doubtful.read(session, LOCAL, [PAIRING]).of(PAIRING) == []
    requests.amend(session, LOCAL, "R-ALB", RequestAmend(confidence=Confidence.LOW))
    assert Doubtful.read(session, LOCAL, [PAIRING]).of(PAIRING) == ["need"]
    offers.amend(session, LOCAL, "O-CAN", OfferAmend(confidence=Confidence.LOW))
    assert Doubtful.read(session, LOCAL, [PAIRING]).of(PAIRING) == ["need", "offer"]
    offers.amend(session, LOCAL, "O-CAN", OfferAmend(confidence=Confidence.MEDIUM))
    assert Doubtful.read(session, LOCAL, [PAIRING]).of(PAIRING) == ["need"]


def test_each_doubtful_record_has_its_sentence() -> None:
    assert sentences.doubtful([]) == []
    assert sentences.doubtful(["offer"]) == ["The source of the offer bears it out only weakly (confidence: low)."]
