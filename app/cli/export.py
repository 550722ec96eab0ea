"""``assist1540 export``."""

from pathlib import Path
from typing import Annotated

import typer

from app.cli.console import note, opened
from app.cli.output import STANDARD_OUTPUT, written
from app.database import session_scope
from app.exports.service import Exported, Format
from app.exports.service import export as write_export
from app.settings import read_settings
from app.visibility import LOCAL


def export(
    what: Annotated[Exported, typer.Argument(help="What to write; group submissions are among the requests.")],
    form: Annotated[Format, typer.Option("--format", help="csv or ndjson; load reads both.")] = Format.CSV,
    output: Annotated[
        Path,
        typer.Option("--output", "-o", help="File to write; - or left out, standard output.", show_default=False),
    ] = STANDARD_OUTPUT,
    bom: Annotated[bool, typer.Option("--bom", help="Begin with a byte order mark, as Excel wants it.")] = False,
) -> None:
    """Write the record to a file in the columns that load reads.

    A file is there only once it is whole. Texts that a spreadsheet would take for formulas have ' before them.
    """
    with opened(read_settings()) as engine, session_scope(engine) as session, written(output) as file:

        def write(text: str) -> None:
            file.write(text.encode())

        session.connection(execution_options={"isolation_level": "REPEATABLE READ"})
        if bom:
            write("\ufeff")
        n_records = write_export(session, LOCAL, what, form, write)
    note(f"{n_records} records of {what} written{'' if output == STANDARD_OUTPUT else f' to {output}'}")
