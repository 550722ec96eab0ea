"""Working on a run: solved in a child process, checked, stored once; every way to fail says so."""

import json
import sys
import threading
import time
from collections.abc import Callable
from datetime import timedelta
from fractions import Fraction
from hashlib import sha256
from uuid import UUID

import pytest
from sqlalchemy import func, select, update
from sqlalchemy.engine import Engine
from sqlalchemy.orm import Session

from app.database import make_engine, session_scope
from app.quarters import Quarter
from app.runs import claims, proposals, sentences, service
from app.runs.child import SolveFailed, solve
from app.runs.heartbeat import LOST_AFTER_S
from app.runs.jobs import execute, run_in_process
from app.runs.models import Pairing, Run, RunState, Unmatched
from app.runs.proposals import PairingsQuery, UnmatchedQuery
from app.runs.schemas import PairingRead, RunRead, RunStart
from app.runs.snapshot import frozen, take
from app.strategies import service as strategies
from app.visibility import LOCAL
from matching.studies.firmness import SETTINGS
from tests.app.runs.records import store


def planted(way: str) -> tuple[str, ...]:
    return (sys.executable, "-m", "tests.app.runs.planted", way)


def start(engine: Engine, time_limit_s: int = 60) -> UUID:
    with session_scope(engine) as session:
        body = RunStart(quarter="2015-Q1")
        started = service.start(session, LOCAL, body, time_limit_s=time_limit_s, queue=False)
        session.commit()
        return started.run_id


def quiet(_stage: str, _share: float) -> None:
    pass


def found(engine: Engine) -> RunRead:
    with session_scope(engine) as session:
        return service.read(session, LOCAL, "RUN-2015-Q1")


def until(condition: Callable[[], bool], seconds: float = 30) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(0.05)


def test_a_run_is_solved_checked_and_stored_whole(engine: Engine, session: Session) -> None:
    stages: list[str] = []
    run_in_process(engine, start(engine), lambda stage, _share: stages.append(stage))
    run = found(engine)
    assert (run.state, run.status, run.failure) == ("done", "optimal", None)
    assert run.summary is not None
    assert (run.summary.requests, run.summary.needs, run.summary.offers) == (4, 6, 2)
    assert [each.reference for each in run.summary.intentions] == ["O-SWE", "R-UGA"]
    problem = proposals.document(session, LOCAL, run.reference, "problem")
    result = json.loads(proposals.document(session, LOCAL, run.reference, "result"))
    whole = json.loads(problem)
    strategy = whole.pop("strategy")
    hashed = json.dumps(
        {"problem": whole, "strategy": strategy}, sort_keys=True, separators=(",", ":"), ensure_ascii=False
    )
    assert sha256(hashed.encode()).hexdigest() == run.input_hash == result["input_hash"]
    assert result["result_hash"] == run.result_hash
    assert [(each.need, each.offer, each.units, each.points) for each in paired(session)] == [
        (each["need"], each["offer"], each["units"], each["points"]) for each in result["pairings"]
    ]
    assert all(sum(each.terms.values()) == each.points for each in paired(session))
    assert sum(each.units for each in paired(session)) == run.summary.units_served
    left, _ = proposals.unmatched(session, LOCAL, run.reference, UnmatchedQuery.model_validate({}))
    assert {each.need: each.code for each in left}["R-AGO/1"] == "NOT_SPECIFIC"
    assert run.known_at is not None
    assert run.chain_head is not None
    assert run.circumstances is not None
    assert {"python", "packages", "platform", "host", "seconds"} == set(run.circumstances)
    assert stages[0] == "snapshot"
    assert stages[-1] == "storing"
    assert all(sentences.stage(stage) for stage in stages)


def test_the_same_records_in_another_order_and_database_have_the_same_hashes(
    engine: Engine, installed_database_url: str
) -> None:
    other = make_engine(installed_database_url)
    with Session(other) as session:
        store(session, backwards=True)
    for each in (engine, other):
        run_in_process(each, start(each), quiet)
    first, second = found(engine), found(other)
    assert (first.input_hash, first.result_hash) == (second.input_hash, second.result_hash)
    assert first.known_at != second.known_at
    other.dispose()


def test_a_result_that_the_checker_finds_wrong_is_never_stored_as_done(engine: Engine, session: Session) -> None:
    run_in_process(engine, start(engine), quiet, command=planted("overfull"))
    run = found(engine)
    assert (run.state, run.result_hash) == ("failed", None)
    assert run.failure is not None
    assert run.failure.code == "result_refused"
    assert run.failure.sentence.startswith("The checker found the result wrong")
    assert session.scalar(select(func.count()).select_from(Pairing)) == 0


