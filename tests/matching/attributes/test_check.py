"""The checker finds each kind of planted defect, and nothing wrong with what the engine proposes."""

import copy
import subprocess
import sys
from collections.abc import Callable

import pytest

from matching import Problem, check, solve
from matching.canonical import hash_of_result
from tests.matching.builders import Json, group_need, need, offer, problem, strategy
from tests.matching.pointers import leads

GROUP = group_need("R-ASEAN-1/1", ["JAM", "LAO", "PHL"], "per_member", units=2, least=2)


def document() -> Json:
    """A problem with a pin, a forbidden pair, a group in part served and needs unserved for several reasons."""
    return problem(
        [
            GROUP,
            need("R-ALB-1/1", units=2, basis={"units": "assumed"}),
            need("R-ARM-1/1", domain="UNSPEC"),
            need("R-FJI-1/1", languages=["fr"], priority=5),
        ],
        [
            offer("O-AUS-1", units=3, states=["LAO"], record={"delivered": 1, "failed": 0}),
            offer("O-AUS-2", units=2, **{"except": ["FJI"]}),
            offer("O-AUS-3", units=4, languages=["en"], language_required=True, worldwide=False, states=["FJI"]),
        ],
        strategy(
            objective="equal_treatment",
            affinity__domain__fit=10,
            affinity__coverage__named_state=5,
            urgency__priority__3=3,
            fairness__state=[4, 2, 0],
        ),
        received={"ALB": 1},
        pinned=[{"need": "R-ALB-1/1", "offer": "O-AUS-1", "units": 1, "member": None}],
        forbidden=[{"need": "R-ALB-1/1", "offer": "O-AUS-2"}],
    )


@pytest.fixture(scope="module")
def read() -> Problem:
    return Problem.from_document(document())


@pytest.fixture(scope="module")
def sound(read: Problem) -> Json:
    return dict(solve(read).document)


def test_what_the_engine_proposes_has_no_defect(read: Problem, sound: Json) -> None:
    assert check(read, sound) == []
    assert {pairing["member"] for pairing in sound["pairings"]} >= {"LAO"}
    assert {entry["code"] for entry in sound["unmatched"]} >= {"NOT_SPECIFIC", "PARTLY_SERVED"}


def of_need(result: Json, reference: str) -> Json:
    """The first pairing of a need."""
    return next(pairing for pairing in result["pairings"] if pairing["need"] == reference)


def ineligible(result: Json) -> None:
    of_need(result, "R-ALB-1/1")["offer"] = "O-AUS-3"


def forbidden(result: Json) -> None:
    of_need(result, "R-ALB-1/1")["offer"] = "O-AUS-2"


def unspecific(result: Json) -> None:
    of_need(result, "R-ALB-1/1")["need"] = "R-ARM-1/1"


def overfull(result: Json) -> None:
    of_need(result, "R-ALB-1/1")["units"] += 4


def split(result: Json) -> None:
    last = [pairing for pairing in result["pairings"] if pairing["member"]][-1]
    if last["units"] == 1:
        result["pairings"].remove(last)
    else:
        last["units"] -= 1


def lone(result: Json) -> None:
    members = sorted({pairing["member"] for pairing in result["pairings"] if pairing["member"]})
    result["pairings"] = [pairing for pairing in result["pairings"] if pairing["member"] in (None, members[0])]


def unpinned(result: Json) -> None:
    result["pairings"] = [pairing for pairing in result["pairings"] if pairing["need"] != "R-ALB-1/1"]


def repeated(result: Json) -> None:
    result["pairings"].insert(1, copy.deepcopy(result["pairings"][0]))


def reordered(result: Json) -> None:
    result["pairings"].reverse()


def swapped_terms(result: Json) -> None:
    terms = of_need(result, "R-ALB-1/1")["terms"]
    terms["domain"], terms["priority"] = terms["priority"], terms["domain"]


def dearer(result: Json) -> None:
    of_need(result, "R-ALB-1/1")["points"] += 1


def unfounded(result: Json) -> None:
    of_need(result, "R-ALB-1/1")["rests_on"] = []


