"""The world that the records are set in: the shipped reference data, as they stand on one day."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import date
from typing import Any

from app.reference.shipped import Shipped, first_day, read

UNSPECIFIC = "UNSPEC"
REGION_LEVELS = ("region_code", "subregion_code", "intermediate_region_code")


@dataclass(frozen=True)
class State:
    """A State, as far as it matters for what it asks and offers."""

    iso3: str
    name: str
    regional_group: str
    income: str
    traits: tuple[str, ...]
    languages: tuple[str, ...]
    regions: tuple[str, ...]
    #: The State's own bit; sets of States are whole numbers, so that a hundred thousand of them fit into memory.
    bit: int


@dataclass(frozen=True)
class Group:
    """A group, with its members that count."""

    code: str
    name: str
    kind: str
    members: tuple[str, ...]


@dataclass(frozen=True)
class Domain:
    """A subject of assistance."""

    code: str
    parent: str | None
    scopes: tuple[str, ...]
    title: str


@dataclass(frozen=True)
class World:
    """States, groups, regions and code lists, each by code in the order of the shipped files."""

    states: dict[str, State]
    groups: dict[str, Group]
    regions: dict[str, tuple[str, ...]]
    domains: dict[str, Domain]
    modalities: tuple[str, ...]
    organizations: dict[str, str]
    #: The organization that stands for a requester whom the source does not name.
    unnamed: str

    def name_of(self, party: str) -> str:
        """English name of ``state:ALB``, ``group:CAN`` or ``organization:IAEA``."""
        kind, _, code = party.partition(":")
        if kind == "organization":
            return self.organizations[code]
        return self.states[code].name if kind == "state" else self.groups[code].name

    def bits(self, states: list[str] | tuple[str, ...]) -> int:
        """The set of these ``states``, as a whole number."""
        found = 0
        for iso3 in states:
            found |= self.states[iso3].bit
        return found


def world(first: date, last: date, shipped: Shipped | None = None) -> World:
    """The world of the shipped files: groups there are on the ``first`` day, members from then to the ``last``."""
    rows = (shipped or read()).rows
    states = {row["code"]: _state(row, number) for number, row in enumerate(rows["states"])}
    return World(
        states=states,
        groups=_groups(rows, first, last),
        regions=_regions(states),
        domains={
            row["code"]: Domain(row["code"], row["parent_code"], tuple(row["scopes"]), row["title"]["en"])
            for row in rows["domains"]
            if row["code"] != UNSPECIFIC
        },
        modalities=tuple(row["code"] for row in rows["modalities"]),
        organizations={row["code"]: row["name"]["en"] for row in rows["organizations"] if row["matchable"]},
        unnamed=next(row["code"] for row in rows["organizations"] if not row["matchable"]),
    )


def _state(row: dict[str, Any], number: int) -> State:
    return State(
        iso3=row["iso3"],
        name=row["name"]["en"],
        regional_group=row["regional_group"],
        income=row["income_group"] or "unclassified",
        traits=tuple(trait for trait in ("ldc", "lldc", "sids") if row[trait]),
        languages=tuple(row["languages"]),
        regions=tuple(row[level] for level in REGION_LEVELS if row[level]),
        bit=1 << number,
    )


def _regions(states: dict[str, State]) -> dict[str, tuple[str, ...]]:
    found: defaultdict[str, list[str]] = defaultdict(list)
    for state in states.values():
        for region in state.regions:
            found[region].append(state.iso3)
    return {code: tuple(found[code]) for code in sorted(found)}


def _groups(rows: dict[str, list[dict[str, Any]]], first: date, last: date) -> dict[str, Group]:
    counting = {row["code"]: row["counting_statuses"] for row in rows["group_kinds"]}
    kinds = {row["code"]: row["group_kind"] for row in rows["groups"]}
    members: defaultdict[str, list[str]] = defaultdict(list)
    for row in rows["memberships"]:
        begun = row["starts_on"] is None or row["starts_on"] <= first
        lasts = row["ends_on"] is None or row["ends_on"] >= last
        if begun and lasts and row["status"] in counting[kinds[row["group"]]]:
            members[row["group"]].append(row["state"])
    founded = {row["code"]: row["held_from"] or first_day(row["founded"]) or date.min for row in rows["groups"]}
    return {
        row["code"]: Group(row["code"], row["name"]["en"], row["group_kind"], tuple(members[row["code"]]))
        for row in rows["groups"]
        if founded[row["code"]] <= first
    }
