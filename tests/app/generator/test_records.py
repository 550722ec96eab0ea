"""The records themselves, without a database: counts, variety, agreement with the API's bodies, and bytes."""

import io
import os
import subprocess
import sys
from collections import Counter
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from pydantic import BaseModel

from app.answers.schemas import AnswerSubmit
from app.generator.plan import Plan
from app.generator.records import records
from app.generator.setting import Line, Setting
from app.generator.writing import Tally, kind_of, write
from app.offers.schemas import OfferSubmit
from app.parties.schemas import ExclusionSubmit
from app.requests.schemas import GroupSubmissionSubmit, RequestSubmit
from app.schemas import Withdrawal

pytestmark = pytest.mark.once

ROOT = Path(__file__).parents[3]
#: SHA-256 of the lines of ``GOLDEN``: whoever changes what a seed gives changes this knowingly, and says so in the
#: change log. It is the same on every Python.
GOLDEN_SHA256 = "a3108d284b9c835d2ec3798cd49e73ce3d8470e3fe0fa93f96fac803be37e33a"
SCHEMAS: dict[str, type[BaseModel]] = {
    "offers": OfferSubmit,
    "exclusions": ExclusionSubmit,
    "group-submissions": GroupSubmissionSubmit,
    "requests": RequestSubmit,
    "answers": AnswerSubmit,
    "withdrawals": Withdrawal,
}


def plan(**other: Any) -> Plan:
    """The plan of issue A's example, or one that differs from it."""
    numbers: dict[str, Any] = {"needs": 150, "offers": 100, "groups": 8, "quarters": 4, "seed": 7}
    return Plan(**numbers | {"from_quarter": "2015-Q1"} | other)


def spelled(of: Plan) -> tuple[bytes, Tally]:
    """The file of ``of``, and what it comes to."""
    file = io.BytesIO()
    tally = write(records(of), file, of.needs, lambda _share: None)
    return file.getvalue(), tally


def bodies(lines: list[Line], kind: str) -> list[dict[str, Any]]:
    """Bodies of one kind."""
    return [line.body for line in lines if kind_of(line) == kind]


def needs_of(lines: list[Line]) -> list[dict[str, Any]]:
    """Every need, of requests and of group submissions."""
    return [need for line in lines for need in line.body.get("needs", ())]


@pytest.fixture(scope="module")
def lines() -> list[Line]:
    """The records of the example."""
    return list(records(plan()))


@pytest.fixture(scope="module")
def many() -> list[Line]:
    """Enough records for shares to settle."""
    return list(records(plan(needs=6_000, offers=2_000, groups=60, seed=11)))


#: Prints the digest of the example, then the memory that the process took at most, in kB, for so many needs.
PROBE = """
import resource, sys
from app.generator.plan import Plan
from app.generator.records import records
from app.generator.writing import measure

plan = Plan(int(sys.argv[1]), int(sys.argv[2]), 8, 4, 7, "2015-Q1")
print(measure(records(plan), plan.needs, lambda share: None).sha256)
print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)
"""


def probe(python: str, needs: int, offers: int, **environment: str) -> tuple[str, int]:
    """What PROBE prints in a process of its own."""
    told = subprocess.run(
        [python, "-c", PROBE, str(needs), str(offers)],
        cwd=ROOT,
        env=os.environ | environment,
        capture_output=True,
        check=True,
        text=True,
    ).stdout.split()
    return told[0], int(told[1])


def test_a_seed_gives_the_same_bytes_in_every_release_that_does_not_say_otherwise() -> None:
    assert spelled(plan())[1].sha256 == GOLDEN_SHA256


def test_another_process_gives_the_same_bytes_however_it_hashes() -> None:
    """ASSIST1540_OTHER_PYTHON may name a Python of another version, with the dependencies, to ask as well."""
    for python in {sys.executable, os.environ.get("ASSIST1540_OTHER_PYTHON", sys.executable)}:
        for seed in ("1", "2"):
            assert probe(python, 150, 100, PYTHONHASHSEED=seed)[0] == GOLDEN_SHA256


def test_different_seeds_give_different_records() -> None:
    one, other = (list(records(plan(seed=seed))) for seed in (7, 8))
    assert [line.body.get("provider") for line in one] != [line.body.get("provider") for line in other]
    assert {line.body["reference"] for line in one if "reference" in line.body}.isdisjoint(
        line.body["reference"] for line in other if "reference" in line.body
    )


def test_more_needs_leave_the_offers_as_they_are(lines: list[Line]) -> None:
    assert bodies(list(records(plan(needs=300))), "offers") == bodies(lines, "offers")