def set_to(*path: str | int, to: object) -> Callable[[Json], None]:
    """Plant another value at a path."""

    def plant(result: Json) -> None:
        here = result
        for step in path[:-1]:
            here = here[step]  # type: ignore[index]
        here[path[-1]] = to  # type: ignore[index]

    return plant


def miscounted(result: Json) -> None:
    rules = result["unmatched"][0]["rules"]
    rules["LANGUAGE"] = rules.get("LANGUAGE", 0) + 1


def not_listed(result: Json) -> None:
    result["unmatched"].pop(0)


def listed_though_served(result: Json) -> None:
    extra = {**result["unmatched"][0], "need": "R-ASEAN-1/1", "member": "LAO"}
    result["unmatched"].insert(0, extra)


def listed_twice(result: Json) -> None:
    result["unmatched"].insert(0, result["unmatched"][0])


def unmatched_reordered(result: Json) -> None:
    result["unmatched"].reverse()


def without_reason(result: Json) -> None:
    result["unmatched"][0]["code"] = ""


DEFECTS: list[tuple[Callable[[Json], None], str]] = [
    (ineligible, "INELIGIBLE"),
    (forbidden, "INELIGIBLE"),
    (unspecific, "INELIGIBLE"),
    (overfull, "OFFER_OVER_MOST"),
    (overfull, "NEED_OVER_MOST"),
    (split, "SPLIT_NEED"),
    (lone, "GROUP_BELOW_LEAST"),
    (unpinned, "PIN_NOT_KEPT"),
    (repeated, "DUPLICATE"),
    (reordered, "ORDER"),
    (swapped_terms, "WRONG_TERMS"),
    (dearer, "WRONG_POINTS"),
    (unfounded, "WRONG_RESTS_ON"),
    (set_to("total", to=1), "WRONG_TOTAL"),
    (set_to("units", to=1), "WRONG_UNITS"),
    (set_to("objective", to=[1]), "WRONG_OBJECTIVE"),
    (set_to("objective", to=[]), "WRONG_OBJECTIVE"),
    (set_to("bound", to=[10**6]), "WRONG_BOUND"),
    (set_to("bound", to=[1]), "WRONG_BOUND"),
    (set_to("status", to="infeasible"), "WRONG_STATUS"),
    (set_to("reason", to={"code": "NOTHING_FOUND", "params": {}}), "WRONG_STATUS"),
    (set_to("reason", to={"code": "PIN_SPLITS_GROUP", "params": {}}), "WRONG_STATUS"),
    (set_to("served", "ALB", to=[0, 2]), "WRONG_SERVED"),
    (set_to("rules", "DOMAIN", to=99), "WRONG_RULES"),
    (set_to("eligible_pairs", to=99), "WRONG_RULES"),
    (miscounted, "WRONG_REASON"),
    (without_reason, "WRONG_REASON"),
    (set_to("unmatched", 0, "units", to=9), "WRONG_REASON"),
    (not_listed, "UNMATCHED_MISSING"),
    (listed_though_served, "NOT_UNMATCHED"),
    (listed_twice, "DUPLICATE"),
    (unmatched_reordered, "ORDER"),
    (set_to("pairings", 0, "need", to="R-XXX-1/1"), "UNKNOWN_NEED"),
    (set_to("pairings", 0, "member", to="XXX"), "UNKNOWN_MEMBER"),
    (set_to("pairings", 0, "offer", to="O-XXX-1"), "UNKNOWN_OFFER"),
    (set_to("pairings", 0, "units", to=0), "FORM"),
    (set_to("pairings", 0, "units", to=1.0), "FORM"),
    (set_to("status", to="fine"), "FORM"),
    (set_to("colour", to="red"), "FORM"),
    (set_to("input_hash", to="0" * 64), "INPUT_HASH"),
]


@pytest.mark.parametrize(("plant", "code"), DEFECTS)
def test_a_planted_defect_is_found_though_the_document_was_hashed_again(
    read: Problem, sound: Json, plant: Callable[[Json], None], code: str
) -> None:
    planted = copy.deepcopy(sound)
    plant(planted)
    planted["result_hash"] = hash_of_result(planted)
    defects = check(read, planted)
    assert code in {defect.code for defect in defects}
    assert [defect for defect in defects if not leads(planted, defect.where)] == []


