"""Bodies of runs, of what they propose and of previews."""

from datetime import date, datetime
from typing import Any

from pydantic import ConfigDict, Field

from app.requests.schemas import NeedSubmit
from app.runs.models import RunState
from app.schemas import Answer, Body, Day, Iso3, Line, PartyReference, Reason

#: Seconds that a run's solve may take at most.
LONGEST_RUN_S = 86_400


class RunStart(Body):
    """Which quarter to run, and how. The same quarter again is the same run."""

    model_config = ConfigDict(json_schema_extra={"example": {"quarter": "2015-Q1"}})

    quarter: str = Field(max_length=100, description="Calendar quarter in New York, such as 2015-Q1")
    cut_off: Day | None = Field(
        None, description="Last day in New York whose documents the run sees; left out, the quarter's last"
    )
    strategy: Line | None = Field(None, description="NAME for its newest version, or NAME/VERSION; left out, default")
    revise_reason: Reason | None = Field(
        None, description="Why a quarter that has been run is to be run anew; makes the next revision"
    )
    time_limit_s: int | None = Field(None, description="Seconds after which the solve is stopped")


class StrategyVersion(Answer):
    """The version of a strategy that a run uses."""

    name: str
    version: int
    sha256: str


class Explanation(Answer):
    """Why a run has no result, or a result without pairings: a code, its parameters, and both as a sentence."""

    code: str
    params: dict[str, Any]
    sentence: str


class ChainHead(Answer):
    """The newest sealed event of the log, as it was when the result was stored."""

    number: int
    link: str


class IntentionRead(Answer):
    """An intention: listed and followed up, never matched."""

    reference: str
    party: str


class PriceOfFairness(Answer):
    """What the objective costs in points."""

    points: int = Field(description="Points that the objective `points` would reach")
    total: int = Field(description="Points of this run")


class VerdictRead(Answer):
    """What the checker, which shares no code with the solver, found out about the result."""

    sound: bool
    feasible: bool
    proved: str = Field(
        description="optimal, within (a gap), infeasible or nothing: what follows from the prices alone"
    )
    bound: list[int] = Field(description="The bound that the prices prove, level by level")
    gap: int | None
    claimed: bool = Field(description="Whether the solver's word, which is not checked, goes further")


class RunSummary(Answer):
    """The figures of a run's result."""

    requests: int = Field(description="Formal requests that took part")
    needs: int
    needs_met: int = Field(description="Needs left out because all their units had been accepted before")
    offers: int
    intentions: list[IntentionRead]
    eligible_pairs: int
    rules: dict[str, int] = Field(description="Pairs that each rule removed, by the first rule that they fail")
    pairings: int
    units_asked: int
    units_served: int
    points: int
    unmatched: dict[str, int] = Field(description="Needs with units left unserved, by reason")
    obstacle: Explanation | None = Field(description="Why nothing at all is proposed, where a decision cannot be kept")
    price_of_fairness: PriceOfFairness | None = Field(None, description="None where it was not found in time")
    verdict: VerdictRead | None = None
    unexplained: dict[str, str] = Field(
        default_factory=dict,
        description="Parts that the explanation lacks, each with the reason: TIME, TOO_LARGE or NOT_OPTIMAL",
    )


class RunRead(Answer):
    """A run: where it stands and, once done, what it found. Hashes cover neither times nor versions."""

    reference: str
    quarter: str
    revision: int
    revision_reason: str | None
    cut_off: datetime
    known_at: datetime | None = Field(description="The record was read as it was known at this instant")
    strategy: StrategyVersion
    time_limit_s: int
    state: RunState
    stage: str | None
    progress: float
    failure: Explanation | None
    status: str | None = Field(description="optimal, infeasible or time_limit")
    input_hash: str | None
    result_hash: str | None
    summary: RunSummary | None
    circumstances: dict[str, Any] | None
    chain_head: ChainHead | None
    created_at: datetime
    started_at: datetime | None
    finished_at: datetime | None


class RestsOn(Answer):
    """A fact that no document states, on which a pairing rests."""

    record: str
    fact: str
    basis: str


class Loser(Answer):
    """A need that would lose units."""

    need: str
    member: str | None
    units: int


class RunnerUp(Answer):
    """An offer next in line for the need of a pairing."""

    offer: str
    loss: list[int] = Field(description="What the optimum would lose, level by level of the objective")
    losers: list[Loser]
    sentence: str


class Rival(Answer):
    """A need that wanted a unit of the offer of a pairing."""

    need: str
    member: str | None
    loss: list[int] = Field(description="What the optimum would lose, level by level of the objective")
    losers: list[Loser]
    sentence: str


class Alternate(RunnerUp):
    """An offer that could serve a pairing if it is refused."""

    free: bool = Field(description="Whether it has a unit left over and no other pairing changes")


class RecordChange(Answer):
    """One change of a need's or an offer's record, of the published list in docs/explanations.md."""

    code: str
    record: str
    id: str
    value: str | None


class SmallestChange(Answer):
    """The fewest changes that would get a need served, and among as few the first of the published list."""

    code: str = Field(description="ONE_CHANGE, TWO_CHANGES, NO_CHANGE or NOT_ALL_TRIED")
    complete: bool = Field(description="Whether every smaller or earlier change has been tried, and would not do")
    changes: list[RecordChange]
    sentence: str


