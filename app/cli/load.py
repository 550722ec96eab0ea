"""``assist1540 load``."""

from dataclasses import replace
from pathlib import Path
from typing import Annotated

import typer
from sqlalchemy.orm import Session

from app.cli.console import JsonOption, Report, opened, progress, say, say_json, table
from app.cli.errors import WRONG, WrongInput
from app.database import session_scope
from app.events.service import seal
from app.imports.faults import FileRefused
from app.imports.service import RECORD_FILES, ImportReport, load_file
from app.settings import read_settings
from app.visibility import LOCAL

#: Bad lines that are printed; all of them are in the JSON.
MOST_SHOWN = 50


def load(
    files: Annotated[
        list[Path] | None,
        typer.Argument(
            help="CSV, XLSX or NDJSON files; left out, the public record that is shipped.", show_default=False
        ),
    ] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Check everything and write nothing.")] = False,
    skip_bad: Annotated[bool, typer.Option("--skip-bad", help="Leave bad lines out and write the good ones.")] = False,
    again: Annotated[
        bool, typer.Option("--again", help="Apply a file that was loaded before, over what was changed since.")
    ] = False,
    sheet: Annotated[str | None, typer.Option(help="Sheet of a workbook, where it has several.")] = None,
    as_json: JsonOption = False,
) -> None:
    """Read requests and offers from the public record or from a file of yours.

    Every bad line is reported, and nothing is written unless all lines of all files are good or --skip-bad is given.
    Loading the same file twice changes nothing. Exits 2 when there are bad lines.
    """
    with opened(read_settings()) as engine, progress("load") as report:
        with session_scope(engine) as session:
            reports = [
                _load_one(session, path, report, sheet=sheet, dry_run=dry_run, skip_bad=skip_bad, again=again)
                for path in files or RECORD_FILES
            ]
            refused = any(each.faults for each in reports) and not skip_bad
            if refused:
                reports = [replace(each, written=False) for each in reports]
            else:
                session.commit()
        if not (refused or dry_run):
            with session_scope(engine) as session:
                seal(session)
                session.commit()
    if as_json:
        say_json(reports)
    else:
        _show(reports, refused=refused)
    if refused:
        raise typer.Exit(WRONG)


def _load_one(
    session: Session, path: Path, report: Report, *, sheet: str | None, dry_run: bool, skip_bad: bool, again: bool
) -> ImportReport:
    try:
        return load_file(
            session, LOCAL, path, sheet=sheet, dry_run=dry_run, skip_bad=skip_bad, again=again, progress=report
        )
    except FileRefused as error:
        raise WrongInput(str(error)) from None
    except FileNotFoundError:
        raise WrongInput(f"there is no file {path}") from None


def _show(reports: list[ImportReport], *, refused: bool) -> None:
    counts = ("records", "created", "amended", "unchanged", "bad")
    rows = [(each.file, *(getattr(each, name) for name in counts)) for each in reports]
    title = "Would be loaded" if refused or any(each.dry_run for each in reports) else "Loaded"
    say(table(title, ("file", *counts), rows, right=" ".join(counts)))
    faults = [(each.file, fault) for each in reports for fault in each.faults]
    if faults:
        shown = [(file, fault.line, fault.column, fault.reason, fault.remedy) for file, fault in faults[:MOST_SHOWN]]
        say(table("Bad lines", ("file", "line", "column", "reason", "remedy"), shown, right="line"))
    if len(faults) > MOST_SHOWN:
        say(f"{len(faults) - MOST_SHOWN} more; --json prints all.")
    for each in reports:
        if each.loaded_before:
            say(f"{each.file} was loaded on {each.loaded_before:%Y-%m-%d %H:%M} UTC; --again applies it once more.")
    if refused:
        say("Nothing was written. Mend the lines, or leave them out with --skip-bad.")
    elif any(each.dry_run for each in reports):
        say("Nothing was written: this was a dry run.")
