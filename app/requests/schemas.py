"""Bodies of requests, their needs and group submissions."""

from datetime import date
from enum import StrEnum
from typing import Annotated, Literal

from pydantic import ConfigDict, Field

from app.classification import Basis
from app.requests.models import Channel, Consent, Delivery, RequestKind
from app.schemas import (
    Answer,
    Body,
    Code,
    Day,
    GivenBasis,
    Iso3,
    Language,
    Line,
    PartyReference,
    Prose,
    PublicReference,
    RecordedAmend,
    RecordedRead,
    RecordedSubmit,
    Units,
)

NeedFact = Literal["domain", "modalities", "scopes", "languages", "units", "priority", "delivery"]
Priority = Annotated[int, Field(ge=1, le=5)]


class RequestStatus(StrEnum):
    """Where a request stands, as far as the record itself says."""

    OPEN = "open"
    WITHDRAWN = "withdrawn"
    SUPERSEDED = "superseded"


class NeedSubmit(Body):
    """One line of a request: one domain, the forms of help wanted, units."""

    domain: Code
    modalities: list[Code] = Field(default_factory=list, max_length=50)
    scopes: list[Code] = Field(default_factory=list, max_length=10)
    languages: list[Language] = Field(default_factory=list, max_length=20)
    units: Units | None = Field(None, description="Activities wanted; left out, 1 is assumed")
    priority: Priority | None = Field(None, description="1 is the most urgent; left out, 3 is assumed")
    wanted_from: Day | None = None
    wanted_by: Day | None = None
    description: Prose | None = None
    delivery: Annotated[Delivery | None, Field(strict=False)] = Field(None, description="Group submissions only")
    least: Units | None = Field(None, description="Group submissions only: fewest members that make it worth doing")
    basis: dict[NeedFact, GivenBasis] = Field(
        default_factory=dict, description="On what a fact rests, where it is not stated in the document"
    )
    withdrawn_on: Day | None = Field(None, description="The need is no longer asked for from this day")


class NeedAmend(Body):
    """A need by its number, with the fields to change; without a number, a further need."""

    number: int | None = Field(None, ge=1, le=9999)
    domain: Code | None = None
    modalities: list[Code] = Field(default_factory=list, max_length=50)
    scopes: list[Code] = Field(default_factory=list, max_length=10)
    languages: list[Language] = Field(default_factory=list, max_length=20)
    units: Units | None = None
    priority: Priority | None = None
    wanted_from: Day | None = None
    wanted_by: Day | None = None
    description: Prose | None = None
    delivery: Annotated[Delivery | None, Field(strict=False)] = None
    least: Units | None = None
    basis: dict[NeedFact, GivenBasis] = Field(default_factory=dict)
    withdrawn_on: Day | None = Field(None, description="The need is no longer asked for from this day")


class BeneficiarySubmit(Body):
    """A State that the request is for, and where it stands."""

    state: Iso3
    consent: Annotated[Consent, Field(strict=False)] = Consent.PENDING
    consent_basis: GivenBasis | None = Field(
        None, description="Left out: stated where consent is given, else not_stated"
    )
    consent_on: Day | None = None
    consent_document: Line | None = None


