"""Loading the shipped reference data: idempotent, versioned, and no code ever disappears."""

from collections.abc import Iterable
from dataclasses import asdict, dataclass
from decimal import Decimal
from uuid import UUID

from sqlalchemy import Table, func, insert, select
from sqlalchemy.orm import Session

from app.database import Base
from app.parties.models import GroupFacts, Party, PartyKind, StateFacts
from app.records import Row, table_of
from app.reference.memberships import load_memberships
from app.reference.models import CodeList, Domain, GroupKind, Modality, Region, Relatedness, WeaponScope
from app.reference.reconcile import Changes, Target, reconcile
from app.reference.shipped import ListVersion, Shipped, read

#: Lists of codes, in an order in which each finds the codes that it names.
CODE_TABLES: dict[str, type[Base]] = {
    "weapon_scopes": WeaponScope,
    "domains": Domain,
    "modalities": Modality,
    "regions": Region,
    "group_kinds": GroupKind,
}
PARTY_COLUMNS = ("code", "name", "alternative_names", "matchable")


class ReferenceDataRefused(RuntimeError):
    """The shipped lists do not follow on those that are loaded; the message says which, and what to do."""


@dataclass(frozen=True)
class ListLoaded:
    """What loading one list came to."""

    name: str
    version: int
    added: int = 0
    amended: int = 0
    retired: int = 0
    unchanged: int = 0


@dataclass(frozen=True)
class LoadReport:
    """What loading all lists came to. A list whose version was loaded before is not touched again."""

    lists: tuple[ListLoaded, ...]

    @property
    def changed(self) -> bool:
        """Whether anything was written."""
        return any(entry.added or entry.amended or entry.retired for entry in self.lists)


def load_reference(session: Session, shipped: Shipped | None = None) -> LoadReport:
    """Bring every list to the shipped version, in the caller's transaction; raises ReferenceDataRefused."""
    shipped = shipped or read()
    # Two set-ups at once: the second waits, then finds nothing left to do.
    session.execute(select(func.pg_advisory_xact_lock(func.hashtext("reference data"))))
    loaded = []
    for name in (*CODE_TABLES, "relatedness", "states", "organizations", "groups", "memberships"):
        version = shipped.versions[name]
        if _is_news(session, version):
            changes = _load(session, name, version, shipped.rows[name])
            session.execute(insert(CodeList).values({**asdict(version), "version": str(version.version)}))
        else:
            changes = Changes(unchanged=len(shipped.rows[name]))
        loaded.append(ListLoaded(name, version.version, **asdict(changes)))
    return LoadReport(tuple(loaded))


def _is_news(session: Session, version: ListVersion) -> bool:
    """Whether this version follows on the newest loaded one; raises ReferenceDataRefused if it contradicts it."""
    known = session.execute(select(CodeList.version, CodeList.sha256).where(CodeList.name == version.name)).all()
    digests = {int(row.version): row.sha256 for row in known}
    newest = max(digests, default=0)
    if version.version < newest:
        raise ReferenceDataRefused(
            f"version {newest} of the list {version.name} is loaded and this release has {version.version}; "
            "use the release that loaded it, or a later one"
        )
    if digests.get(version.version, version.sha256) != version.sha256:
        raise ReferenceDataRefused(
            f"the list {version.name} differs from its version {version.version} that is loaded; "
            "give it a new version in manifest.yaml"
        )
    return version.version > newest


def _load(session: Session, name: str, version: ListVersion, rows: list[Row]) -> Changes:
    if name in CODE_TABLES:
        return reconcile(session, _codes(table_of(CODE_TABLES[name]), version, "code"), _current(_parents_first(rows)))
    if name == "relatedness":
        return reconcile(session, _pairs(version), rows)
    if name == "memberships":
        groups, states = _party_ids(session, PartyKind.GROUP), _party_ids(session, PartyKind.STATE)
        return load_memberships(session, version.as_of, [_keyed(row, groups, states) for row in rows])
    kind = PartyKind(name.removesuffix("s"))
    changes = _load_parties(session, kind, version, rows)
    if kind is PartyKind.ORGANIZATION:
        return changes
    return _both(changes, _load_facts(session, kind, rows))


def _parents_first(rows: Iterable[Row]) -> list[Row]:
    """``rows`` in an order in which each comes after the row that its ``parent_code`` names."""
    parents = {row["code"]: row.get("parent_code") for row in rows}

    def depth(code: str | None) -> int:
        return 0 if code is None else 1 + depth(parents[code])

    return sorted(rows, key=lambda row: depth(row["code"]))


def _codes(table: Table, version: ListVersion, key: str) -> Target:
    """Codes that are listed no more are retired in this version, once."""
    release = str(version.version)
    return Target(
        table,
        (key,),
        gone=lambda row: {} if row["retired_in"] else {"retired_in": release},
        fresh={"since_version": release},
    )


def _current(rows: Iterable[Row]) -> list[Row]:
    """A code that comes back after having been retired is current again."""
    return [row | {"retired_in": None} for row in rows]


def _pairs(version: ListVersion) -> Target:
    no_more = {"weight": Decimal("0.00"), "why": f"No longer listed in version {version.version}."}
    return Target(table_of(Relatedness), ("a", "b"), gone=lambda row: no_more if row["weight"] else {})


def _load_parties(session: Session, kind: PartyKind, version: ListVersion, rows: list[Row]) -> Changes:
    target = _codes(table_of(Party), version, "reference")
    among = Target(target.table, target.key, target.gone, target.fresh, Party.kind == kind)
    parties = [
        {name: row.get(name, True) for name in PARTY_COLUMNS} | {"reference": f"{kind}:{row['code']}", "kind": kind}
        for row in rows
    ]
    return reconcile(session, among, _current(parties))


def _load_facts(session: Session, kind: PartyKind, rows: list[Row]) -> Changes:
    """What is known of States or groups. Facts of a retired party stay as they were."""
    table = table_of(StateFacts if kind is PartyKind.STATE else GroupFacts)
    ids = _party_ids(session, kind)
    facts = [
        {name: value for name, value in row.items() if name not in PARTY_COLUMNS} | {"party_id": ids[row["code"]]}
        for row in rows
    ]
    return reconcile(session, Target(table, ("party_id",), gone=lambda row: {}), facts)


def _both(parties: Changes, facts: Changes) -> Changes:
    """One figure for a party and its facts, which are one entry of a list."""
    amended = max(parties.amended, facts.amended)
    entries = parties.amended + parties.unchanged
    return Changes(parties.added, amended, parties.retired, entries - amended)


def _keyed(row: Row, groups: dict[str, UUID], states: dict[str, UUID]) -> Row:
    """A membership with the keys of its group and State in place of their codes."""
    own = {name: value for name, value in row.items() if name not in ("group", "state")}
    return own | {"group_id": groups[row["group"]], "state_id": states[row["state"]]}


def _party_ids(session: Session, kind: PartyKind) -> dict[str, UUID]:
    return {row.code: row.id for row in session.execute(select(Party.code, Party.id).where(Party.kind == kind))}
