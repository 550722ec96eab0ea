"""Export, load into an empty database, export again: the same bytes, for whatever the record can hold."""

import io
from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy.orm import Session

from app.database import make_engine
from app.exports.service import Exported, Format, export
from app.imports.bodies import RECORD, RECORDS, Document
from app.imports.service import RECORD_FILES, load_file
from app.offers import service as offers
from app.requests import service as requests
from app.requests.schemas import RequestAmend
from app.schemas import Withdrawal
from app.visibility import LOCAL
from tests.app.imports.builders import written

pytestmark = pytest.mark.once

EVERYTHING = (Exported.REQUESTS, Exported.OFFERS)
MEMBERS = ("BRN", "IDN", "KHM", "PHL", "THA", "VNM")
DOMAINS = ("OP3C.BOR", "OP3D.LIC", "X.LAB", "OP6.LIST")

#: Texts that a file may garble: would-be formulas, quotation, separators, line ends, other scripts.
AWKWARD = st.sampled_from(
    [
        "=1+1",
        "+41",
        "-",
        "@x",
        "'",
        "'=1",
        "''",
        '"',
        'a "b", c',
        "a;b",
        "a\nb",
        "a\tb",
        "ألبانيا",
        "核",
        "=HYPERLINK(1)",
    ]
)
TEXTS = AWKWARD | st.text(
    st.characters(codec="utf-8", exclude_categories=("Cc", "Cs", "Co", "Cn", "Zl", "Zp", "Cf")), min_size=1, max_size=30
).filter(lambda text: text.strip() != "")
DAYS = st.dates(min_value=date(2004, 4, 28), max_value=date(2026, 1, 1))
BASES = st.sampled_from(["stated", "inferred", "assumed"])
LANGUAGES = st.lists(st.sampled_from(["en", "fr", "pt"]), unique=True)
SCOPES = st.lists(st.sampled_from(["nuclear", "chemical"]), unique=True)
MODALITIES = st.lists(st.sampled_from(["TRN", "EQP", "LEG"]), unique=True)
URLS = st.lists(
    st.sampled_from(["https://un.org/a;b", "https://un.org/?q='x", "http://e.org/c", "https://x.org"]), max_size=4
)
WHOLE = st.integers(1, 1_000_000_000)


def maybe(**fields: st.SearchStrategy[Any]) -> st.SearchStrategy[Document]:
    """Documents with any of the fields."""
    return st.fixed_dictionaries({}, optional=fields)


COMMON = maybe(
    classification=st.sampled_from(["unclassified", "confidential"]),
    date_note=TEXTS,
    document=TEXTS,
    source_urls=URLS,
    confidence=st.sampled_from(["high", "medium", "low"]),
    synthetic=st.booleans(),
    summary=TEXTS,
)


@st.composite
def dates(draw: st.DrawFn) -> Document:
    """A date known to the day, the month, the year, or not at all."""
    if draw(st.booleans()):
        return {}
    return {"dated_on": draw(DAYS).isoformat(), "date_precision": draw(st.sampled_from(["day", "month", "year"]))}


def with_basis(draw: st.DrawFn, document: Document, facts: dict[str, tuple[str, ...]]) -> Document:
    """The document with a basis for some of the facts that it states."""
    given = [fact for fact, fields in facts.items() if any(document.get(field) for field in fields)]
    return document | {"basis": {fact: draw(BASES) for fact in given if draw(st.booleans())}}


@st.composite
def needs(draw: st.DrawFn, *, of_group: bool) -> Document:
    """A need of a State or of a group."""
    need = draw(
        maybe(
            modalities=MODALITIES,
            scopes=SCOPES,
            languages=LANGUAGES,
            units=WHOLE,
            priority=st.integers(1, 5),
            description=TEXTS,
            wanted_by=DAYS.map(str),
        )
    )
    need["domain"] = draw(st.sampled_from([*DOMAINS, "UNSPEC"]))
    if of_group:
        need["delivery"] = draw(st.sampled_from(["joint", "per_member"]))
    names = ("modalities", "scopes", "languages", "units", "priority", "delivery")
    facts: dict[str, tuple[str, ...]] = {name: (name,) for name in names}
    made = with_basis(draw, need, facts)
    if need["domain"] != "UNSPEC" and draw(st.booleans()):
        made["basis"]["domain"] = draw(BASES)
    return made


