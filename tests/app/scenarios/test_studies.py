"""Studies worked on: exact figures, changes with their reasons, and nothing lost by whoever is stopped or killed."""

import os
import signal
import sys
import threading
import time
from collections.abc import Iterator
from fractions import Fraction
from typing import Any

import pytest
from sqlalchemy import select, text, update
from sqlalchemy.engine import Engine
from sqlalchemy.orm import Session

from app.database import make_engine, session_scope
from app.problems import Conflict
from app.runs import proposals
from app.runs import service as runs
from app.runs.child import Solution, SolveFailed
from app.runs.heartbeat import LOST_AFTER_S, MOST_ATTEMPTS
from app.runs.jobs import work
from app.scenarios import results, service
from app.scenarios.claims import claim
from app.scenarios.jobs import Studies, work_here
from app.scenarios.models import Scenario, Study
from app.scenarios.service import Started
from app.scenarios.solvers import LocalSolver
from app.visibility import LOCAL
from matching.studies.firmness import SETTINGS
from tests.app.scenarios.conftest import MakeDatabase
from tests.app.scenarios.studying import begin, finish, read, scenarios

#: By points alone the need of ALB, which has waited, comes before a second State.
GRID = {"objective": ["points", "equal_treatment"], "urgency.waiting.per_quarter.value": ["0", "2"]}
STUCK = (sys.executable, "-m", "tests.app.runs.planted", "slow")


@pytest.fixture(scope="module")
def studied(make_database: MakeDatabase, run_template: str) -> Iterator[tuple[Engine, Started]]:
    """A what-if that has been worked on."""
    engine = make_engine(make_database(run_template))
    started = begin(engine, grid=GRID)
    finish(engine, started)
    yield engine, started
    engine.dispose()


def test_the_strategy_that_was_run_gives_the_result_of_the_run(studied: tuple[Engine, Started]) -> None:
    engine, started = studied
    with session_scope(engine) as session:
        run = runs.read(session, LOCAL, "RUN-2015-Q1")
    first = scenarios(engine, started)[0].figures
    assert first is not None and run.summary is not None
    assert (first.result_hash, first.input_hash) == (run.result_hash, run.input_hash)
    assert (first.units_served, first.units_asked) == (run.summary.units_served, run.summary.units_asked)
    assert read(engine, started).state == "done"


def test_figures_of_equal_treatment_are_exact(studied: tuple[Engine, Started]) -> None:
    engine, started = studied
    for scenario in scenarios(engine, started):
        assert scenario.figures is not None
        equality = scenario.figures.equality
        shares = {state: Fraction(*units) for state, units in equality.states.items()}
        assert equality.least_share == str(min(shares.values()))
        assert equality.worst_off == [state for state, share in shares.items() if share == min(shares.values())]
        assert sum(asked for _, asked in equality.groups.values()) == sum(n for _, n in equality.states.values())


def test_each_pairing_that_changes_is_told_with_its_worth_under_both(studied: tuple[Engine, Started]) -> None:
    engine, started = studied
    found = {scenario.number: scenario for scenario in scenarios(engine, started)}
    differing = [each for each in found.values() if each.against_baseline and each.against_baseline.appear]
    assert differing, "the grid was chosen so that something changes"
    with session_scope(engine) as session:
        told = results.changes(session, LOCAL, started.study.reference, differing[0].number)
    assert ("R-ALB/2", 0, 2) in [(each.need, each.units_before, each.units_after) for each in told.changes]
    assert "Worth 136 points instead of 142: 0 instead of 6 for waiting." in told.changes[1].sentences
    compared = differing[0].against_baseline
    assert compared is not None
    assert len(told.changes) == compared.appear + compared.disappear + compared.change
    for change in told.changes:
        assert change.units_before != change.units_after
        for worth in (change.before, change.after):
            assert worth.rule is not None or worth.points == sum(worth.terms.values())
        assert change.sentences


def test_what_has_no_baseline_or_no_result_is_not_compared(studied: tuple[Engine, Started]) -> None:
    engine, started = studied
    unsolved = begin(engine, strategies=["default"])
    with session_scope(engine) as session:
        with pytest.raises(Conflict, match="compared with none"):
            results.changes(session, LOCAL, started.study.reference, 1)
        with pytest.raises(Conflict, match="queued"):
            results.changes(session, LOCAL, unsolved.study.reference, 2)
        with pytest.raises(Conflict, match="no result yet"):
            results.firmness_of(session, LOCAL, unsolved.study.reference)


