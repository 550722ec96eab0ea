"""Loading into the database: whole or not at all, once, with every bad line named and every row traced to its line."""

import json
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.events.models import Event
from app.imports.models import Import
from app.imports.service import RECORD_FILES, ImportReport, load_file
from app.offers import service as offers
from app.offers.models import Offer
from app.requests import service as requests
from app.requests.models import Channel, Consent, Need, Request, RequestKind
from app.requests.schemas import ConsentSubmit, RequestAmend
from app.schemas import Withdrawal
from app.visibility import LOCAL
from tests.app.imports.builders import OFFER, REQUEST, offers_csv, requests_csv, workbook, written


def load(session: Session, path: Path, data: bytes, **how: Any) -> ImportReport:
    """Load ``data`` as the file ``path`` and commit."""
    report = load_file(session, LOCAL, written(path, data), **how)
    session.commit()
    return report


def counts(report: ImportReport) -> tuple[int, int, int, int]:
    """Created, amended, unchanged and bad records."""
    return report.created, report.amended, report.unchanged, report.bad


def n_of(session: Session, model: type) -> int:
    """Rows of a table."""
    return session.scalar(select(func.count()).select_from(model)) or 0


@pytest.fixture
def engine_of(record: Session) -> Callable[[], Session]:
    """Makes further sessions on the same database."""
    return lambda: Session(record.get_bind())


@pytest.fixture
def path(tmp_path: Path) -> Iterator[Path]:
    """Where a test's file is written."""
    yield tmp_path / "given.csv"


def test_the_public_record_is_loaded_whole_and_a_second_time_not_at_all(record: Session) -> None:
    first = [load_file(record, LOCAL, file) for file in RECORD_FILES]
    record.commit()
    assert [(report.created, report.faults) for report in first] == [(27, ()), (55, ())]
    before = n_of(record, Event)

    for again in (False, True):
        reports = [load_file(record, LOCAL, file, again=again) for file in RECORD_FILES]
        record.commit()
        assert [counts(report) for report in reports] == [(0, 0, 27, 0), (0, 0, 55, 0)]
        assert [report.loaded_before is None for report in reports] == [again, again]
    assert n_of(record, Event) == before


def test_the_public_record_is_what_its_sources_say(record: Session) -> None:
    for file in RECORD_FILES:
        load_file(record, LOCAL, file)

    kinds = dict(record.execute(select(Request.kind, func.count()).group_by(Request.kind)).all())
    assert kinds == {RequestKind.FORMAL: 23, RequestKind.INTENTION: 4}
    bwc = record.scalars(select(Request.kind).where(Request.channel == Channel.BWC_PROGRAMME)).all()
    assert set(bwc) == {RequestKind.INTENTION}

    albania = requests.read(record, LOCAL, "R-ALB-2004")
    assert [need.domain for need in albania.needs] == ["OP3D.LEG", "OP3D.LIC", "OP3C.BOR", "OP3D.TRN"]
    assert {(need.units, need.basis["units"].value) for need in albania.needs} == {(1, "assumed")}
    assert {(need.priority, need.basis["priority"].value) for need in albania.needs} == {(3, "assumed")}

    caricom = requests.read(record, LOCAL, "R-CARICOM-ND")
    assert (caricom.requester, len(caricom.beneficiaries)) == ("group:CARICOM", 14)
    assert {(each.consent.value, each.consent_basis.value) for each in caricom.beneficiaries} == {
        ("confirmed", "assumed")
    }
    assert {need.basis["domain"].value for need in caricom.needs} == {"inferred"}
    assert {(need.delivery, need.basis["delivery"].value) for need in caricom.needs} == {("joint", "assumed")}

    not_named = requests.read(record, LOCAL, "R-UNATTR-2008")
    assert not_named.requester == "organization:UNATTRIBUTED"
    assert not_named.requester_candidates == ["AGO", "ALB", "AND", "DZA"]

    opcw = offers.read(record, LOCAL, "O-OPCW-1")
    assert (opcw.kind.value, opcw.worldwide, opcw.requires_groups) == ("programme", True, ["CWC"])
    norway = offers.read(record, LOCAL, "O-NOR-1")
    assert (norway.kind.value, norway.basis["coverage"].value) == ("offer", "not_stated")
    assert (norway.capacity_per_quarter, norway.basis["capacity"].value) == (1, "assumed")
    assert offers.read(record, LOCAL, "O-CARICOM-1").provider == "group:CARICOM"


