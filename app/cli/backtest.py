"""``assist1540 backtest``."""

from typing import Annotated

import typer

from app.cli.console import JsonOption
from app.cli.study import (
    FullOption,
    GridOption,
    JobsOption,
    LimitOption,
    Manner,
    QueueOption,
    ResumeOption,
    StrategyOption,
    carry_out,
    grid,
    start_body,
    strategies,
)
from app.scenarios.models import StudyKind
from app.scenarios.schemas import StudyStart


def backtest(
    strategy: StrategyOption = None,
    grid_of: GridOption = None,
    first: Annotated[
        str | None, typer.Option("--from", metavar="QUARTER", help="Left out, the first with a request or offer.")
    ] = None,
    last: Annotated[
        str | None, typer.Option("--until", metavar="QUARTER", help="Left out, the last that has ended.")
    ] = None,
    stored: Annotated[
        bool, typer.Option("--stored", help="The snapshots of stored runs, not the record as it is now.")
    ] = False,
    jobs: JobsOption = None,
    time_limit: LimitOption = None,
    resume: ResumeOption = None,
    queue: QueueOption = False,
    full: FullOption = False,
    as_json: JsonOption = False,
) -> None:
    """See what strategies would have proposed in past quarters.

    Other strategies are compared with the first one. Ctrl-C keeps what is done; --resume goes on.
    """

    def body() -> StudyStart:
        return start_body(
            kind=StudyKind.BACKTEST.value,
            **strategies(strategy),
            grid=grid(grid_of),
            first_quarter=first,
            last_quarter=last,
            stored=stored,
            time_limit_s=time_limit,
        )

    carry_out(Manner("backtest", resume, jobs, queue, full, as_json), body)
