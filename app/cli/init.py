"""``assist1540 init``."""

from app.cli.console import JsonOption, opened, progress, say, say_json, table
from app.installation import install
from app.settings import read_settings


def init(as_json: JsonOption = False) -> None:
    """Create the tables, or bring them up to date, and load the reference data.

    Safe to repeat: what is there already is left as it is.
    """
    with opened(read_settings(), ready=False) as engine, progress("init") as report:
        installed = install(engine, report)
    if as_json:
        say_json(installed)
        return
    rows = [
        (entry.name, entry.version, entry.added, entry.amended, entry.retired, entry.unchanged)
        for entry in installed.reference.lists
    ]
    numbers = ("version", "added", "amended", "retired", "unchanged")
    say(
        table("Reference data", ("list", *numbers), rows, right=" ".join(numbers)),
        f"Schema revision {installed.revision}; strategy {installed.strategy.name} {installed.strategy.version}; chain head {installed.head}",
    )