def test_every_row_knows_its_file_and_line(record: Session, path: Path) -> None:
    load(record, path, requests_csv({"summary": "two\nlines"}, {}))
    rows = record.execute(
        select(Request.reference, Request.import_line, Import.file_name, Import.rows).join(
            Import, Import.id == Request.import_id
        )
    ).all()
    assert sorted(rows) == [("R-1", 2, "given.csv", 2), ("R-2", 4, "given.csv", 2)]


@pytest.mark.parametrize(
    ("cells", "column", "reason", "remedy"),
    [
        ({"requester": "ALC"}, "requester", "there is no party state:ALC", "Did you mean state:"),
        ({"domains": "OP3C.BOX"}, "domains", "there is no domain OP3C.BOX", "Did you mean OP3C."),
        ({"modalities": "TRN;TRX"}, "modalities", "there is no modality TRX", "Did you mean TRN or TTX?"),
        ({"weapons_scope": "nuclaer"}, "weapons_scope", "there is no weapon scope nuclaer", "Did you mean nuclear?"),
        (
            {"requester_kind": "group", "requester": "ASEAM"},
            "requester",
            "there is no group ASEAM",
            "Did you mean ASEAN",
        ),
        ({"units": "0"}, "units", "must be at least 1", "Give a whole number from 1."),
        ({"units": "-3"}, "units", "must be at least 1", "Give a whole number from 1."),
        (
            {"wanted_from": "2015-05-01", "wanted_by": "2015-04-01"},
            "wanted_by",
            "must not be before wanted_from, 2015-05-01",
            "Give a date such as 2015-03-31.",
        ),
        (
            {
                "requester_kind": "group",
                "requester": "ASEAN",
                "beneficiaries": "PHL=confirmed;ALB",
                "delivery": "joint",
            },
            "beneficiaries",
            "ALB did not belong to ASEAN on 2015-02-10",
            "Valid are",
        ),
        (
            {"requester_kind": "organization", "requester": "IAEA"},
            "beneficiaries",
            "a need must be for somebody: name the States that consent",
            "Give States",
        ),
        (
            {"beneficiaries": "ALB"},
            "beneficiaries",
            "a State's own request is for itself",
            "Leave this out, or submit for a group.",
        ),
    ],
)
def test_what_the_record_refuses_is_told_with_line_column_reason_and_remedy(
    record: Session, path: Path, cells: dict[str, str], column: str, reason: str, remedy: str
) -> None:
    report = load(record, path, requests_csv({}, cells, {}))
    assert [(fault.line, fault.column, fault.reason) for fault in report.faults] == [(3, column, reason)]
    assert report.faults[0].remedy.startswith(remedy)
    assert not report.written
    assert (n_of(record, Request), n_of(record, Import)) == (0, 0)


def test_every_fault_of_a_line_is_told_but_none_that_only_follows_from_another(record: Session, path: Path) -> None:
    cells = {"requester_kind": "group", "requester": "ASEAM", "domains": "", "units": "0", "date_of_request": "soon"}
    report = load(record, path, requests_csv(cells))
    assert [(fault.column, fault.reason) for fault in report.faults] == [
        ("date_of_request", "'soon' is not a date"),
        ("domains", "is empty"),
        ("requester", "there is no group ASEAM"),
    ]


@pytest.mark.parametrize(
    ("cells", "column", "reason"),
    [
        ({"provider": "CAM"}, "provider", "there is no party state:CAM"),
        ({"regions_or_states": "region:999"}, "regions_or_states", "there is no region 999"),
        ({"regions_or_states": "group:ASEAM"}, "regions_or_states", "there is no group ASEAM"),
        ({"regions_or_states": "all;state:ALB"}, "regions_or_states", "is everywhere already"),
        ({"except_states": "ALX"}, "except_states", "there is no State ALX"),
        ({"partner_codes": "UNODX"}, "partner_codes", "there is no party organization:UNODX"),
        ({"valid_from": "2016-01-01", "valid_until": "2015-01-01"}, "valid_until", "must not be before valid_from"),
        ({"capacity_total": "-1"}, "capacity_total", "must be at least 0"),
    ],
)
def test_what_offers_are_refused_for_is_told_likewise(
    record: Session, path: Path, cells: dict[str, str], column: str, reason: str
) -> None:
    report = load(record, path, offers_csv({}, cells))
    [fault] = report.faults
    assert (fault.line, fault.column, fault.reason.startswith(reason)) == (3, column, True)
    assert n_of(record, Offer) == 0


