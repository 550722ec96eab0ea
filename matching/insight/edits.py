"""Edits of a model: one thing more, fewer, or otherwise, by positions of needs and offers.

New needs and offers follow those of the model, in the order of the edits; later edits may name them.
"""

from dataclasses import dataclass

from matching.errors import MatchingError
from matching.model import NOBODY, UNLIMITED


class NotWarm(MatchingError):
    """Only solving again can tell what an edit would change."""


@dataclass(frozen=True)
class NewNeed:
    """A need more. ``points`` are those of a unit from each of ``offers``.

    Among equals it comes before the need that has the place ``before``, else after all of them. Of several new needs
    at once, one may have a place.
    """

    units: int
    state: int
    offers: tuple[int, ...]
    points: tuple[int, ...]
    before: int | None = None


@dataclass(frozen=True)
class NewOffer:
    """An offer more. ``points`` are those of a unit for each of ``needs``."""

    units: int
    needs: tuple[int, ...]
    points: tuple[int, ...]
    provider: int = NOBODY


@dataclass(frozen=True)
class NeedUnits:
    """A need asks for so many units; for none, it is withdrawn."""

    need: int
    units: int


@dataclass(frozen=True)
class OfferUnits:
    """An offer has so many units; with none, it is withdrawn."""

    offer: int
    units: int


@dataclass(frozen=True)
class PairPoints:
    """An offer may serve a need, for so many points a unit, whether or not it could before."""

    need: int
    offer: int
    points: int
    most: int = UNLIMITED


@dataclass(frozen=True)
class OfferPairs:
    """An offer may serve each of these needs, for so many points a unit, whether or not it could before."""

    offer: int
    needs: tuple[int, ...]
    points: tuple[int, ...]


@dataclass(frozen=True)
class NoPair:
    """An offer may not serve a need."""

    need: int
    offer: int


@dataclass(frozen=True)
class Imposed:
    """An eligible offer has to serve a need with at least so many units."""

    need: int
    offer: int
    units: int = 1


Edit = NewNeed | NewOffer | NeedUnits | OfferUnits | OfferPairs | PairPoints | NoPair | Imposed
