"""A preview in a finished run: what a new solve of the run with the need says, in milliseconds once it is warm."""

import json
import time
from itertools import product

import pytest
from sqlalchemy.engine import Engine
from sqlalchemy.orm import Session

import matching
from app.problems import Conflict, InvalidContent
from app.runs import proposals, service, warm
from app.runs.jobs import run_in_process
from app.runs.preview import drafted_needs
from app.runs.schemas import PreviewAsk, RunStart
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


def asking(state: str, **need: object) -> PreviewAsk:
    return PreviewAsk.model_validate(
        {"requester": f"state:{state}", "needs": [{"domain": "OP3A.ACC", **TRAINING, **need}]}
    )


def test_a_preview_says_what_a_new_solve_with_the_need_says(done: Engine) -> None:
    with Session(done) as session:
        problem = json.loads(proposals.document(session, LOCAL, RUN, "problem"))
        base = json.loads(proposals.document(session, LOCAL, RUN, "result"))
        gains = set()
        for state, domain, priority in product(("ALB", "KEN"), ("OP3A.ACC", "OP3C.BOR"), (1, 3, 5)):
            body = asking(state, domain=domain, priority=priority)
            found = preview_in(session, LOCAL, RUN, body)
            [need] = drafted_needs(session, body)
            kept = warm.kept(session, LOCAL, RUN).document
            states = [each for each in kept["states"] if each["id"] in {*need["states"], *_asking(problem)}]
            document = problem | {"needs": [*problem["needs"], need], "states": states}
            anew = matching.solve(matching.Problem.from_document(document)).document
            assert found.gain == [anew["objective"][0] - base["objective"][0]]
            assert found.served == sum(each["units"] for each in anew["pairings"] if each["need"] == need["id"])
            gains.add(found.gain[0])
        assert 0 in gains and max(gains) > 0


def test_who_would_be_displaced_is_named(done: Engine) -> None:
    with Session(done) as session:
        found = preview_in(session, LOCAL, RUN, asking("KEN", priority=1))
    assert [(each.offer, each.units) for each in found.pairings] == [("O-NOR", 1)]
    assert [(each.need, each.units) for each in found.losers] == [("R-TZA/1", 1)]
    assert found.sentences[1] == "By it, R-TZA/1 (United Republic of Tanzania) would have fewer units."


def _asking(problem: dict[str, list[dict[str, str]]]) -> set[str]:
    return {state["id"] for state in problem["states"]}


def test_the_second_question_takes_milliseconds(done: Engine) -> None:
    with Session(done) as session:
        first = preview_in(session, LOCAL, RUN, asking("ALB"))
        optimum = warm.kept(session, LOCAL, RUN)
        [need] = drafted_needs(session, asking("ALB"))
        began = time.perf_counter()
        for _ in range(10):
            optimum.previews.need(need)
        assert (time.perf_counter() - began) / 10 < 0.1
        assert preview_in(session, LOCAL, RUN, asking("ALB")) == first


def test_no_more_optima_are_kept_than_there_is_room_for(done: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(warm, "MOST", 0)
    with Session(done) as session:
        warm.kept(session, LOCAL, RUN)
    assert not warm._kept


def test_what_cannot_be_previewed_is_refused(done: Engine) -> None:
    with Session(done) as session:
        two = PreviewAsk.model_validate({"requester": "state:ALB", "needs": [{"domain": "OP3C.BOR"}] * 2})
        with pytest.raises(InvalidContent):
            preview_in(session, LOCAL, RUN, two)
        service.start(session, LOCAL, RunStart(quarter="2015-Q2"), time_limit_s=60, queue=False)
        with pytest.raises(Conflict):
            preview_in(session, LOCAL, "RUN-2015-Q2", asking("ALB"))
