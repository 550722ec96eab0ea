"""``assist1540 worker``."""

from typing import Annotated

import typer

from app.cli.console import opened, say
from app.runs.jobs import work
from app.scenarios.jobs import Studies
from app.serving import log_to_stderr
from app.settings import read_settings


def worker(
    once: Annotated[bool, typer.Option("--once", help="End when nothing waits any more.")] = False,
) -> None:
    """Work off the queue of runs.

    Waits for runs that the REST API starts, until Ctrl-C; several workers may share the queue.
    """
    with opened(read_settings()) as engine:
        log_to_stderr()
        say("assist1540 works off the queue " + ("once" if once else "until Ctrl-C"))
        work(engine.url.render_as_string(hide_password=False), once=once, duties=[Studies()])