def test_a_document_changed_after_it_was_hashed_is_found(read: Problem, sound: Json) -> None:
    changed = copy.deepcopy(sound) | {"units": sound["units"] + 1}
    assert [defect.code for defect in check(read, changed)] == ["RESULT_HASH", "WRONG_UNITS"]


def test_a_result_of_another_problem_is_found(sound: Json) -> None:
    other = document()
    other["offers"][0]["units"] = 4
    assert "INPUT_HASH" in {defect.code for defect in check(Problem.from_document(other), sound)}


def test_limits_and_conditions_of_several_are_checked() -> None:
    joint = group_need("R-ASEAN-1/2", ["ALB", "LAO"], "joint")
    asked = problem([joint, need("R-ALB-1/1")], [offer("O-AUS-1", units=2)], strategy(affinity__domain__fit=10))
    result = dict(solve(Problem.from_document(asked)).document)
    assert len(result["pairings"]) == 2
    provider = asked["offers"][0]["provider"]
    limited = {**asked, "providers": [{"id": provider, "units": 1}]}
    assert "PROVIDER_OVER_MOST" in {defect.code for defect in check(Problem.from_document(limited), result)}
    either = {**asked, "substitutes": [["R-ALB-1/1", "R-ASEAN-1/2"]]}
    assert "BOTH_SUBSTITUTES" in {defect.code for defect in check(Problem.from_document(either), result)}


def test_a_missing_part_is_a_defect_of_form_with_its_pointer(read: Problem, sound: Json) -> None:
    part = copy.deepcopy(sound)
    del part["pairings"][0]["points"]
    assert [(defect.code, defect.where) for defect in check(read, part)] == [("FORM", "/pairings/0/points")]


def test_an_infeasible_problem_may_not_be_called_optimal() -> None:
    impossible = document()
    impossible["pinned"][0]["units"] = 2
    impossible["offers"][0]["units"] = 1
    read = Problem.from_document(impossible)
    result = dict(solve(read).document)
    assert (result["status"], check(read, result)) == ("infeasible", [])
    claimed = {**result, "status": "optimal", "reason": None, "objective": [0], "bound": [0]}
    claimed["result_hash"] = hash_of_result(claimed)
    assert "WRONG_STATUS" in {defect.code for defect in check(read, claimed)}


@pytest.mark.parametrize(
    "reason",
    [
        None,
        {"code": "CONDITIONS_CONFLICT", "params": {}},
        {"code": "NEEDS_OVER_SUPPLY", "params": {"required": 1, "possible": 0, "short": 1}},
        {"code": "PIN_OVER_NEED", "params": {}},
    ],
)
def test_a_feasible_problem_may_not_be_called_infeasible(reason: Json | None) -> None:
    read = Problem.from_document(problem([need("R-ALB-1/1")], [offer("O-AUS-1")]))
    claimed = dict(solve(read).document) | {"status": "infeasible", "reason": reason, "pairings": []}
    claimed |= {"objective": [], "bound": [], "total": 0, "units": 0, "served": {"ALB": [0, 1]}}
    claimed["result_hash"] = hash_of_result(claimed)
    assert "WRONG_STATUS" in {defect.code for defect in check(read, claimed)}


ALONE = """
import sys, types
# The package's own __init__ imports the solver; a bare package in its place does not.
package = types.ModuleType("matching")
package.__path__ = ["matching"]
sys.modules["matching"] = package
import matching.attributes.check
print(*(name for name in sys.modules if name.startswith("matching.")))
"""


def test_the_checker_shares_nothing_with_the_solver() -> None:
    ran = subprocess.run([sys.executable, "-c", ALONE], capture_output=True, text=True, check=True)
    loaded = set(ran.stdout.split())
    assert "matching.attributes.eligibility" in loaded
    solving = ("solve", "optimise", "model", "profiles", "layers", "conditions", "flow", "ties")
    assert loaded.isdisjoint(f"matching.{name}" for name in solving)
