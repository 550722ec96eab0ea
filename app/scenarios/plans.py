"""What a study consists of: which scenarios, under which strategies, on which snapshots."""

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.dialects.postgresql import distinct_on
from sqlalchemy.orm import Session

import matching
from app.offers.models import Offer, OfferKind
from app.problems import Conflict, Fault, InvalidContent, NotFound, pointer, suggest
from app.quarters import FORM, InvalidQuarter, Quarter
from app.records import refuse, today
from app.requests.models import Request, RequestKind
from app.runs import proposals
from app.runs import service as runs
from app.runs.models import Run, RunState
from app.scenarios.grid import combinations
from app.scenarios.models import StudyKind
from app.scenarios.schemas import MOST_SCENARIOS, StudyStart
from app.strategies import service as strategies
from app.visibility import Viewer, visible
from matching.studies import firmness
from matching.studies.weights import numbers

Json = dict[str, Any]


@dataclass(frozen=True)
class Planned:
    """A scenario to be. ``problem`` is its snapshot, where that is stored already."""

    name: str
    quarter: str
    strategy: Json
    strategy_sha256: str
    problem: Json | None = None
    weight: str | None = None
    #: Position of the scenario that it is compared with.
    baseline: int | None = None


@dataclass(frozen=True)
class Named:
    """A valid strategy, and what the scenarios under it are called."""

    name: str
    document: Json
    sha256: str

    @classmethod
    def of(cls, name: str, strategy: matching.Strategy) -> "Named":
        """A strategy of the engine's under a name."""
        return cls(name, strategy.document, strategy.sha256)


@dataclass(frozen=True)
class Plan:
    """The scenarios of a study, and the run that it is about."""

    run: str | None
    scenarios: Sequence[Planned]


def plan(session: Session, viewer: Viewer, body: StudyStart) -> Plan:
    """The scenarios that ``body`` asks for.

    Raises InvalidContent, StrategyRefused, NotFound, or Conflict for a run that has no snapshot.
    """
    refuse(list(_misplaced(body)))
    made = PLANS[StudyKind(body.kind)](session, viewer, body)
    if len(made.scenarios) > MOST_SCENARIOS:
        detail = f"these are {len(made.scenarios)} scenarios; a study has {MOST_SCENARIOS} at most"
        raise InvalidContent(detail, [Fault("", "too_many_scenarios", detail)])
    return made


#: Field -> the kinds of study that it goes with.
BELONGS = {
    "run": (StudyKind.WHAT_IF, StudyKind.FIRMNESS, StudyKind.SENSITIVITY),
    "grid": (StudyKind.WHAT_IF, StudyKind.BACKTEST),
    "first_quarter": (StudyKind.BACKTEST,),
    "last_quarter": (StudyKind.BACKTEST,),
    "stored": (StudyKind.BACKTEST,),
    "settings": (StudyKind.FIRMNESS,),
    "weights": (StudyKind.SENSITIVITY,),
}


def _misplaced(body: StudyStart) -> Iterator[Fault]:
    kind = StudyKind(body.kind)
    for field, kinds in BELONGS.items():
        if getattr(body, field) and kind not in kinds:
            yield Fault(pointer(field), "not_of_this_kind", f"{field} does not go with {kind}")
    if kind in BELONGS["run"] and body.run is None:
        yield Fault("/run", "missing", f"a {kind} study is about a run; name it, or its quarter")
    given = len(body.strategies) + len(body.documents)
    if kind is StudyKind.WHAT_IF and not given and not body.grid:
        yield Fault("/strategies", "missing", "name strategies to compare with the run's, or a grid of weights")
    if kind in (StudyKind.FIRMNESS, StudyKind.SENSITIVITY) and given > 1:
        yield Fault("/strategies", "too_many", f"a {kind} study is about one strategy; left out, the run's own")


