"""Strategies: validated when they come in, kept as versions that never change."""

from collections.abc import Iterator, Mapping
from importlib.resources import files
from typing import Any

import yaml
from sqlalchemy import ColumnElement, Select, func, select
from sqlalchemy.orm import Session

import matching
from app.faults import summary
from app.paging import Page, PageQuery, page
from app.problems import Fault, NotFound, StrategyRefused, pointer, suggest
from app.records import sign
from app.reference.models import Domain, Region
from app.strategies.models import Strategy
from app.strategies.schemas import StrategyRead, StrategySummary
from app.visibility import Viewer, visible

#: Name of the strategy that is shipped, and that a run uses unless another is named.
DEFAULT = "default"

TITLE: ColumnElement[str] = Strategy.document["title"].astext.label("title")


def ensure_default(session: Session, viewer: Viewer) -> StrategyRead:
    """Store the shipped strategy as a new version if it differs from the newest one; the version that stands."""
    return submit(session, viewer, shipped())[0]


def shipped() -> dict[str, Any]:
    """The document of the strategy that comes with the package."""
    document = yaml.safe_load((files("app.strategies") / "data" / "default.yaml").read_text(encoding="utf-8"))
    assert isinstance(document, dict)
    return document


def submit(session: Session, viewer: Viewer, document: Mapping[str, Any]) -> tuple[StrategyRead, bool]:
    """Store ``document`` as the next version of the strategy that it names, and say whether it is a new one.

    What the newest version says already is not stored again. Raises StrategyRefused, with the place of every
    wrong value.
    """
    try:
        strategy = matching.Strategy.from_document(document)
    except matching.InvalidStrategy as refused:
        raise refusal([Fault(*fault) for fault in refused.faults]) from refused
    if unknown := list(unknown_codes(session, strategy.document)):
        raise refusal(unknown)
    sign(session, viewer)
    # Of two documents at once, the second waits and gets the number after the first.
    session.execute(select(func.pg_advisory_xact_lock(func.hashtext(f"strategy {strategy.name}"))))
    newest = session.scalar(_versions(strategy.name).limit(1))
    if newest is not None and newest.sha256 == strategy.sha256:
        return _read(newest), False
    stored = Strategy(
        name=strategy.name,
        version=newest.version + 1 if newest else 1,
        document=strategy.document,
        sha256=strategy.sha256,
    )
    session.add(stored)
    session.flush()
    return _read(stored), True


def refusal(faults: list[Fault]) -> StrategyRefused:
    """The refusal of a document with these faults."""
    return StrategyRefused(summary(faults), faults)


def unknown_codes(session: Session, document: Mapping[str, Any]) -> Iterator[Fault]:
    """Codes in ``document`` that no code list has, each with the nearest ones that it has."""
    domains = set(session.scalars(select(Domain.code)))
    regions = set(session.scalars(select(Region.code)))
    affinity = document["affinity"]
    for code in affinity["domain"]["weights"]:
        yield from _unknown(code, domains, "domain", "affinity", "domain", "weights", code)
    for code in affinity["coverage"]["region_weights"]:
        yield from _unknown(code, regions, "region", "affinity", "coverage", "region_weights", code)
    for position, pair in enumerate(document["relatedness"]["pairs"]):
        for side in ("a", "b"):
            yield from _unknown(pair[side], domains, "domain", "relatedness", "pairs", position, side)


def _unknown(code: str, valid: set[str], what: str, *place: str | int) -> Iterator[Fault]:
    if code not in valid:
        yield Fault(pointer(*place), "unknown_code", f"{code} is no {what}; {suggest(code, valid)}")


def resolve(session: Session, viewer: Viewer, reference: str) -> Strategy:
    """The version that ``NAME`` (the newest) or ``NAME/VERSION`` refers to; raises NotFound."""
    name, slash, number = reference.partition("/")
    statement = visible(_versions(name), viewer)
    if slash:
        # More digits than an integer has cannot be a version, and PostgreSQL would not read them.
        statement = statement.where(Strategy.version == (int(number) if number.isdecimal() and len(number) < 9 else 0))
    found = session.scalar(statement.limit(1))
    if found is None:
        raise NotFound(f"there is no strategy {reference}; {_hint(session, viewer, name)}")
    return found


def _hint(session: Session, viewer: Viewer, name: str) -> str:
    """Which versions there are of ``name``, or which names are near."""
    newest = session.scalar(visible(_versions(name), viewer).limit(1))
    if newest is None:
        return suggest(name, session.scalars(visible(select(Strategy.name).distinct(), viewer)).all())
    return f"there {'is' if newest.version == 1 else 'are'} {name}/1" + (
        f" to {name}/{newest.version}, the newest" if newest.version > 1 else ", the newest"
    )


def read(session: Session, viewer: Viewer, reference: str) -> StrategyRead:
    """The version that ``NAME`` (the newest) or ``NAME/VERSION`` refers to; raises NotFound."""
    return _read(resolve(session, viewer, reference))


def strategies(
    session: Session, viewer: Viewer, query: PageQuery, names: list[str]
) -> tuple[list[StrategySummary], Page[Any]]:
    """One page of all versions, or of those of the ``names``, by name and version."""
    columns = Strategy.__table__.c
    statement = visible(select(columns.name, columns.version, TITLE, columns.sha256, columns.recorded_at), viewer)
    if names:
        statement = statement.where(columns.name.in_(names))
    found = page(session, statement, [columns.name, columns.version], query)
    return [StrategySummary.model_validate(row) for row in found.rows], found


def _versions(name: str) -> Select[Strategy]:
    return select(Strategy).where(Strategy.name == name).order_by(Strategy.version.desc())


def _read(strategy: Strategy) -> StrategyRead:
    return StrategyRead(
        name=strategy.name,
        version=strategy.version,
        title=strategy.document["title"],
        sha256=strategy.sha256,
        recorded_at=strategy.recorded_at,
        document=strategy.document,
    )