def test_a_run_keeps_its_verdict_and_its_explanation_beside_the_result(engine: Engine, session: Session) -> None:
    run_in_process(engine, start(engine), quiet)
    run = found(engine)
    assert run.summary is not None and run.summary.verdict is not None
    assert (run.summary.verdict.sound, run.summary.verdict.proved) == (True, "optimal")
    assert run.summary.price_of_fairness is not None
    assert run.summary.price_of_fairness.total == run.summary.points <= run.summary.price_of_fairness.points
    assert run.summary.unexplained == {}
    told = json.loads(proposals.document(session, LOCAL, run.reference, "explanation"))
    stored = {row.need_reference: row.change for row in session.scalars(select(Unmatched))}
    assert {entry["need"]: entry["changes"] for entry in told["unmatched"]} == {
        need: change["changes"] for need, change in stored.items() if change
    }
    assert {row.offer_reference for row in session.scalars(select(Pairing))} == {
        entry["offer"] for entry in told["pairings"]
    }
    assert json.loads(proposals.document(session, LOCAL, run.reference, "verdict"))["defects"] == []


@pytest.mark.parametrize(("way", "limit"), [("pensive", 6), ("dumb", 60)])
def test_a_run_whose_explanation_is_never_finished_ends_well_and_says_so(engine: Engine, way: str, limit: int) -> None:
    run_in_process(engine, start(engine, time_limit_s=limit), quiet, command=planted(way))
    run = found(engine)
    assert (run.state, run.status) == ("done", "optimal")
    assert run.summary is not None and run.summary.verdict is not None and run.summary.verdict.sound
    assert set(run.summary.unexplained.values()) == {"TIME"}


def paired(session: Session) -> list[PairingRead]:
    return proposals.pairings(session, LOCAL, "RUN-2015-Q1", PairingsQuery.model_validate({}))[0]


def test_each_pairing_says_under_how_many_settings_of_the_weights_it_stays(engine: Engine, session: Session) -> None:
    run_in_process(engine, start(engine), quiet)
    told = json.loads(proposals.document(session, LOCAL, "RUN-2015-Q1", "explanation"))["firmness"]
    said = {(each.need, each.member, each.offer): each.firmness for each in paired(session)}
    assert {(each["need"], each["member"], each["offer"]) for each in told} == set(said)
    for each in told:
        firm = said[each["need"], each["member"], each["offer"]]
        assert firm is not None and (firm.stays, firm.settings) == (each["stays"], SETTINGS)
        assert firm.fragile == (Fraction(firm.share) < Fraction(firm.fragile_below))
    for pairing in paired(session):
        assert pairing.firmness is not None and pairing.firmness.sentence == pairing.sentences[-1]


def test_a_run_that_has_no_time_to_find_out_how_firm_pairings_are_says_how_to_find_out(
    engine: Engine, session: Session
) -> None:
    run_in_process(engine, start(engine, time_limit_s=6), quiet, command=planted("undecided"))
    run = found(engine)
    assert (run.state, run.status) == ("done", "optimal")
    assert run.summary is not None and run.summary.unexplained == {"firmness": "TIME"}
    assert session.scalars(select(Unmatched)).first() is not None
    for pairing in paired(session):
        assert pairing.firmness is None and pairing.alternates is not None
        assert "`assist1540 what-if RUN-2015-Q1 --firmness`" in pairing.sentences[-1]


def test_a_run_of_a_time_when_runs_did_not_say_how_firm_pairings_are_reads_as_before(
    engine: Engine, session: Session
) -> None:
    run_in_process(engine, start(engine), quiet)
    before = paired(session)
    session.execute(update(Pairing).values(firmness=None))
    session.commit()
    assert paired(session) == [
        each.model_copy(update={"firmness": None, "sentences": each.sentences[:-1]}) for each in before
    ]


def test_a_run_is_cancelled_while_it_is_solved_again_under_other_weights(engine: Engine) -> None:
    run_id, stages = start(engine), list[str]()
    worker = threading.Thread(
        target=run_in_process,
        args=(engine, run_id, lambda stage, _share: stages.append(stage)),
        kwargs={"command": planted("undecided")},
    )
    worker.start()
    until(lambda: "varying" in stages)
    with session_scope(engine) as session:
        service.cancel(session, LOCAL, "RUN-2015-Q1")
        session.commit()
    worker.join(20)
    assert not worker.is_alive()
    assert found(engine).state == "cancelled"


def test_a_record_that_the_engine_refuses_is_named(engine: Engine) -> None:
    quarter = Quarter.parse("2015-Q1")
    with frozen(engine) as session:
        strategy = strategies.read(session, LOCAL, strategies.DEFAULT).document
        document = take(session, LOCAL, quarter, quarter.last_instant, strategy).document
    [position] = [number for number, state in enumerate(document["states"]) if state["id"] == "MNG"]
    document["states"][position]["received"] = 10**12
    with pytest.raises(SolveFailed) as refused:
        solve(document, 60, report=quiet)
    assert refused.value.code == "problem_refused"
    faults = [fault.partition(": ")[0] for fault in refused.value.params["faults"]]
    assert faults == [f"/states/{position}/received (MNG)"]


