"""Many records at once: stored as one by one, all or none; and a source that states a record again."""

from typing import Any

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.imports.models import Import
from app.problems import Conflict, InvalidContent, ReferenceTaken
from app.records import Origin, Outcome
from app.requests import service
from app.requests.models import Request
from app.requests.schemas import GroupSubmissionSubmit, RequestSubmit
from app.visibility import LOCAL
from tests.app import bodies


def national(reference: str, **changes: Any) -> RequestSubmit:
    return RequestSubmit.model_validate(bodies.request(reference, **changes))


def regional(reference: str, **changes: Any) -> GroupSubmissionSubmit:
    return GroupSubmissionSubmit.model_validate(bodies.submission(reference, **changes))


@pytest.fixture
def origin(record: Session) -> Origin:
    file = Import(file_name="f.csv", sha256="", sheet="", rows=1, created=0, amended=0, unchanged=0, skipped=0)
    record.add(file)
    record.flush()
    return Origin(file.id, 7)


def n_requests(session: Session) -> int:
    return session.scalar(select(func.count()).select_from(Request)) or 0


def test_a_batch_stores_what_single_submissions_store(record: Session) -> None:
    one = service.submit(record, LOCAL, national("R-1"))
    again = service.submit(record, LOCAL, regional("G-1"))
    references = service.submit_batch(record, LOCAL, [national("R-2"), regional("G-2"), national("R-3")])
    assert references == ["R-2", "G-2", "R-3"]
    own = {"reference", "content_hash", "recorded_at", "updated_at"}
    for single, reference in ((one, "R-2"), (again, "G-2")):
        read = service.read(record, LOCAL, reference)
        for each in (single, read):
            for need in each.needs:
                need.reference = need.reference.partition("/")[2]
        assert read.model_dump(exclude=own) == single.model_dump(exclude=own)


def test_a_batch_with_one_bad_body_stores_nothing_and_names_it(record: Session) -> None:
    with pytest.raises(InvalidContent, match=r"^/1/requester: "):
        service.submit_batch(record, LOCAL, [national("R-1"), national("R-2", requester="state:MNX")])
    assert n_requests(record) == 0


@pytest.mark.parametrize("references", [("R-1", "R-1"), ("R-1", "R-0")])
def test_a_batch_with_a_reference_that_is_taken_stores_nothing(record: Session, references: tuple[str, str]) -> None:
    service.submit(record, LOCAL, national("R-0"))
    with pytest.raises(ReferenceTaken):
        service.submit_batch(record, LOCAL, [national(reference) for reference in references])
    assert n_requests(record) == 1


def test_a_batch_makes_the_references_that_are_left_out(record: Session) -> None:
    bodies_ = [national("R-1").model_copy(update={"reference": None}) for _ in range(3)]
    numbers = [int(reference[-4:]) for reference in service.submit_batch(record, LOCAL, bodies_)]
    assert numbers == [1, 2, 3]


def test_a_record_stated_twice_alike_changes_nothing(record: Session, origin: Origin) -> None:
    outcomes = [service.restate(record, LOCAL, regional("G-1"), origin) for _ in range(2)]
    assert outcomes == [Outcome.CREATED, Outcome.UNCHANGED]
    assert service.read(record, LOCAL, "G-1").version == 1


def test_a_record_stated_anew_is_amended_and_loses_nothing(record: Session, origin: Origin) -> None:
    two = [{"domain": "OP3C.BOR", "delivery": "joint"}, {"domain": "OP1", "delivery": "joint"}]
    service.restate(record, LOCAL, regional("G-1", needs=two), origin)
    fewer = regional("G-1", needs=two[:1], beneficiaries=[{"state": "PHL"}, {"state": "LAO"}])
    assert [service.restate(record, LOCAL, fewer, origin) for _ in range(2)] == [Outcome.AMENDED, Outcome.UNCHANGED]
    stored = service.read(record, LOCAL, "G-1")
    assert [need.withdrawn_on is None for need in stored.needs] == [True, False]
    assert {each.state: each.consent.value for each in stored.beneficiaries} == {
        "LAO": "pending",
        "PHL": "pending",
        "THA": "left",
        "VNM": "left",
    }


def test_a_record_of_another_requester_is_not_restated(record: Session, origin: Origin) -> None:
    service.restate(record, LOCAL, national("R-1"), origin)
    with pytest.raises(Conflict, match="state:MNG, not state:ALB"):
        service.restate(record, LOCAL, national("R-1", requester="state:ALB"), origin)
