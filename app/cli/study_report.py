"""A study as people read it in a terminal: figures of each scenario, what changes and why, leeways, firmness."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from rich.table import Table
from rich.text import Text
from sqlalchemy.orm import Session

from app.cli.console import table
from app.paging import MAXIMUM
from app.scenarios import results, service
from app.scenarios.models import StudyKind
from app.scenarios.schemas import ChangesRead, FirmnessRead, ScenarioRead, StudyRead
from app.visibility import LOCAL

#: Changes of a scenario that are printed unless all are asked for.
MOST = 10


@dataclass(frozen=True)
class Told:
    """A study with everything that has come of it."""

    study: StudyRead
    scenarios: list[ScenarioRead]
    changes: list[ChangesRead]
    firmness: FirmnessRead | None

    @property
    def document(self) -> dict[str, Any]:
        """As JSON shows it."""
        return {
            "study": self.study,
            "scenarios": self.scenarios,
            "changes": self.changes,
            "firmness": self.firmness,
        }


def read(session: Session, reference: str) -> Told:
    """A study with all its scenarios, and the changes of those that differ from their baseline."""
    study = service.read(session, LOCAL, reference)
    scenarios: list[ScenarioRead] = []
    cursor: str | None = None
    while True:
        query = results.ScenariosQuery(limit=MAXIMUM, cursor=cursor, state=[], quarter=[])
        found, shown = results.scenarios(session, LOCAL, reference, query)
        scenarios += found
        cursor = shown.cursor
        if cursor is None:
            break
    compared = [] if study.kind is StudyKind.FIRMNESS else [each for each in scenarios if _differs(each)]
    changes = [results.changes(session, LOCAL, reference, each.number) for each in compared]
    solved = bool(scenarios) and scenarios[0].figures is not None
    firmness = results.firmness_of(session, LOCAL, reference) if study.kind is StudyKind.FIRMNESS and solved else None
    return Told(study, scenarios, changes, firmness)


def _differs(scenario: ScenarioRead) -> bool:
    compared = scenario.against_baseline
    return compared is not None and bool(compared.appear + compared.disappear + compared.change)


def lines(told: Told, *, everything: bool) -> Iterator[Text | Table]:
    """The lines of the report; long lists of changes are cut short unless ``everything`` is wanted."""
    study = told.study
    of_run = f", on the snapshot of {study.run}" if study.run else ""
    yield Text(study.reference, style="bold") + Text(f"  {study.kind.replace('_', '-')}{of_run}: {study.state}")
    if study.kind is StudyKind.SENSITIVITY:
        yield _leeways(told.scenarios)
    elif told.firmness is not None:
        yield from _firmness(told.firmness)
    else:
        yield _figures(told.scenarios)
        if study.kind is StudyKind.BACKTEST:
            yield _totals(told.scenarios)
    for changes in told.changes:
        yield from _changes(told.scenarios[changes.number - 1], changes, None if everything else MOST)
    for scenario in told.scenarios:
        if scenario.failure is not None:
            yield Text(f"{scenario.number} {scenario.name}: {scenario.failure.sentence}", style="red")


def _figures(scenarios: Sequence[ScenarioRead]) -> Table:
    columns = ("#", "Scenario", "Quarter", "State", "Units", "Points", "Gini", "Worst share", "Against", "Changes")
    return table("", columns, (_cells(scenario) for scenario in scenarios), right="# Points Gini Against")


def _cells(scenario: ScenarioRead) -> tuple[object, ...]:
    figures, compared = scenario.figures, scenario.against_baseline
    return (
        scenario.number,
        scenario.name,
        scenario.quarter,
        figures.status if figures else scenario.state,
        figures and f"{figures.units_served} of {figures.units_asked}",
        figures and figures.points,
        figures and _decimal(figures.equality.gini),
        figures and figures.equality.least_share,
        scenario.baseline,
        compared and f"+{compared.appear} -{compared.disappear} ~{compared.change}",
    )


def _decimal(fraction: str | None) -> str | None:
    return None if fraction is None else f"{float(Fraction(fraction)):.3f}"


def _totals(scenarios: Sequence[ScenarioRead]) -> Table:
    """Units and points of each strategy over all its quarters."""
    totals: dict[str, list[int]] = {}
    for scenario in scenarios:
        if scenario.figures is not None:
            figures = scenario.figures
            before = totals.get(scenario.name, [0, 0, 0, 0])
            more = (1, figures.units_served, figures.units_asked, figures.points)
            totals[scenario.name] = [a + b for a, b in zip(before, more, strict=True)]
    rows = ((name, n, f"{served} of {asked}", points) for name, (n, served, asked, points) in totals.items())
    return table("Over all quarters", ("Strategy", "Quarters", "Units", "Points"), rows, right="Quarters Points")


def _leeways(scenarios: Sequence[ScenarioRead]) -> Table:
    columns = ("Number", "Value", "Down, stays until", "changes at", "Up, stays until", "changes at", "First to change")
    rows: list[tuple[object, ...]] = []
    for scenario in scenarios:
        found = scenario.leeway
        if found is None:
            rows.append((scenario.weight, scenario.state, None, None, None, None, None))
            continue
        nearest = found.up.first or found.down.first
        first = nearest and f"{nearest.need}{_member(nearest.member)} → {nearest.offer}"
        ends = (found.down.stays_until, found.down.changes_at, found.up.stays_until, found.up.changes_at)
        rows.append((found.weight, found.value, *ends, first))
    return table("", columns, rows)


def _firmness(found: FirmnessRead) -> Iterator[Text | Table]:
    rows = (
        (
            f"{each.need}{_member(each.member)}",
            each.offer,
            each.units,
            f"{each.stays} of {found.settings}",
            "fragile" if each.fragile else "",
        )
        for each in found.pairings
    )
    yield table("", ("Need", "Offer", "Units", "Stays", "Firmness"), rows, right="Units Stays")
    yield Text(
        f"Every weight varied by up to {found.spread} of it; fragile is what stays under fewer than "
        f"{found.fragile_below} of the settings."
    )


def _changes(scenario: ScenarioRead, found: ChangesRead, most: int | None) -> Iterator[Text]:
    yield Text()
    yield Text(f"{scenario.number} {scenario.name}, against {found.baseline}", style="bold")
    for each in found.changes[:most]:
        sign, style = ("+", "green") if not each.units_before else ("-", "red") if not each.units_after else ("~", "")
        units = f"{each.units_before} → {each.units_after} units"
        yield Text(f"  {sign} {each.need}{_member(each.member)} → {each.offer}, {units}", style=style)
        for sentence in each.sentences:
            yield Text(f"      {sentence}")
    if most is not None and len(found.changes) > most:
        yield Text(f"  … {len(found.changes) - most} more (--full)", style="dim")


def _member(member: str | None) -> str:
    return f" for {member}" if member else ""
