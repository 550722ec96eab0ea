"""A run taken home is verified by Python alone, and tells nobody's clock or machine."""

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any
from zipfile import ZipFile

import pytest

from matching import archive
from matching.certificate.digests import hash_of_answer
from matching.certificate.offline import NOT_SOUND, SOUND, UNREADABLE, main
from tests.matching.certificate.documents import document
from tests.matching.pair_answers import Json, answer_to
from tests.matching.pair_draws import OBJECTIVES


def unpacked(packed: bytes, home: Path) -> Path:
    """The folder that an archive was unpacked to."""
    (home / "run.zip").write_bytes(packed)
    with ZipFile(home / "run.zip") as run:
        run.extractall(home / "run")
    return home / "run"


def verified(home: Path, *arguments: str) -> tuple[int, str]:
    """How verify.pyz ends and what it says, in a Python without any other package."""
    command = [sys.executable, "-I", "-S", str(home / "verify.pyz"), *arguments]
    ended = subprocess.run(command, capture_output=True, text=True, cwd=home, env={"PATH": os.defpath}, check=False)
    return ended.returncode, ended.stdout + ended.stderr


def rewritten(path: Path, change: Callable[[Json], None]) -> None:
    content = json.loads(path.read_bytes())
    change(content)
    path.write_bytes(json.dumps(content).encode())


@pytest.mark.parametrize("objective", OBJECTIVES)
def test_an_answer_taken_home_is_proved_there(objective: str, tmp_path: Path) -> None:
    home = unpacked(archive.of_answer(document(objective), answer_to(document(objective))), tmp_path)
    status, said = verified(home)
    assert (status, said.count("proved that nothing is better than")) == (SOUND, 1), said


def test_an_archive_is_verified_as_it_is(tmp_path: Path) -> None:
    home = unpacked(archive.of_answer(document(), answer_to(document())), tmp_path)
    assert verified(home, str(tmp_path / "run.zip"))[0] == SOUND
    assert verified(home, str(home))[0] == SOUND


def test_a_problem_and_its_answer_are_verified_without_an_archive(tmp_path: Path) -> None:
    home = unpacked(archive.of_answer(document(), answer_to(document())), tmp_path)
    (tmp_path / "answer.json").write_text(json.dumps({**answer_to(document()), "total": 0}))
    status, said = verified(home, "problem.json", str(tmp_path / "answer.json"))
    assert status == NOT_SOUND and "WRONG_TOTAL" in said


def forged_total(result: Json) -> None:
    result["total"] += 1
    result["result_hash"] = hash_of_answer(result)


@pytest.mark.parametrize(
    ("name", "change", "code"),
    [
        ("result.json", forged_total, "WRONG_TOTAL"),
        ("result.json", lambda result: result.update(units=0), "RESULT_HASH"),
        ("problem.json", lambda asked: asked["offers"][0].update(units=9), "INPUT_HASH"),
        ("certificate.json", lambda proof: proof["levels"][0]["offers"].update({"AUS-1": 99}), "WRONG_BOUND"),
        ("order.json", lambda order: order["needs"].update({"ALB-1": "0" * 16}), "WRONG_LOT"),
    ],
)
def test_whatever_is_forged_in_an_archive_is_found(
    name: str, change: Callable[[Json], Any], code: str, tmp_path: Path
) -> None:
    home = unpacked(archive.of_answer(document(), answer_to(document())), tmp_path)
    rewritten(home / name, change)
    status, said = verified(home)
    assert status == NOT_SOUND and code in said
    assert "The answer is NOT sound." in said and "is sound" not in said


def test_equal_runs_are_packed_to_the_same_bytes() -> None:
    packed = archive.of_answer(document(), answer_to(document()))
    assert packed == archive.of_answer(document(), answer_to(document()))
    assert packed != archive.of_answer(document("points"), answer_to(document("points")))


@pytest.mark.parametrize("arguments", [["nowhere.zip"], ["a", "b", "c"], ["a.json", "b.json"], ["."]])
def test_what_cannot_be_read_is_said(
    arguments: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    assert main(arguments) == UNREADABLE
    assert capsys.readouterr().err.startswith("verify: ")
