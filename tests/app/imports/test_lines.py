"""What lines of the public record's form come to, cell by cell, and what is said of cells that cannot be read."""

import pytest

from app.imports.aliases import aliases
from app.imports.bodies import GroupSubmissionLine, OfferLine, RequestLine
from app.imports.drafts import Draft, body_of
from tests.app.imports.builders import offers_csv, read, requests_csv


def request(**cells: str) -> Draft:
    """The draft of one good request with these cells."""
    reading = read(requests_csv(cells))
    assert reading.faults == []
    return reading.drafts[0]


def offer(**cells: str) -> Draft:
    """The draft of one good offer with these cells."""
    reading = read(offers_csv(cells))
    assert reading.faults == []
    return reading.drafts[0]


def faults_of_request(**cells: str) -> list[tuple[str, str, str]]:
    """Column, reason and remedy of what is wrong with these cells of a request."""
    return [(fault.column, fault.reason, fault.remedy) for fault in read(requests_csv(cells)).faults]


def faults_of_offer(**cells: str) -> list[tuple[str, str, str]]:
    """Column, reason and remedy of what is wrong with these cells of an offer."""
    return [(fault.column, fault.reason, fault.remedy) for fault in read(offers_csv(cells)).faults]


def test_a_line_brings_one_need_for_each_domain_with_the_forms_of_help_of_the_request() -> None:
    needs = request(domains="OP3C.BOR;OP3D.LIC", modalities="TRN", weapons_scope="nuclear;chemical").document["needs"]
    assert needs == [
        {"domain": domain, "modalities": ["TRN"], "scopes": ["nuclear", "chemical"], "basis": {}}
        for domain in ("OP3C.BOR", "OP3D.LIC")
    ]


def test_which_form_of_help_is_for_which_domain_is_inferred_where_there_are_several_of_both() -> None:
    [first, second] = request(domains="OP3C.BOR;OP3D.LIC", modalities="TRN;LEG").document["needs"]
    assert first["basis"] == second["basis"] == {"modalities": "inferred"}
    assert request(domains="OP3C.BOR", modalities="TRN;LEG").document["needs"][0]["basis"] == {}
    said = request(domains="OP3C.BOR;OP3D.LIC", modalities="TRN;LEG", modalities_basis="stated")
    assert said.document["needs"][0]["basis"] == {}


def test_the_basis_of_the_domains_is_that_of_the_whole_line() -> None:
    draft = request(domains_basis="inferred")
    assert draft.document["needs"][0]["basis"] == {"domain": "inferred", "modalities": "inferred", "scopes": "inferred"}


def test_what_the_source_does_not_state_stays_unspecified() -> None:
    draft = request(domains="UNSPEC", domains_basis="not_stated", modalities="", weapons_scope="")
    assert draft.document["needs"] == [{"domain": "UNSPEC", "basis": {}}]


@pytest.mark.parametrize(
    ("channel", "kind"),
    [("1540_committee", "formal"), ("template", "formal"), ("bwc_programme", "intention"), ("informal", "intention")],
)
def test_only_what_comes_to_the_committee_in_proper_form_is_formal(channel: str, kind: str) -> None:
    assert request(channel=channel).document["kind"] == kind


def test_a_requester_who_is_not_named_is_recorded_with_those_who_it_may_be() -> None:
    document = request(requester="UNATTRIBUTED", requester_candidates="ALB;ARM").document
    assert document["requester"] == "organization:UNATTRIBUTED"
    assert document["requester_candidates"] == ["ALB", "ARM"]


def test_the_code_can_is_a_state_or_a_group_as_the_kind_says() -> None:
    assert request(requester="CAN").document["requester"] == "state:CAN"
    assert request(requester_kind="group", requester="CAN").document["group"] == "CAN"


def test_a_body_that_submits_for_its_members_is_taken_to_do_so_jointly_and_with_their_agreement() -> None:
    draft = request(requester_kind="regional_organization", requester="ASEAN")
    assert draft.assumed_members
    assert draft.document["beneficiaries"] == [
        {"state": state, "consent": "confirmed", "consent_basis": "assumed"} for state in ("PHL", "THA")
    ]
    [need] = draft.document["needs"]
    assert (need["delivery"], need["basis"]["delivery"]) == ("joint", "assumed")
    assert "is not stated" in need["description"]
    assert isinstance(body_of(draft)[0], GroupSubmissionLine)