@pytest.mark.once
def test_three_bad_lines_of_two_thousand_are_named_and_can_be_left_out(record: Session, path: Path) -> None:
    bad = {17: {"domains": "OP3C.BOX"}, 1_000: {"capacity_total": "-1"}, 1_999: {"provider": "ALC"}}
    data = offers_csv(*(bad.get(number, {"capacity_total": "9"}) for number in range(1, 2_001)))

    tried = load(record, path, data, dry_run=True)
    expected = [(18, "domains"), (1_001, "capacity_total"), (2_000, "provider")]
    assert [(fault.line, fault.column) for fault in tried.faults] == expected
    assert (tried.written, counts(tried), n_of(record, Offer)) == (False, (1_997, 0, 0, 3), 0)

    taken = load(record, path, data, skip_bad=True)
    assert (taken.written, counts(taken), n_of(record, Offer)) == (True, (1_997, 0, 0, 3), 1_997)


def test_one_bad_line_keeps_all_others_out(record: Session, path: Path) -> None:
    report = load(record, path, offers_csv({}, {}, {"provider": "ALC"}, {}))
    assert (report.written, report.bad, n_of(record, Offer), n_of(record, Import)) == (False, 1, 0, 0)


def test_a_dry_run_tells_what_would_be_done_and_writes_nothing(record: Session, path: Path) -> None:
    report = load(record, path, requests_csv({}, {}), dry_run=True)
    assert (report.created, report.written, n_of(record, Request), n_of(record, Import)) == (2, False, 0, 0)


def test_changed_lines_amend_their_records_and_the_others_stay(record: Session, path: Path) -> None:
    load(record, path, requests_csv({}, {}, {}))
    report = load(record, path, requests_csv({}, {"units": "4", "domains": "OP3C.BOR;X.LAB"}, {}))
    assert counts(report) == (0, 1, 2, 0)
    amended = requests.read(record, LOCAL, "R-2")
    assert (amended.version, [need.units for need in amended.needs]) == (2, [4, 4])


def test_a_need_that_is_no_longer_in_the_file_is_withdrawn_and_can_come_back(record: Session, path: Path) -> None:
    load(record, path, requests_csv({"domains": "OP3C.BOR;X.LAB"}))
    load(record, path, requests_csv({"domains": "OP3C.BOR"}))
    assert requests.read(record, LOCAL, "R-1").needs[1].withdrawn_on is not None
    load(record, path, requests_csv({"domains": "OP3C.BOR;X.LAB"}), again=True)
    assert requests.read(record, LOCAL, "R-1").needs[1].withdrawn_on is None


def test_the_same_file_does_not_undo_what_was_amended_since_unless_asked_to(record: Session, path: Path) -> None:
    data = requests_csv({})
    load(record, path, data)
    requests.amend(record, LOCAL, "R-1", RequestAmend(status_note="Clarified by telephone"))
    record.commit()

    report = load(record, path, data)
    assert report.loaded_before is not None
    assert requests.read(record, LOCAL, "R-1").status_note == "Clarified by telephone"

    assert counts(load(record, path, data, again=True)) == (0, 1, 0, 0)
    assert requests.read(record, LOCAL, "R-1").status_note is None


def test_what_members_have_said_goes_before_what_the_first_import_assumed(record: Session, path: Path) -> None:
    group = {"requester_kind": "group", "requester": "ASEAN"}
    load(record, path, requests_csv(group))
    requests.consent(record, LOCAL, "R-1", "PHL", ConsentSubmit(consent=Consent.LEFT))
    record.commit()

    load(record, path, requests_csv(group | {"summary": "changed"}))
    members = {each.state: each for each in requests.read(record, LOCAL, "R-1").beneficiaries}
    assert (members["PHL"].consent, members["PHL"].consent_basis.value) == (Consent.LEFT, "stated")
    assert members["THA"].consent_basis.value == "assumed"


def test_a_stored_record_of_another_party_is_not_taken_over(record: Session, path: Path) -> None:
    load(record, path, requests_csv({"id": "R-1"}))
    report = load(record, path, requests_csv({"id": "R-1", "requester": "ARM"}))
    [fault] = report.faults
    assert (fault.line, fault.column) == (2, "id")
    assert "is stored with requester state:ALB" in fault.reason


def test_withdrawn_and_replaced_records_are_loaded_as_such_and_once(record: Session, path: Path) -> None:
    data = requests_csv(
        {"superseded_by": "R-2"},
        {},
        {"withdrawn_on": "2015-03-01", "withdrawn_reason": "Met elsewhere"},
        {"need_withdrawn_on": "2015-04-01"},
    )
    assert load(record, path, data).created == 4
    assert requests.read(record, LOCAL, "R-1").superseded_by == "R-2"
    assert requests.read(record, LOCAL, "R-3").withdrawn_reason == "Met elsewhere"
    assert str(requests.read(record, LOCAL, "R-4").needs[0].withdrawn_on) == "2015-04-01"
    before = n_of(record, Event)
    assert counts(load(record, path, data, again=True)) == (0, 0, 4, 0)
    assert n_of(record, Event) == before


