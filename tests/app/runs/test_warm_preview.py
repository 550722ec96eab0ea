"""A preview in a finished run: what a new solve of the run with the record says, in milliseconds once it is warm."""

import time
from itertools import product

import pytest
from sqlalchemy.engine import Engine
from sqlalchemy.orm import Session

from app.problems import Conflict, Fault, InvalidContent
from app.runs import service, warm, warm_preview
from app.runs.jobs import run_in_process
from app.runs.preview_schemas import Method, PreviewInRunAsk
from app.runs.previewed import Asked, asked
from app.runs.schemas import RunStart
from app.runs.warm_preview import preview_in
from app.visibility import LOCAL
from tests.app.runs.records import submit_offer, submit_request

RUN = "RUN-2015-Q1"
TRAINING = {"modalities": ["TRN"], "scopes": ["nuclear"]}


@pytest.fixture
def done(engine: Engine) -> Engine:
    """A database with the run of 2015-Q1, in which a request of Tanzania has the one unit of an offer."""
    with Session(engine) as session:
        need = {"domain": "OP3A.ACC", **TRAINING, "priority": 3}
        submit_request(
            session, reference="R-TZA", requester="state:TZA", channel="template", dated_on="2015-01-10", needs=[need]
        )
        covered = {"domains": ["OP3A.ACC"], "coverage_states": ["ALB", "KEN", "TZA"]}
        submit_offer(session, reference="O-NOR", provider="state:NOR", **covered, **TRAINING)
        session.commit()
        started = service.start(session, LOCAL, RunStart(quarter="2015-Q1"), time_limit_s=60, queue=False)
        session.commit()
    run_in_process(engine, started.run_id, lambda _stage, _share: None)
    return engine


def asking(state: str, **need: object) -> PreviewInRunAsk:
    needs = [{"domain": "OP3A.ACC", **TRAINING, **need}]
    return PreviewInRunAsk.model_validate({"requester": f"state:{state}", "needs": needs})


def about(**part: object) -> PreviewInRunAsk:
    return PreviewInRunAsk.model_validate(part)


OFFER = {"provider": "state:SWE", "domains": ["OP3A.ACC"], "worldwide": True, **TRAINING}
ASKED = [
    *(
        asking(state, domain=domain, priority=priority)
        for state, domain, priority in product(("ALB", "KEN"), ("OP3A.ACC", "OP3C.BOR"), (1, 5))
    ),
    about(changed_need={"need": "R-TZA/1", "units": 3}),
    about(changed_need={"need": "R-TZA/1", "domain": "OP3C.BOR"}),
    about(changed_need={"need": "R-TZA/1", "modalities": ["EQP"], "wanted_by": "2015-05-01"}),
    about(offer=OFFER),
    about(offer=OFFER | {"units": 4, "preferred_states": ["TZA"]}),
    about(changed_offer={"offer": "O-NOR", "units": 0}),
    about(changed_offer={"offer": "O-NOR", "coverage_states": ["ALB"]}),
    about(changed_offer={"offer": "O-NOR", "units": 2, "valid_from": "2015-07-01"}),
]


