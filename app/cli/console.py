"""What commands have in common: tables and JSON on standard output, progress on standard error, the database."""

import json
import os
import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import Annotated, Any

import typer
from pydantic_core import to_jsonable_python
from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table
from rich.text import Text
from sqlalchemy.engine import Engine

from app.database import make_engine
from app.migration import require_ready
from app.postgres import embedded
from app.settings import Settings

#: Columns of a table that goes to a file or a pipe; COLUMNS overrides it.
WIDTH_OFF_TERMINAL = 160
#: Columns of the narrowest table; in a narrower terminal its lines run on.
LEAST_WIDTH = 80
#: Seconds that a database which does not answer is waited for.
CONNECT_TIMEOUT_S = 5

#: Told of each stage of long work and, where it is known, of the share that is done (0 to 1).
Report = Callable[[str, float | None], None]

JsonOption = Annotated[bool, typer.Option("--json", help="Print JSON instead of tables.")]


def _console(*, stderr: bool) -> Console:
    # No markup: brackets in people's texts are brackets.
    console = Console(stderr=stderr, markup=False, emoji=False, highlight=False)
    if not console.is_terminal and "COLUMNS" not in os.environ:
        console.width = WIDTH_OFF_TERMINAL
    return console


def say(*lines: object) -> None:
    """Print ``lines`` (texts, tables or other Rich renderables) on standard output."""
    console = _console(stderr=False)
    console.width = max(console.width, LEAST_WIDTH)
    for line in lines:
        console.print(line)


def note(line: str) -> None:
    """Print a remark that is no part of the result on standard error."""
    _console(stderr=True).print(line, soft_wrap=True)  # a hash broken in two cannot be copied


def say_json(document: Any) -> None:
    """Print ``document`` (models, dates, decimals and the like included) as JSON on standard output."""
    json.dump(to_jsonable_python(document), sys.stdout, ensure_ascii=False, indent=2)
    print()


def table(title: str, columns: Iterable[str], rows: Iterable[Iterable[object]], *, right: str = "") -> Table:
    """A table of ``rows``; columns named in ``right`` (words) hold numbers. None is an empty cell, "" no title."""
    made = Table(title=title or None, title_justify="left", title_style="bold", header_style="bold")
    for column in columns:
        made.add_column(column, overflow="fold", justify="right" if column in right.split() else "left")
    for row in rows:
        made.add_row(*("" if cell is None else cell if isinstance(cell, Text) else str(cell) for cell in row))
    return made


@contextmanager
def progress(title: str) -> Iterator[Report]:
    """Shows how far long work is: a bar in a terminal, else a line for each new stage, on standard error."""
    console = _console(stderr=True)
    if not console.is_terminal:
        yield _lines(title)
        return
    columns = TextColumn("{task.description}"), BarColumn(), TimeElapsedColumn()
    with Progress(*columns, console=console, transient=True) as bar:
        task = bar.add_task(title, total=None)

        def report(stage: str, share: float | None = None) -> None:
            bar.update(task, description=f"{title}: {stage}", total=None if share is None else 1, completed=share or 0)

        yield report


def _lines(title: str) -> Report:
    last = ""

    def report(stage: str, _share: float | None = None) -> None:
        nonlocal last
        if stage != last:
            last = stage
            note(f"{title}: {stage}")

    return report


@contextmanager
def database(settings: Settings) -> Iterator[str]:
    """Address of the database: the one in ``settings``, else of the embedded server, which runs meanwhile."""
    if settings.database_url is not None:
        yield settings.database_url
        return
    with embedded(settings.data_dir, programs=settings.postgres_bin) as url:
        yield url


@contextmanager
def opened(settings: Settings, *, ready: bool = True) -> Iterator[Engine]:
    """An engine on the database; unless told otherwise, raises UnusableDatabase where it is not set up."""
    with database(settings) as url:
        engine = make_engine(url, connect_args={"connect_timeout": CONNECT_TIMEOUT_S})
        try:
            if ready:
                with engine.connect() as connection:
                    require_ready(connection)
            yield engine
        finally:
            engine.dispose()
