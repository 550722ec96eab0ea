"""A small record for the tests of runs, and ways to add to it."""

from typing import Any

from sqlalchemy.orm import Session

from app.answers import service as answers
from app.answers.schemas import AnswerSubmit
from app.offers import service as offers
from app.offers.schemas import OfferSubmit
from app.requests import service as requests
from app.requests.schemas import GroupSubmissionSubmit, RequestSubmit
from app.visibility import LOCAL

REQUESTS: list[dict[str, Any]] = [
    {
        "reference": "R-ALB",
        "requester": "state:ALB",
        "channel": "template",
        "dated_on": "2014-03-01",
        "authenticated_on": "2014-05-02",
        "needs": [
            {"domain": "OP3D.LEG", "modalities": ["LEG"], "scopes": ["nuclear"], "languages": ["en"]},
            {"domain": "OP3C.BOR", "modalities": ["TRN"], "scopes": ["nuclear"], "languages": ["en"], "units": 2},
        ],
    },
    {
        "reference": "R-MNG",
        "requester": "state:MNG",
        "channel": "template",
        "dated_on": "2015-02-10",
        "needs": [{"domain": "OP3C.BOR", "modalities": ["TRN"], "scopes": ["nuclear"], "languages": ["en"]}],
    },
    {
        "reference": "R-AGO",
        "requester": "state:AGO",
        "channel": "template",
        "dated_on": "2008-04-30",
        "needs": [{"domain": "UNSPEC"}],
    },
    {
        "reference": "R-UGA",
        "kind": "intention",
        "requester": "state:UGA",
        "channel": "informal",
        "dated_on": "2014-01-01",
        "needs": [{"domain": "OP3C.BOR"}],
    },
]
GROUP: dict[str, Any] = {
    "reference": "G-ASEAN",
    "group": "ASEAN",
    "channel": "note_verbale_or_memorandum",
    "dated_on": "2015-02-20",
    "beneficiaries": [
        {"state": "PHL", "consent": "confirmed", "consent_on": "2015-02-12"},
        {"state": "THA", "consent": "confirmed", "consent_on": "2015-02-18"},
        {"state": "VNM"},
    ],
    "needs": [
        {
            "domain": "OP3D.LIC",
            "modalities": ["WKS"],
            "scopes": ["nuclear"],
            "delivery": "joint",
            "least": 2,
            "units": 1,
        },
        {"domain": "OP3D.TRN", "modalities": ["TRN"], "scopes": ["nuclear"], "delivery": "per_member", "least": 1},
    ],
}
OFFERS: list[dict[str, Any]] = [
    {
        "reference": "O-AUS",
        "provider": "state:AUS",
        "domains": ["OP3C.BOR", "OP3D.TRN"],
        "modalities": ["TRN"],
        "scopes": ["nuclear"],
        "worldwide": True,
        "capacity_per_quarter": 2,
        "capacity_total": 5,
        "dated_on": "2010-01-01",
        "conditions": "Two months' notice.",
    },
    {
        "reference": "O-CAN",
        "provider": "state:CAN",
        "domains": ["OP3D.LEG", "OP3D.LIC"],
        "modalities": ["LEG", "WKS"],
        "scopes": ["nuclear"],
        "coverage_states": ["ALB"],
        "coverage_groups": ["ASEAN"],
        "dated_on": "2010-01-01",
    },
    {
        "reference": "O-SWE",
        "kind": "intention",
        "provider": "state:SWE",
        "domains": ["OP3C.BOR"],
        "worldwide": True,
        "dated_on": "2014-06-01",
    },
]


def submit_request(session: Session, **given: Any) -> None:
    """Submit a request, or a group submission where a group is given."""
    if "group" in given:
        requests.submit(session, LOCAL, GroupSubmissionSubmit.model_validate(given))
    else:
        requests.submit(session, LOCAL, RequestSubmit.model_validate(given))


def submit_offer(session: Session, **given: Any) -> None:
    """Submit an offer."""
    offers.submit(session, LOCAL, OfferSubmit.model_validate(given))


def answer(session: Session, need: str, offer: str, state: str, dated_on: str, units: int = 1) -> None:
    """Record what a provider answered."""
    reason = "No budget" if state == "declined" else None
    body = {"need": need, "offer": offer, "state": state, "dated_on": dated_on, "units": units, "reason": reason}
    answers.submit(session, LOCAL, AnswerSubmit.model_validate(body))


def store(session: Session, *, backwards: bool = False) -> None:
    """Store the small record, in one transaction for each of its parts."""
    step = -1 if backwards else 1
    for given in [*REQUESTS, GROUP][::step]:
        submit_request(session, **given)
        session.commit()
    for given in OFFERS[::step]:
        submit_offer(session, **given)
        session.commit()