def test_a_line_that_is_withdrawn_in_a_newer_file_withdraws_its_record(record: Session, path: Path) -> None:
    load(record, path, offers_csv({}))
    report = load(record, path, offers_csv({"withdrawn_on": "2016-01-01", "withdrawn_reason": "Ended"}))
    assert counts(report) == (0, 1, 0, 0)
    assert offers.read(record, LOCAL, "O-1").withdrawn_reason == "Ended"


def test_a_record_replaced_by_one_that_is_not_there_is_a_bad_line(record: Session, path: Path) -> None:
    report = load(record, path, requests_csv({"superseded_by": "R-9"}, {}), skip_bad=True)
    assert [(fault.line, fault.column, fault.reason) for fault in report.faults] == [
        (2, "superseded_by", "there is no request R-9")
    ]
    assert record.scalars(select(Request.reference)).all() == ["R-2"]


def test_a_withdrawn_record_that_a_file_changes_is_a_bad_line(record: Session, path: Path) -> None:
    load(record, path, offers_csv({}))
    offers.withdraw(record, LOCAL, "O-1", Withdrawal(reason="Ended"))
    record.commit()
    report = load(record, path, offers_csv({"conditions": "on request"}))
    assert "was withdrawn" in report.faults[0].reason


def test_columns_that_states_set_by_hand_reach_the_record(record: Session, path: Path) -> None:
    more = {
        "units": "3",
        "priority": "1",
        "languages": "fr;en",
        "wanted_by": "2015-12-31",
        "authenticated_on": "2015-03-01",
    }
    load(record, path, requests_csv(more | {"classification": "confidential", "document": "S/2015/1"}))
    need = record.scalars(select(Need)).one()
    assert (need.units, need.priority, need.languages, str(need.wanted_by)) == (3, 1, ["en", "fr"], "2015-12-31")
    assert need.basis["units"] == "stated"
    stored = requests.read(record, LOCAL, "R-1")
    assert (stored.classification.value, stored.document) == ("confidential", "S/2015/1")


def test_the_sheets_of_a_workbook_are_loaded_one_by_one(record: Session, tmp_path: Path) -> None:
    offered = [[*OFFER], [*OFFER.values()]]
    data = workbook([*REQUEST], [*REQUEST.values()], others={"offered": offered})
    path = written(tmp_path / "both.xlsx", data)
    assert [load(record, path, data, sheet=sheet).created for sheet in ("requests", "offered")] == [1, 1]
    assert load(record, path, data, sheet="offered").loaded_before is not None
    assert sorted(record.execute(select(Import.sheet, Import.rows)).all()) == [("offered", 1), ("requests", 1)]


def test_what_a_json_document_is_refused_for_points_into_it(record: Session, tmp_path: Path) -> None:
    need = {"domain": "OP3C.BOX", "unit": 2}
    lines = [
        {"record": "request", "reference": "R-1", "requester": "state:ALB", "channel": "template", "needs": [need]},
        {"record": "reqest", "reference": "R-2"},
        {"record": "offer", "reference": "O-1", "provider": "state:ALC", "domains": ["OP3C.BOR"]},
    ]
    data = "\n".join(json.dumps(line) for line in lines).encode()
    report = load(record, tmp_path / "given.ndjson", data)
    assert [(fault.line, fault.column, fault.reason) for fault in report.faults] == [
        (1, "/needs/0/unit", "'unit' is no field that can be set here"),
        (2, "/record", "'reqest' is no kind of record"),
        (3, "/provider", "there is no party state:ALC"),
    ]


def test_of_two_loads_of_one_file_at_the_same_time_one_finds_it_loaded(
    record: Session, path: Path, engine_of: Callable[[], Session]
) -> None:
    written(path, offers_csv(*({} for _ in range(50))))

    def load_apart(_number: int) -> tuple[int, bool]:
        with engine_of() as session:
            report = load_file(session, LOCAL, path)
            session.commit()
            return report.created, report.loaded_before is not None

    with ThreadPoolExecutor(2) as pool:
        assert sorted(pool.map(load_apart, range(2))) == [(0, True), (50, False)]
    assert n_of(record, Offer) == 50


def test_progress_is_told_by_stage(record: Session, path: Path) -> None:
    heard: list[tuple[str, float | None]] = []
    load_file(record, LOCAL, written(path, offers_csv({}, {})), progress=lambda *told: heard.append(told))
    assert heard == [("reading given.csv", None), ("checking", 0.0), ("writing", 1.0)]