BENEFICIARY = maybe(
    consent=st.sampled_from(["confirmed", "left", "pending"]), consent_on=DAYS.map(str), consent_document=TEXTS
)


@st.composite
def request_bodies(draw: st.DrawFn) -> Document:
    """A request of a State, of nobody named, or of a group for members that consent."""
    kind = draw(st.sampled_from(["state", "unattributed", "group", "organization"]))
    body = draw(COMMON) | draw(dates())
    body |= draw(maybe(status_note=TEXTS, action_plan=st.booleans(), kind=st.sampled_from(["formal", "intention"])))
    body["channel"] = draw(st.sampled_from(["template", "bwc_programme", "informal", "1540_committee"]))
    if kind in ("group", "organization"):
        members = draw(st.lists(st.sampled_from(MEMBERS), min_size=2, unique=True))
        body["beneficiaries"] = [{"state": member} | draw(BENEFICIARY) for member in members]
    if kind == "group":
        body |= {RECORD: "group_submission", "group": "ASEAN"}
    else:
        requester = {
            "state": "state:ALB",
            "unattributed": "organization:UNATTRIBUTED",
            "organization": "organization:IAEA",
        }
        body |= {RECORD: "request", "requester": requester[kind]}
    if kind == "unattributed":
        body["requester_candidates"] = ["ALB", "ARM"]
    n_left = sum(each.get("consent") == "left" for each in body.get("beneficiaries", []))
    of_group = kind == "group" or (kind == "organization" and len(body["beneficiaries"]) - n_left > 1)
    body["needs"] = draw(st.lists(needs(of_group=of_group), min_size=1, max_size=4))
    return body


@st.composite
def offer_bodies(draw: st.DrawFn) -> Document:
    """An offer by a State, an organization or a group."""
    body = draw(COMMON) | draw(dates())
    body |= draw(
        maybe(
            kind=st.sampled_from(["offer", "intention", "programme"]),
            accepts_requests=st.booleans(),
            partners=st.just(["organization:UNODA", "state:CAN", "group:CAN"]),
            modalities=MODALITIES,
            scopes=SCOPES,
            languages=LANGUAGES,
            capacity_per_quarter=st.integers(0, 9),
            capacity_total=st.integers(0, 9),
            valid_from=st.just("2015-01-01"),
            valid_until=st.just("2016-12-31"),
            requires_groups=st.just(["CWC"]),
            conditions=TEXTS | st.sampled_from(["States Parties to the CWC", "CARICOM member States"]),
            preferred_domains=st.just(["X.LAB"]),
            preferred_states=st.just(["PHL"]),
        )
    )
    body |= {RECORD: "offer", "provider": draw(st.sampled_from(["state:USA", "organization:IAEA", "group:EU"]))}
    body["domains"] = draw(st.just(["UNSPEC"]) | st.lists(st.sampled_from(DOMAINS), min_size=1, unique=True))
    if draw(st.booleans()):
        body["worldwide"] = True
    else:
        body |= draw(
            maybe(
                coverage_states=st.just(["ALB", "PHL"]),
                coverage_groups=st.just(["ASEAN"]),
                coverage_regions=st.just(["145", "002"]),
            )
        )
    if body.get("worldwide") or body.get("coverage_regions"):
        body |= draw(maybe(coverage_excepted=st.just(["ARM"])))
    if body.get("languages"):
        body |= draw(maybe(language_required=st.booleans()))
    facts: dict[str, tuple[str, ...]] = {name: (name,) for name in ("modalities", "scopes", "languages")}
    facts |= {"validity": ("valid_from", "valid_until"), "capacity": ("capacity_per_quarter", "capacity_total")}
    facts |= {"coverage": ("worldwide", "coverage_states", "coverage_groups", "coverage_regions")}
    return with_basis(draw, body, facts)


@pytest.fixture(scope="module")
def module_session(make_database: Callable[[str | None], str], installed_template: str) -> Iterator[Session]:
    """A session on a database as `init` leaves it; each example rolls back what it wrote."""
    engine = make_engine(make_database(installed_template))
    with Session(engine, expire_on_commit=False) as session:
        yield session
    engine.dispose()


