"""Bodies of studies and of what their scenarios come to. Exact fractions are written as text, such as 3/7."""

from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import ConfigDict, Field

from app.runs.schemas import LONGEST_RUN_S, Explanation
from app.scenarios.models import ScenarioState, StudyKind
from app.schemas import Answer, Body, Line, PublicReference

#: Scenarios of a study at most.
MOST_SCENARIOS = 5_000
#: Strategies, or values of a grid's number, at most.
MOST_GIVEN = 1_000
#: Settings of a firmness study at most.
MOST_SETTINGS = 1_000

Quarter = Annotated[str, Field(max_length=100, description="Such as 2015-Q1")]
Value = str | int | bool


class StudyStart(Body):
    """What is to be known. Which fields go with which kind stands in docs/scenarios.md."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                "reference": "STUDY-2015-Q1",
                "kind": "what_if",
                "run": "RUN-2015-Q1",
                "strategies": ["default"],
                "grid": {"affinity.coverage.named_state.value": ["24", "30", "40"]},
            }
        }
    )

    kind: Literal["what_if", "backtest", "firmness", "sensitivity"]
    reference: PublicReference | None = Field(None, description="Left out, one is made, such as 1540-STUDY-2026-0042")
    run: Line | None = Field(None, description="A finished run, or a quarter for its newest run; not of a backtest")
    strategies: list[Line] = Field(default_factory=list, max_length=MOST_GIVEN, description="NAME or NAME/VERSION")
    documents: list[dict[str, Any]] = Field(
        default_factory=list, max_length=MOST_GIVEN, description="Strategies that are not stored, such as trial ones"
    )
    grid: dict[Line, Annotated[list[Value], Field(min_length=1, max_length=MOST_GIVEN)]] = Field(
        default_factory=dict, description="Place in the strategy -> values; every combination is tried"
    )
    first_quarter: Quarter | None = None
    last_quarter: Quarter | None = None
    stored: bool = Field(False, description="Backtest the snapshots of stored runs and not the record as it is now")
    settings: int | None = Field(None, ge=1, le=MOST_SETTINGS, description="Drawn settings of a firmness study")
    weights: list[Line] = Field(
        default_factory=list, max_length=MOST_GIVEN, description="Numbers of a sensitivity study; left out, all"
    )
    time_limit_s: int | None = Field(None, ge=1, le=LONGEST_RUN_S, description="Seconds that each scenario may take")


class Counts(Answer):
    """Scenarios by where they stand."""

    queued: int
    running: int
    done: int
    failed: int
    cancelled: int


class StudyRead(Answer):
    """A study: what was asked, and how far it is."""

    reference: str
    kind: StudyKind
    run: str | None
    asked: dict[str, Any]
    time_limit_s: int
    state: str = Field(description="queued, running, cancelled, failed (a scenario has no result) or done")
    progress: float
    scenarios: Counts
    prepared_at: datetime | None = Field(description="The record was read as it was known at this instant")
    cancel_requested_at: datetime | None
    created_at: datetime


class Equality(Answer):
    """How equally States are treated, joint activities aside."""

    gini: str | None = Field(description="Gini coefficient of served over asked; null where nobody is served")
    least_share: str | None = Field(description="Smallest share of its units that a State is served")
    worst_off: list[str] = Field(description="The States of the smallest share")
    states: dict[str, list[int]] = Field(description="Units served and asked of each State")
    groups: dict[str, list[int]] = Field(description="The same of each UN regional group")


class Figures(Answer):
    """What a scenario's result comes to."""

    status: str = Field(description="optimal, infeasible or time_limit")
    units_served: int
    units_asked: int
    points: int
    objective: list[int]
    equality: Equality
    input_hash: str
    result_hash: str


class Comparison(Answer):
    """Pairings in which a scenario differs from its baseline."""

    appear: int
    disappear: int
    change: int = Field(description="Proposed by both, with other units")


class Moved(Answer):
    """A pairing of other units before and after."""

    need: str
    member: str | None
    offer: str
    units_before: int
    units_after: int


class Side(Answer):
    """How far a number can be moved in one direction before what is proposed changes."""

    stays_until: str
    changes_at: str | None = Field(description="One step further; null where nothing changes as far as it was moved")
    n_changes: int
    first: Moved | None


class Leeway(Answer):
    """How far one number of the strategy can be moved, all others kept."""

    weight: str
    value: str
    step: str
    down: Side
    up: Side


class ScenarioRead(Answer):
    """A scenario: one solve of one problem under one strategy, or the leeway of one number."""

    number: int
    name: str
    quarter: str
    strategy_sha256: str
    weight: str | None
    baseline: int | None = Field(description="Number of the scenario that it is compared with")
    state: ScenarioState
    failure: Explanation | None
    figures: Figures | None
    against_baseline: Comparison | None
    leeway: Leeway | None
    finished_at: datetime | None


class Worth(Answer):
    """What one unit of a pair is worth under a strategy, or the rule that keeps the two apart."""

    rule: str | None
    points: int | None
    terms: dict[str, int]


class ChangeRead(Moved):
    """A pairing that changes, and what it is worth under the baseline's strategy and the scenario's."""

    before: Worth
    after: Worth
    sentences: list[str]


class ChangesRead(Answer):
    """Every pairing in which a scenario differs from its baseline."""

    number: int
    baseline: int
    changes: list[ChangeRead]


class PairingFirmness(Answer):
    """Under how many settings a pairing stays, with no fewer units."""

    need: str
    member: str | None
    offer: str
    units: int
    stays: int
    share: str | None
    fragile: bool


class FirmnessRead(Answer):
    """How firm each pairing of the first scenario is under the others that have been solved."""

    settings: int
    spread: str | None = Field(description="How far drawn settings varied each weight at most, as a share of it")
    fragile_below: str
    pairings: list[PairingFirmness]
