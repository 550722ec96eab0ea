"""Synthetic records as problem files of `matching`, without a database in between.

All needs and offers of a plan take part, those of intentions and those withdrawn later too, so that there are as many
as the plan says. Answers leave no trace: every need is whole, every offer has what it gives in a quarter. Needs come
last in a file, one to a line, so that a million of them are written and read one by one.
"""

import gzip
import json
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import IO, Any

from app.generator.exclusions import exclusions
from app.generator.groups import group_submissions, sizes
from app.generator.offers import offers
from app.generator.plan import Plan
from app.generator.requests import requests
from app.generator.setting import Setting
from app.generator.world import UNSPECIFIC, World
from app.strategies.service import shipped

Json = dict[str, Any]

ALL = ("modalities", "scopes", "languages", "wanted_from", "wanted_by")
"""Facts of a need beside its State, its domain and its units."""

_encode = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"), allow_nan=False).encode


@dataclass(frozen=True)
class Told:
    """What of the records is told, on which it depends how many needs are alike.

    ``facts`` of needs are told. ``places``: the States and groups that offers are for, prefer, except or ask a treaty
    of, beside regions. ``parties``: exclusions, and that an organization refers a request, not its State.
    ``domains``: all domains of an offer, and that related ones will do, not its first one alone.
    """

    facts: tuple[str, ...]
    places: bool = True
    parties: bool = False
    domains: bool = False


EVERYTHING = Told(ALL, parties=True, domains=True)


def write(path: Path, plan: Plan, told: Told) -> None:
    """Write the problem of the last quarter of a plan; a path that ends in ``.gz`` is compressed."""
    with gzip.open(path, "wb", compresslevel=1) if path.suffix == ".gz" else path.open("wb") as file:
        _write(file, head(plan, told), needs(plan, told))


def _write(file: IO[bytes] | gzip.GzipFile, document: Json, listed: Iterator[Json]) -> None:
    file.write(_encode(document)[:-1].encode() + b',"needs":[')
    for number, need in enumerate(listed):
        file.write((b",\n" if number else b"\n") + _encode(need).encode())
    file.write(b"\n]}\n")


def head(plan: Plan, told: Told) -> Json:
    """The problem document without its needs."""
    setting = Setting.of(plan)
    offered = {lines[0].body["reference"]: lines[0].body for lines in offers(setting)}
    delivery = plan.last_quarter.shifted(1)
    strategy = shipped()
    strategy["rules"]["related_domains"]["value"] = told.domains
    return {
        "format": "matching/1",
        "quarter": str(plan.last_quarter),
        "cut_off": f"{plan.ends_on + timedelta(days=1)}T00:00:00.0Z",
        "delivery": {"from": delivery.first_day.isoformat(), "until": delivery.last_day.isoformat()},
        "states": list(_states(setting.world)),
        "domains": [{"id": domain.code, "parent": domain.parent} for domain in setting.world.domains.values()],
        "offers": [_offer(body, told) for body in offered.values()],
        "exclusions": list(_exclusions(setting, offered)) if told.parties else [],
        "strategy": strategy,
    }


def needs(plan: Plan, told: Told) -> Iterator[Json]:
    """Needs of groups, then of States, one by one."""
    setting = Setting.of(plan)
    n_national = plan.needs - sum(sizes(setting))
    for submitted in (group_submissions(setting), requests(setting, n_national)):
        for lines in submitted:
            yield from _needs(lines[0].body, setting.world, told)


def _states(world: World) -> Iterator[Json]:
    groups = defaultdict(list)
    for group in world.groups.values():
        for member in group.members:
            groups[member].append(group.code)
    for state in world.states.values():
        region, subregion, *intermediate = state.regions
        yield {
            "id": state.iso3,
            "regional_group": state.regional_group,
            "region": region,
            "subregion": subregion,
            "intermediate_region": intermediate[0] if intermediate else None,
            "groups": groups[state.iso3],
            **dict.fromkeys(state.traits, True),
        }


FACTS = {
    "modalities": "modalities",
    "scopes": "scopes",
    "languages": "languages",
    "language_required": "language_required",
    "worldwide": "worldwide",
    "coverage_regions": "regions",
    "valid_from": "valid_from",
    "valid_until": "valid_until",
    "preferred_domains": "preferred_domains",
}
PLACES = {
    "coverage_states": "states",
    "coverage_groups": "groups",
    "coverage_excepted": "except",
    "requires_groups": "requires_groups",
    "preferred_states": "preferred_states",
}
"""Facts of an offer as a record has them, and as a problem does."""


def _offer(body: Mapping[str, Any], told: Told) -> Json:
    facts = FACTS | PLACES if told.places else FACTS
    return {
        "id": body["reference"],
        "provider": body["provider"],
        "domains": body["domains"] if told.domains else body["domains"][:1],
        "units": body.get("capacity_per_quarter", 1),
        **{name: body[fact] for fact, name in facts.items() if fact in body},
    }


def _exclusions(setting: Setting, offered: Mapping[str, Json]) -> Iterator[Json]:
    """Exclusions in force in the quarter of the problem, of offers that are there."""
    provider_of = {reference: body["provider"] for reference, body in offered.items()}
    for lines in exclusions(setting, provider_of):
        body = lines[0].body
        if body.get("expires_on", "9999") > setting.plan.ends_on.isoformat():
            yield {"by": body["by_party"], "other": body["other_party"], "offer": body.get("offer")}


def _needs(body: Mapping[str, Any], world: World, told: Told) -> Iterator[Json]:
    reference, group = body["reference"], body.get("group")
    requester = f"group:{group}" if group else body["requester"]
    named = requester != f"organization:{world.unnamed}"
    states = [each["state"] for each in body.get("beneficiaries", ()) if each.get("consent") == "confirmed"]
    if requester.startswith("state:"):
        states = [requester.removeprefix("state:")]
    if not told.parties and states and not group:
        requester = f"state:{states[0]}"
    for number, line in enumerate(body["needs"], 1):
        yield {
            "id": f"{reference}/{number}",
            "request": reference,
            "requester": requester,
            "states": states,
            "domain": line.get("domain", UNSPECIFIC),
            "units": line.get("units", 1),
            "priority": line["priority"],
            "date": body["dated_on"],
            "waiting_since": body.get("authenticated_on", body["dated_on"]),
            "action_plan": body.get("action_plan", False),
            "named": named,
            **{name: line[name] for name in ("delivery", "least") if name in line},
            **{name: line[name] for name in told.facts if name in line},
        }
