"""Sentences for unmatched needs: who is not covered, how many offers could be used, where their units went."""

from types import SimpleNamespace
from typing import Any

import pytest

from app.runs.sentences import Names, of_unmatched, related

NAMES = Names({"state:PHL": "Philippines", "state:THA": "Thailand"}, {"OP3D.LIC": "Licensing system"})


def unmatched(**given: Any) -> list[str]:
    row = {"code": "OUTBID", "domain": "OP3D.LIC", "states": ["PHL"], "units": 1, "rules": {}, "taken_by": []}
    return of_unmatched(SimpleNamespace(**row | {"eligible": 0} | given), NAMES)


def taken(*offers: str) -> list[dict[str, Any]]:
    return [{"offer": offer, "need": "R-1/1", "member": None, "units": 1, "points": 90} for offer in offers]


def test_offers_that_could_be_used_and_are_not_listed_are_counted() -> None:
    said = unmatched(eligible=5, rules={"DOMAIN": 50}, taken_by=taken("O-1", "O-2", "O-3", "O-4", "O-5"))
    assert said[0] == "5 of 55 offers could be used; all their units are worth more elsewhere."
    assert said[-2].startswith("The unit of O-3 went to R-1/1")
    assert said[-1] == "And 2 more offers that could be used."
    assert unmatched(eligible=2, taken_by=taken("O-1", "O-1", "O-1", "O-2"))[-1] == (
        "And 1 more offer that could be used."
    )


def test_where_every_offer_that_could_be_used_is_listed_none_is_counted_besides() -> None:
    said = unmatched(eligible=1, rules={"DOMAIN": 32}, taken_by=taken("O-1", "O-1"))
    assert said[0] == "1 of 33 offers could be used; all its units are worth more elsewhere."
    assert said[-1].startswith("The unit of O-1 went to R-1/1")


@pytest.mark.parametrize(
    ("states", "audience"),
    [
        (["PHL"], "the beneficiary (Philippines)"),
        (["PHL", "THA"], "enough of the beneficiaries (Philippines, Thailand)"),
    ],
)
def test_of_several_beneficiaries_an_offer_need_not_cover_all(states: list[str], audience: str) -> None:
    said = unmatched(code="NO_ELIGIBLE_OFFER", states=states, rules={"COVERAGE": 3, "CONDITION": 1})
    assert said[1:] == [
        f"3 of 4 offers do not cover {audience}.",
        f"1 of 4 offers is open to members of other groups only, and so not to {audience}.",
    ]


def test_related_subjects_are_quoted() -> None:
    assert related(["Accounting"]) == "The offer is for a related subject: “Accounting”."