class Firmness(Answer):
    """Under how many drawn settings of its strategy's weights a pairing stays; docs/scenarios.md says how."""

    stays: int = Field(description="Settings under which it is proposed with no fewer units")
    settings: int
    share: str = Field(description="The share of the settings, as a fraction")
    spread: str = Field(description="How far a weight is varied at most, as a share of it")
    fragile_below: str
    fragile: bool = Field(description="Whether the share is below `fragile_below`")
    sentence: str


class PairingRead(Answer):
    """A proposed pairing: what it is worth, term by term, and on what it rests."""

    need: str
    member: str | None = Field(description="Member that is served, where a group need is met member by member")
    requester: str
    states: list[str]
    domain: str
    offer: str
    provider: str
    units: int
    points: int = Field(description="Points of one unit: the sum of its terms")
    terms: dict[str, int]
    rests_on: list[RestsOn]
    doubtful: list[str] = Field(
        description="need, offer, both or neither: records whose sources, as recorded now, bear them out only weakly"
    )
    conditions: str | None
    runner_ups: list[RunnerUp] | None = Field(description="None where the explanation lacks it")
    rivals: list[Rival] | None
    alternates: list[Alternate] | None
    firmness: Firmness | None = Field(
        description="None where the run did not find it out, as `summary.unexplained` says, or was made before runs did"
    )
    sentences: list[str]


class PairRead(Answer):
    """What a run has to say of one need, or one of its members, with one offer."""

    need: str
    member: str | None
    offer: str
    units: int = Field(description="Units that are proposed")
    code: str = Field(description="PROPOSED, RULE, LOSS, NO_LOSS, RULED_OUT or NEW_SOLVE")
    rule: str | None = Field(description="The first rule that the pair fails")
    loss: list[int] | None = Field(description="What one unit would cost the optimum, level by level of the objective")
    losers: list[Loser]
    conditions_kept: bool = Field(description="Whether needs of groups were taken to stay as they are served")
    sentences: list[str]


class OfferUse(Answer):
    """What became of an offer, and how far others could stand in for it."""

    number: int = Field(description="Its place in this list")
    offer: str
    use: str = Field(
        description="NO_UNITS, NEVER_ELIGIBLE, USED, PARTLY_USED, PROVIDER_AT_LIMIT, OTHERS_SERVE or NO_GAIN"
    )
    units: int
    used: int = Field(description="Units that are proposed")
    eligible: int = Field(description="Needs that it could serve")
    shared: int = Field(description="Of these, needs that another offer could serve too")
    rules: dict[str, int] = Field(description="Of one that could serve none: needs by the first rule that they fail")
    sentences: list[str]


class ShadowRead(Answer):
    """What one more unit of the standard offer would add, for a subject in a subregion."""

    number: int = Field(description="Its place in this list")
    domain: str
    subregion: str
    gain: list[int] = Field(description="What the optimum would gain, level by level of the objective")
    eligible: int = Field(description="Needs that the standard offer could serve")
    sentence: str


class PoolRead(Answer):
    """A joint activity that could stand for several needs that are alike."""

    number: int = Field(description="Its place in this list")
    group: str = Field(description="The smallest group that all these States belong to, which could submit it")
    domain: str
    modality: str | None
    needs: list[str]
    offer: str
    gain: list[int]
    met_before: int
    met_after: int
    sentence: str


class TakenBy(Answer):
    """Where units of an eligible offer went instead."""

    offer: str
    need: str
    member: str | None
    units: int
    points: int


class UnmatchedRead(Answer):
    """Units of a need that the run leaves unserved, and why."""

    need: str
    member: str | None
    requester: str
    states: list[str]
    domain: str
    units: int
    code: str
    eligible: int = Field(description="Offers that no rule keeps from the need")
    rules: dict[str, int] = Field(description="Offers that each rule removes, by the first rule that they fail")
    taken_by: list[TakenBy]
    change: SmallestChange | None = Field(description="None where the explanation lacks it")
    sentences: list[str]


class PreviewAsk(Body):
    """Needs as they would be submitted now."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                "requester": "state:MNG",
                "needs": [{"domain": "OP3C.BOR", "modalities": ["TRN"], "scopes": ["nuclear"], "units": 1}],
            }
        }
    )

    requester: PartyReference
    beneficiaries: list[Iso3] = Field(
        default_factory=list, max_length=200, description="A State's own request is for itself and leaves this out"
    )
    action_plan: bool = False
    needs: list[NeedSubmit] = Field(min_length=1, max_length=50)


class Displaced(Answer):
    """A need that is served as the record stands, and would lose units to the previewed ones."""

    need: str
    member: str | None
    requester: str
    units: int


class PreviewRead(Answer):
    """What the coming run would do with the needs, as the record stands now. Nothing was stored."""

    quarter: str
    as_of: date
    strategy: StrategyVersion
    gain: int = Field(description="Points that the best outcome gains by the needs")
    pairings: list[PairingRead]
    unmatched: list[UnmatchedRead]
    displaced: list[Displaced]
