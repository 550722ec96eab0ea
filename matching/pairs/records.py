"""The pair form of a problem as typed records: its form, field by field, all but the pairs themselves.

What the parts must say of each other is in `consistency`; the pairs, of which there may be millions, are read as
columns in `columns`.
"""

from itertools import pairwise
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, Field

from matching.documents import MOST_POINTS, MOST_UNITS, Day, Document, Name
from matching.model import Objective

DEFAULT_STATE_SLOPES = (40, 24, 14, 8, 4, 0)
DEFAULT_GROUP_SLOPES = (0,)

Units = Annotated[int, Field(ge=1, le=MOST_UNITS)]
Count = Annotated[int, Field(ge=0, le=MOST_UNITS)]
Total = Annotated[int, Field(ge=0, le=MOST_POINTS)]
"""Units of many together."""


def _never_rising(slopes: tuple[int, ...]) -> tuple[int, ...]:
    for before, after in pairwise(slopes):
        if after > before:
            raise ValueError(f"rises from {before} to {after}; give slopes that stay the same or fall")
    return slopes


Slopes = Annotated[
    tuple[Annotated[int, Field(ge=-MOST_POINTS, le=MOST_POINTS)], ...],
    Field(strict=False, max_length=10_000),
    AfterValidator(_never_rising),
]


class PairNeed(Document):
    """What is asked for, and by whom; ``state`` is null for a joint need, whose units count for no State."""

    id: Name
    state: Name | None
    units: Units
    least: Count = 0
    date: Day | None = None


class PairOffer(Document):
    """What is offered. Of no units where all are given away already."""

    id: Name
    units: Count
    least: Count = 0
    provider: Name | None = None


class PairState(Document):
    """A State: its regional group, the units it received before, and its share of this run at least and at most."""

    id: Name
    group: Name | None = None
    received: Count = 0
    least: Total = 0
    most: Total | None = None


class RegionalGroup(Document):
    """Units of all States of a regional group together, at least and at most."""

    id: Name
    least: Total = 0
    most: Total | None = None


class Provider(Document):
    """Units of all offers of a provider together, at least and at most."""

    id: Name
    most: Total | None = None
    least: Total = 0


class NeedGroup(Document):
    """Needs served together: ``least`` of them (all, if not said) or more in full, the others in full or not at all."""

    id: Name
    needs: Annotated[tuple[Name, ...], Field(strict=False, min_length=1)]
    least: Annotated[int, Field(ge=1, le=MOST_UNITS)] | None = None


class Fairness(Document):
    """What the n-th unit of a State, and of a regional group, earns beside its points under ``equal_treatment``."""

    state: Slopes = DEFAULT_STATE_SLOPES
    group: Slopes = DEFAULT_GROUP_SLOPES


class PairPin(Document):
    """Units of a pair that are decided already: at least so many are kept."""

    need: Name
    offer: Name
    units: Units


class ForbiddenPair(Document):
    """A pair that is not to be."""

    need: Name
    offer: Name


Substitutes = Annotated[tuple[Name, Name], Field(strict=False)]
"""A national need and the joint need that would cover it: at most one of the two receives units."""


class PairsRecord(Document):
    """The whole of `matching/1` in its pair form; ``pairs`` as it was given."""

    format: Literal["matching/1"] = "matching/1"
    needs: Annotated[tuple[PairNeed, ...], Field(strict=False)]
    offers: Annotated[tuple[PairOffer, ...], Field(strict=False)]
    pairs: Any
    groups: Annotated[tuple[NeedGroup, ...], Field(strict=False)] = ()
    objective: Objective = "equal_treatment"
    time_limit_s: Annotated[float, Field(gt=0, le=10**9, allow_inf_nan=False)] | None = None
    states: Annotated[tuple[PairState, ...], Field(strict=False)] = ()
    regional_groups: Annotated[tuple[RegionalGroup, ...], Field(strict=False)] = ()
    providers: Annotated[tuple[Provider, ...], Field(strict=False)] = ()
    fairness: Fairness = Fairness()
    pinned: Annotated[tuple[PairPin, ...], Field(strict=False)] = ()
    forbidden: Annotated[tuple[ForbiddenPair, ...], Field(strict=False)] = ()
    substitutes: Annotated[tuple[Substitutes, ...], Field(strict=False)] = ()
    quarter: Annotated[str, Field(pattern=r"^[0-9]{4}-Q[1-4]$")] | None = None
