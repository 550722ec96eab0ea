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
from app.runs import proposals
from app.visibility import Viewer

if TYPE_CHECKING:
    from matching.result import Solved

#: Runs kept at most: a year's, and a revision of each.
MOST = 8


@dataclass(frozen=True)
class Kept:
    """A run's problem document and its optimum. Whoever asks about the optimum holds the lock meanwhile."""

    document: dict[str, Any]
    solved: "Solved"
    lock: threading.Lock = field(default_factory=threading.Lock)


_kept: OrderedDict[UUID, Kept] = OrderedDict()
_lock = threading.Lock()


def kept(session: Session, viewer: Viewer, reference: str) -> Kept:
    """The optimum of a run; raises NotFound, or Conflict for a run that has none."""
    # The engine takes longer to import than everything else that is asked of runs.
    from matching.recall import recalled

    run = proposals.finished(session, viewer, reference)
    with _lock:
        if run.id in _kept:
            _kept.move_to_end(run.id)
            return _kept[run.id]
    problem, result = (
        json.loads(proposals.document(session, viewer, reference, kind)) for kind in ("problem", "result")
    )
    if result["status"] != "optimal":
        raise Conflict(f"{reference} is not solved to the optimum, so there is nothing to compare with")
    found = Kept(problem, recalled(matching.Problem.from_document(problem), result))
    with _lock:
        _kept[run.id] = found
        while len(_kept) > MOST:
            _kept.popitem(last=False)
    return found
