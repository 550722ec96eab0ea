"""The strategy: a named document of rules, weights and fairness that turns facts into whole points.

Every number stands with the reason for it, and with the decision that set it where there is one. A weight that
favours somebody is refused without such a decision.
"""

from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from itertools import pairwise
from typing import Annotated, Any, Literal

from pydantic import Field, ValidationError, model_validator

from matching.canonical import sha256
from matching.codes import SWITCHABLE, Rule
from matching.documents import MOST_POINTS, MOST_UNITS, Day, Document, Name, Number, faults_of, nearest, pointer
from matching.errors import Fault, InvalidStrategy

MOST_WEIGHT = 1000
"""The greatest factor that a strategy may name."""


class Decision(Document):
    """The document of the Committee that settled a number."""

    symbol: Name
    date: Day


class Settled(Document):
    """What every number carries: why it is what it is, and who decided it."""

    reason: Annotated[str, Field(min_length=1, max_length=2000)]
    decision: Decision | None = None


class Points(Settled):
    """Points, before a weight or a share multiplies them; the term is rounded to whole points, half to even."""

    value: Annotated[Number, Field(ge=-MOST_POINTS, le=MOST_POINTS)]


class Weight(Settled):
    """A factor; 1 changes nothing."""

    value: Annotated[Number, Field(ge=0, le=MOST_WEIGHT)]


class Share(Settled):
    """A number from 0 to 1."""

    value: Annotated[Number, Field(ge=0, le=1)]


class Quarters(Settled):
    """A number of calendar quarters."""

    value: Annotated[int, Field(ge=0, le=400)]


class Switch(Settled):
    """Yes or no."""

    value: bool


class Slopes(Settled):
    """What the first, second, … unit earns: whole, never rising; the last one repeats for ever."""

    value: Annotated[
        tuple[Annotated[int, Field(ge=0, le=MOST_POINTS)], ...], Field(min_length=1, max_length=1000, strict=False)
    ]

    @model_validator(mode="after")
    def _never_rises(self) -> "Slopes":
        if any(later > earlier for earlier, later in pairwise(self.value)):
            raise ValueError("slopes may not rise: a further unit would be worth more than the one before")
        return self


class SwitchedOff(Settled):
    """A rule that this strategy does not apply."""

    rule: Name


class Rules(Document):
    """How strictly pairs are held to the rules."""

    least_relatedness: Share
    related_domains: Switch
    declined_quarters: Quarters
    switched_off: tuple[SwitchedOff, ...] = Field(default=(), strict=False)


class RelatedPair(Settled):
    """Relatedness of two domains, in either direction; it takes precedence over the record's default."""

    a: Name
    b: Name
    value: Annotated[Number, Field(ge=0, le=1)]


class Relatedness(Document):
    """How much an offer in one domain fits a need in another."""

    same_parent: Share
    parent_child: Share
    pairs: tuple[RelatedPair, ...] = Field(default=(), strict=False)


class Priority(Document):
    """Points of each priority level; 1 is the most urgent."""

    level_1: Points = Field(alias="1")
    level_2: Points = Field(alias="2")
    level_3: Points = Field(alias="3")
    level_4: Points = Field(alias="4")
    level_5: Points = Field(alias="5")

    @property
    def levels(self) -> tuple[Decimal, ...]:
        """Points of the levels 1 to 5."""
        return tuple(level.value for level in (self.level_1, self.level_2, self.level_3, self.level_4, self.level_5))


class Waiting(Document):
    """Points for each whole quarter waited, up to a cap."""

    per_quarter: Points
    cap: Quarters


class Urgency(Document):
    """Terms that depend on the need alone."""

    priority: Priority
    waiting: Waiting
    never_served: Points
    ldc: Points
    lldc: Points
    sids: Points
    action_plan: Points


class DomainFit(Document):
    """Points of an offer in the need's own domain; related ones earn their relatedness of it."""

    fit: Points
    weights: dict[Name, Weight] = Field(default_factory=dict)


