"""Records into the database, through the services that the API calls, in one transaction."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import islice
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.engine import Engine
from sqlalchemy.orm import Session

from app.answers.models import Answer
from app.database import session_scope
from app.events.service import seal
from app.generator.plan import Plan
from app.generator.records import records
from app.generator.setting import Line
from app.generator.writing import Tally, measure
from app.imports import posts
from app.imports.models import Import
from app.imports.posts import WINDOW, Post
from app.migration import UnusableDatabase
from app.offers.models import Offer
from app.parties.models import Exclusion
from app.reference.models import CodeList
from app.reference.shipped import read
from app.requests.models import Request
from app.visibility import LOCAL

#: Told of each stage of the work, and of the share of it that is done (0 to 1).
Report = Callable[[str, float | None], None]


class SeedTaken(Exception):
    """Other records of the same seed are stored. The message says what to do."""


@dataclass(frozen=True)
class Stored:
    """What was generated; how many exclusions stood already; whether the database held just these records before."""

    tally: Tally
    n_unchanged: int = 0
    already_there: bool = False


def store(engine: Engine, plan: Plan, report: Report) -> Stored:
    """Write all records of ``plan``, or none; raises SeedTaken, UnusableDatabase or PostsRefused.

    The records are made twice: for their digest, by which a second call knows that they are there, and to be written.
    """
    tally = measure(records(plan), plan.needs, lambda share: report("making the records", share))
    with session_scope(engine) as session:
        # Of two calls at once the second waits, then finds the records of the first.
        session.execute(select(func.pg_advisory_xact_lock(func.hashtext("synthetic records"))))
        _require_reference(session)
        if session.scalar(select(Import.id).where(Import.sha256 == tally.sha256).limit(1)):
            return Stored(tally, already_there=True)
        _require_free(session, plan)
        name, n_withdrawals = f"assist1540 generate {plan}", tally.records["withdrawals"]
        brought = posts.register(session, LOCAL, name, tally.sha256, tally.lines, n_withdrawals)
        n_done = 0
        for window in _windows(records(plan)):
            ready = [posts.prepare(Post(number, *line)) for number, line in enumerate(window, n_done + 1)]
            posts.write(session, LOCAL, brought, ready)
            n_done += len(window)
            report("writing to the database", n_done / tally.lines)
        session.commit()
        n_unchanged = brought.unchanged
        report("sealing the log", None)
        seal(session)
        session.commit()
    return Stored(tally, n_unchanged)


def _require_reference(session: Session) -> None:
    loaded = {(row.name, row.version) for row in session.execute(select(CodeList.name, CodeList.version))}
    if missing := [name for name, of in read().versions.items() if (name, str(of.version)) not in loaded]:
        raise UnusableDatabase(
            f"the database lacks this version's reference data ({', '.join(missing)}); run `assist1540 init`"
        )


def _require_free(session: Session, plan: Plan) -> None:
    for model in (Offer, Exclusion, Request, Answer):
        column: Any = model.reference
        taken = session.scalar(select(column).where(column.startswith(plan.prefix)).limit(1))
        if taken:
            raise SeedTaken(
                f"other records of seed {plan.seed} are stored, {taken} for one; give the same numbers as then, "
                "or another --seed"
            )


def _windows(lines: Iterator[Line]) -> Iterator[list[Line]]:
    while window := list(islice(lines, WINDOW)):
        yield window