def test_beneficiaries_that_the_file_names_are_taken_as_named() -> None:
    draft = request(
        requester_kind="group",
        requester="ASEAN",
        beneficiaries="PHL=confirmed/inferred@2015-02-12;THA = left ; VNM",
        consent_documents='{"PHL": "Note 1; 2"}',
        delivery="per_member",
        least="2",
    )
    assert not draft.assumed_members
    assert draft.document["beneficiaries"] == [
        {
            "state": "PHL",
            "consent": "confirmed",
            "consent_basis": "inferred",
            "consent_on": "2015-02-12",
            "consent_document": "Note 1; 2",
        },
        {"state": "THA", "consent": "left"},
        {"state": "VNM"},
    ]
    [need] = draft.document["needs"]
    assert (need["delivery"], need["least"], need["basis"]) == ("per_member", 2, {})


@pytest.mark.parametrize(
    ("cell", "said", "expected"),
    [
        ("2015-02-10", "", ("2015-02-10", "day")),
        ("2015-02", "", ("2015-02-01", "month")),
        ("2015", "", ("2015-01-01", "year")),
        ("2015-02-01", "month", ("2015-02-01", "month")),
        ("", "", None),
        ("", "unknown", None),
    ],
)
def test_a_date_is_known_to_the_day_the_month_or_the_year(
    cell: str, said: str, expected: tuple[str, str] | None
) -> None:
    document = request(date_of_request=cell, date_precision=said).document
    assert (("dated_on" in document and (document["dated_on"], document["date_precision"])) or None) == expected


@pytest.mark.parametrize(
    ("cells", "column", "reason"),
    [
        ({"date_of_request": "10.02.2015"}, "date_of_request", "'10.02.2015' is not a date"),
        ({"date_of_request": "2015-02-30"}, "date_of_request", "'2015-02-30' is no day of the calendar"),
        (
            {"date_of_request": "2015", "date_precision": "day"},
            "date_precision",
            "says day, but date_of_request is written to the year",
        ),
        ({"date_of_request": "", "date_precision": "day"}, "date_of_request", "is empty, but date_precision says day"),
        ({"date_precision": "dya"}, "date_precision", "there is no date_precision 'dya'"),
        ({"units": "two"}, "units", "'two' is not a whole number"),
        ({"units": "1.5"}, "units", "'1.5' is not a whole number"),
        ({"units": "9" * 22}, "units", "is a number of 22 digits, more than any here can have"),
        ({"wanted_by": "2015"}, "wanted_by", "'2015' is not a date to the day"),
        ({"action_plan": "perhaps"}, "action_plan", "'perhaps' is neither yes nor no"),
        ({"domains": ""}, "domains", "is empty"),
        ({"domains": "OP3C.BOR;OP3C.BOR"}, "domains", "names a domain twice"),
        ({"domains": "UNSPEC;OP3C.BOR", "domains_basis": "not_stated"}, "domains", "UNSPEC stands alone"),
        ({"domains_basis": "not_stated"}, "domains_basis", "says not_stated, so domains must be UNSPEC"),
        ({"domains": "UNSPEC", "domains_basis": "stated"}, "domains_basis", "says stated, but domains is UNSPEC"),
        ({"modalities_basis": "not_stated"}, "modalities_basis", "says not_stated, but modalities is given"),
        ({"consent_documents": "PHL"}, "consent_documents", "is no JSON object of texts"),
        ({"need_number": "2"}, "need_number", "is 2, but the next need of R-1 is number 1"),
        ({"requester_kind": "stat"}, "requester_kind", "there is no requester_kind 'stat'"),
    ],
)
def test_a_cell_that_cannot_be_read_is_reported_with_its_column(
    cells: dict[str, str], column: str, reason: str
) -> None:
    assert (column, reason) in [fault[:2] for fault in faults_of_request(**cells)]


