"""The reference data that come with the package: files in ``data/``, read and checked, as rows of the tables."""

import csv
import hashlib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from itertools import combinations
from pathlib import Path
from typing import Any

import yaml

DATA = Path(__file__).parent / "data"
#: Languages that every title of a code list has, in the order of the United Nations.
LANGUAGES = ("ar", "zh", "en", "fr", "ru", "es")
#: The taxonomy abbreviates the weapon scopes of its domains.
SCOPES = {"N": "nuclear", "C": "chemical", "B": "biological", "D": "means_of_delivery"}

Row = dict[str, Any]


class InvalidReferenceData(ValueError):
    """A reference file cannot be used; the message names the file, the entry and what is wrong."""


@dataclass(frozen=True)
class ListVersion:
    """Which version of a list the files are, and the digest of their bytes."""

    name: str
    version: int
    as_of: date
    sha256: str


@dataclass(frozen=True)
class Shipped:
    """Every list: rows by column name. States, groups and regions are named by code, not by database key."""

    versions: dict[str, ListVersion]
    rows: dict[str, list[Row]] = field(default_factory=dict)


def read(folder: Path = DATA) -> Shipped:
    """Everything in ``folder``; raises InvalidReferenceData."""
    taxonomy = _yaml(folder / "taxonomy.yaml")
    regions = [_region(row) for row in _csv(folder / "regions.csv")]
    conferences = _yaml(folder / "conferences.yaml")["conferences"]
    groups = [_group(row) for row in _csv(folder / "groups.csv")] + [_conference(entry) for entry in conferences]
    rows = {
        "weapon_scopes": [{"code": scope["code"], "title": scope["title"]} for scope in taxonomy["weapon_scopes"]],
        "domains": [_domain(domain) for domain in taxonomy["domains"]],
        "modalities": [_modality(modality) for modality in taxonomy["modalities"]],
        "relatedness": list(_relatedness(taxonomy)),
        "regions": regions,
        "group_kinds": [_only(kind, "code", "title", "counting_statuses") for kind in _group_kinds(folder)],
        "states": list(_states(folder, regions)),
        "organizations": [*_organizations(taxonomy, groups), _unattributed(folder)],
        "groups": groups,
        "memberships": [*_memberships(folder), *_participants(conferences)],
    }
    _require_titles(rows)
    _require_references(rows)
    return Shipped(_versions(folder), rows)


def regional_groups(folder: Path = DATA) -> dict[str, dict[str, str]]:
    """Titles of the regional groups of the United Nations, by code."""
    return {row["code"]: _title(row) for row in _csv(folder / "regional_groups.csv")}


def _versions(folder: Path) -> dict[str, ListVersion]:
    listed = _yaml(folder / "manifest.yaml")["lists"]
    return {
        name: ListVersion(name, entry["version"], entry["as_of"], _digest(folder, entry["files"]))
        for name, entry in listed.items()
    }


def _digest(folder: Path, names: Iterable[str]) -> str:
    digest = hashlib.sha256()
    for name in names:
        digest.update((folder / name).read_bytes())
    return digest.hexdigest()


def _yaml(path: Path) -> Any:
    try:
        return yaml.safe_load(path.read_text(encoding="utf-8"))
    except yaml.YAMLError as error:
        raise InvalidReferenceData(f"{path.name} is not YAML: {error}") from error


