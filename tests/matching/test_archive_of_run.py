"""A run of the attribute form taken home: verified by Python alone from its eligible pairs."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from matching import Problem, archive, check, solve
from matching.canonical import hash_of_result
from matching.certificate.offline import NOT_SOUND, SOUND
from tests.matching.builders import DECISION, group_need, need, offer, problem, strategy
from tests.matching.pair_answers import Json
from tests.matching.pair_draws import OBJECTIVES
from tests.matching.test_archive import rewritten, unpacked, verified

QUOTAS: list[Json] = [
    {"kind": "state", "id": "ALB", "least": None, "most": 2},
    {"kind": "regional_group", "id": "EASTERN_EUROPE", "least": 1, "most": 3},
    {"kind": "provider", "id": "state:AUS", "least": None, "most": 6},
    {"kind": "need", "id": "R-ALB-1/1", "least": 1, "most": 1},
    {"kind": "offer", "id": "O-AUS-1", "least": 1, "most": 4},
]


def run(objective: str = "equal_treatment") -> tuple[Problem, Json]:
    """A group that may be served in part, a pin, quotas of every kind; and its result."""
    asked = problem(
        [
            group_need("R-ASEAN-1/1", ["JAM", "LAO", "PHL"], "per_member", units=2, least=2),
            need("R-ALB-1/1", units=2),
            need("R-FJI-1/1", priority=5),
        ],
        [offer("O-AUS-1", units=5, states=["LAO"]), offer("O-AUS-2", units=2, **{"except": ["FJI"]})],
        strategy(objective=objective, affinity__domain__fit=10, fairness__state=[4, 2, 0]),
        received={"ALB": 1},
        pinned=[{"need": "R-ALB-1/1", "offer": "O-AUS-1", "units": 1, "member": None}],
    )
    asked["strategy"]["quotas"] = [{**quota, "reason": "set by a test", "decision": DECISION} for quota in QUOTAS]
    read = Problem.from_document(asked)
    return read, dict(solve(read).document)


def run_of_attributes(objective: str = "equal_treatment") -> bytes:
    return archive.of_run(*run(objective))


@pytest.mark.parametrize("objective", OBJECTIVES)
def test_a_run_is_sound_by_the_whole_engine_and_by_its_pairs_alone(objective: str, tmp_path: Path) -> None:
    assert check(*run(objective)) == []
    status, said = verified(unpacked(run_of_attributes(objective), tmp_path))
    assert status == SOUND, said


def test_a_run_of_attributes_taken_home_is_verified_from_its_pairs(tmp_path: Path) -> None:
    home = unpacked(run_of_attributes(), tmp_path)
    status, said = verified(home)
    assert status == SOUND and "Taken as given, from pairs.json" in said, said


def repriced(result: Json) -> None:
    """Points of a pairing that its pair has not, with everything summed and hashed to match."""
    result["pairings"][0]["points"] += 1
    result["result_hash"] = hash_of_result(result)


@pytest.mark.parametrize(
    ("name", "change", "code"),
    [
        ("result.json", repriced, "WRONG_POINTS"),
        ("result.json", lambda result: result.update(rules={}), "RESULT_HASH"),
        ("strategy.json", lambda asked: asked.update(id="other"), "INPUT_HASH"),
        ("pairs.json", lambda pairs: pairs["offers"][0].update(units=0), "OFFER_OVER_MOST"),
    ],
)
def test_whatever_is_forged_in_a_run_of_attributes_is_found(
    name: str, change: Callable[[Json], Any], code: str, tmp_path: Path
) -> None:
    home = unpacked(run_of_attributes(), tmp_path)
    rewritten(home / name, change)
    status, said = verified(home)
    assert status == NOT_SOUND and code in said, said
    assert "The answer is NOT sound." in said and "is sound" not in said
