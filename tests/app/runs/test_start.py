"""Starting and cancelling runs: the same quarter is the same run, and every refusal names the reason."""

import threading
import time
from datetime import date, timedelta

import pytest
from sqlalchemy import func, select, text, update
from sqlalchemy.engine import Engine
from sqlalchemy.orm import Session

from app.offers.models import Offer
from app.problems import Conflict, InvalidContent, NotFound, Problem
from app.quarters import Quarter
from app.records import sign, today
from app.requests.models import Request
from app.runs import service
from app.runs.models import Run, RunState
from app.runs.schemas import RunStart
from app.runs.service import Started
from app.strategies import service as strategies
from app.strategies.service import shipped
from app.visibility import LOCAL


def start(session: Session, quarter: str = "2015-Q1", **given: object) -> Started:
    body = RunStart.model_validate({"quarter": quarter, **given})
    started = service.start(session, LOCAL, body, time_limit_s=60)
    session.commit()
    return started


def waiting_jobs(session: Session) -> int:
    return session.scalar(text("SELECT count(*) FROM procrastinate_jobs WHERE status = 'todo'")) or 0


def end(session: Session, state: RunState) -> None:
    failure = None if state is RunState.DONE else {"code": "cancelled", "params": {}}
    session.execute(update(Run).values(state=state, failure=failure))
    session.execute(text("DELETE FROM procrastinate_jobs"))
    session.commit()


def until_waiting(session: Session, n_waiting: int) -> None:
    """Until so many others wait for what a transaction has locked."""
    waiting = text(
        "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
    )
    deadline = time.monotonic() + 20
    while session.scalar(waiting) != n_waiting:
        session.rollback()  # what others do is looked at once in a transaction
        assert time.monotonic() < deadline, "nobody waits"
        time.sleep(0.05)
    session.rollback()


def test_the_same_quarter_again_is_the_same_run_and_waits_in_the_queue_once(session: Session) -> None:
    first, second = start(session), start(session)
    assert (first.outcome, second.outcome) == ("started", "existing")
    assert first.run == second.run
    assert first.run.reference == "RUN-2015-Q1"
    assert (first.run.state, first.run.strategy.name) == ("queued", "default")
    assert waiting_jobs(session) == 1


def test_what_is_not_committed_is_not_queued(session: Session) -> None:
    service.start(session, LOCAL, RunStart(quarter="2015-Q1"), time_limit_s=60)
    session.rollback()
    assert waiting_jobs(session) == 0
    assert session.scalar(select(func.count()).select_from(Run)) == 0


def test_of_two_starts_at_the_same_instant_one_wins_and_the_other_is_told_its_run(engine: Engine) -> None:
    ready = threading.Barrier(2)
    outcomes: list[Started] = []

    def race() -> None:
        with Session(engine, expire_on_commit=False) as session:
            ready.wait()
            outcomes.append(start(session))

    racers = [threading.Thread(target=race) for _ in range(2)]
    for racer in racers:
        racer.start()
    for racer in racers:
        racer.join()
    assert sorted(each.outcome for each in outcomes) == ["existing", "started"]
    assert outcomes[0].run_id == outcomes[1].run_id


def test_of_two_revisions_at_the_same_instant_the_second_is_told_of_the_first(engine: Engine, session: Session) -> None:
    start(session)
    end(session, RunState.DONE)
    refused: list[Problem] = []
    with Session(engine) as slow:
        slow_body = RunStart(quarter="2015-Q1", revise_reason="A late letter")
        service.start(slow, LOCAL, slow_body, time_limit_s=60)

        def hurry() -> None:
            with Session(engine) as other, pytest.raises(Conflict) as caught:
                start(other, revise_reason="Another late letter")
            refused.append(caught.value)

        second = threading.Thread(target=hurry)
        second.start()
        slow.commit()
        second.join()
    assert "RUN-2015-Q1-R2" in str(refused[0])
    assert refused[0].extra == {"run": "RUN-2015-Q1-R2"}


def test_a_revision_is_a_run_of_its_own_with_its_reason(session: Session) -> None:
    start(session)
    end(session, RunState.DONE)
    revised = start(session, revise_reason="A request had been recorded late")
    assert revised.run.reference == "RUN-2015-Q1-R2"
    assert revised.run.revision_reason == "A request had been recorded late"
    assert start(session).run.reference == "RUN-2015-Q1-R2"


def test_a_revision_needs_a_run_that_has_ended(session: Session) -> None:
    with pytest.raises(InvalidContent, match="nothing to revise"):
        start(session, revise_reason="Too early")
    start(session)
    with pytest.raises(Conflict, match="RUN-2015-Q1 is queued"):
        start(session, revise_reason="Too early")


@pytest.mark.parametrize("state", [RunState.FAILED, RunState.CANCELLED])
def test_a_run_without_a_result_begins_again_as_the_same_run(session: Session, state: RunState) -> None:
    first = start(session)
    end(session, state)
    again = start(session, cut_off="2015-02-28")
    assert (again.outcome, again.run_id, again.run.state) == ("restarted", first.run_id, "queued")
    assert again.run.failure is None
    assert again.run.cut_off.date() == date(2015, 3, 1)
    assert waiting_jobs(session) == 1
    ended = "SELECT count(*) FROM history WHERE entity = 'runs' AND row ->> 'state' = :state"
    assert session.scalar(text(ended), {"state": state.value}) == 1


