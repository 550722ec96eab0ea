"""Offers: by States and organizations, for every kind of coverage."""

from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

from app.generator.draw import Draw, Weighted
from app.generator.plan import ADOPTED_ON
from app.generator.setting import WITHDRAWN, Line, Setting, day_within, recorded, stated, withdrawal
from app.generator.world import UNSPECIFIC
from app.quarters import Quarter

RESOURCE = "/v1/offers"
KINDS = Weighted([("offer", 78), ("programme", 14), ("intention", 8)])
COVERAGE = Weighted([("worldwide", 28), ("regions", 24), ("groups", 14), ("states", 22), ("mixed", 6), ("unstated", 6)])
N_DOMAINS = Weighted([(1, 36), (2, 27), (3, 12), (4, 11), (5, 9), (6, 5)])
N_MODALITIES = Weighted([(1, 36), (2, 28), (3, 16), (4, 20)])
#: The six official languages, by how often a programme works in them.
LANGUAGES = Weighted([("en", 10), ("fr", 6), ("es", 5), ("ru", 3), ("ar", 3), ("zh", 1)])
UNSPECIFIED = 0.06
ACCEPTS_NONE = 0.03
#: Quarters before the first one in which most offers are dated: the record's programmes go back for years.
QUARTERS_BEFORE, SHARE_BEFORE = 12, 0.7
CONDITIONS = (
    "Upon request of the State",
    "Subject to the availability of experts",
    "The partner State names a focal point",
    "Travel and venue are shared with the host",
    "Six weeks' notice",
)
REASONS = ("Programme closed", "Funding has ended", "Replaced by a newer offer")


def offers(setting: Setting) -> Iterator[tuple[Line, ...]]:
    """Every offer, in the order of dates; now and then with its withdrawal."""
    plan, draw = setting.plan, setting.stream("offers")
    for number in range(1, plan.offers + 1):
        dated_on = _date(setting, (number - 1 + draw.share()) / plan.offers)
        line = Line(RESOURCE, _offer(setting, draw, plan.reference("O", number), dated_on))
        yield (line, withdrawal(line, plan, draw.one(REASONS), draw)) if draw.chance(WITHDRAWN) else (line,)


def _date(setting: Setting, share: float) -> date:
    """Offers are dated in the order of their numbers, most of them before the first quarter."""
    plan = setting.plan
    earliest = max(ADOPTED_ON, plan.first_quarter.shifted(-QUARTERS_BEFORE).first_day)
    if share < SHARE_BEFORE:
        return day_within(share / SHARE_BEFORE, earliest, plan.starts_on - timedelta(days=1))
    return day_within((share - SHARE_BEFORE) / (1 - SHARE_BEFORE), plan.starts_on, plan.ends_on)


def _offer(setting: Setting, draw: Draw, reference: str, dated_on: date) -> dict[str, Any]:
    provider = draw.weighted(setting.leanings.providers)
    domains = [UNSPECIFIC] if draw.chance(UNSPECIFIED) else _domains(setting, draw)
    about = "content not stated" if domains == [UNSPECIFIC] else setting.world.domains[domains[0]].title
    body = recorded(reference, dated_on, f"{setting.world.name_of(provider)} offers help: {about}", draw)
    body["provider"] = provider
    return (
        body
        | stated(
            {
                "kind": draw.weighted(KINDS),
                "partners": _partners(setting, draw, provider),
                "domains": domains,
                "modalities": draw.several(setting.leanings.offered_modalities, draw.weighted(N_MODALITIES)),
                "scopes": _scopes(setting, draw, domains),
                **_languages(setting, draw, provider),
                **_coverage(setting, draw, provider),
                **_capacity(draw),
                **_validity(draw, dated_on),
                "requires_groups": [draw.one(setting.leanings.treaties)] if draw.chance(0.07) else [],
                "conditions": draw.one(CONDITIONS) if draw.chance(0.3) else None,
                "preferred_domains": domains[:1] if len(domains) > 1 and draw.chance(0.15) else [],
                "preferred_states": draw.several(setting.leanings.askers, draw.between(1, 4))
                if draw.chance(0.1)
                else [],
                "basis": _basis(draw, domains),
            }
        )
        | ({"accepts_requests": False} if draw.chance(ACCEPTS_NONE) else {})
    )


