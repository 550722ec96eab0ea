"""Each term by itself, its rounding, and that weights reach it."""

import pytest

from matching import Problem, Term, solve
from tests.matching.builders import DECISION, Json, group_need, need, number, offer, problem, strategy


def terms_of(need_document: Json, offer_document: Json, strategy_document: Json, **parts: object) -> dict[str, int]:
    """Terms of the only pairing, which a pin keeps whatever it is worth."""
    member = need_document["states"][0] if need_document.get("delivery") == "per_member" else None
    pin = {"need": need_document["id"], "offer": offer_document["id"], "units": 1, "member": member}
    document = problem([need_document], [offer_document], strategy_document, pinned=[pin], **parts)
    (pairing,) = solve(Problem.from_document(document)).document["pairings"]
    assert pairing["points"] == sum(pairing["terms"].values())
    terms: dict[str, int] = pairing["terms"]
    return terms


EARLIER = {"earlier": [{"need": "R-PHL-1/1", "offer": "O-AUS-1"}]}
CASES: list[tuple[Term, Json, Json, Json, Json, int]] = [
    (Term.PRIORITY, {"urgency__priority__2": 7}, {"priority": 2}, {}, {}, 7),
    (
        Term.WAITING,
        {"urgency__waiting": {"per_quarter": number(3), "cap": number(9)}},
        {"waiting_since": "2014-11-30"},
        {},
        {},
        3,
    ),
    (Term.NEVER_SERVED, {"urgency__never_served": 7}, {}, {}, {}, 7),
    (Term.LDC, {"urgency__ldc": number(7, DECISION)}, {"states": ["LAO"]}, {}, {}, 7),
    (Term.LLDC, {"urgency__lldc": number(7, DECISION)}, {"states": ["LAO"]}, {}, {}, 7),
    (Term.SIDS, {"urgency__sids": number(7, DECISION)}, {"states": ["FJI"]}, {}, {}, 7),
    (Term.ACTION_PLAN, {"urgency__action_plan": number(7, DECISION)}, {"action_plan": True}, {}, {}, 7),
    (Term.DOMAIN, {"affinity__domain__fit": 7}, {}, {}, {}, 7),
    (
        Term.COVERAGE,
        {f"affinity__coverage__{k}": 7 for k in ("named_group", "named_state")},
        {},
        {"states": ["PHL"]},
        {},
        7,
    ),
    (Term.MODALITY, {"affinity__modality": 7}, {"modalities": ["LEG"]}, {"modalities": ["LEG"]}, {}, 7),
    (Term.SCOPE, {"affinity__scope": 7}, {"scopes": ["nuclear"]}, {"scopes": ["nuclear"]}, {}, 7),
    (Term.LANGUAGE, {"affinity__language": 7}, {"languages": ["en"]}, {"languages": ["en", "fr"]}, {}, 7),
    (Term.PREFERRED_DOMAIN, {"affinity__preferred_domain": 7}, {}, {"preferred_domains": ["OP3C.BOR"]}, {}, 7),
    (Term.PREFERRED_STATE, {"affinity__preferred_state": 7}, {}, {"preferred_states": ["PHL"]}, {}, 7),
    (Term.RECORD, {"affinity__record": 8}, {}, {"record": {"delivered": 3, "failed": 0}}, {}, 6),
    (Term.EARLIER, {"affinity__earlier": 7}, {}, {}, EARLIER, 7),
]


@pytest.mark.parametrize(("term", "weights", "of_need", "of_offer", "parts", "points"), CASES)
def test_a_fact_earns_its_term_and_nothing_else(
    term: Term, weights: Json, of_need: Json, of_offer: Json, parts: Json, points: int
) -> None:
    assert terms_of(need(**of_need), offer(**of_offer), strategy(**weights), **parts) == {term: points}


def test_every_term_is_tried() -> None:
    assert {term for term, *_ in CASES} == set(Term)


@pytest.mark.parametrize(
    ("since", "quarters"),
    [("2015-03-31", 0), ("2015-01-01", 0), ("2014-12-31", 1), ("2014-01-01", 4), ("2004-10-28", 6), ("2016-01-01", 0)],
)
def test_waiting_counts_calendar_quarters_up_to_the_cap(since: str, quarters: int) -> None:
    waiting = strategy(urgency__waiting={"per_quarter": number(10), "cap": number(6)})
    assert terms_of(need(waiting_since=since), offer(), waiting).get("waiting", 0) == 10 * quarters


