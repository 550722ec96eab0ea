"""The command on a checkout so small that what becomes of each mutant is known."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from app.settings import ROOT

pytestmark = pytest.mark.once

FILES = {
    "matching/__init__.py": "",
    "matching/tested.py": "def larger(a, b):\n    return a if a > b else b\n",
    "matching/untested.py": "def nobody_calls(a):\n    return a\n",
    "matching/slow.py": "def wait(condition):\n    while condition():\n        pass\n",
    "matching/elsewhere.py": "import sys\n\n\ndef tell():\n    sys.stdout.write('2')\n",
    "matching/program.py": "import sys\n\n\ndef tell(a):\n    sys.stdout.write(str(a))\n\n\ntell(1 + 1)\n",
    "tests/conftest.py": "raise RuntimeError('belongs to the whole')\n",
    "tests/matching/test_all.py": """
import subprocess
import sys

import matching.elsewhere
from matching.slow import wait
from matching.tested import larger


def test_larger():
    assert (larger(1, 2), larger(3, 2)) == (2, 3)


def test_wait():
    assert wait(bool) is None


def test_program():
    told = subprocess.run([sys.executable, "-m", "matching.program"], capture_output=True, check=True)
    assert told.stdout == b"2"


def test_a_copy_without_environment(tmp_path):
    program = (tmp_path / "program.py")
    program.write_text(open(matching.elsewhere.__file__).read() + "\\n\\ntell()\\n")
    assert subprocess.run([sys.executable, program], env={}, capture_output=True, check=True).stdout == b"2"
""",
}


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """A checkout of a package with tests."""
    for name, text in FILES.items():
        path = tmp_path / "checkout" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return tmp_path / "checkout"


def mutation(checkout: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run the command to its end on another checkout."""
    return subprocess.run(
        [sys.executable, "-m", "tests.mutation", "--root", str(checkout), "--processes", "1", *arguments],
        cwd=ROOT,
        env={**os.environ, "TMPDIR": str(checkout.parent)},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


def content(folder: Path) -> dict[Path, bytes]:
    return {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def row_of_all(told: str) -> list[str]:
    """Mutants, those tried, killed, timed out, survived and unreached, and the score."""
    return next(line.split()[1:] for line in told.splitlines() if line.startswith("all "))


def test_what_lives_is_shown_and_counted_and_the_checkout_stays_as_it_was(checkout: Path) -> None:
    before = content(checkout)
    ended = mutation(checkout, "matching.tested", "matching.untested", "matching.program")
    assert ended.returncode == 1, ended.stderr
    told = ended.stdout
    assert "matching/tested.py:2: > becomes >=: survived" in told
    assert "-    return a if a > b else b\n+    return a if a >= b else b" in told
    assert "matching/untested.py:2: return nothing: unreached" in told
    assert row_of_all(told) == ["9", "9", "7", "0", "1", "1", "78%"]
    assert "score 77.8% of 9 mutants" in told
    assert content(checkout) == before
    assert [path.name for path in checkout.parent.iterdir()] == ["checkout"], "nothing is left behind"


def test_a_mutant_whose_tests_do_not_end_is_noticed_by_the_time_and_a_good_score_ends_with_0(checkout: Path) -> None:
    ended = mutation(checkout, "matching.slow", "matching.elsewhere", "--patience", "1")
    assert row_of_all(ended.stdout) == ["3", "3", "2", "1", "0", "0", "100%"], ended.stderr
    assert ended.returncode == 0


def test_a_test_that_fails_by_itself_is_named_and_notices_nothing(checkout: Path) -> None:
    (checkout / "matching" / "tested.py").write_text("def larger(a, b):\n    return a\n")
    ended = mutation(checkout, "matching.tested")
    assert "takes no part: tests/matching/test_all.py::test_larger" in ended.stderr
    assert row_of_all(ended.stdout) == ["1", "1", "0", "0", "0", "1", "0%"]


def test_tests_that_cannot_be_run_at_all_are_shown(checkout: Path) -> None:
    (checkout / "matching" / "tested.py").unlink()
    ended = mutation(checkout, "matching.slow")
    assert ended.returncode == 2
    assert "No module named 'matching.tested'" in ended.stderr


def test_an_unknown_module_is_refused_in_a_sentence(checkout: Path) -> None:
    ended = mutation(checkout, "matching.other")
    assert (ended.returncode, ended.stdout) == (2, "")
    assert ended.stderr.startswith("mutation: matching has no module matching.other; write its name with dots")
