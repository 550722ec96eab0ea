"""Synthetic records in a real database: all or none, once, marked, and the same as when they are posted."""

from collections.abc import Callable, Iterator
from typing import Any

import httpx
import pytest
from sqlalchemy import Engine, func, select
from sqlalchemy.orm import Session

from app.answers.models import Answer
from app.database import make_engine
from app.events.models import Event
from app.generator import service
from app.generator.plan import Plan
from app.generator.records import records
from app.generator.service import SeedTaken, store
from app.generator.setting import Line
from app.imports.models import Import
from app.migration import UnusableDatabase
from app.offers.models import Offer
from app.parties import exclusions
from app.parties.models import Exclusion
from app.parties.schemas import ExclusionSubmit
from app.quarters import Quarter
from app.requests.models import Need, Request
from app.runs.snapshot import frozen, take
from app.strategies.models import Strategy
from app.visibility import LOCAL
from tests.app.conftest import serving

RECORDS: tuple[Any, ...] = (Offer, Exclusion, Request, Answer)
EXAMPLE = Plan(150, 100, 8, 4, 7, "2015-Q1")


def quiet(_stage: str, _share: float | None) -> None:
    """A report that nobody reads."""


@pytest.fixture
def engine(installed_database_url: str) -> Iterator[Engine]:
    """A database that is ready for use and holds no record."""
    made = make_engine(installed_database_url)
    yield made
    made.dispose()


def counts(engine: Engine) -> dict[str, int]:
    """How many rows each table of records has, and needs and events."""
    with Session(engine) as session:
        tables = (*RECORDS, Need, Import, Event)
        return {model.__tablename__: session.scalar(select(func.count()).select_from(model)) or 0 for model in tables}


def problem(engine: Engine) -> dict[str, Any]:
    """The problem document of a run of the example's last quarter."""
    with frozen(engine) as session:
        strategy = session.scalars(select(Strategy)).one().document
        quarter = Quarter.parse("2015-Q4")
        return take(session, LOCAL, quarter, quarter.last_instant, strategy).document


def test_the_services_accept_every_record(engine: Engine) -> None:
    stored = store(engine, EXAMPLE, quiet)
    found = counts(engine)
    assert found["needs"] == 150
    assert found["offers"] == 100
    assert found["requests"] == stored.tally.records["requests"] + stored.tally.records["group-submissions"]
    assert found["answers"] == stored.tally.records["answers"] > 0
    assert found["exclusions"] == stored.tally.records["exclusions"] > 0


@pytest.mark.parametrize(("seed", "from_quarter"), [(1, "2004-Q3"), (2, "2024-Q1"), (3, "2049-Q1")])
def test_the_services_accept_records_of_any_time(engine: Engine, seed: int, from_quarter: str) -> None:
    store(engine, Plan(400, 200, 40, 4, seed, from_quarter), quiet)
    assert counts(engine)["needs"] == 400


def test_every_row_is_marked_as_synthetic_and_names_its_line(engine: Engine) -> None:
    store(engine, EXAMPLE, quiet)
    lines = [line.body.get("reference") for line in records(EXAMPLE)]
    with Session(engine) as session:
        brought = session.scalars(select(Import)).one()
        assert str(EXAMPLE) in brought.file_name
        for model in RECORDS:
            for row in session.scalars(select(model)):
                assert row.synthetic
                assert row.summary is not None
                assert row.summary.startswith("Synthetic record: ")
                if model is not Exclusion:
                    assert row.import_id == brought.id
                    assert lines[(row.import_line or 0) - 1] == row.reference


def test_a_second_time_changes_nothing_and_says_so(engine: Engine) -> None:
    assert not store(engine, EXAMPLE, quiet).already_there
    before = counts(engine)
    assert store(engine, EXAMPLE, quiet).already_there
    assert counts(engine) == before


def test_other_numbers_under_a_seed_in_use_are_refused_before_anything_is_written(engine: Engine) -> None:
    store(engine, EXAMPLE, quiet)
    before = counts(engine)
    with pytest.raises(SeedTaken, match="other records of seed 7 are stored, S7-"):
        store(engine, Plan(10, 5, 1, 4, 7, "2015-Q1"), quiet)
    assert counts(engine) == before


def test_an_exclusion_that_stands_already_is_left_as_it_is_and_counted(engine: Engine) -> None:
    same = next(line.body for line in records(EXAMPLE) if "by_party" in line.body and "offer" not in line.body)
    with Session(engine) as session:
        exclusions.submit(session, LOCAL, ExclusionSubmit.model_validate(same | {"reference": "X-EARLIER"}))
        session.commit()
    stored = store(engine, EXAMPLE, quiet)
    assert stored.n_unchanged == 1
    assert counts(engine)["exclusions"] == stored.tally.records["exclusions"]
    with Session(engine) as session:
        brought = session.scalars(select(Import)).one()
        assert (brought.unchanged, brought.created + brought.amended + 1) == (1, brought.rows)


def test_two_seeds_share_a_database(engine: Engine) -> None:
    for seed in (7, 8):
        store(engine, Plan(20, 10, 2, 4, seed, "2015-Q1"), quiet)
    assert counts(engine)["needs"] == 40


def test_an_interruption_leaves_nothing_behind(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    before = counts(engine)
    monkeypatch.setattr(service, "WINDOW", 50)

    def struck(stage: str, share: float | None) -> None:
        if stage == "writing to the database" and share is not None and share > 0.5:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        store(engine, EXAMPLE, struck)
    assert counts(engine) == before


def test_windows_of_any_size_give_the_same_problem(
    make_database: Callable[[str | None], str], installed_template: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = []
    for window in (7, 1_000):
        monkeypatch.setattr(service, "WINDOW", window)
        engine = make_engine(make_database(installed_template))
        store(engine, EXAMPLE, quiet)
        found.append(problem(engine))
        engine.dispose()
    assert found[0] == found[1]


def test_posting_the_lines_gives_the_same_problem_as_the_command(
    engine: Engine, make_database: Callable[[str | None], str], installed_template: str
) -> None:
    store(engine, EXAMPLE, quiet)
    other_url = make_database(installed_template)
    with serving(other_url) as server, httpx.Client(base_url=server.url, timeout=30) as client:
        for line in records(EXAMPLE):
            post(client, line)
    other = make_engine(other_url)
    assert problem(other) == problem(engine)
    assert len(problem(engine)["needs"]) > 100
    other.dispose()


def post(client: httpx.Client, line: Line) -> None:
    """Post one line, as docs/generator.md says."""
    headers = {"If-Match": "*"} if line.resource.endswith("/withdraw") else {}
    answer = client.post(line.resource, json=line.body, headers=headers)
    assert answer.is_success, (line, answer.text)


def test_a_database_without_reference_data_is_refused(database_url: str) -> None:
    engine = make_engine(database_url)
    with pytest.raises(UnusableDatabase, match="run `assist1540 init`"):
        store(engine, EXAMPLE, quiet)
    engine.dispose()
