"""`matching explain`: both forms of a problem, with their result or without, about one need or offer."""

from pathlib import Path

import pytest

from matching import Problem, solve
from tests.matching.builders import Json, need, number, offer, problem, strategy
from tests.matching.cli.commands import matching, saved
from tests.matching.pairs.documents import small


@pytest.fixture(scope="module")
def attributes(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """A problem of attributes and its result, as files."""
    folder = tmp_path_factory.mktemp("attributes")
    worth = strategy(affinity__domain__fit=60, urgency__priority__5=number(40))
    asked = [need("R-PHL-1/1", priority=5), need("R-LAO-1/1")]
    document: Json = problem(asked, [offer("O-AUS-1"), offer("O-FRA-1", worldwide=False, states=["FJI"])], worth)
    result = dict(solve(Problem.from_document(document)).document)
    return saved(folder, document), saved(folder, result, "result.json")


def test_a_result_saves_the_solve_and_changes_nothing(attributes: tuple[Path, Path]) -> None:
    problem_file, result_file = attributes
    anew, kept = matching("explain", problem_file), matching("explain", problem_file, result_file)
    assert (anew.status, kept.status) == (0, 0)
    assert anew.answer == kept.answer
    assert [entry["need"] for entry in anew.answer["unmatched"]] == ["R-LAO-1/1"]
    assert anew.answer["missing"] == {}


def test_about_one_need_or_offer_only_that_is_said(attributes: tuple[Path, Path]) -> None:
    said = matching("explain", *attributes, "--need", "R-LAO-1/1").answer
    assert [entry["need"] for entry in said["unmatched"]] == ["R-LAO-1/1"]
    assert said["pairings"] == []
    said = matching("explain", *attributes, "--offer", "O-FRA-1").answer
    assert [(entry["offer"], entry["use"]) for entry in said["offers"]] == [("O-FRA-1", "NEVER_ELIGIBLE")]
    unknown = matching("explain", *attributes, "--offer", "O-NONE")
    assert (unknown.status, "O-NONE" in unknown.err) == (2, True)


def test_how_firm_each_pairing_is_is_said_where_it_is_asked_for(attributes: tuple[Path, Path], tmp_path: Path) -> None:
    assert "firmness" not in matching("explain", *attributes).answer
    said = matching("explain", *attributes, "--firmness").answer
    assert said["missing"] == {}
    [(firm, pairing)] = zip(said["firmness"], said["pairings"], strict=True)
    assert (firm["need"], firm["offer"]) == (pairing["need"], pairing["offer"]) == ("R-PHL-1/1", "O-AUS-1")
    assert (firm["stays"], firm["settings"], firm["fragile"]) == (64, 64, False)
    assert matching("explain", attributes[0], "--firmness", "--need", "R-LAO-1/1").answer["firmness"] == []
    refused = matching("explain", saved(tmp_path, small()), "--firmness")
    assert (refused.status, refused.out) == (2, "")
    assert "--firmness varies the weights of a strategy" in refused.err


def test_given_pairs_say_who_was_next_in_line(tmp_path: Path) -> None:
    path = saved(tmp_path, small())
    answer = matching("solve", path).answer
    said = matching("explain", path, saved(tmp_path, answer, "answer.json"))
    assert said.status == 0
    assert [(entry["need"], entry["offer"]) for entry in said.answer["pairings"]] == [
        (pair["need"], pair["offer"]) for pair in answer["pairs"]
    ]


def test_what_is_no_result_of_the_problem_is_refused(attributes: tuple[Path, Path], tmp_path: Path) -> None:
    path = saved(tmp_path, small())
    answer = matching("solve", path).answer
    altered = saved(tmp_path, answer | {"total": answer["total"] + 1}, "altered.json")
    refused = matching("explain", path, altered)
    assert (refused.status, "matching verify" in refused.err) == (2, True)
