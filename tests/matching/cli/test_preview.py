"""`matching preview`: what one need or offer would change, warm or by a new solve."""

from pathlib import Path

import pytest

from matching import Problem, solve
from tests.matching.builders import Json, group_need, need, number, offer, problem, strategy
from tests.matching.cli.commands import matching, saved
from tests.matching.pairs.documents import small

WORTH = strategy(affinity__domain__fit=60, urgency__priority__5=number(40))


@pytest.fixture
def files(tmp_path: Path) -> tuple[Path, Path]:
    """A problem in which one need has the one unit there is, and its result."""
    document: Json = problem([need()], [offer()], WORTH)
    result = dict(solve(Problem.from_document(document)).document)
    return saved(tmp_path, document), saved(tmp_path, result, "result.json")


def test_a_need_is_told_what_it_would_change(files: tuple[Path, Path], tmp_path: Path) -> None:
    record = saved(tmp_path, need("R-FJI-9/1", priority=5), "need.json")
    anew, kept = matching("preview", files[0], "--need", record), matching("preview", *files, "--need", record)
    assert (anew.status, anew.answer) == (0, kept.answer)
    assert kept.answer == {
        "format": "matching-preview/1",
        "status": "optimal",
        "method": "warm",
        "objective": [100],
        "gain": [40],
        "pairings": [{"need": None, "member": None, "offer": "O-AUS-1", "units": 1}],
        "changes": [{"need": "R-PHL-1/1", "member": None, "before": 1, "after": 0}],
    }


def test_an_offer_of_a_known_id_stands_in_the_place_of_that_one(files: tuple[Path, Path], tmp_path: Path) -> None:
    said = matching("preview", *files, "--offer", saved(tmp_path, offer(units=0), "offer.json")).answer
    assert (said["gain"], said["pairings"], said["changes"][0]["after"]) == ([-60], [], 0)


def test_what_only_a_new_solve_can_tell_is_solved(files: tuple[Path, Path], tmp_path: Path) -> None:
    record = group_need("R-CARICOM-1/1", ["JAM"], "per_member", priority=5)
    said = matching("preview", *files, "--need", saved(tmp_path, record, "need.json")).answer
    assert (said["method"], said["gain"]) == ("solved", [40])
    assert said["pairings"] == [{"need": None, "member": "JAM", "offer": "O-AUS-1", "units": 1}]


def test_what_leaves_a_quota_unkept_ends_as_infeasible(tmp_path: Path) -> None:
    pinned = [{"need": "R-PHL-1/1", "offer": "O-AUS-1", "units": 1}]
    path = saved(tmp_path, problem([need()], [offer()], WORTH, pinned=pinned))
    ended = matching("preview", path, "--offer", saved(tmp_path, offer(units=0), "offer.json"))
    assert (ended.status, ended.answer["status"]) == (3, "infeasible")


def test_what_cannot_be_previewed_is_refused(files: tuple[Path, Path], tmp_path: Path) -> None:
    wrong = saved(tmp_path, need("R-FJI-9/1", priority=9), "wrong.json")
    refused = matching("preview", *files, "--need", wrong)
    assert (refused.status, "  /priority: " in refused.err) == (2, True)
    assert matching("preview", *files, "--need", saved(tmp_path, [need()], "list.json")).status == 2
    assert matching("preview", *files).status == 2
    assert matching("preview", "-", "--need", "-").status == 2
    pairs = matching("preview", saved(tmp_path, small(), "pairs.json"), "--need", wrong)
    assert (pairs.status, "gives pairs" in pairs.err) == (2, True)
    other = saved(tmp_path, problem([need(units=2)], [offer()], WORTH), "other.json")
    unsound = matching("preview", other, files[1], "--need", saved(tmp_path, need(), "need.json"))
    assert (unsound.status, "matching verify" in unsound.err) == (2, True)
