"""``assist1540 init``."""

from app.cli.console import JsonOption, opened, progress, say, say_json, table
from app.cli.errors import Failed
from app.installation import install
from app.reference.loading import ReferenceDataRefused
from app.settings import read_settings


def init(as_json: JsonOption = False) -> None:
    """Create the tables, or bring them up to date, and load the reference data.

    Safe to repeat: what is there already is left as it is.
    """
    with opened(read_settings(), ready=False) as engine, progress("init") as report:
        try:
            installed = install(engine, report)
        except ReferenceDataRefused as error:
            raise Failed(str(error)) from None
    if as_json:
        say_json(installed)
        return
    strategy = installed.strategy
    rows = [
        (entry.name, entry.version, entry.added, entry.amended, entry.retired, entry.unchanged)
        for entry in installed.reference.lists
    ]
    numbers = ("version", "added", "amended", "retired", "unchanged")
    say(
        table("Reference data", ("list", *numbers), rows, right=" ".join(numbers)),
        f"Schema revision {installed.revision}; strategy {strategy.name} {strategy.version}",
        f"Chain head {installed.head}",
    )
