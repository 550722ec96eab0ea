"""Starting, reading and cancelling runs."""

from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any, Literal
from uuid import UUID

from sqlalchemy import Select, func, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session, contains_eager

from app import messages
from app.identifiers import uuid7
from app.offers.models import Offer, OfferKind
from app.paging import Page, PageQuery, page
from app.problems import Conflict, Fault, InvalidContent, NotFound, suggest
from app.quarters import InvalidQuarter, Quarter, day_of, last_instant
from app.records import refuse, sign, today
from app.requests.models import Request, RequestKind
from app.runs.models import Run, RunState
from app.runs.queue import defer
from app.runs.schemas import LONGEST_RUN_S, Explanation, RunRead, RunStart, StrategyVersion
from app.strategies import service as strategies
from app.strategies.models import Strategy
from app.visibility import Viewer, visible

#: States from which a run goes on by itself.
UNDER_WAY = (RunState.QUEUED, RunState.RUNNING)
#: States without a result, from which the quarter may be started again as the same run.
WITHOUT_RESULT = (RunState.FAILED, RunState.CANCELLED)

Outcome = Literal["started", "restarted", "existing"]


@dataclass(frozen=True)
class Started:
    """A run, and what asking for it did: began it, began it again after a failure, or nothing."""

    run_id: UUID
    run: RunRead
    outcome: Outcome


def start(session: Session, viewer: Viewer, body: RunStart, *, time_limit_s: int, queue: bool = True) -> Started:
    """Start the run of a quarter, unless it has one; the caller commits.

    ``time_limit_s`` is the limit where the body sets none. With ``queue`` a worker will do the work, otherwise
    the caller does. Raises InvalidContent for what cannot be run, and Conflict where the quarter's run was made
    with another cut-off or strategy than the ones given, or somebody else has just revised it.
    """
    quarter, cut_off = _what(body)
    limit = time_limit_s if body.time_limit_s is None else body.time_limit_s
    strategy = strategies.resolve(session, viewer, body.strategy or strategies.DEFAULT)
    sign(session, viewer)
    newest = _newest(session, viewer, quarter)
    if body.revise_reason is not None:
        return _revise(session, viewer, body, newest, Plan(quarter, cut_off, strategy, limit, queue))
    if newest is None:
        begun = _insert(session, viewer, Plan(quarter, cut_off, strategy, limit, queue), 1, None)
        if begun is not None:
            return begun
        # Somebody else has started it at the same instant; their transaction has ended by now.
        newest = _newest(session, viewer, quarter)
        assert newest is not None
    if newest.state in WITHOUT_RESULT and _restart(session, newest, Plan(quarter, cut_off, strategy, limit, queue)):
        return Started(newest.id, read(session, viewer, newest.reference), "restarted")
    _require_same(newest, body, cut_off, strategy)
    return Started(newest.id, read(session, viewer, newest.reference), "existing")


@dataclass(frozen=True)
class Plan:
    """What is to be run, and who does the work."""

    quarter: Quarter
    cut_off: datetime
    strategy: Strategy
    time_limit_s: int
    queue: bool


def _what(body: RunStart) -> tuple[Quarter, datetime]:
    """The quarter and the cut-off that ``body`` asks for; raises InvalidContent."""
    try:
        quarter = Quarter.parse(body.quarter)
    except InvalidQuarter as error:
        raise InvalidContent(str(error), [Fault("/quarter", "invalid_quarter", str(error))]) from error
    refuse([*_faults_of_cut_off(quarter, body.cut_off), *_faults_of_limit(body.time_limit_s)])
    return quarter, last_instant(body.cut_off or quarter.last_day)


def _faults_of_cut_off(quarter: Quarter, cut_off: date | None) -> list[Fault]:
    yesterday = day_of(datetime.now(UTC)).toordinal() - 1
    if cut_off is None:
        if quarter.last_day.toordinal() <= yesterday:
            return []
        detail = (
            f"{quarter} ends on {quarter.last_day} in New York and cannot be cut off before; "
            "wait until then, or give an earlier cut-off"
        )
        return [Fault("/quarter", "not_ended", detail)]
    if cut_off.toordinal() > yesterday:
        detail = f"{cut_off} is in the future: that day has not ended in New York, where it is {today()}"
        return [Fault("/cut_off", "in_the_future", detail)]
    if not quarter.first_day <= cut_off <= quarter.last_day:
        detail = f"the cut-off must be a day of {quarter}, from {quarter.first_day} to {quarter.last_day}"
        return [Fault("/cut_off", "outside_the_quarter", detail)]
    return []


