"""``assist1540 what-if``."""

from typing import Annotated

import typer

from app.cli.console import JsonOption
from app.cli.errors import WrongInput
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


def what_if(
    run: Annotated[
        str | None, typer.Argument(metavar="[RUN|QUARTER]", help="A finished run, such as RUN-2015-Q1 or 2015-Q1.")
    ] = None,
    strategy: StrategyOption = None,
    grid_of: GridOption = None,
    firmness: Annotated[
        bool, typer.Option("--firmness", help="How firm each pairing is when all weights vary by 20 per cent.")
    ] = False,
    settings: Annotated[int | None, typer.Option(metavar="N", help="Settings that --firmness draws; 64.")] = None,
    sensitivity: Annotated[
        bool, typer.Option("--sensitivity", help="How far each number can move before a pairing changes.")
    ] = False,
    weight: Annotated[
        list[str] | None, typer.Option(metavar="PLACE", help="Only this number of --sensitivity; repeatable.")
    ] = None,
    jobs: JobsOption = None,
    time_limit: LimitOption = None,
    resume: ResumeOption = None,
    queue: QueueOption = False,
    full: FullOption = False,
    as_json: JsonOption = False,
) -> None:
    """See what a run would propose under other strategies, and why.

    Ctrl-C keeps what is done; --resume goes on.
    """

    def body() -> StudyStart:
        if run is None:
            raise WrongInput("name a run or a quarter, or a study with --resume")
        if firmness and sensitivity:
            raise WrongInput("--firmness and --sensitivity are two studies; start one after the other")
        kind = StudyKind.FIRMNESS if firmness else StudyKind.SENSITIVITY if sensitivity else StudyKind.WHAT_IF
        return start_body(
            kind=kind.value,
            run=run,
            **strategies(strategy),
            grid=grid(grid_of),
            settings=settings,
            weights=weight or [],
            time_limit_s=time_limit,
        )

    if resume is not None and run is not None:
        raise WrongInput("--resume goes on with a study as it was asked; leave the run out")
    carry_out(Manner("what-if", resume, jobs, queue, full, as_json), body)