def test_a_backtest_sees_each_quarter_as_its_own_run_would(engine: Engine) -> None:
    started = begin(engine, kind="backtest", run=None, first_quarter="2014-Q4", last_quarter="2015-Q1")
    assert started.study.prepared_at is None
    study = finish(engine, started)
    early, late = (scenario.figures for scenario in scenarios(engine, started))
    with session_scope(engine) as session:
        run = runs.read(session, LOCAL, "RUN-2015-Q1")
    assert study.prepared_at is not None
    assert late is not None and late.result_hash == run.result_hash
    assert early is not None and early.units_asked < late.units_asked, "the needs of 2015 had not come yet"


def test_sensitivity_and_firmness_are_about_the_pairings_of_the_run(engine: Engine) -> None:
    weights = ["urgency.waiting.per_quarter.value", "affinity.record.value"]
    sensitive = begin(engine, kind="sensitivity", weights=weights)
    firm = begin(engine, kind="firmness", settings=3)
    assert finish(engine, sensitive).state == "done"
    assert finish(engine, firm).state == "done"
    waiting, record = (scenario.leeway for scenario in scenarios(engine, sensitive))
    assert waiting is not None and waiting.down.stays_until <= waiting.value
    assert record is not None and record.up.changes_at is None, "nothing was ever delivered, so it changes nothing"
    with session_scope(engine) as session:
        found = results.firmness_of(session, LOCAL, firm.study.reference)
    [first, *_] = scenarios(engine, firm)
    assert first.figures is not None
    assert found.settings == 3
    assert sum(each.units for each in found.pairings) == first.figures.units_served
    assert all(each.share == str(Fraction(each.stays, 3)) for each in found.pairings)


def test_a_run_says_the_same_of_its_pairings_as_a_firmness_study_of_it(engine: Engine) -> None:
    study = begin(engine, kind="firmness")
    finish(engine, study)
    with session_scope(engine) as session:
        found = results.firmness_of(session, LOCAL, study.study.reference)
        paired, _ = proposals.pairings(session, LOCAL, "RUN-2015-Q1", proposals.PairingsQuery.model_validate({}))
    said = {(each.need, each.member, each.offer): each.firmness for each in paired}
    assert {(each.need, each.member, each.offer) for each in found.pairings} == set(said) != set()
    for of_study in found.pairings:
        firm = said[of_study.need, of_study.member, of_study.offer]
        assert firm is not None and firm.settings == found.settings == SETTINGS
        assert (firm.spread, firm.fragile_below) == (found.spread, found.fragile_below)
        assert (firm.stays, firm.share, firm.fragile) == (of_study.stays, of_study.share, of_study.fragile)


def test_cancelling_keeps_what_is_done_and_resuming_does_the_rest(engine: Engine) -> None:
    started = begin(engine, grid=GRID)

    class Impatient(LocalSolver):
        """The study is cancelled as soon as it has solved the first scenario."""

        def solve(self, *given: Any) -> Solution:
            solution = super().solve(*given)
            with session_scope(engine) as session:
                service.cancel(session, LOCAL, started.study.reference)
                session.commit()
            return solution

    solver = Impatient()
    try:
        work_here(engine, started.study_id, [solver], lambda _stage, _share: None)
    finally:
        solver.close()
    cancelled = read(engine, started)
    assert (cancelled.state, cancelled.scenarios.done, cancelled.scenarios.cancelled) == ("cancelled", 1, 4)
    kept = {each.number: each.finished_at for each in scenarios(engine, started) if each.figures}
    with session_scope(engine) as session:
        with pytest.raises(Conflict, match="has ended"):
            service.cancel(session, LOCAL, started.study.reference)
        resumed = service.resume(session, LOCAL, started.study.reference, in_queue=False)
        session.commit()
    assert finish(engine, resumed).state == "done"
    assert {each.number: each.finished_at for each in scenarios(engine, started) if each.number in kept} == kept