def _faults_of_limit(time_limit_s: int | None) -> list[Fault]:
    if time_limit_s is None or 1 <= time_limit_s <= LONGEST_RUN_S:
        return []
    return [Fault("/time_limit_s", "out_of_range", f"the time limit must be from 1 to {LONGEST_RUN_S} seconds")]


def _newest(session: Session, viewer: Viewer, quarter: Quarter) -> Run | None:
    statement = select(Run).where(Run.quarter == str(quarter)).order_by(Run.revision.desc()).limit(1)
    return session.scalar(visible(statement, viewer))


def _insert(session: Session, viewer: Viewer, plan: Plan, revision: int, reason: str | None) -> Started | None:
    """Begin a revision of a quarter's run; None where somebody else has."""
    reference = f"RUN-{plan.quarter}" + (f"-R{revision}" if revision > 1 else "")
    # Asking for the row says who made it: the count of rows of such an insert does not.
    run_id = session.scalar(
        insert(Run)
        .values(
            id=uuid7(),
            reference=reference,
            quarter=str(plan.quarter),
            revision=revision,
            revision_reason=reason,
            cut_off=plan.cut_off,
            strategy_id=plan.strategy.id,
            time_limit_s=plan.time_limit_s,
        )
        .on_conflict_do_nothing()
        .returning(Run.id)
    )
    if run_id is None:
        return None
    if plan.queue:
        defer(session, run_id)
    return Started(run_id, read(session, viewer, reference), "started")


def _revise(session: Session, viewer: Viewer, body: RunStart, newest: Run | None, plan: Plan) -> Started:
    if newest is None:
        detail = f"{plan.quarter} has not been run, so there is nothing to revise; start it without a reason"
        raise InvalidContent(detail, [Fault("/revise_reason", "nothing_to_revise", detail)])
    if newest.state in UNDER_WAY:
        raise Conflict(
            f"{newest.reference} is {newest.state}; wait until it has ended, or cancel it", run=newest.reference
        )
    begun = _insert(session, viewer, plan, newest.revision + 1, body.revise_reason)
    if begun is None:
        winner = _newest(session, viewer, plan.quarter)
        assert winner is not None
        raise Conflict(f"{winner.reference} was started at the same instant", run=winner.reference)
    return begun


def _require_same(run: Run, body: RunStart, cut_off: datetime, strategy: Strategy) -> None:
    """Raise Conflict where a run with a result, or on its way to one, is asked for under other terms."""
    if run.state in WITHOUT_RESULT:
        return
    other = []
    if body.cut_off is not None and run.cut_off != cut_off:
        other.append(f"a cut-off of {day_of(run.cut_off)}")
    if body.strategy is not None and run.strategy_id != strategy.id:
        other.append("another strategy or version")
    if other:
        detail = f"{run.reference} was started with {' and '.join(other)}; to run the quarter anew, give a reason"
        raise Conflict(detail, run=run.reference)


def _restart(session: Session, run: Run, plan: Plan) -> bool:
    """Put a run without a result back to its beginning; the event log keeps how it ended before.

    False where somebody else has just done so; then too ``run`` is what is stored.
    """
    again = (
        update(Run)
        .where(Run.id == run.id, Run.state.in_(WITHOUT_RESULT))
        .values(
            state=RunState.QUEUED,
            cut_off=plan.cut_off,
            strategy_id=plan.strategy.id,
            time_limit_s=plan.time_limit_s,
            attempts=0,
            stage=None,
            progress=0,
            failure=None,
            cancel_requested_at=None,
            started_at=None,
            finished_at=None,
            heartbeat_at=None,
        )
        .returning(Run.id)
    )
    begun = session.scalar(again)
    session.expire_all()  # the session takes the new values for stored, also those of an update that met no row
    if begun is None:
        return False
    if plan.queue:
        defer(session, begun)
    return True


