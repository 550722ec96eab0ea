"""The problem document as typed records: its form, field by field. What they must say of each other is in `problem`."""

from typing import Annotated, Any, Literal

from pydantic import AfterValidator, Field

from matching.documents import MOST_UNITS, Day, Document, Name, Number

UNSPECIFIC = "UNSPEC"
"""The domain of what is not specific enough to match."""


def _as_set(names: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(sorted(set(names)))


Names = Annotated[tuple[Name, ...], Field(strict=False), AfterValidator(_as_set)]
"""A set: order and repetition in the document mean nothing."""

Basis = dict[Name, Literal["inferred", "assumed", "not_stated"]]
Units = Annotated[int, Field(ge=1, le=MOST_UNITS)]
Count = Annotated[int, Field(ge=0, le=MOST_UNITS)]


class Delivery(Document):
    """First and last day of the quarter in which what is proposed would be delivered."""

    first: Day = Field(alias="from")
    last: Day = Field(alias="until")


class State(Document):
    """A State: where it is, which memberships count, what it has received in the last three quarters."""

    id: Name
    regional_group: Name
    region: Name
    subregion: Name
    intermediate_region: Name | None = None
    groups: Names = ()
    ldc: bool = False
    lldc: bool = False
    sids: bool = False
    received: Count = 0


class Domain(Document):
    """A domain of the taxonomy and the one above it."""

    id: Name
    parent: Name | None = None


class Related(Document):
    """Relatedness of two domains in either direction, as the record has it."""

    a: Name
    b: Name
    weight: Annotated[Number, Field(ge=0, le=1)]


class Need(Document):
    """One line of a request. `states` are the confirmed beneficiaries; `units` is per member where delivery is."""

    id: Name
    request: Name
    requester: Name
    states: Names
    domain: Name
    modalities: Names = ()
    scopes: Names = ()
    languages: Names = ()
    units: Units
    priority: Annotated[int, Field(ge=1, le=5)]
    date: Day | None = None
    waiting_since: Day | None = None
    wanted_from: Day | None = None
    wanted_by: Day | None = None
    served_before: bool = False
    action_plan: bool = False
    named: bool = True
    delivery: Literal["joint", "per_member"] | None = None
    least: Annotated[int, Field(ge=1)] | None = None
    basis: Basis = Field(default_factory=dict)


class Delivered(Document):
    """Units of an offer that were delivered, and that were promised and failed."""

    delivered: Count = 0
    failed: Count = 0


class Offer(Document):
    """What a provider can deliver. `units` is the capacity left for the delivery quarter."""

    id: Name
    provider: Name
    domains: Names
    modalities: Names = ()
    scopes: Names = ()
    languages: Names = ()
    language_required: bool = False
    worldwide: bool = False
    states: Names = ()
    groups: Names = ()
    regions: Names = ()
    except_states: Names = Field(default=(), alias="except")
    units: Count
    valid_from: Day | None = None
    valid_until: Day | None = None
    requires_groups: Names = ()
    preferred_domains: Names = ()
    preferred_states: Names = ()
    record: Delivered = Delivered()
    basis: Basis = Field(default_factory=dict)


class Exclusion(Document):
    """`by` may not or will not work with `other`, at all or through one offer."""

    by: Name
    other: Name
    offer: Name | None = None


class Pair(Document):
    """A need and an offer, by id."""

    need: Name
    offer: Name


class Pin(Pair):
    """Units of a pair that the working group has decided to keep."""

    units: Units = 1
    member: Name | None = None


class Provider(Document):
    """The most units that all offers of one provider may give together."""

    id: Name
    units: Count


class ProblemDocument(Document):
    """The whole of `matching/1` in its attribute form.

    ``substitutes`` are ids of a national need and of a joint one that would cover it: at most one of the two is served.
    """

    format: Literal["matching/1"] = "matching/1"
    quarter: Annotated[str, Field(pattern=r"^\d{4}-Q[1-4]$")]
    cut_off: Annotated[str, Field(pattern=r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z$")]
    delivery: Delivery
    states: Annotated[tuple[State, ...], Field(strict=False)]
    domains: Annotated[tuple[Domain, ...], Field(strict=False)]
    relatedness: Annotated[tuple[Related, ...], Field(strict=False)] = ()
    needs: Annotated[tuple[Need, ...], Field(strict=False)]
    offers: Annotated[tuple[Offer, ...], Field(strict=False)]
    exclusions: Annotated[tuple[Exclusion, ...], Field(strict=False)] = ()
    declined: Annotated[tuple[Pair, ...], Field(strict=False)] = ()
    earlier: Annotated[tuple[Pair, ...], Field(strict=False)] = ()
    pinned: Annotated[tuple[Pin, ...], Field(strict=False)] = ()
    forbidden: Annotated[tuple[Pair, ...], Field(strict=False)] = ()
    substitutes: Annotated[tuple[Annotated[tuple[Name, Name], Field(strict=False)], ...], Field(strict=False)] = ()
    providers: Annotated[tuple[Provider, ...], Field(strict=False)] = ()
    strategy: dict[str, Any]
