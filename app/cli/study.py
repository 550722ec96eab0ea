"""What `what-if` and `backtest` have in common: begin or resume a study, work on it here, show what comes of it."""

import json
import os
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

import typer
import yaml
from pydantic import ValidationError
from sqlalchemy.engine import Engine

from app.cli import study_report
from app.cli.console import opened, progress, say, say_json
from app.cli.errors import Failed, WrongInput
from app.database import session_scope
from app.scenarios import service
from app.scenarios.jobs import work_here
from app.scenarios.schemas import StudyRead, StudyStart
from app.scenarios.solvers import NoCluster, Solver, cluster_solvers, local_solvers
from app.settings import Settings, read_settings
from app.visibility import LOCAL
from app.wording import said_of

#: Names of files that hold a strategy.
FILES = (".yaml", ".yml", ".json")

StrategyOption = Annotated[
    list[str] | None,
    typer.Option("--strategy", metavar="NAME[/VERSION]|FILE", help="Stored, or in a YAML or JSON file; repeatable."),
]
GridOption = Annotated[
    list[str] | None,
    typer.Option("--grid", metavar="PLACE=VALUE,...", help="Try each value of a number; repeatable: each combination."),
]
JobsOption = Annotated[
    int | None, typer.Option("--jobs", min=1, max=512, help="Processes; left out, one for each core.")
]
LimitOption = Annotated[int | None, typer.Option("--time-limit", metavar="SECONDS", help="Of each scenario.")]
ResumeOption = Annotated[
    str | None, typer.Option("--resume", metavar="STUDY", help="Go on with a study; what is done stays done.")
]
QueueOption = Annotated[bool, typer.Option("--queue", help="Leave the work to `assist1540 worker`.")]
FullOption = Annotated[bool, typer.Option("--full", help="Print every pairing that changes.")]


@dataclass(frozen=True)
class Manner:
    """How a study is worked on and shown."""

    command: str
    resume: str | None
    jobs: int | None
    queue: bool
    full: bool
    as_json: bool


def carry_out(manner: Manner, body: Callable[[], StudyStart]) -> None:
    """Begin the study of ``body``, or resume the one that is named, and show what comes of it."""
    settings = read_settings()
    with opened(settings) as engine:
        started = _begun(engine, settings, manner, body)
        reference = started.study.reference
        if not manner.queue:
            _work(engine, settings, started, manner)
        with session_scope(engine) as session:
            told = study_report.read(session, reference)
    if manner.as_json:
        say_json(told.document)
    else:
        say(*study_report.lines(told, everything=manner.full))
    _require_results(told.study, manner)


def start_body(**given: Any) -> StudyStart:
    """The body of a study from arguments; raises WrongInput."""
    try:
        return StudyStart(**{name: value for name, value in given.items() if value is not None})
    except ValidationError as error:
        wrong = [f"{'.'.join(map(str, fault['loc']))} {said_of(fault)}" for fault in error.errors()]
        raise WrongInput("; ".join(wrong)) from None


def strategies(given: Sequence[str] | None) -> dict[str, list[Any]]:
    """The arguments of --strategy as names and documents; raises WrongInput for a file that holds none."""
    found: dict[str, list[Any]] = {"strategies": [], "documents": []}
    for argument in given or ():
        if argument.lower().endswith(FILES):
            found["documents"].append(_document(Path(argument)))
        else:
            found["strategies"].append(argument)
    return found


def grid(given: Sequence[str] | None) -> dict[str, list[str]]:
    """The arguments of --grid; raises WrongInput."""
    found: dict[str, list[str]] = {}
    for argument in given or ():
        place, equals, values = argument.partition("=")
        if not equals or not place or not all(values.split(",")):
            raise WrongInput(f"--grid {argument}: write PLACE=VALUE,VALUE as in urgency.never_served.value=5,10,20")
        found[place.strip()] = [value.strip() for value in values.split(",")]
    return found


def _document(path: Path) -> dict[str, Any]:
    text = path.read_text(encoding="utf-8")
    try:
        document = json.loads(text) if path.suffix.lower() == ".json" else yaml.safe_load(text)
    except (ValueError, yaml.YAMLError) as error:
        raise WrongInput(f"{path} cannot be read: {' '.join(str(error).split())}") from None
    if not isinstance(document, dict):
        raise WrongInput(f"{path} holds no strategy; docs/scenarios.md shows one")
    return document


def _begun(engine: Engine, settings: Settings, manner: Manner, body: Callable[[], StudyStart]) -> service.Started:
    with session_scope(engine) as session:
        if manner.resume is not None:
            started = service.resume(session, LOCAL, manner.resume, in_queue=manner.queue)
        else:
            limit = settings.run_time_limit_s
            started = service.start(session, LOCAL, body(), time_limit_s=limit, in_queue=manner.queue)
        session.commit()
    return started


def _work(engine: Engine, settings: Settings, started: service.Started, manner: Manner) -> None:
    reference = started.study.reference
    try:
        with _solvers(settings, manner.jobs, started.study) as solvers, progress(reference) as tell:
            work_here(engine, started.study_id, solvers, tell)
    except NoCluster as error:
        raise Failed(f"{error}; go on with `assist1540 {manner.command} --resume {reference}`") from None
    except KeyboardInterrupt:
        with session_scope(engine) as session:
            counts = service.read(session, LOCAL, reference).scenarios
        n = sum(counts.model_dump().values())
        raise Failed(
            f"interrupted; {counts.done} of {n} scenarios are done and kept; "
            f"go on with `assist1540 {manner.command} --resume {reference}`"
        ) from None


def _solvers(settings: Settings, jobs: int | None, study: StudyRead) -> AbstractContextManager[list[Solver]]:
    if settings.dask_scheduler is not None:
        return cluster_solvers(settings.dask_scheduler)
    waiting = study.scenarios.queued + study.scenarios.running
    return local_solvers(max(1, min(jobs or os.cpu_count() or 1, waiting)))


def _require_results(study: StudyRead, manner: Manner) -> None:
    missing = study.scenarios.failed + study.scenarios.cancelled
    if missing:
        raise Failed(
            f"{missing} of the scenarios of {study.reference} have no result; "
            f"try them again with `assist1540 {manner.command} --resume {study.reference}`"
        )
