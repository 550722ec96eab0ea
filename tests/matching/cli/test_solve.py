"""`matching solve`: the answer alone on standard output, an exit code for how it ended, and an end whatever happens."""

import gzip
import json
import os
import signal
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from matching.certificate import check_answer
from matching.cli.endings import WrongInput
from matching.cli.reading import document
from tests.matching import builders
from tests.matching.cli.commands import MATCHING, ROOT, matching, saved
from tests.matching.pairs.documents import Json, as_columns, need, offer, pair, problem, small


def endless() -> Json:
    """A problem that the slowest of the solvers is at for minutes."""
    n = 250
    return problem(
        [need(f"n{i}", 3, f"S{i % 7}") for i in range(n)],
        [offer(f"o{j}", 3) for j in range(n)],
        [pair(f"n{i}", f"o{j}", (i * 7919 + j * 104729 + i * j) % 1000) for i in range(n) for j in range(n)],
        pinned=[{"need": "n0", "offer": "o0", "units": 2}],
    )


def test_the_answer_alone_is_on_standard_output(tmp_path: Path) -> None:
    done = matching("solve", saved(tmp_path, small()))
    assert (done.status, done.err) == (0, "")
    answer = done.answer
    assert answer["status"] == "optimal"
    assert answer["total"] == 12
    assert answer["objective"] == answer["bound"] == [12]
    assert answer["pairs"] == [{"need": "n1", "offer": "o1", "units": 1}, {"need": "n2", "offer": "o1", "units": 1}]
    assert answer["served"] == {"A": [1, 2], "B": [1, 1]}
    assert check_answer(small(), answer).proved == "optimal"


def test_gzip_and_standard_input_are_read_as_files_are(tmp_path: Path) -> None:
    packed = tmp_path / "problem.json.gz"
    packed.write_bytes(gzip.compress(json.dumps(as_columns(small())).encode()))
    by_file = matching("solve", packed, "--progress")
    by_pipe = matching("solve", "-", given=json.dumps(small()).encode())
    assert by_file.status == by_pipe.status == 0
    assert by_file.out == by_pipe.out
    assert by_file.err.splitlines()[0] == "matching: reading"


def test_an_infeasible_problem_ends_with_3_and_says_what_cannot_be_satisfied(tmp_path: Path) -> None:
    given = small()
    given["needs"][0]["least"], given["needs"][1]["least"] = 2, 1
    given["pairs"] = [pair("n1", "o1", 5), pair("n2", "o1", 7)]
    done = matching("solve", saved(tmp_path, given))
    assert done.status == 3
    answer = done.answer
    assert (answer["status"], answer["pairs"], answer["objective"]) == ("infeasible", [], [])
    assert answer["reason"]["params"]["short"] == 1
    assert "'n1' at least 2 and need 'n2' at least 1" in answer["reason"]["sentence"]
    assert check_answer(given, answer).proved == "infeasible"


def test_bad_input_ends_with_2_and_every_fault_by_its_pointer(tmp_path: Path) -> None:
    given = small()
    given["needs"][1]["units"] = 1.5
    given["offers"][0]["unit"] = 3
    done = matching("solve", saved(tmp_path, given))
    assert (done.status, done.out) == (2, "")
    first, *faults = done.err.splitlines()
    assert first.endswith("problem.json cannot be used; 2 faults:")
    assert [fault.split(":")[0].strip() for fault in faults] == ["/needs/1/units", "/offers/0/unit"]


@pytest.mark.parametrize("content", [b"", b"{", b"\xff", b"\x1f\x8b damaged", b'{"needs": [], "needs": []}'])
def test_what_is_no_problem_at_all_is_refused_in_a_sentence(content: bytes, tmp_path: Path) -> None:
    path = tmp_path / "problem.json"
    path.write_bytes(content)
    with pytest.raises(WrongInput, match=r"problem\.json") as refused:
        document(str(path))
    assert all(fault.startswith("/") for fault in refused.value.faults)


def test_standard_input_is_refused_by_that_name() -> None:
    done = matching("solve", "-", given=b"[]")
    assert (done.status, done.out) == (2, "")
    assert done.err.startswith("matching: standard input cannot be used; 1 fault:\n  /: is not an object")