@pytest.mark.parametrize(("points", "rounded"), [("0.5", 0), ("1.5", 2), ("2.5", 2), ("2.500001", 3), ("-1.5", -2)])
def test_terms_are_rounded_half_to_even_from_exact_decimals(points: str, rounded: int) -> None:
    assert terms_of(need(), offer(), strategy(urgency__never_served=points)).get("never_served", 0) == rounded


def test_binary_fractions_do_not_disturb_a_tie() -> None:
    # In binary floats 1.15 x 10 is 11.499999999999998 and would be rounded to 11.
    weighted = strategy(affinity__domain__fit=10, affinity__domain__weights={"OP3C.BOR": number("1.15")})
    assert terms_of(need(), offer(), weighted) == {"domain": 12}
    weighted = strategy(affinity__domain__fit=10, affinity__domain__weights={"OP3C.BOR": number(1.25)})
    assert terms_of(need(), offer(), weighted) == {"domain": 12}


def test_a_related_domain_earns_its_share_of_the_weighted_fit() -> None:
    weighted = strategy(affinity__domain__fit=60, affinity__domain__weights={"OP3C.BOR": number("1.5")})
    assert terms_of(need(), offer(domains=["OP3C"]), weighted) == {"domain": 72}
    assert terms_of(need(), offer(domains=["OP3C", "OP3C.BOR"]), weighted) == {"domain": 90}


KINDS = {"worldwide": 1, "region": 2, "subregion": 3, "named_group": 4, "named_state": 5}


@pytest.mark.parametrize(
    ("coverage", "points"),
    [
        ({"worldwide": True}, 1),
        ({"worldwide": True, "regions": ["019"]}, 2),
        ({"worldwide": False, "regions": ["419", "019"]}, 3),
        ({"worldwide": False, "regions": ["029"]}, 3),
        ({"worldwide": False, "regions": ["029"], "groups": ["CARICOM"]}, 4),
        ({"worldwide": True, "states": ["JAM"], "groups": ["CARICOM"]}, 5),
    ],
)
def test_the_closest_way_in_which_an_offer_covers_a_state_counts(coverage: Json, points: int) -> None:
    close = strategy(**{f"affinity__coverage__{kind}": value for kind, value in KINDS.items()})
    assert terms_of(need("R-JAM-1/1"), offer("O-AUS-1", **coverage), close) == {"coverage": points}


def test_a_region_weight_multiplies_closeness_of_its_subregion_only() -> None:
    weighted = strategy(
        **{f"affinity__coverage__{kind}": 10 for kind in KINDS},
        affinity__coverage__region_weights={"035": number("1.25", DECISION)},
    )
    assert terms_of(need(), offer(), weighted) == {"coverage": 12}
    assert terms_of(need("R-ARM-1/1"), offer(), weighted) == {"coverage": 10}


def test_a_joint_need_earns_the_mean_over_its_beneficiaries() -> None:
    close = strategy(
        **{f"affinity__coverage__{kind}": value for kind, value in KINDS.items()},
        urgency__sids=number(10, DECISION),
        affinity__preferred_state=3,
    )
    joint = group_need("R-PIF-1/1", ["FJI", "LAO", "PHL"], "joint", least=1)
    partly = offer(worldwide=False, states=["FJI"], groups=["ASEAN"], preferred_states=["PHL"], **{"except": ["LAO"]})
    # Coverage (5 + 0 + 4) / 3, small islands 10 / 3, preferred 3 / 3.
    assert terms_of(joint, partly, close) == {"coverage": 3, "sids": 3, "preferred_state": 1}


def test_shares_of_what_is_wanted_earn_shares_of_the_points() -> None:
    partly = strategy(affinity__modality=10, affinity__scope=10)
    wanted = need(modalities=["EQP", "LEG", "TRN"], scopes=["chemical", "nuclear"])
    given = offer(modalities=["LEG", "TRN", "WKS"], scopes=["nuclear"])
    assert terms_of(wanted, given, partly) == {"modality": 7, "scope": 5}


def test_points_at_the_edge_of_the_range_are_exact() -> None:
    edge = 2**53 - 16
    result = solve(
        Problem.from_document(problem([need(units=10**9)], [offer(units=10**9)], strategy(affinity__domain__fit=edge)))
    )
    assert result.document["objective"] == [edge * 10**9]
    assert result.document["total"] == edge * 10**9