def test_a_word_that_is_near_a_valid_one_is_answered_with_it() -> None:
    [(column, _, remedy)] = faults_of_request(date_precision="moth")
    assert (column, remedy) == ("date_precision", "Did you mean month?")


def test_lines_of_one_request_follow_on_each_other_and_bring_its_needs() -> None:
    reading = read(
        requests_csv(
            {"id": "R-1", "summary": "all of it", "need_number": "1"},
            {"id": "R-1", "modalities": "EQP", "domains": "X.LAB;X.RESP", "need_number": "2"},
            {"id": "R-2"},
        )
    )
    assert reading.faults == []
    first, second = reading.drafts
    assert (first.lines, second.lines) == ((2, 3), (4,))
    assert [(need["domain"], need["modalities"]) for need in first.document["needs"]] == [
        ("OP3C.BOR", ["TRN"]),
        ("X.LAB", ["EQP"]),
        ("X.RESP", ["EQP"]),
    ]
    assert first.place("/needs/2/modalities") == (3, "modalities")
    assert first.place("/needs/2/domain") == (3, "domains")


def test_a_further_line_must_not_contradict_the_request() -> None:
    reading = read(requests_csv({"id": "R-1"}, {"id": "R-1", "requester": "ARM", "domains": "X.LAB"}))
    assert [(fault.line, fault.column, fault.reason) for fault in reading.faults] == [
        (3, "requester", "differs from line 2, which begins the same request")
    ]


def test_a_line_that_is_there_twice_is_reported_and_not_taken_for_a_second_need() -> None:
    [fault] = read(requests_csv({"id": "R-1"}, {"id": "R-1"})).faults
    assert (fault.line, fault.reason) == (3, "is line 2 again")


def test_an_id_that_comes_again_further_down_is_reported() -> None:
    [fault] = read(requests_csv({"id": "R-1"}, {"id": "R-2"}, {"id": "R-1"})).faults
    assert (fault.line, fault.column, fault.reason) == (4, "id", "R-1 is in line 2 already")
    [fault] = read(offers_csv({"id": "O-1"}, {"id": "O-1"})).faults
    assert (fault.line, fault.reason) == (3, "O-1 is in line 2 already")


def test_what_the_form_of_a_body_refuses_points_at_its_cell() -> None:
    draft = request(units="0", priority="9", languages="english", source_url="ftp://x", summary="a\u202eb")
    body, faults = body_of(draft)
    assert body is None
    assert {fault.column for fault in faults} == {"units", "priority", "languages", "source_url", "summary"}
    by_column = {fault.column: fault for fault in faults}
    assert by_column["units"].remedy == "Give a whole number from 1."
    assert "U+202E" in by_column["summary"].reason
    assert by_column["summary"].remedy == "Remove it."
    _, [too_long] = body_of(request(summary="x" * 20_001))
    assert (too_long.column, too_long.remedy) == ("summary", "Write 20000 characters at most.")


def test_strictly_confidential_material_is_turned_away() -> None:
    _, [fault] = body_of(request(classification="strictly confidential"))
    assert (fault.column, fault.reason) == ("classification", "strictly confidential material is not accepted here")


def test_a_line_without_id_is_reported() -> None:
    assert any(fault.column == "id" for fault in body_of(request(id=""))[1])


def test_a_withdrawal_has_a_day_and_a_reason() -> None:
    _, [fault] = body_of(request(withdrawn_on="2015-03-01"))
    assert (fault.column, fault.reason) == ("withdrawn_reason", "is missing")
    body, _ = body_of(request(withdrawn_on="2015-03-01", withdrawn_reason="Met elsewhere"))
    assert isinstance(body, RequestLine)


@pytest.mark.parametrize(("on_site", "kind"), [("yes", "offer"), ("unknown", "programme"), ("", "programme")])
def test_what_the_committees_site_describes_is_an_offer_and_the_rest_programmes(on_site: str, kind: str) -> None:
    document = offer(described_on_1540_site=on_site).document
    assert document["kind"] == kind
    assert "accepts_requests" not in document  # the service takes it to


