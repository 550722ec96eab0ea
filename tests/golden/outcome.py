"""What the run on the public record proposes, in a form that a person can read through and a diff can show.

``python -m tests.golden.outcome > tests/golden/public_record.json`` accepts a change. Read the diff first: each line
of it is a State that is helped otherwise than before.
"""

import json
from typing import Any

from sqlalchemy.engine import Engine
from sqlalchemy.orm import Session

from app.cli import report
from app.database import make_engine
from app.imports.service import RECORD_FILES, load_file
from app.installation import install
from app.postgres import fleeting
from app.runs import service
from app.runs.jobs import run_in_process
from app.runs.schemas import RunStart
from app.visibility import LOCAL


def outcome(engine: Engine) -> dict[str, Any]:
    """Load the public record into an installed database, run the quarter after it, and tell what came of it."""
    with Session(engine) as session:
        for path in RECORD_FILES:
            loaded = load_file(session, LOCAL, path)
            assert loaded.written, loaded.faults
        session.commit()
        quarter = service.next_quarter(session, LOCAL)
        started = service.start(session, LOCAL, RunStart(quarter=str(quarter)), time_limit_s=120, queue=False)
        session.commit()
    run_in_process(engine, started.run_id, lambda _stage, _share: None)
    with Session(engine) as session:
        run = service.read(session, LOCAL, started.run.reference)
        told = report.read(session, LOCAL, run)
    assert run.summary is not None
    return {
        "quarter": run.quarter,
        "status": run.status,
        "input_hash": run.input_hash,
        "result_hash": run.result_hash,
        "summary": run.summary.model_dump(mode="json"),
        "pairings": [
            {"need": each.need, "domain": each.domain, "offer": each.offer, "units": each.units, "points": each.points}
            | {"terms": each.terms, "rests_on": [fact.model_dump() for fact in each.rests_on]}
            | {"doubtful": each.doubtful, "stays": each.firmness and [each.firmness.stays, each.firmness.settings]}
            for each in told.pairings
        ],
        "unmatched": [
            {"need": each.need, "domain": each.domain, "units": each.units, "code": each.code}
            | {"eligible": each.eligible, "rules": each.rules, "taken_by": [taken.need for taken in each.taken_by]}
            | {"change": each.change and each.change.model_dump(exclude={"sentence"})}
            for each in told.unmatched
        ],
    }


def main() -> None:
    """Print the outcome on a database that is thrown away."""
    with fleeting() as url:
        engine = make_engine(url)
        install(engine, lambda _stage, _share: None)
        print(json.dumps(outcome(engine), indent=1, ensure_ascii=False))
        engine.dispose()


if __name__ == "__main__":
    main()
