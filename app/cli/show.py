"""``assist1540 runs`` and ``assist1540 show``."""

from collections.abc import Callable, Iterable, Iterator
from typing import Annotated, Any

import typer
from pydantic import BaseModel
from rich.table import Table
from rich.text import Text
from sqlalchemy.orm import Session

from app.answers import service as answers
from app.cli import report
from app.cli.console import JsonOption, opened, say, say_json, table
from app.cli.errors import WrongInput
from app.database import session_scope
from app.offers import service as offers
from app.paging import PageQuery
from app.problems import Conflict, NotFound
from app.quarters import FORM, Quarter, day_of
from app.requests import service as requests
from app.requests.schemas import RequestRead
from app.runs import explanations, service, why
from app.runs.models import RunState
from app.runs.schemas import RunRead
from app.settings import read_settings
from app.visibility import LOCAL

#: Where a reference of the record is looked for, in this order.
RECORDS: tuple[Callable[[Session, Any, str], BaseModel], ...] = (requests.read, offers.read, answers.read)
#: Digits of a hash that tell two results apart at a glance.
SHORT = 12


def runs(as_json: JsonOption = False) -> None:
    """List the runs, the newest quarter first."""
    with opened(read_settings()) as engine, session_scope(engine) as session:
        found, _ = service.runs(session, LOCAL, PageQuery(limit=1000), [], [])
    if as_json:
        say_json(found)
    elif found:
        say(_listed(found))
    else:
        say("No quarter has been run yet; `assist1540 run` runs the one after the newest record.")


def _listed(found: Iterable[RunRead]) -> Table:
    columns = ("Run", "Records up to", "Strategy", "State", "Pairings", "Units", "Result")
    return table("Runs", columns, (_cells(run) for run in found), right="Pairings Units")


def _cells(run: RunRead) -> tuple[object, ...]:
    figures = run.summary
    return (
        run.reference,
        day_of(run.cut_off),
        f"{run.strategy.name}/{run.strategy.version}",
        run.status or run.state,
        figures and figures.pairings,
        figures and f"{figures.units_served} of {figures.units_asked}",
        run.result_hash and run.result_hash[:SHORT],
    )


def show(
    reference: Annotated[
        str, typer.Argument(help="A run (RUN-2015-Q1), a quarter (2015-Q1), a request, a need, an offer or an answer.")
    ],
    need: Annotated[
        list[str] | None, typer.Option(metavar="NEED", help="Of a run, only what it says of this need.")
    ] = None,
    offer: Annotated[
        str | None, typer.Option(metavar="OFFER", help="Of a run, what became of this offer, and who wanted it.")
    ] = None,
    pair: Annotated[
        tuple[str, str] | None,
        typer.Option(metavar="NEED OFFER", help="Of a run, why it does not propose this pair, or that it does."),
    ] = None,
    member: Annotated[
        str | None, typer.Option(metavar="ISO3", help="With --pair, the member, where a need is met member by member.")
    ] = None,
    full: Annotated[bool, typer.Option("--full", help="Print every pairing and unmatched need.")] = False,
    as_json: JsonOption = False,
) -> None:
    """Show a run, or a record and what the newest run says of it."""
    with opened(read_settings()) as engine, session_scope(engine) as session:
        run = _run(session, reference)
        if offer or pair:
            if run is None:
                raise WrongInput(f"{reference} is no run; --offer and --pair are about what a run says")
            _say_asked(session, run.reference, offer, pair, member, as_json)
            return
        told = None if run is None else report.read(session, LOCAL, run, need or ())
        record = _record(session, reference) if run is None else None
        if isinstance(record, RequestRead):
            told = _newest_word(session, record, reference)
    if need and told is not None and not (told.pairings or told.unmatched):
        raise WrongInput(
            f"{reference} says nothing of {', '.join(need)}: the needs took no part in it, or were met before"
        )
    if as_json:
        said = told.document if told else {}
        say_json(said if record is None else {"record": record, **said})
        return
    if record is not None:
        say(*_described(record))
    if told is not None:
        say(*report.lines(told, everything=full, in_detail=bool(need) or record is not None))


def _say_asked(
    session: Session, run: str, offer: str | None, pair: tuple[str, str] | None, member: str | None, as_json: bool
) -> None:
    """Say what a run has to say of an offer, of a pair, or of both."""
    said: list[BaseModel] = []
    try:
        if offer:
            said.append(explanations.offer(session, LOCAL, run, offer))
        if pair:
            said.append(why.pair(session, LOCAL, run, *pair, member))
    except (NotFound, Conflict) as refused:
        raise WrongInput(str(refused)) from None
    if as_json:
        say_json(said[0] if len(said) == 1 else said)
        return
    for each in said:
        told = each.model_dump()
        say(Text(" with ".join(str(told[name]) for name in ("need", "offer") if name in told), style="bold"))
        say(*(Text(f"  {sentence}") for sentence in told["sentences"]))


def _run(session: Session, reference: str) -> RunRead | None:
    """The run that a reference or a quarter names."""
    if FORM.fullmatch(reference):
        found = service.newest_of(session, LOCAL, Quarter.parse(reference))
        if found is None:
            raise WrongInput(f"{reference} has not been run; `assist1540 run {reference}` runs it")
        return found
    return service.read(session, LOCAL, reference) if reference.startswith("RUN-") else None


def _record(session: Session, reference: str) -> BaseModel:
    """The request, offer or answer of this reference; the request of a need's."""
    for read in RECORDS:
        try:
            return read(session, LOCAL, reference.partition("/")[0])
        except NotFound:
            continue
    raise WrongInput(f"there is no run, request, offer or answer {reference}; `assist1540 runs` lists the runs")


def _newest_word(session: Session, record: RequestRead, reference: str) -> report.Report | None:
    """What the newest finished run says of a request's needs, or of the one need that the reference names."""
    found, _ = service.runs(session, LOCAL, PageQuery(limit=1), [], [RunState.DONE])
    needs = [need.reference for need in record.needs if reference in (record.reference, need.reference)]
    if not needs:
        raise WrongInput(f"{record.reference} has no need {reference}")
    told = report.read(session, LOCAL, found[0], needs) if found else None
    return told if told and (told.pairings or told.unmatched) else None


def _described(record: BaseModel) -> Iterator[Text | Table]:
    """What a record says, without what it leaves open; each list of parts as a table."""
    told = record.model_dump(mode="json")
    parts = {
        name: value for name, value in told.items() if isinstance(value, list) and value and isinstance(value[0], dict)
    }
    lines = [(name.replace("_", " "), _plain(value)) for name, value in told.items() if name not in parts]
    yield table(told["reference"], ("Field", "Value"), ((name, value) for name, value in lines if value))
    for name, rows in parts.items():
        columns = [column for column in rows[0] if any(_plain(row[column]) for row in rows)]
        yield table(
            name, [column.replace("_", " ") for column in columns], ([_plain(row[c]) for c in columns] for row in rows)
        )


def _plain(value: Any) -> str:
    if isinstance(value, list):
        return ", ".join(str(each) for each in value)
    if isinstance(value, dict):
        return ", ".join(f"{name}: {each}" for name, each in value.items())
    if isinstance(value, bool):
        return "yes" if value else ""
    return "" if value is None else str(value)
