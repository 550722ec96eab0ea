"""Records into the database, through the services that the API calls, in one transaction."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from itertools import islice
from typing import Any

from pydantic import BaseModel
from sqlalchemy import func, select
from sqlalchemy.engine import Engine
from sqlalchemy.orm import Session

from app.answers import service as answers
from app.answers.models import Answer
from app.answers.schemas import AnswerSubmit
from app.database import session_scope
from app.generator.plan import Plan
from app.generator.records import records
from app.generator.setting import Line
from app.generator.writing import Tally, kind_of, measure
from app.imports.models import Import
from app.migration import UnusableDatabase
from app.offers import service as offers
from app.offers.models import Offer
from app.offers.schemas import OfferSubmit
from app.parties import exclusions
from app.parties.models import Exclusion
from app.parties.schemas import ExclusionSubmit
from app.problems import Conflict
from app.records import Origin, sign
from app.reference.models import CodeList
from app.reference.shipped import read
from app.requests import service as requests
from app.requests.models import Request
from app.requests.schemas import GroupSubmissionSubmit, RequestSubmit
from app.schemas import Withdrawal
from app.visibility import LOCAL, Viewer

#: Lines that are held, checked and inserted at a time.
WINDOW = 1_000

#: Told of each stage of the work, and of the share of it that is done (0 to 1).
Report = Callable[[str, float | None], None]


class SeedTaken(Exception):
    """Other records of the same seed are stored. The message says what to do."""


@dataclass(frozen=True)
class Stored:
    """What was generated; how many exclusions stood already; whether the database held just these records before."""

    tally: Tally
    n_skipped: int = 0
    already_there: bool = False


def store(engine: Engine, plan: Plan, report: Report) -> Stored:
    """Write all records of ``plan``, or none; raises SeedTaken or UnusableDatabase before anything is written.

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
        brought = _register(session, plan, tally)
        n_done = n_skipped = 0
        for window in _windows(records(plan)):
            n_skipped += _write(session, brought, n_done, window)
            n_done += len(window)
            report("writing to the database", n_done / tally.lines)
        brought.created -= n_skipped
        brought.skipped += n_skipped
        session.commit()
    return Stored(tally, n_skipped)


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


def _register(session: Session, plan: Plan, tally: Tally) -> Import:
    made = Import(
        file_name=f"assist1540 generate {plan}",
        sha256=tally.sha256,
        sheet="",
        rows=tally.lines,
        created=tally.lines - tally.records["withdrawals"],
        amended=tally.records["withdrawals"],
        unchanged=0,
        skipped=0,
    )
    sign(session, LOCAL)
    session.add(made)
    session.flush()
    return made


def _windows(lines: Iterator[Line]) -> Iterator[list[Line]]:
    while window := list(islice(lines, WINDOW)):
        yield window


def _write(session: Session, brought: Import, before: int, window: Sequence[Line]) -> int:
    """Write one window, kind by kind, so that nothing is named before it is there; how many lines were skipped."""
    by_kind: dict[str, list[tuple[Any, Origin]]] = {}
    withdrawn: list[Line] = []
    for number, line in enumerate(window, before + 1):
        kind = kind_of(line)
        if kind == "withdrawals":
            withdrawn.append(line)
        else:
            body = BODIES[kind].model_validate(line.body)
            by_kind.setdefault(kind, []).append((body, Origin(brought.id, number)))
    n_stored = len(withdrawn)
    for kind, submit in SUBMIT.items():
        if pairs := by_kind.get(kind):
            bodies, origins = zip(*pairs, strict=True)
            n_stored += len(submit(session, LOCAL, bodies, origins))
    for line in withdrawn:
        _, _, collection, reference, _ = line.resource.split("/")
        WITHDRAW[collection](session, LOCAL, reference, Withdrawal.model_validate(line.body))
    return len(window) - n_stored


def _exclude(
    session: Session, viewer: Viewer, bodies: Sequence[ExclusionSubmit], _origins: Sequence[Origin]
) -> list[str]:
    stored = []
    for body in bodies:
        # Two parties exclude each other once: an exclusion of another seed, or a real one, may stand already.
        with suppress(Conflict):
            stored.append(exclusions.submit(session, viewer, body).reference)
    return stored


BODIES: dict[str, type[BaseModel]] = {
    "offers": OfferSubmit,
    "exclusions": ExclusionSubmit,
    "group-submissions": GroupSubmissionSubmit,
    "requests": RequestSubmit,
    "answers": AnswerSubmit,
}
#: In an order in which each kind finds what it names.
SUBMIT: dict[str, Callable[..., list[str]]] = {
    "offers": offers.submit_batch,
    "exclusions": _exclude,
    "group-submissions": requests.submit_batch,
    "requests": requests.submit_batch,
    "answers": answers.submit_batch,
}
WITHDRAW: dict[str, Callable[..., object]] = {
    "offers": offers.withdraw,
    "group-submissions": requests.withdraw,
    "requests": requests.withdraw,
}
