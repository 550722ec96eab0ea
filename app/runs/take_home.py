"""A run to take home: an archive with everything it takes to verify it offline, with Python alone."""

import json

from sqlalchemy.orm import Session

import matching
from app.runs import proposals
from app.visibility import Viewer


def archive(session: Session, viewer: Viewer, reference: str) -> bytes:
    """The archive of a finished run, the same bytes each time; raises NotFound or Conflict."""
    # Here, because packing loads the engine, which takes longer than everything else that is asked of runs.
    from matching.archive import of_run

    problem, result = (
        json.loads(proposals.document(session, viewer, reference, kind)) for kind in ("problem", "result")
    )
    return of_run(matching.Problem.from_document(problem), result)


def name(reference: str) -> str:
    """What its file is called."""
    return f"{reference}.zip"
