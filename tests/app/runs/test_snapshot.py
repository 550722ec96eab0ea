"""Snapshots: which records a run sees, and how it reads them."""

from datetime import UTC, date, datetime
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.engine import Engine
from sqlalchemy.exc import InternalError
from sqlalchemy.orm import Session

import matching
from app.database import make_engine
from app.offers import service as offers
from app.offers.schemas import OfferAmend
from app.parties import exclusions
from app.parties.schemas import ExclusionSubmit
from app.quarters import Quarter, last_instant
from app.requests import service as requests
from app.requests.schemas import RequestAmend
from app.runs.models import Pairing, Run
from app.runs.snapshot import Snapshot, frozen, take
from app.schemas import Withdrawal
from app.strategies import service as strategies
from app.visibility import LOCAL
from tests.app.runs.records import answer, store, submit_offer, submit_request

Q1 = Quarter(2015, 1)


def snapshot(engine: Engine, quarter: Quarter = Q1, cut_off: date | None = None) -> Snapshot:
    with frozen(engine) as session:
        strategy = strategies.read(session, LOCAL, "default").document
        return take(session, LOCAL, quarter, last_instant(cut_off or quarter.last_day), strategy)


def ids(items: list[dict[str, Any]]) -> list[str]:
    return [item["id"] for item in items]


def one(items: list[dict[str, Any]], reference: str) -> dict[str, Any]:
    [found] = [item for item in items if item["id"] == reference]
    return found


def test_formal_requests_and_offers_that_take_requests_enter_it_and_intentions_stand_beside_it(engine: Engine) -> None:
    taken = snapshot(engine)
    assert ids(taken.document["needs"]) == [
        "G-ASEAN/1", "G-ASEAN/2", "R-AGO/1", "R-ALB/1", "R-ALB/2", "R-MNG/1",
    ]  # fmt: skip
    assert ids(taken.document["offers"]) == ["O-AUS", "O-CAN"]
    assert [(each.reference, each.party) for each in taken.intentions] == [
        ("O-SWE", "state:SWE"),
        ("R-UGA", "state:UGA"),
    ]
    assert taken.conditions == {"O-AUS": "Two months' notice."}


def exclude(session: Session, by: str, other: str, offer: str | None = None, **given: Any) -> str:
    body = {"by_party": by, "other_party": other, "offer": offer, "reason": "Own arrangement", "source": "Letter"}
    return exclusions.submit(session, LOCAL, ExclusionSubmit.model_validate(body | given)).reference


def test_it_is_in_the_engines_own_canonical_form(engine: Engine, session: Session) -> None:
    for other, offer in (("state:ALB", None), ("state:ALB", "O-AUS"), ("state:MNG", None)):
        exclude(session, "state:AUS", other, offer)
    # The same exclusion twice, since the first was withdrawn only after the cut-off.
    first = exclude(session, "state:CAN", "state:ALB")
    exclusions.withdraw(session, LOCAL, first, Withdrawal(reason="Renewed", withdrawn_on=date(2015, 6, 1)))
    exclude(session, "state:CAN", "state:ALB")
    answer(session, "R-ALB/2", "O-AUS", "declined", "2015-01-20")
    answer(session, "R-ALB/1", "O-CAN", "failed", "2014-03-20")
    session.commit()
    document = snapshot(engine).document
    assert len(document["exclusions"]) == 4
    assert matching.Problem.from_document(document).document == document


def test_a_record_of_the_last_day_is_seen_and_one_of_the_day_after_is_not(engine: Engine) -> None:
    assert "R-MNG/1" in ids(snapshot(engine, cut_off=date(2015, 2, 10)).document["needs"])
    assert "R-MNG/1" not in ids(snapshot(engine, cut_off=date(2015, 2, 9)).document["needs"])


def test_the_cut_off_is_the_last_instant_in_new_york(engine: Engine) -> None:
    document = snapshot(engine).document
    assert document["cut_off"] == "2015-04-01T03:59:59.999999Z"
    assert document["delivery"] == {"from": "2015-04-01", "until": "2015-06-30"}