class Closeness(Document):
    """Points by how closely an offer's coverage names the beneficiary, and weights of M49 subregions."""

    named_state: Points
    named_group: Points
    subregion: Points
    region: Points
    worldwide: Points
    region_weights: dict[Name, Weight] = Field(default_factory=dict)


class Affinity(Document):
    """Terms that depend on the pair."""

    domain: DomainFit
    coverage: Closeness
    modality: Points
    scope: Points
    language: Points
    preferred_domain: Points
    preferred_state: Points
    record: Points
    earlier: Points


class Fairness(Document):
    """Concave gains of the objective ``equal_treatment``: per State (receipts count) and per UN regional group."""

    state: Slopes
    group: Slopes


class Quota(Settled):
    """At least and at most so many units in all for one State, regional group, provider, need or offer."""

    kind: Literal["state", "regional_group", "provider", "need", "offer"]
    id: Name
    least: Annotated[int, Field(ge=0, le=MOST_UNITS)] | None = None
    most: Annotated[int, Field(ge=0, le=MOST_UNITS)] | None = None

    @property
    def favours(self) -> bool:
        """Whether it favours some States over others."""
        return self.kind in ("state", "regional_group") or (self.kind == "need" and self.least is not None)


class Strategy(Document):
    """A validated strategy. Equal documents have equal ``sha256``, however their numbers were written."""

    format: Literal["matching-strategy/1"] = "matching-strategy/1"
    name: Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9_-]{0,62}$")]
    title: Name
    objective: Literal["points", "equal_treatment", "most_needs_served", "leximin"]
    rules: Rules
    relatedness: Relatedness
    urgency: Urgency
    affinity: Affinity
    fairness: Fairness
    quotas: Annotated[tuple[Quota, ...], Field(strict=False)] = ()

    @classmethod
    def from_document(cls, document: Mapping[str, Any]) -> "Strategy":
        """Validate a document (parsed JSON or YAML). Raises InvalidStrategy with every fault found."""
        try:
            strategy = cls.model_validate(document)
        except ValidationError as error:
            raise InvalidStrategy(faults_of(error, cls)) from error
        faults = [*_unfit_rules(strategy), *_undecided(strategy), *_closeness_rises(strategy), *_overflow(strategy)]
        faults += _unfit_quotas(strategy)
        if faults:
            raise InvalidStrategy(faults)
        return strategy.model_copy(update={"quotas": tuple(sorted(strategy.quotas, key=lambda q: (q.kind, q.id)))})

    @property
    def document(self) -> dict[str, Any]:
        """The canonical document: everything said, decimals as strings; without quotas where there are none."""
        return self.model_dump(mode="json", by_alias=True, exclude=None if self.quotas else {"quotas"})

    @property
    def sha256(self) -> str:
        """Hash of the canonical document."""
        return sha256(self.document)

    def applies(self, rule: Rule) -> bool:
        """Whether the strategy holds pairs to a rule."""
        return all(off.rule != rule for off in self.rules.switched_off)


def _unfit_rules(strategy: Strategy) -> Iterator[Fault]:
    seen = set()
    for position, off in enumerate(strategy.rules.switched_off):
        at = pointer(("rules", "switched_off", position, "rule"))
        if off.rule not in SWITCHABLE:
            yield Fault(at, "not_switchable", f"{off.rule!r} cannot be switched off; {nearest(off.rule, SWITCHABLE)}")
        if off.rule in seen:
            yield Fault(at, "duplicate", f"{off.rule} is switched off twice")
        seen.add(off.rule)
    pairs = set()
    for position, pair in enumerate(strategy.relatedness.pairs):
        at = pointer(("relatedness", "pairs", position))
        if pair.a == pair.b:
            yield Fault(at, "self_related", f"{pair.a} is related to itself")
        if frozenset((pair.a, pair.b)) in pairs:
            yield Fault(at, "duplicate", f"{pair.a} and {pair.b} are related twice")
        pairs.add(frozenset((pair.a, pair.b)))