def exported(session: Session, form: Format) -> dict[Exported, str]:
    """Every file of this form."""
    files = {}
    for what in EVERYTHING:
        text = io.StringIO(newline="")
        export(session, LOCAL, what, form, text.write)
        files[what] = text.getvalue()
    return files


def reloaded(session: Session, files: dict[Exported, str], folder: Path) -> list[Any]:
    """Load the files and return what was wrong with them."""
    faults: list[Any] = []
    for what, text in files.items():
        if text:
            faults += load_file(session, LOCAL, written(folder / what, text.encode())).faults
    return faults


def submit(session: Session, number: int, document: Document) -> None:
    """Store the record that the document states, under a reference of its own."""
    content = {name: value for name, value in document.items() if name != RECORD}
    body = RECORDS[document[RECORD]].model_validate(content | {"reference": f"X-{number}"})
    service: Any = offers if document[RECORD] == "offer" else requests
    service.submit(session, LOCAL, body)


@pytest.mark.parametrize("form", Format)
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(documents=st.lists(request_bodies() | offer_bodies(), min_size=1, max_size=4))
def test_what_was_exported_loads_and_exports_the_same(
    module_session: Session, tmp_path: Path, form: Format, documents: list[Document]
) -> None:
    attempt = module_session.begin_nested()
    for number, document in enumerate(documents):
        submit(module_session, number, document)
    first = exported(module_session, form)
    attempt.rollback()

    attempt = module_session.begin_nested()
    assert reloaded(module_session, first, tmp_path) == []
    second = exported(module_session, form)
    attempt.rollback()
    assert second == first


@pytest.mark.parametrize("form", Format)
def test_the_public_record_with_all_that_may_become_of_it_comes_back(
    record: Session, make_database: Callable[[str | None], str], installed_template: str, tmp_path: Path, form: Format
) -> None:
    for file in RECORD_FILES:
        load_file(record, LOCAL, file)
    requests.withdraw(record, LOCAL, "R-AGO-2008", Withdrawal(reason="Met elsewhere"))
    offers.withdraw(record, LOCAL, "O-JPN-1", Withdrawal(reason="=Ended"))
    amendment = RequestAmend.model_validate(
        {"superseded_by": "R-ARM-2015", "needs": [{"number": 2, "withdrawn_on": "2016-01-01"}]}
    )
    requests.amend(record, LOCAL, "R-ARM-2008", amendment)
    first = exported(record, form)

    engine = make_engine(make_database(installed_template))
    with Session(engine) as other:
        assert reloaded(other, first, tmp_path) == []
        assert exported(other, form) == first
        assert {requests.read(other, LOCAL, name).content_hash for name in ("R-ARM-2008", "R-AGO-2008")} == {
            requests.read(record, LOCAL, name).content_hash for name in ("R-ARM-2008", "R-AGO-2008")
        }
    engine.dispose()


def test_group_submissions_can_be_exported_alone(record: Session) -> None:
    for file in RECORD_FILES:
        load_file(record, LOCAL, file)
    text = io.StringIO(newline="")
    assert export(record, LOCAL, Exported.GROUP_SUBMISSIONS, Format.CSV, text.write) == 2
    assert [line.split(",")[2] for line in text.getvalue().splitlines()[1:] if line.startswith("R-")] == [
        "CARICOM",
        "SICA",
    ]


def test_needs_that_differ_in_nothing_but_the_domain_share_a_line(record: Session) -> None:
    submit(
        record,
        1,
        {
            RECORD: "request",
            "requester": "state:ALB",
            "channel": "template",
            "needs": [
                {"domain": "X.LAB", "units": 2},
                {"domain": "X.GOV", "units": 2},
                {"domain": "X.LAB", "units": 2},
                {"domain": "X.RESP"},
            ],
        },
    )
    text = io.StringIO(newline="")
    export(record, LOCAL, Exported.REQUESTS, Format.CSV, text.write)
    header, *lines = [line.split(",") for line in text.getvalue().splitlines()]
    cells = [dict(zip(header, line, strict=True)) for line in lines]
    assert [(each["domains"], each["units"], each["need_number"]) for each in cells] == [
        ("X.LAB;X.GOV", "2", "1"),
        ("X.LAB", "2", "3"),
        ("X.RESP", "", "4"),
    ]
    assert [each["requester"] for each in cells] == ["ALB", "", ""]