def test_what_is_withdrawn_after_the_cut_off_still_takes_part(engine: Engine, session: Session) -> None:
    for reference, day in (("R-MNG", date(2015, 3, 31)), ("R-ALB", date(2015, 4, 1))):
        requests.withdraw(session, LOCAL, reference, Withdrawal(reason="Met elsewhere", withdrawn_on=day))
    session.commit()
    seen = ids(snapshot(engine).document["needs"])
    assert "R-MNG/1" not in seen
    assert "R-ALB/1" in seen


def test_a_request_is_superseded_from_the_date_of_the_one_that_supersedes_it(engine: Engine, session: Session) -> None:
    submit_request(
        session, reference="R-NEW", requester="state:MNG", channel="template", dated_on="2015-04-05",
        needs=[{"domain": "OP3C.BOR"}],
    )  # fmt: skip
    requests.amend(session, LOCAL, "R-MNG", RequestAmend(superseded_by="R-NEW"))
    session.commit()
    assert "R-MNG/1" in ids(snapshot(engine).document["needs"])
    later = ids(snapshot(engine, Quarter(2015, 2)).document["needs"])
    assert "R-MNG/1" not in later
    assert "R-NEW/1" in later


def test_a_need_waits_since_it_was_authenticated_or_else_since_its_document(engine: Engine) -> None:
    early = snapshot(engine, Quarter(2014, 2), date(2014, 5, 1)).document["needs"]
    assert one(early, "R-ALB/1")["waiting_since"] == "2014-03-01"
    assert one(snapshot(engine).document["needs"], "R-ALB/1")["waiting_since"] == "2014-05-02"


def test_only_members_that_had_confirmed_are_beneficiaries(engine: Engine) -> None:
    assert one(snapshot(engine).document["needs"], "G-ASEAN/1")["states"] == ["PHL", "THA"]


def test_facts_that_are_not_stated_keep_their_basis(engine: Engine) -> None:
    document = snapshot(engine).document
    assert one(document["needs"], "R-ALB/1")["basis"] == {"priority": "assumed", "units": "assumed"}
    assert one(document["offers"], "O-CAN")["basis"]["units"] == "assumed"


@pytest.mark.parametrize(
    ("given", "weakest"),
    [
        (("stated", "stated"), None),
        (("stated", "inferred"), "inferred"),
        (("assumed", "inferred"), "assumed"),
    ],
)
def test_a_need_rests_on_the_weakest_consent_of_those_that_confirmed(
    engine: Engine, session: Session, given: tuple[str, str], weakest: str | None
) -> None:
    beneficiaries = [
        {"state": state, "consent": "confirmed", "consent_basis": basis}
        for state, basis in zip(("PHL", "THA"), given, strict=True)
    ]
    beneficiaries.append({"state": "VNM", "consent": "left", "consent_basis": "assumed"})
    submit_request(
        session, reference="G-X", group="ASEAN", channel="template", dated_on="2015-02-20",
        beneficiaries=beneficiaries, needs=[{"domain": "OP3C.BOR", "delivery": "joint"}],
    )  # fmt: skip
    session.commit()
    assert one(snapshot(engine).document["needs"], "G-X/1")["basis"].get("consent") == weakest


def test_a_delivery_that_is_assumed_is_told_and_one_that_a_state_needs_not_is_no_fact(
    engine: Engine, session: Session
) -> None:
    submit_request(
        session, reference="G-X", group="ASEAN", channel="template", dated_on="2015-02-20",
        beneficiaries=[{"state": state, "consent": "confirmed"} for state in ("PHL", "THA")],
        needs=[{"domain": "OP3C.BOR", "delivery": "joint", "basis": {"delivery": "assumed"}}],
    )  # fmt: skip
    session.commit()
    needs = snapshot(engine).document["needs"]
    assert one(needs, "G-X/1")["basis"]["delivery"] == "assumed"
    assert "delivery" not in one(needs, "R-ALB/1")["basis"]


def test_a_requester_that_no_source_names_is_kept_without_beneficiaries(engine: Engine, session: Session) -> None:
    submit_request(
        session, reference="R-X", requester="organization:UNATTRIBUTED", channel="template", dated_on="2008-04-30",
        needs=[{"domain": "OP3C.BOR"}],
    )  # fmt: skip
    session.commit()
    need = one(snapshot(engine).document["needs"], "R-X/1")
    assert (need["named"], need["states"]) == (False, [])