def test_coverage_is_read_into_states_groups_and_regions() -> None:
    document = offer(regions_or_states="region:145;region:CARICOM;group:EU;state:ALB;region:Africa").document
    assert (document["coverage_regions"], document["coverage_groups"], document["coverage_states"]) == (
        ["145", "002"],
        ["CARICOM", "EU"],
        ["ALB"],
    )
    assert "worldwide" not in document
    assert "coverage" not in document["basis"]
    assert offer(regions_or_states="all").document["worldwide"] is True


def test_coverage_by_our_reading_of_a_word_is_an_inferred_fact() -> None:
    document = offer(regions_or_states="region:south-east europe;state:ALB").document
    assert document["coverage_states"] == ["ALB", "BIH", "MKD", "MNE", "SRB"]
    assert document["basis"] == {"coverage": "inferred"}


def test_coverage_that_is_not_stated_stays_so() -> None:
    document = offer(regions_or_states="").document
    assert [document[name] for name in ("coverage_states", "coverage_groups", "coverage_regions")] == [[], [], []]


def test_a_region_word_that_is_not_in_the_alias_file_is_answered_with_the_nearest() -> None:
    [(column, reason, remedy)] = faults_of_offer(regions_or_states="region:Westrn Africa")
    assert (column, reason) == ("regions_or_states", "there is no region 'Westrn Africa' in the alias file")
    assert remedy.startswith("Did you mean Western Africa")


def test_coverage_without_a_known_word_before_the_colon_is_reported() -> None:
    assert [fault[1] for fault in faults_of_offer(regions_or_states="ALB;land:ARM")] == [
        "'ALB' is no coverage",
        "'land:ARM' is no coverage",
    ]


def test_conditions_that_name_a_group_require_it() -> None:
    document = offer(conditions="upon request; States Parties to the CWC").document
    assert document["requires_groups"] == ["CWC"]
    assert document["conditions"] == "upon request; States Parties to the CWC"


def test_participating_states_are_those_of_the_osce_in_its_own_offers_only() -> None:
    assert "requires_groups" not in offer(conditions="participating States").document
    reading = read(offers_csv({"provider_kind": "group", "provider": "OSCE", "conditions": "participating States"}))
    assert reading.drafts[0].document["requires_groups"] == ["OSCE"]


def test_a_column_of_its_own_goes_before_the_words_of_the_conditions() -> None:
    document = offer(conditions="States Parties to the CWC", requires_groups="").document
    assert "requires_groups" not in document


def test_providers_and_partners_are_states_groups_or_organizations() -> None:
    document = offer(provider_kind="regional_organization", provider="EU", partner_codes="USA;UNODA;CARICOM").document
    assert document["provider"] == "group:EU"
    assert document["partners"] == ["state:USA", "organization:UNODA", "group:CARICOM"]
    assert offer(provider_kind="ngo", provider="VERTIC").document["provider"] == "organization:VERTIC"


def test_the_point_of_contact_is_looked_at_though_not_kept() -> None:
    assert offer(point_of_contact_exists="yes").document == offer(point_of_contact_exists="unknown").document
    assert faults_of_offer(point_of_contact_exists="maybe")[0][0] == "point_of_contact_exists"


def test_the_terms_of_an_offer_may_stand_in_columns_of_their_own() -> None:
    draft = offer(
        capacity_per_quarter="3",
        capacity_basis="assumed",
        valid_from="2015-01-01",
        valid_until="2016-12-31",
        except_states="ALB",
        language_required="yes",
        languages="en;fr",
        accepts_requests="no",
    )
    body, faults = body_of(draft)
    assert faults == []
    assert isinstance(body, OfferLine)
    assert (body.capacity_per_quarter, body.basis, body.accepts_requests) == (3, {"capacity": "assumed"}, False)
    assert body.coverage_excepted == ["ALB"]


def test_every_alias_has_a_reason_and_means_something() -> None:
    words = aliases()
    assert len(words.regions) >= 20
    for word in words.regions.values():
        assert len(word.why) > 10
        assert word.states or word.groups or word.regions
    for condition in words.conditions:
        assert len(condition.why) > 10
        assert condition.requires_groups or condition.valid_from or condition.valid_until
