"""Bodies of previews in a finished run: one record more, or one that says something else."""

from enum import StrEnum

from pydantic import ConfigDict, Field

from app.requests.schemas import NeedSubmit, Priority
from app.runs.schemas import Loser
from app.schemas import Answer, Body, Capacity, Code, Day, Iso3, Language, Line, PartyReference, Units


class ChangedNeed(Body):
    """A need that took part in the run, with the fields to change; what is not sent stays."""

    need: Line
    domain: Code | None = None
    modalities: list[Code] = Field(default_factory=list, max_length=50)
    scopes: list[Code] = Field(default_factory=list, max_length=10)
    languages: list[Language] = Field(default_factory=list, max_length=20)
    units: Units | None = Field(None, description="Units that it asks for in the run, those accepted before left out")
    priority: Priority | None = None
    wanted_from: Day | None = None
    wanted_by: Day | None = None


class _OfferInRun(Body):
    """What rules and terms look at in an offer."""

    domains: list[Code] = Field(default_factory=list, min_length=1, max_length=100)
    modalities: list[Code] = Field(default_factory=list, max_length=50)
    scopes: list[Code] = Field(default_factory=list, max_length=10)
    languages: list[Language] = Field(default_factory=list, max_length=20)
    language_required: bool = False
    worldwide: bool = False
    coverage_states: list[Iso3] = Field(default_factory=list, max_length=200)
    coverage_groups: list[Code] = Field(default_factory=list, max_length=100)
    coverage_regions: list[Code] = Field(default_factory=list, max_length=50, description="M49 codes")
    coverage_excepted: list[Iso3] = Field(default_factory=list, max_length=200)
    valid_from: Day | None = None
    valid_until: Day | None = None
    requires_groups: list[Code] = Field(default_factory=list, max_length=20)
    preferred_domains: list[Code] = Field(default_factory=list, max_length=100)
    preferred_states: list[Iso3] = Field(default_factory=list, max_length=200)
    units: Capacity = Field(
        1, description="Units that it has left for the quarter in which the run's pairings are delivered"
    )


class NewOffer(_OfferInRun):
    """An offer more."""

    provider: PartyReference
    domains: list[Code] = Field(min_length=1, max_length=100)


class ChangedOffer(_OfferInRun):
    """An offer that took part in the run, with the fields to change; what is not sent stays."""

    offer: Line


class PreviewInRunAsk(Body):
    """One of: a new need (``requester`` and ``needs``), ``changed_need``, ``offer``, ``changed_offer``."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {"changed_offer": {"offer": "O-NZL-2015", "units": 6, "domains": ["OP3C.BOR", "OP3D.LIC"]}}
        }
    )

    requester: PartyReference | None = None
    beneficiaries: list[Iso3] = Field(
        default_factory=list, max_length=200, description="A State's own request is for itself and leaves this out"
    )
    action_plan: bool = False
    needs: list[NeedSubmit] = Field(
        default_factory=list, max_length=1, description="One need, as it would be submitted"
    )
    changed_need: ChangedNeed | None = None
    offer: NewOffer | None = None
    changed_offer: ChangedOffer | None = None


class Method(StrEnum):
    """How a preview was found; either way it is exact."""

    WARM = "warm"
    SOLVED = "solved"


class PreviewedPairing(Answer):
    """A pairing of the previewed record, for which null stands where it is new."""

    need: str | None
    member: str | None
    offer: str | None
    units: int


class PreviewInRun(Answer):
    """What one record would have changed in a finished run. Nothing was stored."""

    run: str
    method: Method = Field(
        description="warm: told by the optimum that is kept; solved: the run was solved again with it"
    )
    asked: int = Field(description="Units that the need asks for, or that the offer has")
    served: int = Field(description="Units of these that would have been served")
    gain: list[int] = Field(
        description="What the optimum would have gained, level by level of the objective; of leximin the first says "
        "whether shares would have been fairer (1), as fair (0) or less so (-1)"
    )
    pairings: list[PreviewedPairing]
    losers: list[Loser] = Field(description="Needs of others that would have had fewer units")
    winners: list[Loser] = Field(description="Needs of others that would have had more units")
    sentences: list[str]