@pytest.mark.parametrize(
    ("needs", "offers", "groups"), [(150, 100, 8), (1, 1, 0), (1, 1, 1), (5, 2, 5), (9, 3, 2), (777, 31, 40)]
)
def test_counts_are_exact(needs: int, offers: int, groups: int) -> None:
    made = list(records(plan(needs=needs, offers=offers, groups=groups)))
    assert len(needs_of(made)) == needs
    assert len(bodies(made, "offers")) == offers
    assert len(bodies(made, "group-submissions")) == groups


@pytest.mark.parametrize("from_quarter", ["2004-Q3", "2015-Q1", "2026-Q2"])
def test_every_body_has_the_form_that_the_api_asks_for(from_quarter: str) -> None:
    for line in records(plan(needs=500, groups=30, from_quarter=from_quarter)):
        SCHEMAS[kind_of(line)].model_validate(line.body)


def test_every_record_says_that_it_is_synthetic(many: list[Line]) -> None:
    for line in many:
        if kind_of(line) != "withdrawals":
            assert line.body["synthetic"] is True
            assert line.body["summary"].startswith("Synthetic record: ")
            assert line.body["reference"].startswith("S11-")


def test_whatever_is_named_has_been_made_before() -> None:
    known: set[str] = set()
    for line in records(plan(needs=3_000, offers=500, groups=40)):
        body = line.body
        if kind_of(line) == "withdrawals":
            assert line.resource.split("/")[3] in known
            continue
        if "offer" in body:
            assert body["offer"] in known
        if "need" in body:
            assert body["need"] in known
        assert body["reference"] not in known
        known.add(body["reference"])
        known.update(f"{body['reference']}/{number}" for number, _ in enumerate(body.get("needs", ()), 1))


def test_requests_and_answers_are_dated_within_the_quarters_and_in_order(many: list[Line]) -> None:
    for kind in ("requests", "group-submissions", "answers"):
        days = [date.fromisoformat(body["dated_on"]) for body in bodies(many, kind)]
        assert min(days) >= date(2015, 1, 1)
        assert max(days) <= date(2015, 12, 31)
    by_day = [body["dated_on"] for body in bodies(many, "requests") if "date_precision" not in body]
    assert by_day == sorted(by_day)


def test_with_one_quarter_nothing_has_been_answered_yet() -> None:
    assert bodies(list(records(plan(quarters=1))), "answers") == []


def test_every_code_occurs(many: list[Line]) -> None:
    world = Setting.of(plan()).world
    needs, offers = needs_of(many), bodies(many, "offers")
    for made, one in ((needs, "domain"), (offers, "domains")):
        found = {code for body in made for code in ([body[one]] if one == "domain" else body[one])}
        assert found == {*world.domains, "UNSPEC"}
    for body_list in (needs, offers):
        assert {code for body in body_list for code in body.get("modalities", ())} == set(world.modalities)
        scopes = {code for body in body_list for code in body.get("scopes", ())}
        assert scopes == {"nuclear", "chemical", "biological", "means_of_delivery"}


def coverage_of(offer: dict[str, Any]) -> str:
    """The kind of coverage of an offer."""
    if offer.get("worldwide"):
        return "worldwide"
    named = [kind for kind in ("states", "groups", "regions") if offer.get(f"coverage_{kind}")]
    return " and ".join(named) or "not stated"


def test_the_example_has_every_kind_of_coverage_modality_scope_and_answer(lines: list[Line]) -> None:
    offers = bodies(lines, "offers")
    assert {coverage_of(offer) for offer in offers} >= {"worldwide", "states", "groups", "regions", "not stated"}
    assert any(offer.get("coverage_excepted") for offer in offers)
    assert {code for need in needs_of(lines) for code in need.get("modalities", ())} == set(
        Setting.of(plan()).world.modalities
    )
    assert {code for need in needs_of(lines) for code in need.get("scopes", ())} == {
        "nuclear", "chemical", "biological", "means_of_delivery",
    }  # fmt: skip
    assert {answer["state"] for answer in bodies(lines, "answers")} >= {"accepted", "delivered", "declined"}
    assert bodies(lines, "exclusions")
    assert {need["delivery"] for need in needs_of(lines) if "delivery" in need} == {"joint", "per_member"}


def test_scopes_of_a_need_are_scopes_of_its_domain(many: list[Line]) -> None:
    domains = Setting.of(plan()).world.domains
    for need in needs_of(many):
        if need["domain"] != "UNSPEC":
            assert set(need.get("scopes", ())) <= set(domains[need["domain"]].scopes)


def test_an_unspecific_need_or_offer_claims_nothing_more_specific(many: list[Line]) -> None:
    assert all(
        not {"modalities", "scopes", "basis"} & need.keys() for need in needs_of(many) if need["domain"] == "UNSPEC"
    )
    assert all(offer["domains"] == ["UNSPEC"] for offer in bodies(many, "offers") if "UNSPEC" in offer["domains"])