def _what_if(session: Session, viewer: Viewer, body: StudyStart) -> Plan:
    run, problem = _snapshot(session, viewer, body)
    own = _own(problem)
    others = _gridded(_given(session, viewer, body) or [own], body)
    scenarios = [Planned(own.name, problem["quarter"], own.document, own.sha256, problem)]
    scenarios += [
        Planned(named.name, problem["quarter"], named.document, named.sha256, problem, baseline=0) for named in others
    ]
    return Plan(run, scenarios)


def _firmness(session: Session, viewer: Viewer, body: StudyStart) -> Plan:
    run, problem = _snapshot(session, viewer, body)
    base = (_given(session, viewer, body) or [_own(problem)])[0]
    scenarios = [Planned(base.name, problem["quarter"], base.document, base.sha256, problem)]
    drawn = firmness.settings(
        matching.Strategy.from_document(base.document), problem["quarter"], body.settings or firmness.SETTINGS
    )
    for k, strategy in enumerate(drawn, 1):
        setting = Named.of(f"setting {k}", strategy)
        scenarios.append(
            Planned(setting.name, problem["quarter"], setting.document, setting.sha256, problem, baseline=0)
        )
    return Plan(run, scenarios)


def _sensitivity(session: Session, viewer: Viewer, body: StudyStart) -> Plan:
    run, problem = _snapshot(session, viewer, body)
    base = (_given(session, viewer, body) or [_own(problem)])[0]
    movable = [number.name for number in numbers(matching.Strategy.from_document(base.document)) if not number.held]
    refuse(
        [
            Fault(
                pointer("weights", place), "unknown_weight", f"no number {name} can be moved; {suggest(name, movable)}"
            )
            for place, name in enumerate(body.weights)
            if name not in movable
        ]
    )
    return Plan(
        run,
        [
            Planned(base.name, problem["quarter"], base.document, base.sha256, problem, weight=name)
            for name in body.weights or movable
        ],
    )


def _backtest(session: Session, viewer: Viewer, body: StudyStart) -> Plan:
    given = _gridded(_given(session, viewer, body) or [_stored(session, viewer, strategies.DEFAULT)], body)
    first, last = _period(session, viewer, body)
    scenarios: list[Planned] = []
    for quarter, problem in _quarters(session, viewer, first, last, stored=body.stored):
        baseline = len(scenarios)
        for number, named in enumerate(given):
            compared = baseline if number else None
            scenarios.append(
                Planned(named.name, str(quarter), named.document, named.sha256, problem, baseline=compared)
            )
    if not scenarios:
        detail = f"no quarter from {first} to {last} has a finished run; leave out stored, and the record is read"
        raise InvalidContent(detail, [Fault("/stored", "nothing_stored", detail)])
    return Plan(None, scenarios)


PLANS: Mapping[StudyKind, Callable[[Session, Viewer, StudyStart], Plan]] = {
    StudyKind.WHAT_IF: _what_if,
    StudyKind.BACKTEST: _backtest,
    StudyKind.FIRMNESS: _firmness,
    StudyKind.SENSITIVITY: _sensitivity,
}


def _snapshot(session: Session, viewer: Viewer, body: StudyStart) -> tuple[str, Json]:
    """Reference and problem document of the run that ``body`` names, by itself or by its quarter."""
    assert body.run is not None
    reference = body.run
    if FORM.fullmatch(reference):
        newest = runs.newest_of(session, viewer, _quarter("run", reference))
        if newest is None:
            raise NotFound(f"{reference} has not been run; run it first, so that there is something to compare with")
        reference = newest.reference
    document: Json = json.loads(proposals.document(session, viewer, reference, "problem"))
    return reference, document


def _own(problem: Mapping[str, Any]) -> Named:
    strategy = matching.Strategy.from_document(problem["strategy"])
    return Named.of(f"{strategy.name}, as it was run", strategy)


def _given(session: Session, viewer: Viewer, body: StudyStart) -> list[Named]:
    """The strategies of ``body``, each valid; raises NotFound or StrategyRefused."""
    named = [_stored(session, viewer, reference) for reference in body.strategies]
    for position, document in enumerate(body.documents):
        strategy = _valid(document, "documents", position)
        if unknown := list(strategies.unknown_codes(session, strategy.document)):
            raise strategies.refusal([_under(fault, "documents", position) for fault in unknown])
        named.append(Named.of(strategy.name, strategy))
    return named