def _unfit_quotas(strategy: Strategy) -> Iterator[Fault]:
    seen = set()
    for position, quota in enumerate(strategy.quotas):
        path = ("quotas", str(position))
        if quota.least is None and quota.most is None:
            yield Fault(pointer(path), "no_limit", "a quota has a least or a most")
        elif quota.least is not None and quota.most is not None and quota.least > quota.most:
            detail = f"at least {quota.least} cannot be at most {quota.most}"
            yield Fault(pointer((*path, "least")), "least_over_most", detail)
        if (quota.kind, quota.id) in seen:
            yield Fault(pointer(path), "duplicate", f"the {quota.kind} {quota.id!r} has a quota already")
        seen.add((quota.kind, quota.id))
        if quota.favours and quota.decision is None:
            yield _needs_decision(path)


def _undecided(strategy: Strategy) -> Iterator[Fault]:
    """Weights that favour somebody and name no decision."""
    for name in ("ldc", "lldc", "sids", "action_plan"):
        points: Points = getattr(strategy.urgency, name)
        if points.value != 0 and points.decision is None:
            yield _needs_decision(("urgency", name))
    for code, weight in strategy.affinity.coverage.region_weights.items():
        if weight.value != 1 and weight.decision is None:
            yield _needs_decision(("affinity", "coverage", "region_weights", code))


def _needs_decision(path: tuple[str, ...]) -> Fault:
    detail = "this number favours some States over others: name the decision (symbol, date) that set it"
    return Fault(pointer((*path, "decision")), "decision_missing", detail)


CLOSENESS = ("worldwide", "region", "subregion", "named_group", "named_state")
"""Kinds of coverage, from the widest to the closest."""


def _closeness_rises(strategy: Strategy) -> Iterator[Fault]:
    coverage = strategy.affinity.coverage
    for wider, closer in pairwise(CLOSENESS):
        if getattr(coverage, closer).value < getattr(coverage, wider).value:
            at = pointer(("affinity", "coverage", closer, "value"))
            yield Fault(at, "closeness_falls", f"{closer} may not earn less than {wider}, which is less close")


def _overflow(strategy: Strategy) -> Iterator[Fault]:
    if greatest_points(strategy) + greatest_slopes(strategy) > MOST_POINTS:
        detail = "the numbers together could give one unit more than 2^53 points"
        yield Fault("", "points_overflow", detail)


def greatest_points(strategy: Strategy) -> Decimal:
    """A bound on the absolute points of any pair under this strategy, whatever the facts."""
    urgency, affinity = strategy.urgency, strategy.affinity
    coverage = affinity.coverage
    single = (
        *(urgency.never_served, urgency.ldc, urgency.lldc, urgency.sids, urgency.action_plan),
        *(affinity.modality, affinity.scope, affinity.language, affinity.preferred_domain),
        *(affinity.preferred_state, affinity.record, affinity.earlier),
    )
    closest: Decimal = max(abs(getattr(coverage, kind).value) for kind in CLOSENESS)
    return (
        sum((abs(points.value) for points in single), Decimal(0))
        + max(map(abs, urgency.priority.levels))
        + abs(urgency.waiting.per_quarter.value) * urgency.waiting.cap.value
        + abs(affinity.domain.fit.value) * _greatest(affinity.domain.weights)
        + closest * _greatest(coverage.region_weights)
        + 16  # each term may be rounded up by half a point
    )


def greatest_slopes(strategy: Strategy) -> int:
    """What one unit can earn at most beside its points."""
    return strategy.fairness.state.value[0] + strategy.fairness.group.value[0]


def _greatest(weights: Mapping[str, Weight]) -> Decimal:
    return max((Decimal(1), *(weight.value for weight in weights.values())))


def slopes_of(strategy: Strategy) -> tuple[Sequence[int], Sequence[int]]:
    """State and group slopes of the strategy's objective; both nothing where it does not count them."""
    if strategy.objective != "equal_treatment":
        return (0,), (0,)
    return strategy.fairness.state.value, strategy.fairness.group.value