def test_wrong_arguments_end_with_2(tmp_path: Path) -> None:
    wrong: list[list[object]] = [["sovle"], ["solve"], ["solve", tmp_path], ["solve", tmp_path / "none"]]
    wrong += [["solve", "x", "--time-limit", limit] for limit in ("0", "nan", "soon")]
    for arguments in wrong:
        done = matching(*arguments)
        assert (done.status, done.out, len(done.err.splitlines())) == (2, "", 1)


def test_a_solver_that_cannot_be_stopped_is_ended_in_time_and_the_pins_are_answered(tmp_path: Path) -> None:
    path = saved(tmp_path, endless())
    began = time.monotonic()
    done = matching("solve", path, "--solver", "networkx", "--time-limit", "2")
    assert time.monotonic() - began < 6
    assert done.status == 4
    answer = done.answer
    assert answer["status"] == "time_limit"
    assert answer["pairs"] == [{"need": "n0", "offer": "o0", "units": 2}]
    assert answer["bound"] > answer["objective"]
    verdict = check_answer(endless(), answer)
    assert (verdict.sound, verdict.proved) == (True, "within")


def test_the_time_limit_of_the_file_holds_too(tmp_path: Path) -> None:
    done = matching("solve", saved(tmp_path, {**endless(), "time_limit_s": 1}), "--solver", "networkx")
    assert done.status == 4


@contextmanager
def solving(path: Path) -> Iterator[tuple[subprocess.Popen[bytes], int]]:
    """The command while its solver is at work, and the solver's process."""
    command = [*MATCHING, "solve", str(path), "--solver", "networkx", "--progress"]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        assert process.stderr is not None
        assert any(line == b"matching: solving\n" for line in process.stderr)
        children = Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text().split()
        yield process, int(children[0])


def ends(process: int) -> bool:
    """Whether a process has ended within a few seconds."""
    for _ in range(100):
        try:
            state = Path(f"/proc/{process}/stat").read_text().rsplit(")", 1)[1].split()[0]
        except FileNotFoundError:
            return True
        if state == "Z":
            return True
        time.sleep(0.05)
    return False


@pytest.mark.parametrize("asked", [signal.SIGINT, signal.SIGTERM])
def test_whoever_interrupts_it_is_left_with_no_process_and_no_traceback(tmp_path: Path, asked: signal.Signals) -> None:
    with solving(saved(tmp_path, endless())) as (process, solver):
        process.send_signal(asked)
        out, err = process.communicate(timeout=10)
        assert (process.returncode, out, err) == (1, b"", b"matching: interrupted\n")
        assert ends(solver)


def test_the_solver_ends_with_its_parent(tmp_path: Path) -> None:
    with solving(saved(tmp_path, endless())) as (process, solver):
        process.kill()
        assert ends(solver)


def test_a_reader_that_has_left_and_a_full_disk_are_no_tracebacks(tmp_path: Path) -> None:
    path = saved(tmp_path, small())
    read, write = os.pipe()
    os.close(read)
    left = matching("solve", path, stdout=write)
    os.close(write)
    assert (left.status, left.err) == (1, "")
    with open("/dev/full", "wb") as full:
        done = matching("solve", path, stdout=full)
    assert (done.status, done.err) == (1, "matching: the disk is full; free some space and repeat\n")


def test_problems_of_attributes_are_solved_and_verified_too(tmp_path: Path) -> None:
    given = builders.problem([builders.need("R-1/1", "ALB")], [builders.offer("O-1")], builders.default_strategy())
    path = saved(tmp_path, given)
    solved = matching("solve", path, "--time-limit", "30")
    assert (solved.status, solved.answer["format"]) == (0, "matching-result/1")
    assert [pairing["offer"] for pairing in solved.answer["pairings"]] == ["O-1"]
    verified = matching("verify", path, saved(tmp_path, solved.answer, "result.json"))
    assert (verified.status, verified.out) == (0, "The result is sound.\n")
    del given["quarter"]
    refused = matching("solve", saved(tmp_path, given))
    assert (refused.status, refused.out) == (2, "")
    assert "/quarter: is required" in refused.err
