"""What the scenarios of a study come to: their figures, the pairings that change and why, how firm pairings are."""

import gzip
import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.messages import render
from app.paging import Codes, OneOf, Page, PageQuery, page
from app.problems import Conflict, NotFound
from app.runs.service import explained
from app.scenarios.figures import moved, pairings, written
from app.scenarios.models import Scenario, ScenarioState, StudyKind, StudyProblem
from app.scenarios.schemas import (
    ChangeRead,
    ChangesRead,
    Comparison,
    FirmnessRead,
    PairingFirmness,
    ScenarioRead,
    Worth,
)
from app.scenarios.service import found
from app.visibility import Viewer
from matching.studies.appraisal import Appraisal, appraise
from matching.studies.changes import Change, Pairings, changed
from matching.studies.firmness import FRAGILE_BELOW, SPREAD, firmness


class ScenariosQuery(PageQuery):
    """Filters of a study's scenarios."""

    state: OneOf[ScenarioState]
    quarter: Codes


def scenarios(
    session: Session, viewer: Viewer, reference: str, query: ScenariosQuery
) -> tuple[list[ScenarioRead], Page[Any]]:
    """One page of a study's scenarios by number, each with what it has come to so far; raises NotFound."""
    study = found(session, viewer, reference)
    columns = Scenario.__table__.c
    statement = select(Scenario.__table__).where(columns.study_id == study.id)
    if query.state:
        statement = statement.where(columns.state.in_(query.state))
    if query.quarter:
        statement = statement.where(columns.quarter.in_(query.quarter))
    shown = page(session, statement, [columns.number], query, of=f"{reference}/results")
    baselines = _outcomes(session, study.id, {row.baseline for row in shown.rows} - {None})
    return [_read(row, baselines) for row in shown.rows], shown


def changes(session: Session, viewer: Viewer, reference: str, number: int) -> ChangesRead:
    """The pairings in which a scenario differs from its baseline, and what each is worth under both strategies.

    Raises NotFound, and Conflict where there is nothing to compare or one of the two has no result.
    """
    study = found(session, viewer, reference)
    scenario = _scenario(session, study.id, reference, number)
    if scenario.baseline is None:
        raise Conflict(f"scenario {number} of {reference} is compared with none")
    baseline = _scenario(session, study.id, reference, scenario.baseline)
    for each in (baseline, scenario):
        if each.state is not ScenarioState.DONE:
            raise Conflict(f"scenario {each.number} of {reference} is {each.state}; only finished ones are compared")
    differing = changed(pairings(baseline.outcome), pairings(scenario.outcome))
    before, after = (_worths(session, each, differing) for each in (baseline, scenario))
    return ChangesRead(
        number=number,
        baseline=baseline.number,
        changes=[
            ChangeRead(**moved(change), before=worth, after=other, sentences=list(_why(worth, other)))
            for change, worth, other in zip(differing, before, after, strict=True)
        ],
    )


def firmness_of(session: Session, viewer: Viewer, reference: str) -> FirmnessRead:
    """Under how many of the others that have an optimum so far each pairing of a study's first scenario stays.

    Raises NotFound, and Conflict for a study that is not about one snapshot, or has not begun.
    """
    study = found(session, viewer, reference)
    if study.kind not in (StudyKind.FIRMNESS, StudyKind.WHAT_IF):
        raise Conflict(f"{reference} is a {study.kind} study; ask for firmness or a what-if to see what stays")
    solved = _outcomes(session, study.id, None)
    base = solved.pop(1, None)
    if base is None:
        raise Conflict(f"scenario 1 of {reference}, which the others are compared with, has no result yet")
    settings = [pairings(each) for each in solved.values() if each["figures"]["status"] == "optimal"]
    return FirmnessRead(
        settings=len(settings),
        spread=str(SPREAD) if study.kind is StudyKind.FIRMNESS else None,
        fragile_below=str(FRAGILE_BELOW),
        pairings=[
            PairingFirmness(
                need=each.pair[0],
                member=each.pair[1] or None,
                offer=each.pair[2],
                units=each.units,
                stays=each.stays,
                share=written(each.share),
                fragile=each.fragile,
            )
            for each in firmness(pairings(base), settings)
        ],
    )


def _scenario(session: Session, study_id: UUID, reference: str, number: int) -> Any:
    row = session.execute(
        select(Scenario.__table__).where(Scenario.study_id == study_id, Scenario.number == number)
    ).one_or_none()
    if row is None:
        raise NotFound(f"{reference} has no scenario {number}")
    return row


def _outcomes(session: Session, study_id: UUID, numbers: Iterable[int] | None) -> dict[int, dict[str, Any]]:
    """Outcomes of the finished scenarios among ``numbers``, or of all."""
    statement = select(Scenario.number, Scenario.outcome).where(
        Scenario.study_id == study_id, Scenario.outcome.is_not(None)
    )
    if numbers is not None:
        statement = statement.where(Scenario.number.in_(numbers))
    rows = session.execute(statement.order_by(Scenario.number))
    return {row.number: row.outcome for row in rows if row.outcome is not None}


def _read(row: Any, baselines: Mapping[int, Mapping[str, Any]]) -> ScenarioRead:
    told = {"failure", "figures", "against_baseline", "leeway"}
    outcome = row.outcome or {}
    compared = None
    if "pairings" in outcome and row.baseline in baselines:
        compared = _comparison(pairings(baselines[row.baseline]), pairings(outcome))
    return ScenarioRead(
        **{name: getattr(row, name) for name in ScenarioRead.model_fields if name not in told},
        failure=explained("failure.", row.failure),
        figures=outcome.get("figures"),
        against_baseline=compared,
        leeway=outcome.get("leeway"),
    )


def _comparison(before: Pairings, after: Pairings) -> Comparison:
    differing = changed(before, after)
    appear = sum(not change.before for change in differing)
    disappear = sum(not change.after for change in differing)
    return Comparison(appear=appear, disappear=disappear, change=len(differing) - appear - disappear)


def _worths(session: Session, scenario: Any, differing: Sequence[Change]) -> list[Worth]:
    content = session.scalar(
        select(StudyProblem.content).where(
            StudyProblem.study_id == scenario.study_id, StudyProblem.sha256 == scenario.problem_sha256
        )
    )
    assert content is not None
    document = {**json.loads(gzip.decompress(content)), "strategy": scenario.strategy}
    return [_worth(each) for each in appraise(document, [change.pair for change in differing])]


def _worth(appraisal: Appraisal) -> Worth:
    return Worth(rule=appraisal.rule, points=appraisal.points, terms=dict(appraisal.terms))


def _why(before: Worth, after: Worth) -> Iterable[str]:
    """Why a pairing changes, as sentences."""
    if before.rule is not None:
        yield render("change.barred_before", rule=before.rule)
    if after.rule is not None:
        yield render("change.barred_after", rule=after.rule)
    if before.rule is None and after.rule is None:
        terms = [
            render(
                "change.term",
                term=render(f"term.{term}"),
                before=before.terms.get(term, 0),
                after=after.terms.get(term, 0),
            )
            for term in sorted(before.terms.keys() | after.terms.keys())
            if before.terms.get(term, 0) != after.terms.get(term, 0)
        ]
        if terms:
            yield render("change.worth", before=before.points, after=after.points, terms=", ".join(terms))
        else:
            yield render("change.worth_same", points=after.points)
