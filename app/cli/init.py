"""``assist1540 init``."""

from app.cli.console import JsonOption, opened, progress, say, say_json
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
    else:
        say(f"The database is ready at revision {installed.revision}; chain head {installed.head}.")
