"""``assist1540 doctor``."""

from typing import Annotated

import typer
from rich.text import Text

from app.cli.console import JsonOption, opened, say, say_json, table
from app.cli.errors import WrongInput
from app.diagnosis import examine
from app.events.service import Head
from app.settings import read_settings


def doctor(
    head: Annotated[
        str | None,
        typer.Option(help="A chain head printed earlier: proves that nothing was cut off after it.", metavar="N:HASH"),
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """Examine the installation, and prove the event log whole.

    Exits 1 and names each fault when something is wrong.
    """
    try:
        earlier = Head.parse(head) if head is not None else None
    except ValueError as error:
        raise WrongInput(str(error)) from None
    settings = read_settings()
    with opened(settings, ready=False) as engine:
        diagnosis = examine(engine, settings, earlier)
    if as_json:
        say_json(diagnosis)
    else:
        marks = {True: Text("FAULT", "bold red"), False: Text("ok", "green")}
        rows = [(marks[finding.fault], finding.name, finding.text) for finding in diagnosis.findings]
        say(table("", ("", "examined", "found"), rows))
        if diagnosis.head is not None:
            say(f"Chain head {diagnosis.head}")
    if diagnosis.faults:
        raise typer.Exit(1)
