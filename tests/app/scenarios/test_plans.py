"""What a study consists of, and what is refused before anything is stored."""

from typing import Any

import pytest
from sqlalchemy import func, select
from sqlalchemy.engine import Engine
from sqlalchemy.orm import Session

from app.database import session_scope
from app.problems import InvalidContent, NotFound, Problem, ReferenceTaken, StrategyRefused
from app.scenarios.models import Scenario, Study
from app.scenarios.plans import Planned, plan
from app.scenarios.schemas import StudyStart
from app.strategies.service import shipped
from app.visibility import LOCAL
from tests.app.scenarios.studying import begin

RUN = {"kind": "what_if", "run": "RUN-2015-Q1"}
NEVER_SERVED = "urgency.never_served.value"


def planned(session: Session, **given: Any) -> list[Planned]:
    return list(plan(session, LOCAL, StudyStart.model_validate(given)).scenarios)


def test_a_grid_gives_every_combination_beside_the_strategy_that_was_run(session: Session) -> None:
    found = planned(session, **RUN, grid={NEVER_SERVED: ["0", "10"], "objective": ["points", "equal_treatment"]})
    assert [each.baseline for each in found] == [None, 0, 0, 0, 0]
    tried = [(each.strategy["urgency"]["never_served"]["value"], each.strategy["objective"]) for each in found[1:]]
    assert tried == [("0", "points"), ("0", "equal_treatment"), ("10", "points"), ("10", "equal_treatment")]
    assert found[1].name == f"{NEVER_SERVED}=0, objective=points"
    assert found[0].strategy_sha256 == found[4].strategy_sha256


def test_a_quarter_stands_for_its_newest_run_and_documents_for_strategies_that_are_not_stored(
    session: Session,
) -> None:
    made = plan(
        session,
        LOCAL,
        StudyStart.model_validate(
            {"kind": "what_if", "run": "2015-Q1", "documents": [shipped() | {"name": "trial", "objective": "points"}]}
        ),
    )
    assert made.run == "RUN-2015-Q1"
    assert [each.name for each in made.scenarios] == ["default, as it was run", "trial"]


def test_a_backtest_goes_quarter_by_quarter_and_compares_with_the_first_strategy(session: Session) -> None:
    given = {"kind": "backtest", "first_quarter": "2014-Q4", "last_quarter": "2015-Q1", "grid": {NEVER_SERVED: [5, 9]}}
    found = planned(session, **given)
    assert [(each.quarter, each.baseline) for each in found] == [
        ("2014-Q4", None), ("2014-Q4", 0), ("2015-Q1", None), ("2015-Q1", 2),
    ]  # fmt: skip
    [stored] = planned(session, kind="backtest", stored=True)
    assert stored.quarter == "2015-Q1" and stored.problem is not None


def test_a_backtest_of_everything_begins_with_the_first_document(session: Session) -> None:
    assert planned(session, kind="backtest")[0].quarter == "2008-Q2"


def test_a_sensitivity_study_has_a_scenario_for_each_number_that_may_move(session: Session) -> None:
    found = [each.weight for each in planned(session, kind="sensitivity", run="RUN-2015-Q1")]
    assert NEVER_SERVED in found and "urgency.ldc.value" not in found


@pytest.mark.parametrize(
    ("given", "refusal", "says"),
    [
        ({"kind": "what_if"}, InvalidContent, "about a run"),
        (RUN, InvalidContent, "name strategies to compare"),
        (RUN | {"strategies": ["defalt"]}, NotFound, "default"),
        (RUN | {"run": "RUN-2014-Q1", "strategies": ["default"]}, NotFound, "RUN-2014-Q1"),
        (RUN | {"run": "2014-Q1", "strategies": ["default"]}, NotFound, "has not been run"),
        (RUN | {"grid": {"urgency.never_serve.value": [1]}}, StrategyRefused, NEVER_SERVED),
        (RUN | {"grid": {NEVER_SERVED: ["much"]}}, StrategyRefused, "not a decimal number"),
        (RUN | {"grid": {"urgency.ldc.value": [5]}}, StrategyRefused, "name the decision"),
        (RUN | {"grid": {"fairness.state.value.0": ["x"]}}, StrategyRefused, "no whole number"),
        (RUN | {"grid": {"fairness.state.value": ["40"]}}, StrategyRefused, "holds several values"),
        (RUN | {"grid": {"rules.related_domains.value": ["maybe"]}}, StrategyRefused, "neither true nor false"),
        (RUN | {"grid": {NEVER_SERVED: list(range(100)), "urgency.priority.1.value": list(range(100))}},
         InvalidContent, "10000 combinations"),
        (RUN | {"documents": [{"name": "x"}]}, StrategyRefused, "/documents/0"),
        (RUN | {"strategies": ["default"], "stored": True}, InvalidContent, "stored does not go with what_if"),
        ({"kind": "backtest", "run": "RUN-2015-Q1"}, InvalidContent, "run does not go with backtest"),
        ({"kind": "backtest", "first_quarter": "2016-Q1", "last_quarter": "2015-Q1"}, InvalidContent, "is after"),
        ({"kind": "backtest", "last_quarter": "2999-Q1"}, InvalidContent, "has not ended"),
        ({"kind": "backtest", "first_quarter": "spring"}, InvalidContent, "is no quarter"),
        ({"kind": "backtest", "stored": True, "last_quarter": "2010-Q1"}, InvalidContent, "has a finished run"),
        ({"kind": "firmness", "run": "RUN-2015-Q1", "strategies": ["default", "default/1"]}, InvalidContent,
         "about one strategy"),
        ({"kind": "sensitivity", "run": "RUN-2015-Q1", "weights": ["urgency.ldc.value"]}, InvalidContent,
         "no number urgency.ldc.value can be moved"),
    ],
)  # fmt: skip
def test_what_cannot_be_studied_is_refused_with_the_reason(
    session: Session, given: dict[str, Any], refusal: type[Problem], says: str
) -> None:
    with pytest.raises(refusal) as refused:
        planned(session, **given)
    faults = "; ".join(f"{fault.pointer} {fault.detail}" for fault in getattr(refused.value, "errors", ()))
    assert says in f"{refused.value} {faults}"


def test_a_reference_is_given_or_made_and_used_once(engine: Engine) -> None:
    assert begin(engine, strategies=["default"], reference="STUDY-1").study.reference == "STUDY-1"
    assert begin(engine, strategies=["default"]).study.reference.startswith("1540-STUDY-")
    with pytest.raises(ReferenceTaken):
        begin(engine, strategies=["default"], reference="STUDY-1")
    with session_scope(engine) as session:
        assert session.scalar(select(func.count()).select_from(Study)) == 2
        assert session.scalar(select(func.count()).select_from(Scenario)) == 4
