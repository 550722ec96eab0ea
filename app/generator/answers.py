"""Answers of earlier quarters: accepted, declined, delivered and failed pairings that a run could have proposed."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from app.generator.draw import Draw, Weighted
from app.generator.setting import Line, Setting, day_within, recorded
from app.generator.world import UNSPECIFIC
from app.quarters import Quarter

RESOURCE = "/v1/answers"
ANSWERED = 0.6
STATES = Weighted([("accepted", 30), ("delivered", 28), ("failed", 8), ("declined", 34)])
#: Offers kept for each domain: enough for variety, little to hold.
KEPT = 48
#: What a source that states no capacity is taken to have, as in a run.
ASSUMED_CAPACITY = 1
REASONS = (
    "No expert is free in the quarter",
    "The activity is outside this year's budget",
    "The partner prefers a regional activity",
    "A similar activity is under way",
)


@dataclass
class KnownOffer:
    """What an answer must know of an offer, and the units that it has taken on so far."""

    reference: str
    provider: str
    dated_on: date
    valid_from: date
    valid_until: date
    modalities: frozenset[str]
    scopes: frozenset[str]
    covered: int
    per_quarter: int
    in_all: int
    taken: dict[Quarter, int] = field(default_factory=dict)

    def free(self, quarter: Quarter) -> int:
        """Units left in ``quarter``."""
        return min(self.per_quarter - self.taken.get(quarter, 0), self.in_all - sum(self.taken.values()))


class Shelf:
    """Some of the offers by domain: those that answers are about. Bounded, however many offers there are."""

    def __init__(self, setting: Setting) -> None:
        self._world = setting.world
        self._by_domain: dict[str, list[KnownOffer]] = {code: [] for code in setting.world.domains}

    def keep(self, body: dict[str, Any]) -> None:
        """Keep an offer for the domains that still want some; one that no run would propose is not kept."""
        wanted = [code for code in body["domains"] if code != UNSPECIFIC and len(self._by_domain[code]) < KEPT]
        if not wanted or body["kind"] == "intention" or "accepts_requests" in body:
            return
        covered = self._covered(body)
        if not covered:
            return
        known = KnownOffer(
            reference=body["reference"],
            provider=body["provider"],
            dated_on=date.fromisoformat(body["dated_on"]),
            valid_from=date.fromisoformat(body.get("valid_from", "0001-01-01")),
            valid_until=date.fromisoformat(body.get("valid_until", "9999-12-31")),
            modalities=frozenset(body["modalities"]),
            scopes=frozenset(body.get("scopes", ())),
            covered=covered,
            per_quarter=body.get("capacity_per_quarter", ASSUMED_CAPACITY),
            in_all=body.get("capacity_total", 10**9),
        )
        for code in wanted:
            self._by_domain[code].append(known)

    def provider_of(self) -> dict[str, str]:
        """Reference -> provider of every offer kept."""
        return {known.reference: known.provider for kept in self._by_domain.values() for known in kept}

    def fitting(self, line: dict[str, Any], state: str, day: date, units: int, draw: Draw) -> KnownOffer | None:
        """An offer for a need of ``state`` that holds on ``day`` and has the units left, from a random one on."""
        kept = self._by_domain[line["domain"]]
        quarter = Quarter.of(day)
        wanted, scopes = set(line.get("modalities", ())), set(line.get("scopes", ()))
        begin = draw.between(0, len(kept))
        for known in kept[begin:] + kept[:begin]:
            if (
                known.covered & self._world.states[state].bit
                and known.provider != f"state:{state}"
                and known.dated_on <= day
                and known.valid_from <= day <= known.valid_until
                and (not wanted or wanted & known.modalities)
                and (not scopes or not known.scopes or scopes & known.scopes)
                and known.free(quarter) >= units
            ):
                return known
        return None

    def _covered(self, body: dict[str, Any]) -> int:
        world = self._world
        if body.get("worldwide"):
            covered = world.bits(tuple(world.states))
        else:
            covered = world.bits(body.get("coverage_states", ()))
            for code in body.get("coverage_regions", ()):
                covered |= world.bits(world.regions[code])
            for code in body.get("coverage_groups", ()):
                covered |= world.bits(world.groups[code].members)
        for code in body.get("requires_groups", ()):
            covered &= world.bits(world.groups[code].members)
        return covered & ~world.bits(body.get("coverage_excepted", ()))


class Answering:
    """Answers to national requests, drawn as the requests pass by."""

    def __init__(self, setting: Setting, shelf: Shelf, excluded: set[tuple[str, str]]) -> None:
        self._setting = setting
        self._shelf = shelf
        self._excluded = excluded
        self._draw = setting.stream("answers")
        self._number = 0

    def to(self, request: dict[str, Any]) -> Iterator[Line]:
        """Answers to some needs of a formal request of a State, given in the quarters after it up to the last one."""
        plan = self._setting.plan
        asked_on = date.fromisoformat(request.get("authenticated_on", request["dated_on"]))
        first = Quarter.of(asked_on).next.first_day
        if first > plan.ends_on or "kind" in request or not request["requester"].startswith("state:"):
            return
        for number, line in enumerate(request["needs"], 1):
            if line["domain"] != UNSPECIFIC and self._draw.chance(ANSWERED):
                day = day_within(self._draw.share(), first, plan.ends_on)
                if body := self._answer(request, number, line, day):
                    yield Line(RESOURCE, body)

    def _answer(self, request: dict[str, Any], number: int, line: dict[str, Any], day: date) -> dict[str, Any] | None:
        draw, state = self._draw, request["requester"].removeprefix("state:")
        answer = draw.weighted(STATES)
        units = draw.between(1, line.get("units", 1))
        taken = 0 if answer == "declined" else units
        known = self._shelf.fitting(line, state, day, taken, draw)
        if known is None or {(known.provider, f"state:{state}"), (f"state:{state}", known.provider)} & self._excluded:
            return None
        quarter = Quarter.of(day)
        known.taken[quarter] = known.taken.get(quarter, 0) + taken
        self._number += 1
        name = self._setting.world.name_of(known.provider)
        body = recorded(self._setting.plan.reference("A", self._number), day, f"{name} answers: {answer}", draw)
        body |= {
            "need": f"{request['reference']}/{number}",
            "offer": known.reference,
            "units": units,
            "state": answer,
        }
        return body | ({"reason": f"Synthetic: {draw.one(REASONS)}"} if answer == "declined" else {})
