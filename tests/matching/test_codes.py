"""Codes are stored with results and read by other programs: each is its own name, and stays it."""

import pytest

from matching.codes import Code, Obstacle, Reason, Rule, Term
from matching.infeasible.obstruction import Obstruction
from matching.insight.explanation import Missing
from matching.insight.overlaps import Use
from matching.insight.remedies import Remedy
from matching.insight.whether import Answer


@pytest.mark.parametrize("kind", [Rule, Reason, Obstacle, Missing, Use, Remedy, Answer])
def test_a_code_is_its_name_and_has_a_meaning(kind: type[Code]) -> None:
    assert [str(code) for code in kind] == [code.name for code in kind]
    assert all(code.meaning for code in kind)


def test_a_term_is_its_name_in_small_letters_as_the_strategy_writes_it() -> None:
    assert [str(term) for term in Term] == [term.name.lower() for term in Term]
    assert all(term.meaning for term in Term)


def test_what_the_search_for_obstacles_names_is_known_to_both_forms() -> None:
    assert {str(code) for code in Obstruction} <= {str(code) for code in Obstacle}
    assert [str(code) for code in Obstruction] == [code.name for code in Obstruction]
