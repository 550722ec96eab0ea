"""``assist1540 run``."""

from datetime import date
from typing import Annotated

import typer
from pydantic import ValidationError
from sqlalchemy.engine import Engine

from app.cli import report
from app.cli.console import JsonOption, note, opened, progress, say, say_json
from app.cli.errors import Failed, WrongInput
from app.database import session_scope
from app.problems import InvalidContent
from app.runs import sentences, service
from app.runs.jobs import run_in_process
from app.runs.models import RunState
from app.runs.schemas import RunRead, RunStart
from app.settings import read_settings
from app.visibility import LOCAL
from app.wording import said_of

#: What asking for a run did, where it is worth a remark.
REMARKS = {
    "existing": "{reference} was started before; this is that run. To run the quarter anew, give --revise REASON",
    "restarted": "{reference} had no result; it was started again",
}
#: Text of the body -> the argument that fills it.
ARGUMENTS = {"quarter": "QUARTER", "strategy": "--strategy", "revise_reason": "--revise"}


def run(
    quarter: Annotated[
        str | None,
        typer.Argument(
            help="Such as 2015-Q1; left out, the one after the newest record, or the newest that has ended."
        ),
    ] = None,
    cut_off: Annotated[
        str | None, typer.Option(metavar="DAY", help="Last day in New York whose documents the run sees.")
    ] = None,
    strategy: Annotated[str | None, typer.Option(metavar="NAME[/VERSION]", help="Left out, default.")] = None,
    revise: Annotated[str | None, typer.Option(metavar="REASON", help="Run the quarter anew, and say why.")] = None,
    time_limit: Annotated[int | None, typer.Option(metavar="SECONDS", help="Stop the solver after so long.")] = None,
    queue: Annotated[bool, typer.Option("--queue", help="Leave the work to `assist1540 worker`.")] = False,
    full: Annotated[bool, typer.Option("--full", help="Print every pairing and unmatched need.")] = False,
    as_json: JsonOption = False,
) -> None:
    """Run a quarter and show what it proposes.

    The same quarter again is the same run.
    """
    settings = read_settings()
    with opened(settings) as engine:
        with session_scope(engine) as session:
            body = _body(quarter or _next_quarter(engine), cut_off, strategy, revise, time_limit)
            try:
                started = service.start(session, LOCAL, body, time_limit_s=settings.run_time_limit_s, queue=queue)
            except InvalidContent as refused:
                raise WrongInput("; ".join(fault.detail for fault in refused.errors)) from None
            session.commit()
        reference = started.run.reference
        if started.outcome in REMARKS:
            note(REMARKS[started.outcome].format(reference=reference))
        if not queue and started.run.state in service.UNDER_WAY:
            with progress(reference) as tell:
                run_in_process(engine, started.run_id, lambda stage, share: tell(sentences.stage(stage), share))
        with session_scope(engine) as session:
            finished = service.read(session, LOCAL, reference)
            told = report.read(session, LOCAL, finished)
    if as_json:
        say_json({"outcome": started.outcome} | told.document)
    else:
        say(*report.lines(told, everything=full))
    if finished.state in service.WITHOUT_RESULT:
        raise Failed(_why(finished))


def _body(
    quarter: str, cut_off: str | None, strategy: str | None, revise: str | None, time_limit: int | None
) -> RunStart:
    try:
        day = date.fromisoformat(cut_off) if cut_off else None
    except ValueError:
        raise WrongInput(f"--cut-off {cut_off} is no day; write it as 2015-03-31") from None
    try:
        return RunStart(quarter=quarter, cut_off=day, strategy=strategy, revise_reason=revise, time_limit_s=time_limit)
    except ValidationError as error:
        wrong = [f"{ARGUMENTS[str(fault['loc'][0])]} {said_of(fault)}" for fault in error.errors()]
        raise WrongInput("; ".join(wrong)) from None


def _next_quarter(engine: Engine) -> str:
    with session_scope(engine) as session:
        found = service.next_quarter(session, LOCAL)
    if found is None:
        raise WrongInput("no request or offer with a date is recorded; run `assist1540 load` first, or name a quarter")
    return str(found)


def _why(finished: RunRead) -> str:
    sentence = finished.failure.sentence if finished.failure else f"it is {RunState(finished.state)}"
    return f"{finished.reference} has no result: {sentence}"