def test_memberships_count_on_the_day_of_the_cut_off(engine: Engine, session: Session) -> None:
    session.execute(
        text(
            "UPDATE memberships SET starts_on = '2015-02-01', ends_on = '2015-03-31' WHERE state_id ="
            " (SELECT party_id FROM states WHERE iso3 = 'ALB') AND group_id ="
            " (SELECT id FROM parties WHERE reference = 'group:BSEC')"
        )
    )
    session.commit()

    def groups(quarter: Quarter) -> list[str]:
        found = one(snapshot(engine, quarter).document["states"], "ALB")["groups"]
        assert isinstance(found, list)
        return found

    assert "BSEC" not in groups(Quarter(2014, 4))
    assert "BSEC" in groups(Q1)
    assert "BSEC" not in groups(Quarter(2015, 2))


def test_units_of_three_quarters_are_a_states_receipts(engine: Engine, session: Session) -> None:
    for dated_on, state in (("2014-06-30", "delivered"), ("2014-07-01", "delivered"), ("2015-03-31", "accepted")):
        answer(session, "R-ALB/2", "O-AUS", state, dated_on)
    answer(session, "R-ALB/1", "O-CAN", "failed", "2015-01-10")
    answer(session, "R-MNG/1", "O-AUS", "declined", "2015-02-11")
    session.commit()
    states = snapshot(engine).document["states"]
    assert one(states, "ALB")["received"] == 2
    assert one(states, "MNG")["received"] == 0


def test_a_joint_activity_counts_for_each_beneficiary_as_a_share_floored(engine: Engine, session: Session) -> None:
    for day in ("2015-03-01", "2015-03-02", "2015-03-03"):
        answer(session, "G-ASEAN/1", "O-CAN", "delivered", day)
    session.commit()
    states = snapshot(engine).document["states"]
    assert [one(states, state)["received"] for state in ("PHL", "THA")] == [1, 1]


def test_units_that_were_accepted_are_not_asked_for_again(engine: Engine, session: Session) -> None:
    answer(session, "R-ALB/2", "O-AUS", "accepted", "2015-03-01")
    answer(session, "R-MNG/1", "O-AUS", "delivered", "2015-03-01")
    session.commit()
    taken = snapshot(engine)
    assert one(taken.document["needs"], "R-ALB/2")["units"] == 1
    assert taken.needs_met == ["R-MNG/1"]
    assert one(taken.document["needs"], "R-ALB/1")["served_before"] is True


def test_capacity_left_is_what_answers_have_not_taken(engine: Engine, session: Session) -> None:
    for day in ("2014-04-01", "2014-04-02"):
        answer(session, "R-ALB/2", "O-AUS", "accepted", day, units=2)
    session.commit()
    assert one(snapshot(engine).document["offers"], "O-AUS")["units"] == 1
    for day in ("2014-04-03", "2014-04-04"):
        answer(session, "R-ALB/2", "O-AUS", "accepted", day, units=2)
    session.commit()
    assert one(snapshot(engine).document["offers"], "O-AUS")["units"] == 0


def proposed(session: Session, quarter: Quarter, need: str, offer: str, provider: str) -> None:
    """A finished run of ``quarter`` that proposed one pairing."""
    strategy = strategies.resolve(session, LOCAL, "default")
    run = Run(
        reference=f"RUN-{quarter}", quarter=str(quarter), revision=1, cut_off=quarter.last_instant,
        strategy_id=strategy.id, time_limit_s=60, state="done",
    )  # fmt: skip
    session.add(run)
    session.flush()
    session.add(
        Pairing(
            run_id=run.id, need_reference=need, member="", offer_reference=offer, requester="", states=[], domain="",
            provider=provider, units=1, points=1, terms={}, rests_on=[],
        )
    )  # fmt: skip
    session.commit()