def test_of_two_that_begin_a_run_again_the_second_is_told_the_terms_of_the_first(
    engine: Engine, session: Session
) -> None:
    start(session)
    end(session, RunState.FAILED)
    answers: list[Started | Conflict] = []

    def hurry(**given: str) -> None:
        with Session(engine, expire_on_commit=False) as other:
            try:
                answers.append(start(other, **given))
            except Conflict as refused:
                answers.append(refused)

    with Session(engine, expire_on_commit=False) as slow:
        first = RunStart(quarter="2015-Q1", cut_off=date(2015, 2, 28))
        service.start(slow, LOCAL, first, time_limit_s=60)
        others = [threading.Thread(target=hurry, kwargs=given) for given in ({}, {"cut_off": "2015-03-01"})]
        for other in others:
            other.start()
        until_waiting(session, n_waiting=2)
        slow.commit()
        for other in others:
            other.join()
    told, refused = sorted(answers, key=lambda answer: isinstance(answer, Conflict))
    assert isinstance(told, Started)
    assert (told.outcome, told.run.cut_off.date()) == ("existing", date(2015, 3, 1))
    assert isinstance(refused, Conflict)
    assert "RUN-2015-Q1 was started with a cut-off of 2015-02-28" in str(refused)


def test_a_run_is_not_the_same_under_another_cut_off_or_strategy(session: Session) -> None:
    start(session)
    with pytest.raises(Conflict, match="RUN-2015-Q1 was started with a cut-off of 2015-03-31"):
        start(session, cut_off="2015-03-30")
    strategies.submit(session, LOCAL, shipped() | {"title": "Another version"})
    assert start(session).outcome == "existing"
    with pytest.raises(Conflict, match="another strategy or version"):
        start(session, strategy="default")
    assert start(session, strategy="default/1").outcome == "existing"


@pytest.mark.parametrize("quarter", ["2015-Q5", "2015Q1", "2015-Q0", "Q1-2015", "0001-Q1", "2015-q1", ""])
def test_a_wrong_quarter_is_refused_with_the_valid_form(session: Session, quarter: str) -> None:
    with pytest.raises(InvalidContent, match="write a year from 1945 to 9998 and Q1") as refused:
        start(session, quarter)
    assert refused.value.errors[0].code == "invalid_quarter"


def test_a_cut_off_in_the_future_is_refused(session: Session) -> None:
    for day in (today(), today() + timedelta(days=400)):
        with pytest.raises(InvalidContent, match="is in the future") as refused:
            start(session, cut_off=day.isoformat())
        assert [fault.code for fault in refused.value.errors] == ["in_the_future"]


def test_a_quarter_that_has_not_ended_needs_a_cut_off(session: Session) -> None:
    with pytest.raises(InvalidContent, match="2098-Q4 ends on 2098-12-31 in New York"):
        start(session, "2098-Q4")


def test_a_cut_off_outside_the_quarter_is_refused(session: Session) -> None:
    with pytest.raises(InvalidContent, match="must be a day of 2015-Q1, from 2015-01-01 to 2015-03-31"):
        start(session, cut_off="2015-04-01")


@pytest.mark.parametrize("seconds", [0, -1, 86_401])
def test_a_time_limit_out_of_range_is_refused(session: Session, seconds: int) -> None:
    with pytest.raises(InvalidContent, match="from 1 to 86400 seconds"):
        start(session, time_limit_s=seconds)


@pytest.mark.parametrize(
    ("strategy", "hint"),
    [
        ("defalt", "did you mean default?"),
        ("default/9", "there is default/1, the newest"),
        ("default/" + "9" * 30, "newest"),
    ],
)
def test_an_unknown_strategy_is_refused_with_the_nearest(session: Session, strategy: str, hint: str) -> None:
    with pytest.raises(NotFound, match=hint.replace("?", r"\?")):
        start(session, strategy=strategy)


def test_a_run_that_waits_is_cancelled_at_once_and_one_that_has_ended_cannot_be(session: Session) -> None:
    start(session)
    cancelled = service.cancel(session, LOCAL, "RUN-2015-Q1")
    session.commit()
    assert cancelled.state == RunState.CANCELLED
    assert cancelled.failure is not None
    assert cancelled.failure.sentence == "The run was cancelled."
    with pytest.raises(Conflict, match="RUN-2015-Q1 is cancelled"):
        service.cancel(session, LOCAL, "RUN-2015-Q1")


def test_the_next_quarter_follows_the_newest_document(session: Session) -> None:
    assert str(service.next_quarter(session, LOCAL)) == "2015-Q2"


def test_the_next_quarter_has_ended_whatever_date_a_document_bears(session: Session) -> None:
    sign(session, LOCAL)
    session.execute(update(Offer).where(Offer.reference == "O-AUS").values(dated_on=date(9999, 12, 31)))
    assert service.next_quarter(session, LOCAL) == Quarter.of(today()).previous


def test_what_is_withdrawn_does_not_move_the_next_quarter(session: Session) -> None:
    withdrawal = {"withdrawn_on": date(2016, 1, 1), "withdrawn_reason": "Sent by mistake"}
    sign(session, LOCAL)
    for model, reference in ((Offer, "O-AUS"), (Request, "R-MNG")):
        changed = update(model).where(model.reference == reference)
        session.execute(changed.values(dated_on=date(2015, 12, 1), **withdrawal))
    assert str(service.next_quarter(session, LOCAL)) == "2015-Q2"
