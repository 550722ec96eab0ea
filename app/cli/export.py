"""``assist1540 export``."""

import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer

from app.cli.console import note, opened
from app.database import session_scope
from app.exports.service import Exported, Format
from app.exports.service import export as write_export
from app.settings import read_settings
from app.visibility import LOCAL

#: As other programs have it: a file of this name is standard output.
STANDARD_OUTPUT = Path("-")


def export(
    what: Annotated[Exported, typer.Argument(help="What to write; group submissions are among the requests.")],
    form: Annotated[Format, typer.Option("--format", help="csv or ndjson; load reads both.")] = Format.CSV,
    output: Annotated[
        Path | None,
        typer.Option("--output", "-o", help="File to write; - or left out, standard output.", show_default=False),
    ] = None,
    bom: Annotated[bool, typer.Option("--bom", help="Begin with a byte order mark, as Excel wants it.")] = False,
) -> None:
    """Write the record to a file in the columns that load reads.

    A file is there only once it is whole. Texts that a spreadsheet would take for formulas have ' before them.
    """
    if output == STANDARD_OUTPUT:
        output = None
    with opened(read_settings()) as engine, session_scope(engine) as session, _file(output) as write:
        session.connection(execution_options={"isolation_level": "REPEATABLE READ"})
        if bom:
            write("\ufeff")
        n_records = write_export(session, LOCAL, what, form, write)
    note(f"{n_records} records of {what} written{f' to {output}' if output else ''}")


@contextmanager
def _file(output: Path | None) -> Iterator[Callable[[str], object]]:
    """Writes texts to the file, which takes its name when all is written, or to standard output."""
    if output is None:
        yield lambda text: sys.stdout.buffer.write(text.encode())
        sys.stdout.buffer.flush()
        return
    unfinished = output.with_name(f".{output.name}.{os.getpid()}.part")
    try:
        with unfinished.open("w", encoding="utf-8", newline="") as file:
            yield file.write
        unfinished.replace(output)
    finally:
        unfinished.unlink(missing_ok=True)
