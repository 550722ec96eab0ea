"""`matching bench`: every solver comes to the same total, and a line says so."""

import json
from pathlib import Path
from typing import Any

import pytest

from matching.attributes.problem import Problem
from matching.bench.bound import bound
from matching.bench.child import engine
from matching.bench.drawn import pairs_file
from matching.bench.loading import load
from matching.bench.previews import KINDS
from matching.bench.runs import Case, Measured, measure
from matching.bench.table import COLUMNS, row
from matching.optimise import optimise
from tests.matching import lagrangian
from tests.matching.builders import need, offer, problem
from tests.matching.cli.commands import matching, saved
from tests.matching.model_draws import drawn_model

pytestmark = pytest.mark.once


def test_a_quick_measurement_prints_every_column_and_equal_totals() -> None:
    ended = matching("bench", "--quick")
    header, _, *cases = ended.out.splitlines()[:4]
    assert ended.status == 0
    assert header == "| " + " | ".join(COLUMNS) + " |"
    assert len(cases) == 2
    for case in cases:
        cells = case.strip("| ").split(" | ")
        assert len(cells) == len(COLUMNS)
        assert cells[5] == "20 000"
        assert cells[-1] == "equal, proved"


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["nowhere.json"], "matching: nowhere.json: no such file or directory"),
        (["--sizes", "0"], "0 is no number of pairs; give at least 1"),
        (["--sizes", "many"], "many is no number of pairs; give at least 1"),
        (["--no-rivals", "README.md"], "README.md cannot be used"),
    ],
)
def test_what_cannot_be_measured_is_refused_in_a_sentence(arguments: list[str], says: str) -> None:
    ended = matching("bench", *arguments)
    assert (ended.status, ended.out) == (2, "")
    assert says in ended.err and "Traceback" not in ended.err


def test_needs_with_a_row_in_common_are_counted_once(tmp_path: Path) -> None:
    pairs_file(tmp_path / "drawn.json.gz", 5_000, seed=1, n_rows=7)
    measured = engine(str(tmp_path / "drawn.json.gz"), "points")
    assert (measured["needs"], measured["rows"], measured["pairs"]) == (100, 7, 5_000)


def test_previews_are_timed_and_compared_with_new_solves(tmp_path: Path) -> None:
    asked = [need(f"R-{state}-{n}/1", state, priority=n) for n in (1, 2) for state in ("PHL", "ARM", "FJI")]
    given = [offer("O-AUS-1", units=2), offer("O-FRA-1", domains=["OP3C.BOR", "OP3D.LEG"]), offer("O-NZL-1")]
    path = saved(tmp_path, problem(asked, given))
    preview = engine(str(path), "equal_treatment", edits=24, again=True)["preview"]
    assert (preview["edits"], preview["warm"], preview["equal"]) == (24, 24, 24)
    assert set(preview["kinds"]) == set(KINDS)
    assert 0 < preview["median_s"] <= preview["worst_s"]


def test_a_drawn_file_is_the_same_from_the_same_seed(tmp_path: Path) -> None:
    first, again, other = (tmp_path / f"{name}.json.gz" for name in "abc")
    for path, seed in ((first, 1), (again, 1), (other, 2)):
        pairs_file(path, 1_000, seed)
    assert load(str(first)).input_hash == load(str(again)).input_hash != load(str(other)).input_hash


def test_a_rival_with_another_total_differs(tmp_path: Path) -> None:
    pairs_file(tmp_path / "drawn.json.gz", 1_000, seed=1)
    measured = measure(Case("drawn", tmp_path / "drawn.json.gz", rivals=["LEMON, block search"]), tmp_path)
    assert row(measured)[-1] == "equal, proved"
    [(name, of)] = measured.rivals.items()
    wrong = Measured(measured.case, measured.engine, {name: of | {"total": of["total"] + 1}})
    assert (wrong.agrees, row(wrong)[-1]) == (False, "DIFFERS")


def test_needs_below_the_rest_of_a_document_are_read_as_all_others(tmp_path: Path) -> None:
    document: dict[str, Any] = problem([need("R-PHL-1/1"), need("R-ALB-1/1", states=["ALB"])], [offer()])
    needs = document.pop("needs")
    listed = ",\n".join(map(json.dumps, needs))
    (tmp_path / "below.json").write_text(json.dumps(document)[:-1] + f',"needs":[\n{listed}\n]}}\n')
    below = load(str(tmp_path / "below.json"))
    assert below.input_hash == Problem.from_document(document | {"needs": needs}).input_hash


@pytest.mark.parametrize("objective", ["points", "equal_treatment"])
def test_the_bound_by_arrays_is_that_of_prices_one_thing_at_a_time(objective: Any) -> None:
    for seed in range(40):
        model = drawn_model(seed, [objective], quotas=False)
        for prices in optimise(model).proof:
            assert bound(model, prices) == lagrangian.bound(model, prices)
