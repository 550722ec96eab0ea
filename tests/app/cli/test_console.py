"""What every command has in common: help, exit codes, one sentence for each failure, tables, JSON."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from decimal import Decimal
from types import ModuleType
from typing import NoReturn

import psycopg
import pytest
from sqlalchemy.exc import OperationalError

from app.cli import commands
from app.cli.console import WIDTH_OFF_TERMINAL, say, say_json, table
from app.cli.errors import Failed, WrongInput, guarded
from app.clusters import PostgresFailed
from app.migration import UnusableDatabase
from app.problems import Fault, InvalidContent, NotFound, Unavailable
from app.settings import InvalidSettings
from app.version import own_version
from tests.commands import COMMAND, assist1540, environment

#: Commands that work on the database without being told anything else.
ON_THE_DATABASE = ["doctor", "export offers", "generate", "load", "run", "runs", "serve", "show 2015-Q1", "worker"]


def test_help_lists_every_command_and_loads_none_of_them() -> None:
    program = "import sys; from app.cli.errors import guarded; guarded(['--help']); print(*sys.modules)"
    done = subprocess.run(
        [sys.executable, "-c", program], env=environment(), capture_output=True, text=True, check=True
    )
    assert all(f" {name} " in done.stdout for name in commands.COMMANDS)
    loaded = set(done.stdout.splitlines()[-1].split())
    assert loaded.isdisjoint({"sqlalchemy", "psycopg", "fastapi", "uvicorn", "numpy", "scipy", "app.settings"})


@pytest.mark.parametrize("name", commands.COMMANDS)
def test_the_list_says_of_a_command_what_its_own_help_says(name: str) -> None:
    help_ = commands.load(name).help or ""
    assert help_.splitlines()[0] == commands.COMMANDS[name][1]


def test_without_a_command_the_help_is_shown(capsys: pytest.CaptureFixture[str]) -> None:
    assert guarded([]) == 0
    assert "Usage: assist1540" in capsys.readouterr().out


def test_the_version_is_that_of_the_package(capsys: pytest.CaptureFixture[str]) -> None:
    assert guarded(["--version"]) == 0
    assert capsys.readouterr().out == f"assist1540 {own_version()}\n"


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["inti"], "No such command 'inti'. Did you mean 'init'?"),
        (["--nothing"], "No such option: --nothing"),
        (["doctor", "--nothing"], "No such option: --nothing"),
        (["doctor", "more"], "unexpected extra argument"),
        (["serve", "--port", "http"], "Invalid value for '--port'"),
        (["doctor", "--head", "12"], "'12' is no chain head; write NUMBER:HASH"),
    ],
)
def test_wrong_use_is_one_line_and_exit_code_2(
    capsys: pytest.CaptureFixture[str], arguments: list[str], said: str
) -> None:
    assert guarded(arguments) == 2
    output = capsys.readouterr()
    assert output.out == ""
    assert output.err.startswith("assist1540: ")
    assert said in output.err
    assert output.err.count("\n") == 1


@pytest.fixture
def failing(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[BaseException]]:
    """A command ``failing`` that raises what is put into the list."""
    raised: list[BaseException] = []
    module = ModuleType("app.cli.failing")

    def failing() -> NoReturn:
        """Fail."""
        raise raised[0]

    module.failing = failing  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "app.cli.failing", module)
    monkeypatch.setitem(commands.COMMANDS, "failing", ("failing", "Fail."))
    monkeypatch.setitem(commands.root.commands, "failing", commands.root.commands["init"])
    yield raised


def stumbled_over_interrupt() -> Exception:
    """What a library raised that tidied up after Ctrl-C."""
    try:
        try:
            raise KeyboardInterrupt
        finally:
            raise psycopg.ProgrammingError("can't change 'autocommit' now")
    except psycopg.ProgrammingError as error:
        return error


ENDINGS: list[tuple[BaseException, int, str]] = [
    (WrongInput("two lines are wrong", ["line 3: no such State", "line 9: no units"]), 2, "two lines are wrong"),
    (Failed("the port is taken"), 1, "the port is taken"),
    (InvalidSettings("ASSIST1540_PORT: too high"), 2, "ASSIST1540_PORT: too high"),
    (PostgresFailed("initdb failed"), 1, "initdb failed"),
    (UnusableDatabase("run `assist1540 init`"), 1, "run `assist1540 init`"),
    (NotFound("there is no run 2015-Q5"), 2, "there is no run 2015-Q5"),
    (InvalidContent("one thing is wrong", [Fault("/units", "too_small", "at least 1")]), 2, "/units: at least 1"),
    (Unavailable("the database is away"), 1, "the database is away"),
    (psycopg.OperationalError("connection refused\nand more"), 1, "does not answer as it should: connection refused"),
    (OperationalError("SELECT 1", {}, psycopg.OperationalError("gone")), 1, "does not answer as it should: gone"),
    (OperationalError("INSERT", {}, psycopg.errors.DiskFull("no space left")), 1, "the disk of the database is full"),
    (psycopg.errors.UndefinedTable("no table"), 1, "run `assist1540 init`"),
    (OSError(28, "No space left on device", "out.csv"), 1, "out.csv: the disk is full; nothing was half-written"),
    (PermissionError(13, "Permission denied", "out.csv"), 1, "out.csv: Permission denied"),
    (KeyboardInterrupt(), 1, "interrupted; nothing was half-written"),
    (stumbled_over_interrupt(), 1, "interrupted; nothing was half-written"),
]


@pytest.mark.parametrize(("error", "status", "said"), ENDINGS, ids=lambda part: getattr(type(part), "__name__", ""))
def test_a_foreseen_failure_is_told_in_a_sentence(
    capsys: pytest.CaptureFixture[str], failing: list[BaseException], error: BaseException, status: int, said: str
) -> None:
    failing.append(error)
    assert guarded(["failing"]) == status
    output = capsys.readouterr()
    assert said in output.err
    assert output.err.startswith("assist1540: ")
    assert "Traceback" not in output.err
    assert output.out == ""


def test_all_that_is_wrong_is_listed_below_the_sentence(
    capsys: pytest.CaptureFixture[str], failing: list[BaseException]
) -> None:
    failing.append(WrongInput("two lines are wrong", ["line 3: no such State", "line 9: no units"]))
    guarded(["failing"])
    assert capsys.readouterr().err.splitlines()[1:] == ["  line 3: no such State", "  line 9: no units"]


def test_a_defect_of_ours_is_not_hidden(failing: list[BaseException]) -> None:
    failing.append(ZeroDivisionError("a defect"))
    with pytest.raises(ZeroDivisionError):
        guarded(["failing"])


@pytest.mark.parametrize("name", [*ON_THE_DATABASE, "init"])
def test_a_database_that_is_down_is_named_without_its_password(name: str) -> None:
    done = assist1540(
        *name.split(), database_url="postgresql://somebody:s3cret@127.0.0.1:1/record", ASSIST1540_PORT="0"
    )
    assert done.returncode == 1
    assert "the database does not answer as it should: connection" in done.stderr
    assert "Traceback" not in done.stderr
    assert "s3cret" not in done.stdout + done.stderr


@pytest.mark.parametrize("name", [name for name in ON_THE_DATABASE if name != "doctor"])
def test_a_database_that_is_not_set_up_says_which_command_does_it(empty_database_url: str, name: str) -> None:
    done = assist1540(*name.split(), database_url=empty_database_url, ASSIST1540_PORT="0")
    assert done.returncode == 1
    assert done.stderr.splitlines()[-1] == "assist1540: the database is empty; run `assist1540 init`"


@pytest.mark.parametrize("name", ["init", "doctor", "runs"])
def test_a_database_of_a_newer_version_is_left_alone(database_url: str, name: str) -> None:
    with psycopg.connect(database_url) as connection:
        connection.execute("UPDATE alembic_version SET version_num = '9999'")
    done = assist1540(name, database_url=database_url)
    assert done.returncode == 1
    assert "is at revision 9999, which this version does not know; use a newer assist1540" in done.stdout + done.stderr


def test_whoever_stops_reading_our_output_sees_no_complaint(installed_database_url: str) -> None:
    reader, writer = os.pipe()
    os.close(reader)
    done = subprocess.run(
        [*COMMAND, "doctor"],
        env=environment(installed_database_url),
        stdout=writer,
        stderr=subprocess.PIPE,
        check=False,
    )
    os.close(writer)
    assert done.stderr == b""
    assert done.returncode == 1


def test_a_closed_standard_output_is_told_in_a_sentence(installed_database_url: str) -> None:
    done = subprocess.run(
        ["/bin/sh", "-c", 'exec "$@" >&-', "sh", *COMMAND, "runs", "--json"],
        env=environment(installed_database_url),
        stderr=subprocess.PIPE,
        text=True,
        check=False,
    )
    assert done.returncode == 1
    assert done.stderr == "assist1540: standard output is closed; send it to a file, to a pipe or to /dev/null\n"


def test_in_a_narrow_terminal_a_table_keeps_words_whole(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "30")
    say(table("", ("reference", "strategy", "state"), [("RUN-2015-Q1", "default/1", "optimal")]))
    assert "RUN-2015-Q1 │ default/1 │ optimal" in capsys.readouterr().out


def test_a_table_that_goes_to_a_file_is_wide_and_cuts_nothing(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("COLUMNS", raising=False)
    sentence = "because every offer that covers it is worth more elsewhere " * 5
    say(table("Title", ("code", "why"), [("R-ALB-2004/1", sentence.strip()), ("R-ARM-2004/1", None)]))
    output = capsys.readouterr().out
    assert max(map(len, output.splitlines())) == WIDTH_OFF_TERMINAL
    assert "".join(output.split()).count("elsewhere") == 5
    assert "…" not in output
    assert "\x1b" not in output


def test_brackets_in_texts_of_people_are_printed_as_they_are(capsys: pytest.CaptureFixture[str]) -> None:
    say(table("", ("text",), [("[bold]not bold[/bold] :smile:",)]), "[red]plain[/red]")
    output = capsys.readouterr().out
    assert "[bold]not bold[/bold] :smile:" in output
    assert "[red]plain[/red]" in output


@pytest.mark.parametrize(("no_color", "red"), [("", True), ("1", False)])
def test_a_fault_is_red_unless_the_environment_wants_no_colour(database_url: str, no_color: str, red: bool) -> None:
    done = assist1540("doctor", database_url=database_url, TERM="xterm", FORCE_COLOR="1", NO_COLOR=no_color)
    assert "FAULT" in done.stdout
    assert ("\x1b[1;31mFAULT" in done.stdout) == red


def test_json_holds_dates_decimals_and_models_in_every_script(capsys: pytest.CaptureFixture[str]) -> None:
    say_json({"at": datetime(2015, 4, 1, tzinfo=UTC), "weight": Decimal("0.60"), "name": "Côte d’Ivoire 核"})
    output = capsys.readouterr().out
    assert json.loads(output) == {"at": "2015-04-01T00:00:00Z", "weight": "0.60", "name": "Côte d’Ivoire 核"}
    assert "核" in output