def test_a_scenario_of_a_killed_process_is_done_by_the_next_one(engine: Engine) -> None:
    started = begin(engine, strategies=["default"])
    with session_scope(engine) as session:
        taken = claim(session, started.study_id)
        session.commit()
        assert taken is not None
        away = f"now() - interval '{LOST_AFTER_S + 1} seconds'"
        session.execute(update(Scenario).where(taken.holds()).values(heartbeat_at=text(away)))
        session.commit()
    assert finish(engine, started).state == "done"
    with session_scope(engine) as session:
        attempts = session.scalars(select(Scenario.attempts).order_by(Scenario.number)).all()
    assert attempts == [2, 1]


def test_a_solver_that_is_killed_is_replaced_and_its_scenario_done_again(engine: Engine) -> None:
    started = begin(engine, strategies=["default"])

    class Mortal(LocalSolver):
        """Its first child is killed while it is at work."""

        killed = False

        def solve(self, *given: Any) -> Solution:
            if not self.killed:
                self.killed = True
                threading.Thread(target=self.kill).start()
            return super().solve(*given)

        def kill(self) -> None:
            while self._child is None:
                time.sleep(0.01)
            os.kill(self._child._process.pid, signal.SIGKILL)

    solver = Mortal()
    try:
        work_here(engine, started.study_id, [solver], lambda _stage, _share: None)
    finally:
        solver.close()
    assert read(engine, started).state == "done"


def test_what_kills_every_solver_is_given_up_and_the_others_are_kept(engine: Engine) -> None:
    started = begin(engine, strategies=["default"])

    class Doomed(LocalSolver):
        """Dies of the second scenario."""

        def solve(self, *given: Any) -> Solution:
            task = given[0]
            if task["document"]["strategy"]["objective"] == "points":
                raise SolveFailed("solver_died", status=-9)
            return super().solve(*given)

    with session_scope(engine) as session:
        second = session.scalar(select(Scenario).where(Scenario.number == 2))
        assert second is not None
        second.strategy = second.strategy | {"objective": "points"}
        session.commit()
    solver = Doomed()
    try:
        work_here(engine, started.study_id, [solver], lambda _stage, _share: None)
    finally:
        solver.close()
    first, second_read = scenarios(engine, started)
    assert first.figures is not None
    assert second_read.failure is not None and second_read.failure.code == "solver_died"
    assert read(engine, started).state == "failed"
    with session_scope(engine) as session:
        assert session.scalar(select(Scenario.attempts).where(Scenario.number == 2)) == MOST_ATTEMPTS


def test_a_scenario_ends_at_its_time_limit(engine: Engine) -> None:
    started = begin(engine, strategies=["default"], time_limit_s=1)
    finish(engine, started, *STUCK)
    assert [each.failure.code for each in scenarios(engine, started) if each.failure] == ["time_limit"] * 2


def test_an_interrupted_command_gives_its_scenario_back(engine: Engine) -> None:
    started = begin(engine, strategies=["default"])
    solver = LocalSolver(STUCK)

    def report(_stage: str, _share: float) -> None:
        with session_scope(engine) as session:
            if session.scalar(select(Scenario.state).where(Scenario.number == 1)) == "running":
                raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        work_here(engine, started.study_id, [solver], report)
    solver.close()
    assert read(engine, started).scenarios.queued == 2
    with session_scope(engine) as session:
        assert session.scalars(select(Scenario.attempts)).all() == [0, 0]


def test_the_workers_of_the_queue_take_turns_until_a_study_is_done(engine: Engine, run_url: str) -> None:
    started = begin(engine, in_queue=True, kind="backtest", run=None, first_quarter="2014-Q4", last_quarter="2015-Q1")
    work(run_url, once=True, duties=[Studies(turn_s=0)])
    study = read(engine, started)
    assert (study.state, study.scenarios.done) == ("done", 2)


def test_a_study_that_its_workers_have_left_is_queued_again(engine: Engine, session: Session, run_url: str) -> None:
    started = begin(engine, strategies=["default"], in_queue=True)
    session.execute(text("DELETE FROM procrastinate_jobs"))
    session.execute(update(Study).values(created_at=text("now() - interval '1 minute'")))
    session.commit()
    Studies().recover(engine)
    Studies().recover(engine)
    assert session.scalar(text("SELECT count(*) FROM procrastinate_jobs WHERE status = 'todo'")) == 2
    assert started.study.state == "queued"
