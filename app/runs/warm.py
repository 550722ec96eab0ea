"""Optima of finished runs, kept warm in this process: questions about the last ones asked about need no new solve."""

import json
import threading
from collections import OrderedDict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from uuid import UUID

from sqlalchemy.orm import Session

import matching
from app.problems import Conflict
from app.quarters import Quarter
from app.runs import proposals, service
from app.runs.snapshot import states_beside
from app.visibility import Viewer

if TYPE_CHECKING:
    from matching.insight.preview import Previews
    from matching.insight.whether import Pairs

#: Runs kept at most: a year's, and a revision of each.
MOST = 8


@dataclass(frozen=True)
class Kept:
    """A run's objective and problem, and its optimum ready for questions; whoever asks one holds the lock."""

    objective: str
    document: dict[str, Any]
    pairs: "Pairs"
    previews: "Previews"
    lock: threading.Lock = field(default_factory=threading.Lock)


_kept: OrderedDict[UUID, Kept] = OrderedDict()
_lock = threading.Lock()
#: Held while an optimum is made ready: who asks the same meanwhile waits for it in place of making it again.
_making = threading.Lock()


def kept(session: Session, viewer: Viewer, reference: str) -> Kept:
    """The optimum of a run; raises NotFound, or Conflict for a run that has none."""
    run = proposals.finished(session, viewer, reference)
    if (known := _known(run.id)) is not None:
        return known
    with _making:
        return _known(run.id) or _made(session, viewer, reference, run)


def _known(run_id: UUID) -> Kept | None:
    with _lock:
        if run_id in _kept:
            _kept.move_to_end(run_id)
        return _kept.get(run_id)


def _made(session: Session, viewer: Viewer, reference: str, run: proposals.Finished) -> Kept:
    # The engine takes longer to import than everything else that is asked of runs.
    from matching.insight.preview import Previews
    from matching.insight.recall import recalled
    from matching.insight.warm import Warm
    from matching.insight.whether import Pairs

    problem, result = (
        json.loads(proposals.document(session, viewer, reference, kind)) for kind in ("problem", "result")
    )
    if result["status"] != "optimal":
        raise Conflict(f"{reference} is not solved to the optimum, so there is nothing to compare with")
    # States that asked for nothing change nothing, and may ask for something in a preview.
    said = service.read(session, viewer, reference)
    known = [state["id"] for state in problem["states"]]
    problem["states"] += states_beside(session, viewer, Quarter.parse(said.quarter), said.cut_off, known)
    solved = recalled(matching.Problem.from_document(problem), result)
    warm = Warm(solved.compiled.model, solved.outcome)
    found = Kept(run.objective, problem, Pairs(solved.compiled, warm), Previews(solved.compiled, warm))
    with _lock:
        _kept[run.id] = found
        while len(_kept) > MOST:
            _kept.popitem(last=False)
    return found
