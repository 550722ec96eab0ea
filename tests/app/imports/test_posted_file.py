"""Files that say what to post, line after line: taken whole or not at all, and once."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.answers.models import Answer
from app.answers.schemas import AnswerRead
from app.answers.service import read as read_answer
from app.database import make_engine
from app.generator.plan import Plan
from app.generator.records import records
from app.generator.writing import write
from app.imports.faults import FileRefused
from app.imports.service import ImportReport, load_file
from app.offers.models import Offer
from app.parties.models import Exclusion
from app.requests.models import Request
from app.visibility import LOCAL

EXAMPLE = Plan(150, 100, 8, 4, 7, "2015-Q1")
REQUEST = {
    "resource": "/v1/requests",
    "body": {
        "reference": "R-1",
        "requester": "state:MNG",
        "channel": "template",
        "needs": [{"domain": "OP3C.BOR"}],
    },
}
ANSWER = {"resource": "/v1/answers", "body": {"reference": "A-1", "need": "R-1/1", "offer": "O-1", "state": "accepted"}}
WITHDRAWAL = {"resource": "/v1/offers/O-1/withdraw", "body": {"reason": "Ended", "withdrawn_on": "2015-05-01"}}


def offer(**other: object) -> dict[str, Any]:
    """The post of an offer, O-1 unless it is told otherwise."""
    body = {"reference": "O-1", "provider": "state:NZL", "domains": ["OP3C.BOR"]}
    return {"resource": "/v1/offers", "body": body | other}


@pytest.fixture
def session(installed_database_url: str) -> Iterator[Session]:
    """A session on a database that is ready for use and holds no record."""
    engine = make_engine(installed_database_url)
    with Session(engine, expire_on_commit=False) as session:
        yield session
    engine.dispose()


def load(session: Session, folder: Path, *lines: object, **how: Any) -> ImportReport:
    """Load a file of these lines."""
    file = folder / "posts.ndjson"
    file.write_text("".join(f"{line if isinstance(line, str) else json.dumps(line)}\n" for line in lines))
    return load_file(session, LOCAL, file, **how)


def n_records(session: Session) -> int:
    """Records of all kinds in the database."""
    tables = (Offer, Request, Answer, Exclusion)
    return sum(session.scalar(select(func.count()).select_from(table)) or 0 for table in tables)


def test_what_generate_writes_can_be_loaded_once(session: Session, tmp_path: Path) -> None:
    file = tmp_path / "records.ndjson"
    with file.open("wb") as output:
        tally = write(records(EXAMPLE), output, EXAMPLE.needs, lambda _share: None)
    report = load_file(session, LOCAL, file)
    assert (report.records, report.bad, report.written) == (tally.lines, 0, True)
    assert report.created + report.amended == tally.lines
    assert n_records(session) == report.created
    again = load_file(session, LOCAL, file)
    assert again.loaded_before is not None
    assert n_records(session) == report.created


def test_later_posts_find_what_earlier_ones_made_in_any_order(session: Session, tmp_path: Path) -> None:
    report = load(session, tmp_path, ANSWER, WITHDRAWAL, REQUEST, offer())
    assert (report.created, report.amended, report.faults) == (3, 1, ())
    found: AnswerRead = read_answer(session, LOCAL, "A-1")
    assert found.offer == "O-1"


def test_every_record_names_the_line_that_brought_it(session: Session, tmp_path: Path) -> None:
    exclusion = {
        "reference": "X-1",
        "by_party": "state:NZL",
        "other_party": "state:MNG",
        "reason": "Served by its own programme",
        "source": "Letter",
    }
    load(session, tmp_path, offer(), REQUEST, ANSWER, {"resource": "/v1/exclusions", "body": exclusion})
    lines = [session.scalars(select(kind.import_line)).one() for kind in (Offer, Request, Answer, Exclusion)]
    assert lines == [1, 2, 3, 4]


def test_a_dry_run_writes_nothing(session: Session, tmp_path: Path) -> None:
    report = load(session, tmp_path, offer(), REQUEST, dry_run=True)
    assert (report.created, report.written) == (2, False)
    assert n_records(session) == 0


@pytest.mark.parametrize(
    ("line", "place", "reason"),
    [
        ({"resource": "/v1/offer", "body": {}}, "/resource", "is no path to which a record can be posted"),
        ({"resource": "/v1/offers/O-1/delete", "body": {}}, "/resource", "is no path"),
        ({"resource": 7, "body": {}}, "/resource", "is no path such as /v1/offers"),
        ({"resource": "/v1/offers", "body": []}, "/body", "is no object"),
        ({"resource": "/v1/offers", "body": {}, "head": 1}, "/head", "is not expected here"),
        (offer(provider=None), "/body/provider", "must be text, not null"),
        ("{", "", "is no JSON object"),
        (offer(reference="O-2", domains=["OP3C.BOG"]), "/body/domains/0", "there is no domain"),
        (offer(), "/body/reference", "is there already"),
        ({"resource": "/v1/requests/R-9/withdraw", "body": {"reason": "Gone"}}, "", "there is no request R-9"),
        (
            {
                "resource": "/v1/exclusions",
                "body": {
                    "by_party": "state:NZL",
                    "other_party": "state:NZL",
                    "reason": "None",
                    "source": "None",
                },
            },
            "/body/other_party",
            "a party cannot exclude itself",
        ),
    ],
)
def test_a_bad_line_is_named_and_nothing_is_written(
    session: Session, tmp_path: Path, line: object, place: str, reason: str
) -> None:
    load(session, tmp_path, offer())
    before = n_records(session)
    report = load(session, tmp_path, offer(reference="O-0"), line)
    assert not report.written
    assert [(fault.line, fault.column) for fault in report.faults] == [(2, place)]
    assert reason in report.faults[0].reason
    assert report.faults[0].remedy
    assert n_records(session) == before


def test_bad_lines_cannot_be_left_out_because_others_build_on_them(session: Session, tmp_path: Path) -> None:
    with pytest.raises(FileRefused, match="load it whole, without --skip-bad"):
        load(session, tmp_path, offer(), skip_bad=True)
