"""Who tends to ask, who to offer, and for what: the weights of ``weights.yaml`` applied to a world."""

from dataclasses import dataclass
from importlib.resources import files
from typing import Any

import yaml

from app.generator.draw import Weighted
from app.generator.world import Group, State, World


@dataclass(frozen=True)
class Leanings:
    """Weighted choices. ``askers_of`` holds, for a group or region code, its members that ask."""

    askers: Weighted[str]
    askers_of: dict[str, tuple[str, ...]]
    providers: Weighted[str]
    asked_domains: Weighted[str]
    offered_domains: Weighted[str]
    #: Domain -> those under the same paragraph, which an offer tends to hold as well.
    neighbours: dict[str, tuple[str, ...]]
    asked_modalities: Weighted[str]
    offered_modalities: Weighted[str]
    #: Kind of group -> groups of this kind that have at least two members that ask.
    submitters: dict[str, tuple[str, ...]]
    covered_regions: Weighted[str]
    covered_groups: Weighted[str]
    #: Groups that nearly all States belong to: treaties, which an offer may make a condition.
    treaties: tuple[str, ...]


def leanings(world: World) -> Leanings:
    """The leanings of ``world``."""
    weights = yaml.safe_load((files("app.generator") / "weights.yaml").read_text(encoding="utf-8"))
    asking = {iso3: _asking(state, weights["asking"]) for iso3, state in world.states.items()}
    members = world.regions | {code: group.members for code, group in world.groups.items()}
    askers_of = {code: tuple(iso3 for iso3 in states if asking[iso3]) for code, states in members.items()}
    asked, offered = _both(world, weights["domains"], list(world.domains))
    wanted, given = _both(world, weights["modalities"], list(world.modalities))
    submitters = {
        kind: tuple(code for code, group in world.groups.items() if group.kind == kind and len(askers_of[code]) > 1)
        for kind in weights["submitters"]
    }
    return Leanings(
        askers=Weighted(asking.items()),
        askers_of=askers_of,
        providers=Weighted(_providing(world, weights["providing"])),
        asked_domains=asked,
        offered_domains=offered,
        neighbours={
            code: tuple(other.code for other in world.domains.values() if other.parent == domain.parent)
            for code, domain in world.domains.items()
        },
        asked_modalities=wanted,
        offered_modalities=given,
        submitters={kind: codes for kind, codes in submitters.items() if codes},
        covered_regions=Weighted((code, len(askers_of[code])) for code in world.regions),
        covered_groups=Weighted((code, 1) for codes in submitters.values() for code in codes),
        treaties=tuple(code for code, group in world.groups.items() if _nearly_all(group, world)),
    )


def _asking(state: State, weights: dict[str, Any]) -> int:
    base: int = weights["regional_group"][state.regional_group]
    income: int = weights["income"][state.income]
    extra: int = sum(weights["extra"][trait] for trait in state.traits)
    return base * (income + extra)


def _providing(world: World, weights: dict[str, Any]) -> list[tuple[str, int]]:
    floor, times = weights["floor"], weights["times"]
    states = [
        (
            f"state:{iso3}",
            weights["states"].get(iso3, 0) * times
            + (
                floor["high_income"].get(state.regional_group, floor["high_income"]["other"]) * (state.income == "high")
            ),
        )
        for iso3, state in world.states.items()
    ]
    organizations = [
        (f"organization:{code}", weights["organizations"].get(code, 0) * times + floor["organization"])
        for code in world.organizations
    ]
    groups = [(f"group:{code}", times * weight) for code, weight in weights["groups"].items() if code in world.groups]
    return states + organizations + groups


def _both(world: World, weights: dict[str, Any], codes: list[str]) -> tuple[Weighted[str], Weighted[str]]:
    """Weights of ``codes`` as asked for and as offered: mostly what its own side of the record says."""
    parents = {domain.parent for domain in world.domains.values()}
    floor = {code: weights["floor"]["whole" if code in parents else "part"] for code in codes}

    def weighed(own: str, other: str) -> Weighted[str]:
        return Weighted(
            (
                code,
                weights[own].get(code, 0) * weights["times"]["own"]
                + weights[other].get(code, 0) * weights["times"]["other"]
                + floor[code],
            )
            for code in codes
        )

    return weighed("asked", "offered"), weighed("offered", "asked")


def _nearly_all(group: Group, world: World) -> bool:
    return len(group.members) * 10 > len(world.states) * 9