def _domains(setting: Setting, draw: Draw) -> list[str]:
    """One domain by weight, then others: as a rule under the same paragraph."""
    first = draw.weighted(setting.leanings.offered_domains)
    chosen = {first: None}
    for _ in range(draw.weighted(N_DOMAINS) - 1):
        near = draw.chance(0.6)
        other = (
            draw.one(setting.leanings.neighbours[first]) if near else draw.weighted(setting.leanings.offered_domains)
        )
        chosen[other] = None
    return list(chosen)


def _scopes(setting: Setting, draw: Draw, domains: list[str]) -> list[str]:
    """Scopes that some domain of the offer has: mostly all of them, seldom none stated."""
    known = [setting.world.domains[code].scopes for code in domains if code != UNSPECIFIC]
    possible = sorted({scope for scopes in known for scope in scopes})
    if draw.chance(0.1):
        return []
    return possible if draw.chance(0.5) else draw.some(possible, draw.between(1, max(1, len(possible))))


def _partners(setting: Setting, draw: Draw, provider: str) -> list[str]:
    if not draw.chance(0.25):
        return []
    partners = draw.several(setting.leanings.providers, draw.between(1, 2))
    return [partner for partner in partners if partner != provider]


def _languages(setting: Setting, draw: Draw, provider: str) -> dict[str, Any]:
    if draw.chance(0.35):
        return {}
    kind, _, code = provider.partition(":")
    own = setting.world.states[code].languages[:1] if kind == "state" else ()
    languages = list(dict.fromkeys([*own, *draw.several(LANGUAGES, draw.between(1, 3))]))
    return {"languages": languages, "language_required": draw.chance(0.2)}


def _coverage(setting: Setting, draw: Draw, provider: str) -> dict[str, Any]:
    """Where the offer holds; the provider itself is not among the States that it names."""
    kind = draw.weighted(COVERAGE)
    place = draw.weighted(setting.leanings.covered_regions)
    facts: dict[str, Any] = {}
    if kind == "worldwide":
        facts["worldwide"] = True
    if kind in ("regions", "mixed"):
        facts["coverage_regions"] = list(dict.fromkeys([place, *_more_regions(setting, draw)]))
    if kind == "groups":
        facts["coverage_groups"] = draw.several(setting.leanings.covered_groups, draw.between(1, 2))
    if kind in ("states", "mixed"):
        named = _named_states(setting, draw, place if draw.chance(0.7) else None)
        facts["coverage_states"] = [iso3 for iso3 in named if f"state:{iso3}" != provider]
    if kind in ("worldwide", "regions", "groups") and draw.chance(0.15):
        facts["coverage_excepted"] = draw.several(setting.leanings.askers, draw.between(1, 3))
    return facts


def _more_regions(setting: Setting, draw: Draw) -> list[str]:
    return draw.several(setting.leanings.covered_regions, draw.between(1, 2)) if draw.chance(0.3) else []


def _named_states(setting: Setting, draw: Draw, place: str | None) -> list[str]:
    """One to twelve States, in one region or anywhere."""
    count = draw.between(1, 12)
    if place is None:
        return draw.several(setting.leanings.askers, count)
    return draw.some(setting.leanings.askers_of[place], count)


def _capacity(draw: Draw) -> dict[str, Any]:
    """From 1 to 10 units a quarter, more often few; sometimes an end to it all; sometimes nothing stated."""
    if draw.chance(0.08):
        return {}
    per_quarter = min(draw.between(1, 10), draw.between(1, 10))
    return {
        "capacity_per_quarter": per_quarter,
        "capacity_total": per_quarter * draw.between(2, 12) if draw.chance(0.2) else None,
    }


def _validity(draw: Draw, dated_on: date) -> dict[str, Any]:
    facts: dict[str, Any] = {}
    begins = dated_on + timedelta(days=draw.between(0, 90))
    if draw.chance(0.65):
        facts["valid_from"] = begins.isoformat()
    if draw.chance(0.55):
        facts["valid_until"] = Quarter.of(begins).shifted(draw.between(2, 24)).last_day.isoformat()
    return facts


def _basis(draw: Draw, domains: list[str]) -> dict[str, str]:
    basis = {}
    if domains != [UNSPECIFIC] and draw.chance(0.05):
        basis["domains"] = "inferred"
    if draw.chance(0.06):
        basis["modalities"] = "inferred"
    return basis