class ConsentSubmit(Body):
    """Where a beneficiary stands: it confirms, leaves, or has yet to answer."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {"consent": "confirmed", "consent_on": "2015-05-02", "consent_document": "Note verbale 17/2015"}
        }
    )

    consent: Annotated[Consent, Field(strict=False)]
    consent_on: Day | None = None
    consent_document: Line | None = None


class _Submission(RecordedSubmit):
    reference: PublicReference | None = Field(None, description="Left out, one is made, such as 1540-REQ-2026-0042")
    kind: Annotated[RequestKind, Field(strict=False)] = RequestKind.FORMAL
    channel: Annotated[Channel, Field(strict=False)]
    authenticated_on: Day | None = None
    action_plan: bool = False
    status_note: Prose | None = None
    needs: list[NeedSubmit] = Field(min_length=1, max_length=500)


class RequestSubmit(_Submission):
    """A request by a State for itself, or by an organization for States that consent."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                "reference": "R-MNG-2015",
                "requester": "state:MNG",
                "channel": "template",
                "dated_on": "2015-02-10",
                "authenticated_on": "2015-02-17",
                "document": "Assistance template of 10 February 2015",
                "summary": "Training of customs officers at two border crossings, and help with the control list.",
                "needs": [
                    {
                        "domain": "OP3C.BOR",
                        "modalities": ["TRN"],
                        "scopes": ["nuclear"],
                        "languages": ["en"],
                        "units": 2,
                    },
                    {"domain": "OP3D.LIC", "modalities": ["LEG"], "scopes": ["nuclear", "chemical"], "priority": 2},
                ],
            }
        }
    )

    requester: PartyReference
    requester_candidates: list[Iso3] = Field(
        default_factory=list, max_length=200, description="Where the source does not name the State: who it may be"
    )
    beneficiaries: list[BeneficiarySubmit] = Field(
        default_factory=list, max_length=200, description="A State's own request is for itself and leaves this out"
    )


class GroupSubmissionSubmit(_Submission):
    """A request by a group for members of it."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                "reference": "G-ASEAN-2015",
                "group": "ASEAN",
                "channel": "note_verbale_or_memorandum",
                "dated_on": "2015-02-20",
                "summary": "One regional exercise on border control, open to all members that confirm.",
                "beneficiaries": [
                    {"state": "PHL", "consent": "confirmed", "consent_on": "2015-02-12"},
                    {"state": "THA", "consent": "confirmed", "consent_on": "2015-02-18"},
                    {"state": "VNM"},
                ],
                "needs": [
                    {"domain": "OP3C.BOR", "modalities": ["WKS"], "delivery": "joint", "least": 2, "units": 1},
                    {"domain": "OP3D.TRN", "modalities": ["TRN"], "delivery": "per_member", "least": 2, "units": 3},
                ],
            }
        }
    )

    group: Code
    beneficiaries: list[BeneficiarySubmit] = Field(min_length=1, max_length=200)


class RequestAmend(RecordedAmend):
    """Fields to change; what is not sent stays, null clears. Who asks, and for whom, is not changed here."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {"status_note": "Clarified by telephone on 12 March 2015", "needs": [{"number": 1, "units": 3}]}
        }
    )

    kind: Annotated[RequestKind, Field(strict=False)] = RequestKind.FORMAL
    channel: Annotated[Channel, Field(strict=False)] = Channel.TEMPLATE
    authenticated_on: Day | None = None
    action_plan: bool = False
    status_note: Prose | None = None
    superseded_by: PublicReference | None = None
    needs: list[NeedAmend] = Field(default_factory=list, max_length=500)


class NeedRead(Answer):
    """A need as it is recorded."""

    reference: str
    number: int
    domain: str
    modalities: list[str]
    scopes: list[str]
    languages: list[str]
    units: int
    priority: int
    wanted_from: date | None
    wanted_by: date | None
    description: str | None
    delivery: Delivery | None
    least: int | None
    basis: dict[str, Basis]
    withdrawn_on: date | None


class BeneficiaryRead(Answer):
    """A State that the request is for."""

    state: str
    consent: Consent
    consent_basis: Basis
    consent_on: date | None
    consent_document: str | None


class RequestRead(RecordedRead):
    """A request, or a group submission, as it is recorded."""

    reference: str
    kind: RequestKind
    status: RequestStatus
    requester: str
    group_kind: str | None = Field(description="Kind of the group that submits, for a group submission")
    requester_candidates: list[str]
    channel: Channel
    authenticated_on: date | None
    action_plan: bool
    status_note: str | None
    superseded_by: str | None
    needs: list[NeedRead]
    beneficiaries: list[BeneficiaryRead]