def _stored(session: Session, viewer: Viewer, reference: str) -> Named:
    found = strategies.resolve(session, viewer, reference)
    return Named(f"{found.name}/{found.version}", found.document, found.sha256)


def _gridded(given: Sequence[Named], body: StudyStart) -> list[Named]:
    """Each strategy under each combination of the grid."""
    if not body.grid:
        return list(given)
    size = len(given)
    for values in body.grid.values():
        size *= len(values)
    if size > MOST_SCENARIOS:
        detail = f"the grid has {size} combinations; a study has {MOST_SCENARIOS} scenarios at most"
        raise InvalidContent(detail, [Fault("/grid", "too_many_scenarios", detail)])
    return [
        Named.of(said if len(given) == 1 else f"{named.name}, {said}", _valid(document, "grid"))
        for named in given
        for said, document in combinations(named.document, body.grid)
    ]


def _valid(document: Mapping[str, Any], *place: str | int) -> matching.Strategy:
    try:
        return matching.Strategy.from_document(document)
    except matching.InvalidStrategy as error:
        raise strategies.refusal([_under(Fault(*fault), *place) for fault in error.faults]) from error


def _under(fault: Fault, *place: str | int) -> Fault:
    return Fault(pointer(*place) + fault.pointer, fault.code, fault.detail)


def _period(session: Session, viewer: Viewer, body: StudyStart) -> tuple[Quarter, Quarter]:
    """First and last quarter of a backtest; left out, the record's first and the last that has ended."""
    ended = Quarter.of(today()).previous
    last = _quarter("last_quarter", body.last_quarter) if body.last_quarter else ended
    first = _quarter("first_quarter", body.first_quarter) if body.first_quarter else _record_begins(session, viewer)
    if last > ended:
        detail = f"{last} has not ended in New York; {ended} is the last quarter that has"
        refuse([Fault("/last_quarter", "not_ended", detail)])
    if first is None:
        raise Conflict("no request or offer with a date is recorded, so there is no quarter to go back to")
    if first > last:
        refuse([Fault("/first_quarter", "after_the_last", f"{first} is after {last}")])
    return first, last


def _quarter(field: str, text: str) -> Quarter:
    try:
        return Quarter.parse(text)
    except InvalidQuarter as error:
        raise InvalidContent(str(error), [Fault(pointer(field), "invalid_quarter", str(error))]) from error


def _record_begins(session: Session, viewer: Viewer) -> Quarter | None:
    """The quarter of the first formal request or offer: before it there is nothing to match."""
    requested = select(func.min(Request.dated_on)).where(Request.kind == RequestKind.FORMAL)
    offered = select(func.min(Offer.dated_on)).where(Offer.kind != OfferKind.INTENTION)
    days = [session.scalar(visible(statement, viewer)) for statement in (requested, offered)]
    first = min((day for day in days if day is not None), default=None)
    return Quarter.of(first) if first else None


def _quarters(
    session: Session, viewer: Viewer, first: Quarter, last: Quarter, *, stored: bool
) -> Iterator[tuple[Quarter, Json | None]]:
    """The quarters of a backtest, each with the snapshot of its newest finished run where those are asked for."""
    if not stored:
        quarter = first
        while quarter <= last:
            yield quarter, None
            quarter = quarter.next
        return
    newest = (
        select(Run.quarter, Run.reference)
        .where(Run.state == RunState.DONE, Run.quarter.between(str(first), str(last)))
        .ext(distinct_on(Run.quarter))
        .order_by(Run.quarter, Run.revision.desc())
    )
    for row in session.execute(visible(newest, viewer)):
        yield Quarter.parse(row.quarter), json.loads(proposals.document(session, viewer, row.reference, "problem"))
