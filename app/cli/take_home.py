"""``assist1540 take-home``."""

from pathlib import Path
from typing import Annotated

import typer

from app.cli.console import note, opened
from app.cli.errors import WrongInput
from app.cli.output import STANDARD_OUTPUT, written
from app.database import session_scope
from app.problems import Conflict, NotFound
from app.runs import take_home as packing
from app.settings import read_settings
from app.visibility import LOCAL


def take_home(
    run: Annotated[str, typer.Argument(help="A finished run, such as RUN-2015-Q1.")],
    output: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Where to write it; left out, RUN.zip here; - is the output.")
    ] = None,
) -> None:
    """Write a run to an archive that anyone can verify offline, with Python alone."""
    with opened(read_settings()) as engine, session_scope(engine) as session:
        try:
            packed = packing.archive(session, LOCAL, run)
        except (NotFound, Conflict) as refused:
            raise WrongInput(str(refused)) from None
    target = output or Path(packing.name(run))
    with written(target) as file:
        file.write(packed)
    if target != STANDARD_OUTPUT:
        note(f"{target}: unpack it, and run `python verify.pyz` in its folder")