def _csv(path: Path) -> Iterator[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        yield from csv.DictReader(file)


def _only(entry: Row, *names: str) -> Row:
    return {name: entry[name] for name in names}


def _title(row: dict[str, str]) -> dict[str, str]:
    return {language: row[f"name_{language}"] for language in LANGUAGES}


def _domain(domain: Row) -> Row:
    return {
        "code": domain["code"],
        "title": domain["title"],
        "parent_code": domain["parent"],
        "scopes": [SCOPES[letter] for letter in domain["weapons"]],
        "source": domain["source"],
    }


def _modality(modality: Row) -> Row:
    return _only(modality, "code", "title", "example", "example_source")


def _relatedness(taxonomy: Row) -> Iterator[Row]:
    """Each related pair once: those that the taxonomy weighs by name, and its two defaults for all others."""
    defaults = taxonomy["relatedness"]
    if defaults["default_other"] != 0:
        raise InvalidReferenceData("taxonomy.yaml: default_other must be 0; pairs that are not listed are unrelated")
    named = {tuple(sorted((pair["a"], pair["b"]))): pair for pair in defaults["pairs"]}
    for first, second in combinations(sorted(taxonomy["domains"], key=lambda domain: str(domain["code"])), 2):
        a, b = first["code"], second["code"]
        if pair := named.pop((a, b), None):
            weight, why = pair["weight"], pair["why"]
        elif second["parent"] == a or first["parent"] == b:
            weight, why = defaults["default_parent_child"], f"Default: {a} and {b} are a subject and a part of it."
        elif first["parent"] is not None and first["parent"] == second["parent"]:
            weight, why = defaults["default_same_parent"], f"Default: both are parts of {first['parent']}."
        else:
            continue
        yield {"a": a, "b": b, "weight": Decimal(str(weight)), "why": why}
    if named:
        a, b = next(iter(named))
        raise InvalidReferenceData(f"taxonomy.yaml: the pair {a}, {b} names a domain that is not listed")


def _region(row: dict[str, str]) -> Row:
    return {
        "code": row["code"],
        "title": _title(row),
        "level": row["level"],
        "parent_code": row["parent_code"] or None,
    }


def _group_kinds(folder: Path) -> list[Row]:
    kinds: list[Row] = _yaml(folder / "group_kinds.yaml")["kinds"]
    return kinds


def _states(folder: Path, regions: Sequence[Row]) -> Iterator[Row]:
    region_codes = {(region["level"], region["title"]["en"]): region["code"] for region in regions}
    region_codes["intermediate_region", ""] = None
    groups = regional_groups(folder)
    for row in _csv(folder / "states.csv"):
        if row["un_regional_group"] not in groups:
            raise InvalidReferenceData(f"states.csv: {row['iso3']} is in {row['un_regional_group']}, no regional group")
        try:
            yield _state(row, region_codes)
        except KeyError as error:
            raise InvalidReferenceData(
                f"states.csv: {row['iso3']} is in a region that is not listed: {error}"
            ) from error


def _state(row: dict[str, str], region_codes: dict[tuple[str, str], str]) -> Row:
    graduates = row["ldc_scheduled_graduation"]
    return {
        "code": row["iso3"],
        "name": _title(row),
        "alternative_names": [name for name in row["alt_names_en"].split("|") if name],
        "iso3": row["iso3"],
        "iso2": row["iso2"],
        "m49": row["m49"],
        "regional_group": row["un_regional_group"],
        "regional_group_status": row["un_regional_group_status"],
        "regional_group_note": row["un_regional_group_note"] or None,
        "region_code": region_codes["region", row["m49_region"]],
        "subregion_code": region_codes["subregion", row["m49_subregion"]],
        "intermediate_region_code": region_codes["intermediate_region", row["m49_intermediate_region"]],
        "ldc": row["ldc"] == "true",
        "ldc_graduates_on": date.fromisoformat(graduates) if graduates else None,
        "lldc": row["lldc"] == "true",
        "sids": row["sids"] == "true",
        "languages": row["correspondence_languages"].split(";"),
        "income_group": row["income_group"] or None,
        "capital": row["capital"] or None,
        "latitude": Decimal(row["lat"]),
        "longitude": Decimal(row["lon"]),
    }


def _organizations(taxonomy: Row, groups: Sequence[Row]) -> Iterator[Row]:
    """A body that is also in the list of groups is one party, a group: it could otherwise assist itself unnoticed."""
    of_groups = {group["code"] for group in groups}
    for entry in taxonomy["organizations"]:
        if entry["code"] not in of_groups:
            yield {"code": entry["code"], "name": {"en": entry["name"]}, "alternative_names": [], "matchable": True}


def _unattributed(folder: Path) -> Row:
    entry = _yaml(folder / "unattributed.yaml")
    return {"code": entry["code"], "name": entry["title"], "alternative_names": [], "matchable": False}


def _group(row: dict[str, str]) -> Row:
    return {
        "code": row["code"],
        "name": {"en": row["name_en"]},
        "alternative_names": [],
        "group_kind": row["kind"],
        **{name: row[name] or None for name in ("founded", "treaty", "source_url", "as_of", "note")},
        "held_from": None,
        "held_until": None,
    }


def _conference(entry: Row) -> Row:
    return {
        "code": entry["code"],
        "name": entry["title"],
        "alternative_names": [],
        "group_kind": "assistance_conference",
        "founded": None,
        "treaty": None,
        **_only(entry, "source_url", "as_of", "note", "held_from", "held_until"),
    }


def _memberships(folder: Path) -> Iterator[Row]:
    for name in ("group_members.csv", "earlier_memberships.csv"):
        for row in _csv(folder / name):
            until = row.get("until")
            yield {
                "group": row["group_code"],
                "state": row["iso3"],
                "status": row["status"],
                "since": row["since"],
                "starts_on": first_day(row["since"]),
                "ends_on": date.fromisoformat(until) if until else None,
                "note": row["note"] or None,
            }


def _participants(conferences: Iterable[Row]) -> Iterator[Row]:
    for conference in conferences:
        for iso3 in conference["participants"]:
            yield {
                "group": conference["code"],
                "state": iso3,
                "status": "participant",
                "since": conference["held_from"].isoformat(),
                "starts_on": conference["held_from"],
                "ends_on": None,
                "note": None,
            }


def first_day(since: str) -> date | None:
    """The first day that a year, a month or a day can mean; None for an unknown one."""
    return date.fromisoformat(f"{since}-01-01"[:10]) if since else None


def _require_titles(rows: dict[str, list[Row]]) -> None:
    for name in ("weapon_scopes", "domains", "modalities", "regions", "group_kinds"):
        for row in rows[name]:
            if missing := set(LANGUAGES) - set(row["title"]):
                raise InvalidReferenceData(f"{name}: {row['code']} has no title in {', '.join(sorted(missing))}")


def _require_references(rows: dict[str, list[Row]]) -> None:
    """Codes that one list takes from another must be there, and no key may come twice."""
    codes = {name: {row["code"] for row in rows[name]} for name in rows if name not in ("relatedness", "memberships")}
    for name, known in codes.items():
        if len(known) != len(rows[name]):
            raise InvalidReferenceData(f"{name}: a code is listed twice")
    for name, column, listed in (
        ("domains", "parent_code", "domains"),
        ("regions", "parent_code", "regions"),
        ("groups", "group_kind", "group_kinds"),
        ("memberships", "group", "groups"),
        ("memberships", "state", "states"),
    ):
        for row in rows[name]:
            if row[column] is not None and row[column] not in codes[listed]:
                raise InvalidReferenceData(f"{name}: {row[column]} is not among the {listed}")