def test_a_solver_that_dies_fails_the_run_with_its_status(engine: Engine) -> None:
    run_in_process(engine, start(engine), quiet, command=planted("dead"))
    run = found(engine)
    assert run.failure is not None
    assert (run.state, run.failure.code, run.failure.params) == ("failed", "solver_died", {"status": 7})


def test_what_a_library_prints_does_no_harm(engine: Engine) -> None:
    run_in_process(engine, start(engine), quiet, command=planted("talkative"))
    assert found(engine).state == "done"


def test_the_time_limit_kills_the_solver_and_fails_the_run(engine: Engine) -> None:
    began = time.monotonic()
    run_in_process(engine, start(engine, time_limit_s=2), quiet, command=planted("slow"))
    assert time.monotonic() - began < 20
    run = found(engine)
    assert run.state == "failed"
    assert run.failure is not None
    assert run.failure.sentence == "The solver was stopped at its time limit (2 s)."


def test_a_run_under_way_is_cancelled_at_the_next_heartbeat(engine: Engine) -> None:
    run_id = start(engine)
    worker = threading.Thread(target=run_in_process, args=(engine, run_id, quiet), kwargs={"command": planted("slow")})
    worker.start()
    until(lambda: found(engine).state == "running")
    with session_scope(engine) as session:
        assert service.cancel(session, LOCAL, "RUN-2015-Q1").state == "running"
        session.commit()
    worker.join(20)
    assert not worker.is_alive()
    assert found(engine).state == "cancelled"


def test_two_workers_at_once_do_the_work_once(engine: Engine) -> None:
    run_id = start(engine)
    begun: list[str] = []
    workers = [
        threading.Thread(target=execute, args=(engine, run_id), kwargs={"report": lambda stage, _: begun.append(stage)})
        for _ in range(2)
    ]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert begun.count("snapshot") == 1
    assert found(engine).state == "done"


def test_a_worker_that_lost_its_run_to_another_stores_nothing(engine: Engine) -> None:
    run_id = start(engine)
    late = threading.Thread(target=execute, args=(engine, run_id), kwargs={"report": quiet, "command": planted("slow")})
    late.start()
    until(lambda: found(engine).state == "running")
    with session_scope(engine) as session:
        stale = func.now() - timedelta(seconds=LOST_AFTER_S + 5)
        # Somebody else finds the heartbeat stale before it beats again, and takes the run over.
        session.execute(update(Run).values(heartbeat_at=stale))
        taken = claims.claim(session, run_id)
        session.commit()
    assert taken is not None
    assert taken.attempt == 2
    late.join(20)
    assert not late.is_alive()
    assert found(engine).state == "running"


def test_a_worker_that_sleeps_until_its_run_has_begun_again_has_lost_it(engine: Engine, session: Session) -> None:
    run_id = start(engine)
    asleep = claims.claim(session, run_id)
    assert asleep is not None
    session.execute(update(Run).values(state=RunState.FAILED, failure={"code": "cancelled", "params": {}}))
    session.commit()
    start(engine)
    awake = claims.claim(session, run_id)
    session.commit()
    assert awake is not None
    assert awake.attempt == asleep.attempt == 1
    assert session.scalar(select(Run.id).where(awake.holds())) == run_id
    assert session.scalar(select(Run.id).where(asleep.holds())) is None


def test_a_run_that_loses_three_workers_is_given_up(engine: Engine) -> None:
    run_id = start(engine)
    stale = func.now() - timedelta(seconds=LOST_AFTER_S + 5)
    for attempt in (1, 2, 3):
        with session_scope(engine) as session:
            taken = claims.claim(session, run_id)
            assert taken is not None
            assert taken.attempt == attempt
            session.execute(update(Run).values(heartbeat_at=stale))
            session.commit()
    execute(engine, run_id, report=quiet)
    run = found(engine)
    assert run.state == RunState.FAILED
    assert run.failure is not None
    assert run.failure.code == "workers_lost"


def test_progress_is_shown_and_not_recorded_in_the_history(engine: Engine) -> None:
    run_id = start(engine)
    worker = threading.Thread(target=run_in_process, args=(engine, run_id, quiet), kwargs={"command": planted("slow")})
    worker.start()
    until(lambda: found(engine).stage == "reading")
    with session_scope(engine) as session:
        service.cancel(session, LOCAL, "RUN-2015-Q1")
        session.commit()
    worker.join(20)
    with session_scope(engine) as session:
        rows = session.execute(
            select(func.count())
            .select_from(Run.metadata.tables["history"])
            .where(Run.metadata.tables["history"].c.entity == "runs")
        ).scalar_one()
    assert rows == 4  # started, begun, asked to stop, cancelled


@pytest.mark.parametrize("state", [RunState.DONE, RunState.CANCELLED, RunState.FAILED])
def test_a_run_that_has_ended_is_not_worked_on_again(engine: Engine, state: RunState) -> None:
    run_id = start(engine)
    with session_scope(engine) as session:
        session.execute(update(Run).values(state=state))
        session.commit()
    execute(engine, run_id, report=lambda *_: pytest.fail("it was worked on"))
