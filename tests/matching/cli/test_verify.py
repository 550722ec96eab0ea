"""`matching verify`, `matching schema` and the command itself."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from matching import schema
from tests.matching.cli.commands import ROOT, matching, saved
from tests.matching.pairs.documents import small


@pytest.fixture(scope="module")
def answered(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """A problem and its answer, as files."""
    folder = tmp_path_factory.mktemp("answered")
    problem = saved(folder, small())
    return problem, saved(folder, matching("solve", problem).answer, "answer.json")


def test_a_good_answer_is_sound_and_proved(answered: tuple[Path, Path]) -> None:
    done = matching("verify", *answered)
    assert (done.status, done.out) == (0, "The answer is sound. It is proved that nothing is better than [12].\n")
    assert matching("verify", "--json", *answered).answer["proved"] == "optimal"


def test_an_altered_answer_has_its_defects_listed(answered: tuple[Path, Path], tmp_path: Path) -> None:
    problem, answer = answered
    altered = json.loads(answer.read_text())
    altered["pairs"][0]["units"] = 2
    done = matching("verify", problem, saved(tmp_path, altered))
    assert done.status == 1
    assert "RESULT_HASH at /result_hash" in done.out


def test_what_cannot_be_read_is_no_defect_but_bad_input(answered: tuple[Path, Path], tmp_path: Path) -> None:
    problem, answer = answered
    broken = tmp_path / "broken.json"
    broken.write_text("{")
    assert matching("verify", problem, broken).status == 2
    assert matching("verify", saved(tmp_path, {"needs": 1}), answer).status == 2
    assert matching("verify", "-", "-").status == 2


def test_the_schemas_that_the_package_carries_are_those_of_its_records() -> None:
    for name, expected in schema.schemas().items():
        carried = (schema.DATA / f"{name}.schema.json").read_text(encoding="utf-8")
        assert carried == schema.text(expected), "run: python -m matching.schema"


def test_schemas_are_printed() -> None:
    assert matching("schema").answer["title"] == "Problem of matching/1"
    assert matching("schema", "answer").answer["title"] == "Answer to a problem of given pairs"


def test_help_is_there_without_loading_what_only_solving_needs() -> None:
    program = "import sys; from matching.cli.commands import run; run(['--help']); print('numpy' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=True)
    assert "solve" in done.stdout
    assert done.stdout.splitlines()[-1] == "False"