def test_what_was_accepted_unasked_takes_capacity_of_the_next_quarter_and_proposals_do_not(
    engine: Engine, session: Session
) -> None:
    proposed(session, Quarter(2014, 4), "R-ALB/2", "O-AUS", "state:AUS")
    answer(session, "R-ALB/2", "O-AUS", "accepted", "2015-01-20")
    session.commit()
    assert one(snapshot(engine).document["offers"], "O-AUS")["units"] == 2
    answer(session, "R-MNG/1", "O-AUS", "accepted", "2015-02-20")
    session.commit()
    assert one(snapshot(engine).document["offers"], "O-AUS")["units"] == 1


def test_an_unanswered_proposal_of_the_quarter_before_is_an_earlier_one(engine: Engine, session: Session) -> None:
    proposed(session, Quarter(2014, 4), "R-ALB/2", "O-AUS", "state:AUS")
    pair = [{"need": "R-ALB/2", "offer": "O-AUS"}]
    assert snapshot(engine).document["earlier"] == pair
    assert snapshot(engine, Quarter(2015, 2)).document["earlier"] == []
    answer(session, "R-ALB/2", "O-AUS", "declined", "2015-01-20")
    session.commit()
    assert snapshot(engine).document["earlier"] == []
    assert snapshot(engine).document["declined"] == pair


@pytest.mark.parametrize(
    ("quarter", "holds"), [(Quarter(2015, 1), True), (Quarter(2015, 4), True), (Quarter(2016, 1), False)]
)
def test_a_refusal_holds_for_four_quarters(engine: Engine, session: Session, quarter: Quarter, holds: bool) -> None:
    answer(session, "R-ALB/2", "O-AUS", "declined", "2015-01-20")
    session.commit()
    assert bool(snapshot(engine, quarter).document["declined"]) is holds


@pytest.mark.parametrize("side", ["request", "offer"])
def test_a_refusal_ends_when_either_side_changes_its_record(engine: Engine, session: Session, side: str) -> None:
    answer(session, "R-ALB/2", "O-AUS", "declined", "2015-01-20")
    session.commit()
    if side == "request":
        requests.amend(session, LOCAL, "R-ALB", RequestAmend(status_note="Now with a date"))
    else:
        offers.amend(session, LOCAL, "O-AUS", OfferAmend(conditions="One month's notice"))
    session.commit()
    assert snapshot(engine).document["declined"] == []


def test_a_refusal_ends_with_a_later_acceptance(engine: Engine, session: Session) -> None:
    answer(session, "R-ALB/2", "O-AUS", "declined", "2015-01-20")
    answer(session, "R-ALB/2", "O-AUS", "accepted", "2015-02-20")
    session.commit()
    assert snapshot(engine).document["declined"] == []


def test_exclusions_count_through_the_day_on_which_they_expire(engine: Engine, session: Session) -> None:
    exclude(session, "state:AUS", "state:ALB", "O-AUS", dated_on="2014-07-01", expires_on="2015-03-31")
    session.commit()
    expected = [{"by": "state:AUS", "other": "state:ALB", "offer": "O-AUS"}]
    assert snapshot(engine, Quarter(2014, 2)).document["exclusions"] == []
    assert snapshot(engine).document["exclusions"] == expected
    assert snapshot(engine, Quarter(2015, 2)).document["exclusions"] == []


def test_it_is_of_one_instant_whatever_is_written_meanwhile(engine: Engine, session: Session) -> None:
    with frozen(engine) as still:
        known_at = still.scalar(text("SELECT now()"))
        submit_offer(session, reference="O-LATE", provider="state:NZL", domains=["OP3C.BOR"], worldwide=True)
        session.commit()
        strategy = strategies.read(still, LOCAL, "default").document
        taken = take(still, LOCAL, Q1, Q1.last_instant, strategy)
    assert "O-LATE" not in ids(taken.document["offers"])
    assert taken.known_at == known_at
    assert taken.known_at < datetime.now(UTC)


def test_its_session_cannot_write(engine: Engine) -> None:
    with frozen(engine) as still, pytest.raises(InternalError, match="read-only"):
        still.execute(text("UPDATE requests SET summary = 'x'"))


def test_the_same_records_in_another_order_and_database_are_the_same_snapshot(
    engine: Engine, installed_database_url: str
) -> None:
    other = make_engine(installed_database_url)
    with Session(other) as session:
        store(session, backwards=True)
    assert snapshot(other).document == snapshot(engine).document
    other.dispose()
