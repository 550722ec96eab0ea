"""The page on standalone use shows what the command prints, and the example does what it says."""

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.matching.cli.commands import ROOT, matching, saved

pytestmark = pytest.mark.once

PAGE = (ROOT / "docs" / "matching.md").read_text(encoding="utf-8")


def shown(block: str) -> str:
    """The text of a fenced block of the page."""
    [text] = re.findall(rf"^```{block}\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)
    return str(text)


def test_the_page_shows_what_is_printed(tmp_path: Path) -> None:
    problem = saved(tmp_path, json.loads(shown("json problem")))
    solved, printed = matching("solve", problem), json.loads(shown("json answer"))
    assert solved.status == 0
    # Other prices may prove the same bound; those on the page do so below.
    assert {**solved.answer, "certificate": None} == {**printed, "certificate": None}
    verified = matching("verify", problem, saved(tmp_path, printed, "answer.json"))
    assert (verified.status, verified.out) == (0, shown("text verify"))


def test_the_example_shows_that_equal_treatment_spreads_units_and_solvers_agree() -> None:
    program = [sys.executable, "docs/standalone.py"]
    done = subprocess.run(program, cwd=ROOT, env={"PYTHONPATH": str(ROOT)}, capture_output=True, text=True, check=True)
    assert "points [240] {'A': [3, 3], 'B': [0, 1], 'C': [0, 1]}" in done.stdout
    assert "'B': [1, 1]" in done.stdout
    assert "sound: True | proved: optimal" in done.stdout
    assert "one result: True" in done.stdout
    assert "infeasible | At least 3 units must reach" in done.stdout
