"""``assist1540 generate``."""

from pathlib import Path
from typing import Annotated, Any

import typer

from app.cli.console import JsonOption, note, opened, progress, say, say_json, table
from app.cli.errors import Failed, WrongInput
from app.cli.output import STANDARD_OUTPUT, written
from app.generator.plan import ImpossiblePlan, Plan
from app.generator.records import records
from app.generator.service import SeedTaken, Stored, store
from app.generator.writing import Tally, write
from app.imports.posts import PostsRefused
from app.settings import read_settings


def generate(
    needs: Annotated[int, typer.Option(help="Needs in all, national and of groups.")] = 150,
    offers: Annotated[int, typer.Option(help="Offers.")] = 100,
    groups: Annotated[int, typer.Option(help="Group submissions, with at least one need each.")] = 8,
    quarters: Annotated[int, typer.Option(help="Quarters over which requests and answers are dated.")] = 4,
    seed: Annotated[int, typer.Option(help="The same seed and numbers give the same records; part of each name.")] = 7,
    from_quarter: Annotated[str, typer.Option(help="The first of these quarters.", metavar="YYYY-Qn")] = "2015-Q1",
    output: Annotated[
        Path | None,
        typer.Option("-o", "--output", help="Write JSON lines here, - for standard output.", metavar="FILE"),
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """Make synthetic requests and offers.

    They go into the database, or with -o into a file that `load` reads and whose lines can be posted to the API.
    The States, groups and codes are real; the records are made up, and each one says so.
    """
    try:
        plan = Plan(needs, offers, groups, quarters, seed, from_quarter)
    except ImpossiblePlan as error:
        raise WrongInput(str(error)) from None
    if output is None:
        _show(plan, _into_database(plan), as_json=as_json)
    else:
        _into_file(plan, output, as_json=as_json)


def _into_database(plan: Plan) -> Stored:
    with opened(read_settings()) as engine, progress("generate") as report:
        try:
            return store(engine, plan, report)
        except SeedTaken as error:
            raise WrongInput(str(error)) from None
        except PostsRefused as error:
            raise Failed(f"the database does not take these records: {error}") from None


def _into_file(plan: Plan, output: Path, *, as_json: bool) -> None:
    if output == STANDARD_OUTPUT and as_json:
        raise WrongInput("-o - and --json both write to standard output; leave one out")
    with written(output) as file, progress("generate") as report:
        tally = write(records(plan), file, plan.needs, lambda share: report("writing", share))
    if output == STANDARD_OUTPUT:
        note(f"{_sentence(tally)} SHA-256 {tally.sha256}.")
    else:
        _show(plan, Stored(tally), as_json=as_json, output=output)


def _show(plan: Plan, stored: Stored, *, as_json: bool, output: Path | None = None) -> None:
    tally = stored.tally
    if as_json:
        document: dict[str, Any] = {
            "seed": plan.seed,
            "quarters": [str(plan.first_quarter), str(plan.last_quarter)],
            "needs": tally.needs,
            "records": dict(sorted(tally.records.items())),
            "sha256": tally.sha256,
            "output": str(output) if output else None,
            "unchanged": stored.n_unchanged,
            "already_there": stored.already_there,
        }
        say_json(document)
        return
    if stored.already_there:
        say(f"These records are there already (seed {plan.seed}); nothing was changed.")
        return
    rows = [*sorted(tally.records.items()), ("needs in them", tally.needs)]
    say(table(f"Synthetic records of seed {plan.seed}", ("kind", "number"), rows, right="number"))
    say(f"{f'Written to {output}' if output else 'In the database'}; SHA-256 of the lines {tally.sha256}.")
    say(f"They are dated up to {plan.ends_on}: a run of {plan.last_quarter} takes them all.")


def _sentence(tally: Tally) -> str:
    return f"{tally.lines} lines with {tally.needs} needs."
