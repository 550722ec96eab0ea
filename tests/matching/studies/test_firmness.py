"""Firmness: settings that anyone can draw again, and the share of them under which a pairing stays."""

import hashlib
from decimal import Decimal
from fractions import Fraction

import pytest

from matching import Problem, Strategy, solve
from matching.studies.changes import proposed
from matching.studies.firmness import FRAGILE_BELOW, firmness, settings
from tests.matching.builders import DECISION, default_strategy, need, number, offer, problem, strategy

pytestmark = pytest.mark.once

DEFAULT = Strategy.from_document(default_strategy())


def test_a_setting_is_what_its_formula_says() -> None:
    [_, second] = settings(DEFAULT, "2015-Q1", 2)
    fit = Decimal(second.document["affinity"]["domain"]["fit"]["value"])
    lot = int.from_bytes(hashlib.sha256(b"2015-Q1|2|affinity.domain.fit.value").digest()[:8])
    factor = 1 + Fraction(1, 5) * (Fraction(2 * lot, 2**64 - 1) - 1)
    assert fit == Decimal(round(60 * factor * 100)) / 100


def test_every_setting_is_valid_and_within_the_spread_but_where_order_is_restored() -> None:
    for setting in settings(DEFAULT, "2015-Q1"):
        document = setting.document
        assert Strategy.from_document(document) == setting
        value = Decimal(document["urgency"]["priority"]["1"]["value"])
        assert 40 <= value <= 60
        slopes = document["fairness"]["state"]["value"]
        assert slopes == sorted(slopes, reverse=True)
    assert settings(DEFAULT, "2015-Q1", 3) == settings(DEFAULT, "2015-Q1", 3)
    assert settings(DEFAULT, "2015-Q2", 1) != settings(DEFAULT, "2015-Q1", 1)


def test_a_weight_that_is_as_great_as_one_may_be_is_not_drawn_beyond() -> None:
    greatest = Strategy.from_document(strategy(affinity__domain__weights={"OP3C.BOR": number(1000)}))
    weights = [setting.document["affinity"]["domain"]["weights"] for setting in settings(greatest, "2015-Q1")]
    drawn = [Decimal(weight["OP3C.BOR"]["value"]) for weight in weights]
    assert min(drawn) < max(drawn) == 1000


def test_weights_that_need_a_decision_stay_and_those_that_have_one_vary() -> None:
    weights = {"035": number(1), "029": number("1.5", DECISION)}
    decided = Strategy.from_document(strategy(affinity__coverage__region_weights=weights))
    drawn = [setting.document for setting in settings(decided, "2015-Q1", 5)]
    found = [document["affinity"]["coverage"]["region_weights"] for document in drawn]
    assert {weight["035"]["value"] for weight in found} == {"1"}
    assert len({weight["029"]["value"] for weight in found}) > 1


def test_a_pairing_that_hangs_on_one_point_is_fragile_and_one_without_a_rival_is_firm() -> None:
    close = strategy(affinity__domain__fit=60, urgency__priority__2=40, urgency__priority__3=41)
    needs = [need("R-PHL-1/1", priority=2), need("R-LAO-1/1", priority=3), need("R-FJI-1/1", domain="OP3D.LEG")]
    document = problem(needs, [offer("O-AUS-1"), offer("O-AUS-2", domains=["OP3D.LEG"])], close)

    def pairings(strategy_document: dict[str, object]) -> dict[tuple[str, str, str], int]:
        return proposed(solve(Problem.from_document({**document, "strategy": strategy_document})).document)

    drawn = settings(Strategy.from_document(close), "2015-Q1", 32)
    [alone, contested] = firmness(pairings(close), [pairings(setting.document) for setting in drawn])
    assert alone.pair == ("R-FJI-1/1", "", "O-AUS-2")
    assert alone.share == 1 and not alone.fragile
    assert contested.pair == ("R-LAO-1/1", "", "O-AUS-1")
    assert contested.share is not None and 0 < contested.share < FRAGILE_BELOW and contested.fragile


def test_a_pairing_with_fewer_units_has_not_stayed_and_without_settings_nothing_is_said() -> None:
    pair = ("R-PHL-1/1", "", "O-AUS-1")
    [found] = firmness({pair: 2}, [{pair: 2}, {pair: 1}, {pair: 3}, {}])
    assert found.share == Fraction(1, 2)
    [unknown] = firmness({pair: 2}, [])
    assert unknown.share is None and not unknown.fragile