def test_what_is_said_warm_is_what_a_new_solve_says(done: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    with Session(done) as session:
        warmly = [preview_in(session, LOCAL, RUN, body) for body in ASKED]
        monkeypatch.setattr(warm_preview, "_warm", lambda *_: None)
        anew = [preview_in(session, LOCAL, RUN, body) for body in ASKED]
    assert {found.method for found in warmly} == {Method.WARM}
    assert anew == [found.model_copy(update={"method": Method.SOLVED}) for found in warmly]
    assert len({tuple(found.gain) for found in warmly}) > 3


def test_who_would_be_displaced_is_named(done: Engine) -> None:
    with Session(done) as session:
        found = preview_in(session, LOCAL, RUN, asking("KEN", priority=1))
    assert [(each.need, each.offer, each.units) for each in found.pairings] == [(None, "O-NOR", 1)]
    assert [(each.need, each.units) for each in found.losers] == [("R-TZA/1", 1)]
    assert found.sentences[0] == "It would have been served by O-NOR."
    assert found.sentences[2] == "By it, R-TZA/1 (United Republic of Tanzania) would have fewer units."


def test_whom_an_offer_would_have_served_is_named(done: Engine) -> None:
    with Session(done) as session:
        before = preview_in(session, LOCAL, RUN, about(changed_need={"need": "R-TZA/1", "units": 3}))
        found = preview_in(session, LOCAL, RUN, about(changed_offer={"offer": "O-NOR", "units": 0}))
    assert (before.asked, before.served) == (3, 1)
    assert (found.asked, found.served, found.gain[0] < 0) == (0, 0, True)
    assert [(each.need, each.units) for each in found.losers] == [("R-TZA/1", 1)]
    assert found.sentences[0] == "It would not have been used: it can serve no need, or others serve as well."
    assert found.sentences[1].startswith("The total would have lost ")


def test_only_a_new_solve_can_tell_of_a_need_that_is_met_member_by_member(done: Engine) -> None:
    need = {"domain": "OP3A.ACC", **TRAINING, "delivery": "per_member", "least": 1, "priority": 1}
    body = about(requester="group:EAC", beneficiaries=["KEN", "TZA"], needs=[need])
    with Session(done) as session:
        found = preview_in(session, LOCAL, RUN, body)
    assert (found.method, found.served) == ("solved", 1)


def test_what_would_leave_a_decision_unkept_is_refused(done: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(warm_preview, "_warm", lambda *_: None)
    monkeypatch.setattr(warm_preview, "solved", lambda _: {"status": "infeasible"})
    with Session(done) as session, pytest.raises(Conflict):
        preview_in(session, LOCAL, RUN, about(changed_offer={"offer": "O-NOR", "units": 0}))


def test_the_second_question_takes_milliseconds(done: Engine) -> None:
    with Session(done) as session:
        first = preview_in(session, LOCAL, RUN, asking("ALB"))
        optimum = warm.kept(session, LOCAL, RUN)
        record = asked(session, RUN, optimum.document, asking("ALB")).record
        began = time.perf_counter()
        for _ in range(10):
            optimum.previews.need(record)
        assert (time.perf_counter() - began) / 10 < 0.1
        assert preview_in(session, LOCAL, RUN, asking("ALB")) == first


def test_no_more_optima_are_kept_than_there_is_room_for(done: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(warm, "MOST", 0)
    with Session(done) as session:
        warm.kept(session, LOCAL, RUN)
    assert not warm._kept


def test_what_cannot_be_previewed_is_refused_where_it_is_wrong(done: Engine) -> None:
    with Session(done) as session:
        for given, place in WRONG:
            with pytest.raises(InvalidContent) as refused:
                preview_in(session, LOCAL, RUN, about(**given))
            assert place in [fault.pointer for fault in refused.value.errors if isinstance(fault, Fault)]


WRONG: list[tuple[dict[str, object], str]] = [
    ({}, ""),
    ({"requester": "state:ALB"}, "/needs"),
    ({"needs": [{"domain": "OP3C.BOR"}]}, "/requester"),
    ({"requester": "state:ALB", "needs": [{"domain": "OP3C.BRD"}]}, "/needs/0/domain"),
    ({"offer": OFFER, "changed_offer": {"offer": "O-NOR", "units": 2}}, "/changed_offer"),
    ({"offer": None}, "/offer"),
    ({"offer": OFFER | {"provider": "state:SWD"}}, "/offer/provider"),
    ({"offer": OFFER | {"coverage_states": ["TZA"]}}, "/offer/worldwide"),
    ({"changed_offer": {"offer": "O-NRO", "units": 2}}, "/changed_offer/offer"),
    ({"changed_offer": {"offer": "O-NOR", "coverage_states": ["TZX"]}}, "/changed_offer/coverage_states/0"),
    ({"changed_need": {"need": "R-TZA/2"}}, "/changed_need/need"),
    ({"changed_need": {"need": "R-TZA/1", "domain": "OP3C.BRD"}}, "/changed_need/domain"),
    ({"changed_need": {"need": "R-TZA/1", "domain": None}}, "/changed_need/domain"),
]


def test_a_code_that_the_run_did_not_know_yet_is_refused(done: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    with Session(done) as session:
        need = warm.kept(session, LOCAL, RUN).document["needs"][0] | {"domain": "OP3C.NEW"}
        monkeypatch.setattr(warm_preview, "asked", lambda *_: Asked("need", need, False))
        with pytest.raises(InvalidContent) as refused:
            preview_in(session, LOCAL, RUN, asking("ALB"))
    assert [fault.code for fault in refused.value.errors] == ["unknown_domain"]


def test_a_run_without_an_optimum_cannot_be_previewed(done: Engine) -> None:
    with Session(done) as session:
        service.start(session, LOCAL, RunStart(quarter="2015-Q2"), time_limit_s=60, queue=False)
        with pytest.raises(Conflict):
            preview_in(session, LOCAL, "RUN-2015-Q2", asking("ALB"))
