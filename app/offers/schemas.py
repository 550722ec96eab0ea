"""Bodies of offers."""

from datetime import date
from typing import Annotated, Literal

from pydantic import ConfigDict, Field

from app.classification import Basis
from app.offers.models import OfferKind
from app.schemas import (
    Body,
    Capacity,
    Code,
    Day,
    GivenBasis,
    Iso3,
    Language,
    PartyReference,
    Prose,
    PublicReference,
    RecordedAmend,
    RecordedRead,
    RecordedSubmit,
    RecordStatus,
)

#: ``coverage`` is about everything that says where the offer holds, ``capacity`` about both capacities,
#: ``validity`` about both dates.
OfferFact = Literal["domains", "modalities", "scopes", "languages", "coverage", "capacity", "validity"]


class OfferTerms(Body):
    """What an offer says, the same whether it is submitted or amended."""

    kind: Annotated[OfferKind, Field(strict=False)] = OfferKind.OFFER
    accepts_requests: bool = Field(True, description="False: listed, never matched")
    partners: list[PartyReference] = Field(default_factory=list, max_length=50)
    domains: list[Code] = Field(default_factory=list, min_length=1, max_length=100)
    modalities: list[Code] = Field(default_factory=list, max_length=50)
    scopes: list[Code] = Field(default_factory=list, max_length=10)
    languages: list[Language] = Field(default_factory=list, max_length=20)
    language_required: bool = Field(False, description="True: serves only who works in one of its languages")
    worldwide: bool = False
    coverage_states: list[Iso3] = Field(default_factory=list, max_length=200)
    coverage_groups: list[Code] = Field(default_factory=list, max_length=100)
    coverage_regions: list[Code] = Field(default_factory=list, max_length=50, description="M49 codes")
    coverage_excepted: list[Iso3] = Field(default_factory=list, max_length=200)
    capacity_per_quarter: Capacity | None = Field(
        None, description="Units in one quarter; with neither capacity given, 1 is assumed"
    )
    capacity_total: Capacity | None = Field(None, description="Units in all")
    valid_from: Day | None = None
    valid_until: Day | None = None
    requires_groups: list[Code] = Field(
        default_factory=list, max_length=20, description="Serves only members of all these groups"
    )
    conditions: Prose | None = None
    preferred_domains: list[Code] = Field(default_factory=list, max_length=100)
    preferred_states: list[Iso3] = Field(default_factory=list, max_length=200)
    basis: dict[OfferFact, GivenBasis] = Field(
        default_factory=dict, description="On what a fact rests, where it is not stated in the document"
    )


class OfferSubmit(OfferTerms, RecordedSubmit):
    """What a provider can deliver. What is left out is not stated; coverage that is not stated covers nobody."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                "reference": "O-NZL-2015",
                "kind": "offer",
                "provider": "state:NZL",
                "partners": ["organization:UNODA"],
                "domains": ["OP3C.BOR", "OP3D.LIC"],
                "modalities": ["TRN", "LEG"],
                "scopes": ["nuclear", "chemical"],
                "languages": ["en"],
                "coverage_regions": ["030", "035"],
                "coverage_excepted": ["CHN"],
                "capacity_per_quarter": 4,
                "valid_from": "2015-01-01",
                "valid_until": "2030-12-31",
                "dated_on": "2015-01-15",
                "summary": "Courses for customs and licensing officers.",
            }
        }
    )

    reference: PublicReference | None = Field(None, description="Left out, one is made, such as 1540-OFF-2026-0042")
    provider: PartyReference
    domains: list[Code] = Field(
        min_length=1, max_length=100, description="UNSPEC alone where the source states none: kept, never matched"
    )


class OfferAmend(OfferTerms, RecordedAmend):
    """Fields to change; what is not sent stays, null clears. Who provides is not changed here."""

    model_config = ConfigDict(
        json_schema_extra={"example": {"capacity_per_quarter": 6, "conditions": "Two months' notice"}}
    )


class OfferRead(RecordedRead):
    """An offer as it is recorded. An empty list states nothing; ``basis`` says on what each fact rests."""

    reference: str
    kind: OfferKind
    status: RecordStatus
    accepts_requests: bool
    provider: str
    partners: list[str]
    domains: list[str]
    modalities: list[str]
    scopes: list[str]
    languages: list[str]
    language_required: bool
    worldwide: bool
    coverage_states: list[str]
    coverage_groups: list[str]
    coverage_regions: list[str]
    coverage_excepted: list[str]
    capacity_per_quarter: int | None
    capacity_total: int | None
    valid_from: date | None
    valid_until: date | None
    requires_groups: list[str]
    conditions: str | None
    preferred_domains: list[str]
    preferred_states: list[str]
    basis: dict[str, Basis]
