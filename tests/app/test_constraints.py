"""What the record promises is held by the database: rows written past the services are refused by name."""

import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from app.answers import service as answers
from app.answers.schemas import AnswerSubmit
from app.database import violated_constraint
from app.offers import service as offers
from app.offers.schemas import OfferSubmit
from app.parties import exclusions
from app.parties.schemas import ExclusionSubmit
from app.requests import service as requests
from app.requests.schemas import GroupSubmissionSubmit, RequestSubmit
from app.visibility import LOCAL
from tests.app import bodies


@pytest.fixture
def stored(record: Session) -> Session:
    """A record of each kind: R-1, G-1 (for PHL, THA and VNM), O-1 of New Zealand, O-2 of Mongolia, X-1 and A-1."""
    requests.submit(record, LOCAL, RequestSubmit.model_validate(bodies.request("R-1")))
    requests.submit(record, LOCAL, GroupSubmissionSubmit.model_validate(bodies.submission("G-1")))
    offers.submit(record, LOCAL, OfferSubmit.model_validate(bodies.offer("O-1", dated_on="2015-01-15")))
    offers.submit(record, LOCAL, OfferSubmit.model_validate(bodies.offer("O-2", provider="state:MNG")))
    body = bodies.exclusion("X-1", dated_on="2016-02-02")
    exclusions.submit(record, LOCAL, ExclusionSubmit.model_validate(body))
    answers.submit(record, LOCAL, AnswerSubmit.model_validate(bodies.answer("A-1", "R-1/1", "O-1")))
    record.commit()
    return record


#: Copies A-1 as an answer under another offer.
COPY_ANSWER = (
    "INSERT INTO answers SELECT (jsonb_populate_record(answers, jsonb_build_object("
    "'id', gen_random_uuid(), 'reference', 'A-2', 'offer_id', (SELECT id FROM offers WHERE reference = '{}')))).*"
    " FROM answers WHERE reference = 'A-1'"
)
NEW_BENEFICIARY = (
    "INSERT INTO beneficiaries (request_id, state_id, consent, consent_basis)"
    " SELECT requests.id, states.party_id, 'pending', 'stated' FROM requests, states"
    " WHERE reference = '{}' AND iso3 = '{}'"
)


@pytest.mark.parametrize(
    ("statement", "constraint"),
    [
        ("UPDATE needs SET units = 0 WHERE reference = 'R-1/1'", "ck_needs_units_range"),
        ("UPDATE needs SET delivery = NULL, least = NULL WHERE reference = 'G-1/1'", "ck_needs_audience"),
        ("UPDATE needs SET least = 4 WHERE reference = 'G-1/1'", "ck_needs_audience"),
        ("UPDATE needs SET delivery = 'joint' WHERE reference = 'R-1/1'", "ck_needs_audience"),
        (NEW_BENEFICIARY.format("G-1", "FRA"), "ck_beneficiaries_belonging"),
        (NEW_BENEFICIARY.format("R-1", "FRA"), "ck_beneficiaries_belonging"),
        ("UPDATE requests SET superseded_by_id = id", "ck_requests_not_superseded_by_itself"),
        ("UPDATE requests SET requester_candidates = '{XXX}'", "fk_requests_requester_candidates"),
        ("UPDATE requests SET date_precision = 'unknown'", "ck_requests_date_has_precision"),
        (
            "UPDATE requests SET withdrawn_on = '2015-01-01', withdrawn_reason = 'early' WHERE reference = 'R-1'",
            "ck_requests_withdrawn_after_date",
        ),
        ("UPDATE offers SET valid_from = '2016-01-02', valid_until = '2016-01-01'", "ck_offers_validity"),
        ("UPDATE offers SET domains = '{}'", "ck_offers_domain_given"),
        ("UPDATE offers SET domains = '{OP1,UNSPEC}'", "ck_offers_unspecified_stands_alone"),
        ("UPDATE offers SET language_required = true, languages = '{}'", "ck_offers_required_language_given"),
        ("UPDATE offers SET coverage_states = '{ALB}', coverage_excepted = '{ALB}'", "ck_offers_covered_or_excepted"),
        (
            "UPDATE offers SET coverage_regions = '{}', coverage_excepted = '{ALB}'",
            "ck_offers_exception_to_a_coverage",
        ),
        ("UPDATE offers SET partners = '{state:XXX}'", "fk_offers_partners"),
        ("UPDATE exclusions SET expires_on = '2016-02-01'", "ck_exclusions_period"),
        ("UPDATE exclusions SET withdrawn_on = '2016-03-01'", "ck_exclusions_withdrawal_has_reason"),
        ("UPDATE exclusions SET other_party_id = by_party_id", "ck_exclusions_two_parties"),
        (
            "UPDATE exclusions SET offer_id = (SELECT id FROM offers WHERE reference = 'O-1')",
            "fk_exclusions_offer_id_by_party_id",
        ),
        ("UPDATE answers SET withdrawn_on = '2016-03-01'", "ck_answers_withdrawal_has_reason"),
        ("UPDATE answers SET state = 'declined'", "ck_answers_a_refusal_has_a_reason"),
        (COPY_ANSWER.format("O-2"), "ck_answers_two_sides"),
    ],
)
def test_a_row_that_breaks_a_promise_is_refused(stored: Session, statement: str, constraint: str) -> None:
    with pytest.raises(IntegrityError) as refusal:
        stored.execute(text(statement))
    assert violated_constraint(refusal.value) == constraint


@pytest.mark.parametrize("statement", [COPY_ANSWER.format("O-1"), NEW_BENEFICIARY.format("G-1", "LAO")])
def test_what_differs_in_the_one_thing_only_is_let_in(stored: Session, statement: str) -> None:
    assert stored.execute(text(statement)).rowcount == 1  # type: ignore[attr-defined]


def test_a_need_of_nobody_is_refused(stored: Session) -> None:
    with pytest.raises(IntegrityError) as refusal:
        stored.execute(
            text(
                "WITH request AS (INSERT INTO requests SELECT (jsonb_populate_record(requests, jsonb_build_object("
                "'id', gen_random_uuid(), 'reference', 'R-2'))).* FROM requests WHERE reference = 'R-1' RETURNING id)"
                " INSERT INTO needs SELECT (jsonb_populate_record(needs, jsonb_build_object('id', gen_random_uuid(),"
                " 'reference', 'R-2/1', 'request_id', request.id))).* FROM needs, request WHERE reference = 'R-1/1'"
            )
        )
    assert violated_constraint(refusal.value) == "ck_needs_audience"