def cancel(session: Session, viewer: Viewer, reference: str) -> RunRead:
    """Cancel a run: at once while it waits, at its worker's next heartbeat while it runs; the caller commits.

    Raises NotFound, and Conflict for a run that has ended.
    """
    run = _found(session, viewer, reference)
    sign(session, viewer)
    waiting = (
        update(Run)
        .where(Run.id == run.id, Run.state == RunState.QUEUED)
        .values(
            state=RunState.CANCELLED,
            cancel_requested_at=func.now(),
            finished_at=func.now(),
            failure={"code": "cancelled", "params": {}},
        )
        .returning(Run.id)
    )
    running = (
        update(Run)
        .where(Run.id == run.id, Run.state == RunState.RUNNING)
        .values(cancel_requested_at=func.coalesce(Run.cancel_requested_at, func.now()))
        .returning(Run.id)
    )
    done = session.scalar(waiting) or session.scalar(running)
    session.expire_all()
    if done is None:
        ended = read(session, viewer, reference)
        raise Conflict(f"{reference} is {ended.state}; only a run that waits or is under way can be cancelled")
    return read(session, viewer, reference)


def read(session: Session, viewer: Viewer, reference: str) -> RunRead:
    """The run called ``reference``; raises NotFound."""
    return _read(_found(session, viewer, reference))


def next_quarter(session: Session, viewer: Viewer) -> Quarter | None:
    """The quarter after the newest document of a formal request or an offer that is matched; None without any.

    Withdrawn records do not count, and a quarter that has not ended is not run yet.
    """
    requested = select(func.max(Request.dated_on)).where(
        Request.kind == RequestKind.FORMAL, Request.withdrawn_on.is_(None)
    )
    offered = select(func.max(Offer.dated_on)).where(
        Offer.kind != OfferKind.INTENTION, Offer.accepts_requests, Offer.withdrawn_on.is_(None)
    )
    days = [session.scalar(visible(statement, viewer)) for statement in (requested, offered)]
    newest = max((day for day in days if day is not None), default=None)
    return min(Quarter.of(newest).next, Quarter.of(today()).previous) if newest else None


def newest_of(session: Session, viewer: Viewer, quarter: Quarter) -> RunRead | None:
    """The newest revision of a quarter's run."""
    run = _newest(session, viewer, quarter)
    return read(session, viewer, run.reference) if run else None


def runs(
    session: Session, viewer: Viewer, query: PageQuery, quarters: list[str], states: list[RunState]
) -> tuple[list[RunRead], Page[Any]]:
    """One page of the runs of some quarters, or of all, in some states, or in any; the newest quarter first."""
    statement = visible(_with_strategy(), viewer)
    if quarters:
        statement = statement.where(Run.quarter.in_(quarters))
    if states:
        statement = statement.where(Run.state.in_(states))
    found = page(session, statement, [Run.__table__.c.quarter, Run.__table__.c.revision], query, descending=True)
    return [_read(row[0]) for row in found.rows], found


def _with_strategy() -> Select[Run]:
    return select(Run).join(Run.strategy).options(contains_eager(Run.strategy))


def _found(session: Session, viewer: Viewer, reference: str) -> Run:
    run = session.scalar(visible(_with_strategy(), viewer).where(Run.reference == reference))
    if run is None:
        known = session.scalars(visible(select(Run.reference), viewer)).all()
        raise NotFound(f"there is no run {reference}; {suggest(reference, known)}")
    return run


def _read(run: Run) -> RunRead:
    told = {"strategy", "failure", "summary"}
    given = {name: getattr(run, name) for name in RunRead.model_fields if name not in told}
    return RunRead(
        **given,
        strategy=StrategyVersion(name=run.strategy.name, version=run.strategy.version, sha256=run.strategy.sha256),
        failure=explained("failure.", run.failure),
        summary=run.summary and run.summary | {"obstacle": explained("obstacle.", run.summary["obstacle"])},
    )


def explained(messages_of: str, stored: dict[str, Any] | None) -> Explanation | None:
    """A stored code with its parameters, and the sentence that they make."""
    if stored is None:
        return None
    sentence = messages.render(messages_of + stored["code"], **stored["params"])
    return Explanation(code=stored["code"], params=stored["params"], sentence=sentence)
