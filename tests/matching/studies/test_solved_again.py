"""How firm the pairings of a solved problem are: what a study of all settings finds, or nothing at all."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import settings as examples

from matching import Problem, solve
from matching.insight.explanation import Missing, unexplained
from matching.model import Model, Outcome
from matching.optimise import optimise
from matching.studies import solved_again
from matching.studies.changes import proposed
from matching.studies.firmness import SETTINGS, Firmness, firmness, settings
from matching.studies.solved_again import firmness_of, with_firmness
from matching.time_limit import TimeLeft, unlimited
from tests.matching.builders import Json, group_need, need, offer, problem, strategy
from tests.matching.draws import problems
from tests.matching.model_draws import draws

pytestmark = pytest.mark.once

#: Two needs want one unit and are a point apart; a third wants another that nobody else can have.
CLOSE = strategy(affinity__domain__fit=60, urgency__priority__2=40, urgency__priority__3=41)
NEEDS = [need("R-PHL-1/1", priority=2), need("R-LAO-1/1", priority=3), need("R-FJI-1/1", domain="OP3D.LEG")]
OFFERS = [offer("O-AUS-1"), offer("O-AUS-2", domains=["OP3D.LEG"])]
CONTESTED = problem(NEEDS, OFFERS, CLOSE)


def found(document: Json, time_left: TimeLeft = unlimited) -> list[Firmness] | Missing:
    return firmness_of(solve(Problem.from_document(document)).solved, time_left)


def studied(document: Json) -> list[Firmness]:
    """The same as a study finds it: every setting a problem of its own, read, solved and written whole."""
    given_problem = Problem.from_document(document)
    drawn = settings(given_problem.strategy, given_problem.record.quarter)
    under = [solve(Problem.from_document({**document, "strategy": each.document})) for each in drawn]
    return firmness(proposed(solve(given_problem).document), [proposed(result.document) for result in under])


class Clock:
    """So many seconds, of which each of the settings before it takes some."""

    def __init__(self, seconds: float, each: float) -> None:
        self.left, self.each, self.begun = seconds, each, 0

    def time_left(self) -> float:
        return self.left

    def begin_next(self, _share: float) -> None:
        """The next setting is begun, and will have taken its time when the clock is looked at again."""
        self.begun += 1
        self.left -= self.each


def test_one_pairing_is_firm_and_one_fragile_and_each_says_under_how_many_settings_it_stays() -> None:
    firm = found(CONTESTED)
    assert not isinstance(firm, Missing)
    told = with_firmness(unexplained(Missing.TIME), firm)["firmness"]
    alone, contested = told
    assert alone == {
        "need": "R-FJI-1/1",
        "member": None,
        "offer": "O-AUS-2",
        "stays": 64,
        "settings": 64,
        "spread": "1/5",
        "fragile_below": "3/4",
        "fragile": False,
    }
    assert (contested["need"], contested["offer"], contested["fragile"]) == ("R-LAO-1/1", "O-AUS-1", True)
    assert 0 < contested["stays"] < 48


def test_it_is_what_a_study_of_the_same_settings_finds() -> None:
    assert found(CONTESTED) == studied(CONTESTED)
    members = group_need("R-ASEAN-1/1", ["LAO", "PHL"], "per_member", least=2, priority=2)
    document = problem([members, *NEEDS], [offer("O-AUS-1", units=2), *OFFERS[1:]], CLOSE)
    assert found(document) == studied(document)


@examples(max_examples=draws(10), deadline=None)
@given(problems())
def test_it_is_so_for_any_problem(document: Json) -> None:
    result = solve(Problem.from_document(document))
    expected = studied(document) if result.document["status"] == "optimal" else Missing.NOT_OPTIMAL
    assert firmness_of(result.solved) == expected


@pytest.mark.parametrize("seconds", [0.0, -1.0, 63.0])
def test_where_the_time_is_not_enough_for_all_settings_nothing_is_said(seconds: float) -> None:
    clock = Clock(seconds, each=1.0)
    solved = solve(Problem.from_document(CONTESTED)).solved
    assert firmness_of(solved, clock.time_left, clock.begin_next) is Missing.TIME
    assert clock.begun <= 1, "the first setting shows that the time is not enough, and no second one is begun"


def test_how_fast_the_settings_are_solved_makes_no_difference_to_what_is_said() -> None:
    solved = solve(Problem.from_document(CONTESTED)).solved
    for each in (1.0, 0.0):
        clock = Clock(64.0, each)
        assert firmness_of(solved, clock.time_left, clock.begin_next) == found(CONTESTED)
        assert clock.begun == SETTINGS


def test_settings_that_take_ever_longer_are_given_up_midway() -> None:
    solved, clock = solve(Problem.from_document(CONTESTED)).solved, Clock(64.0, each=0.5)

    def slower(share: float) -> None:
        clock.begin_next(share)
        clock.each = 0.5 if share < 0.5 else 4.0

    assert firmness_of(solved, clock.time_left, slower) is Missing.TIME
    assert SETTINGS / 2 < clock.begun < SETTINGS


def test_a_setting_whose_search_is_cut_short_counts_for_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    solved = solve(Problem.from_document(CONTESTED)).solved
    whole: Iterator[bool] = iter([True, True, False])

    def cut_short(model: Model, **options: Any) -> Outcome:
        outcome = optimise(model, **options)
        return outcome if next(whole) else replace(outcome, status="time_limit")

    monkeypatch.setattr(solved_again, "optimise", cut_short)
    assert firmness_of(solved) is Missing.TIME


def test_why_it_is_missing_is_said_beside_what_else_is() -> None:
    said = with_firmness({"pools": [], "missing": {"pools": "TIME"}}, Missing.NOT_OPTIMAL)
    assert said == {"pools": [], "firmness": [], "missing": {"pools": "TIME", "firmness": "NOT_OPTIMAL"}}
    assert firmness_of(None) is Missing.NOT_OPTIMAL