def test_who_asks_and_who_offers_leans_as_the_public_record_does(many: list[Line]) -> None:
    states = Setting.of(plan()).world.states
    asked = Counter(
        states[body["requester"].removeprefix("state:")].income
        for body in bodies(many, "requests")
        if body["requester"].startswith("state:")
    )
    assert asked["low"] > asked["high"]
    assert asked["lower_middle"] > asked["high"]
    assert not any(
        states[body["requester"].removeprefix("state:")].regional_group == "WEOG"
        for body in bodies(many, "requests")
        if body["requester"].startswith("state:")
    )
    offered = Counter(body["provider"].partition(":")[0] for body in bodies(many, "offers"))
    assert 0.4 < (offered["organization"] + offered["group"]) / offered.total() < 0.75
    domains = Counter(need["domain"] for need in needs_of(many))
    assert {code for code, _ in domains.most_common(4)} >= {"OP3C.BOR", "OP3D.LEG"}


def test_an_answer_is_about_a_pair_that_a_run_could_have_proposed(many: list[Line]) -> None:
    offers = {body["reference"]: body for body in bodies(many, "offers")}
    requests = {body["reference"]: body for body in bodies(many, "requests")}
    world = Setting.of(plan()).world
    answers = bodies(many, "answers")
    assert {answer["state"] for answer in answers} == {"accepted", "declined", "delivered", "failed"}
    for answer in answers:
        reference, _, number = answer["need"].partition("/")
        request, offer = requests[reference], offers[answer["offer"]]
        need, state = request["needs"][int(number) - 1], request["requester"].removeprefix("state:")
        assert need["domain"] in offer["domains"]
        assert "kind" not in request
        assert offer["kind"] != "intention"
        assert answer["units"] <= need.get("units", 1)
        assert request["dated_on"] < answer["dated_on"]
        assert offer["dated_on"] <= answer["dated_on"] <= offer.get("valid_until", "9999-12-31")
        covered = {
            *offer.get("coverage_states", ()),
            *(iso3 for code in offer.get("coverage_regions", ()) for iso3 in world.regions[code]),
            *(iso3 for code in offer.get("coverage_groups", ()) for iso3 in world.groups[code].members),
        }
        assert (offer.get("worldwide") or state in covered) and state not in offer.get("coverage_excepted", ())


def test_no_offer_takes_on_more_than_it_has_in_a_quarter(many: list[Line]) -> None:
    offers = {body["reference"]: body for body in bodies(many, "offers")}
    taken: Counter[tuple[str, str]] = Counter()
    for answer in bodies(many, "answers"):
        if answer["state"] != "declined":
            month = int(answer["dated_on"][5:7])
            taken[answer["offer"], f"Q{(month + 2) // 3}"] += answer["units"]
    assert taken
    assert all(units <= offers[offer].get("capacity_per_quarter", 1) for (offer, _), units in taken.items())


def test_group_submissions_come_from_every_kind_of_group_that_there_is() -> None:
    setting = Setting.of(plan(from_quarter="2024-Q1"))
    made = list(records(plan(from_quarter="2024-Q1")))
    kinds = Counter(setting.world.groups[body["group"]].kind for body in bodies(made, "group-submissions"))
    assert set(kinds) == set(setting.leanings.submitters)
    assert set(kinds) >= {
        "customs_union", "free_trade_area", "nuclear_weapon_free_zone", "wmd_free_zone",
        "regional_organization", "subregional_organization",
    }  # fmt: skip


def test_beneficiaries_of_a_group_belong_to_it_and_stand_at_every_stage_of_consent(many: list[Line]) -> None:
    groups = Setting.of(plan()).world.groups
    consents: Counter[str] = Counter()
    for body in bodies(many, "group-submissions"):
        assert {beneficiary["state"] for beneficiary in body["beneficiaries"]} <= set(groups[body["group"]].members)
        stand = [beneficiary.get("consent", "pending") for beneficiary in body["beneficiaries"]]
        consents.update(stand)
        for need in body["needs"]:
            assert need.get("least", 2) <= stand.count("confirmed")
    assert set(consents) == {"confirmed", "pending", "left"}
    assert consents["confirmed"] > consents["pending"] > consents["left"]


def test_groups_that_were_founded_later_do_not_submit() -> None:
    assert "AES" not in Setting.of(plan(from_quarter="2015-Q1")).world.groups
    assert "AES" in Setting.of(plan(from_quarter="2024-Q1")).world.groups


def test_memory_does_not_grow_with_the_number_of_needs() -> None:
    few, many = (probe(sys.executable, needs, 2_000)[1] for needs in (500, 50_000))
    assert many < few + 10_000
