"""Why units are left unserved, who took the units instead, and what a pairing rests on."""

from hypothesis import given, settings

from matching import Problem, Reason, solve
from matching.attributes.explain import TAKERS_SHOWN
from tests.matching.builders import Json, group_need, need, offer, problem, strategy
from tests.matching.draws import problems


def unmatched(document: Json) -> dict[str, Json]:
    """Entries of unserved needs by id and member."""
    listed = solve(Problem.from_document(document)).document["unmatched"]
    return {f"{entry['need']}{entry['member'] or ''}": entry for entry in listed}


@settings(max_examples=60, deadline=None)
@given(problems())
def test_every_unserved_unit_has_a_reason_and_counts_that_add_up_to_all_offers(document: Json) -> None:
    read = Problem.from_document(document)
    result = solve(read).document
    served: dict[tuple[str, str | None], int] = {}
    for pairing in result["pairings"]:
        key = (pairing["need"], pairing["member"])
        served[key] = served.get(key, 0) + pairing["units"]
    entries = {(entry["need"], entry["member"]): entry for entry in result["unmatched"]}
    for row in read.rows:
        key = (read.needs[row.need].id, row.member)
        left = row.units - served.get(key, 0)
        assert (key in entries) == (left > 0)
        if left:
            entry = entries[key]
            assert entry["units"] == left
            assert entry["code"] in set(Reason)
            assert sum(entry["rules"].values()) + entry["eligible"] == len(read.offers)
            assert entry["takers"] >= len(entry["taken_by"])


def test_an_unspecific_need_and_an_unnamed_requester_are_said_to_be_so() -> None:
    entries = unmatched(problem([need("R-PHL-1/1", domain="UNSPEC"), need("R-ALB-1/1", named=False)], [offer()]))
    assert (entries["R-PHL-1/1"]["code"], entries["R-PHL-1/1"]["rules"]) == ("NOT_SPECIFIC", {"DOMAIN": 1})
    assert (entries["R-ALB-1/1"]["code"], entries["R-ALB-1/1"]["rules"]) == ("REQUESTER_NOT_NAMED", {"COVERAGE": 1})


def test_a_need_that_no_offer_may_serve_says_which_rule_removed_how_many() -> None:
    offers = [offer(), offer("O-AUS-2", units=0), offer("O-AUS-3", units=0), offer("O-PHL-1")]
    entries = unmatched(problem([need(languages=["fr"])], [o | {"units": 0} for o in offers]))
    assert entries["R-PHL-1/1"]["code"] == "NO_ELIGIBLE_OFFER"
    assert entries["R-PHL-1/1"]["rules"] == {"CAPACITY": 3, "PROVIDER_IS_REQUESTER": 1}
    assert entries["R-PHL-1/1"]["taken_by"] == []


def test_a_need_that_was_outbid_is_told_who_took_the_units() -> None:
    needs = [need("R-ALB-1/1", priority=1, units=2), need("R-PHL-1/1", priority=5)]
    document = problem(needs, [offer(units=2)], strategy(urgency__priority__1=50, urgency__priority__5=10))
    (entry,) = unmatched(document).values()
    assert (entry["need"], entry["code"], entry["eligible"], entry["takers"]) == ("R-PHL-1/1", "OUTBID", 1, 1)
    assert entry["taken_by"] == [{"offer": "O-AUS-1", "need": "R-ALB-1/1", "member": None, "units": 2, "points": 50}]


def test_a_need_served_in_part_says_so() -> None:
    entry = unmatched(problem([need(units=3)], [offer(units=2)]))["R-PHL-1/1"]
    assert (entry["code"], entry["units"], entry["takers"]) == ("PARTLY_SERVED", 1, 0)


def test_a_member_of_a_group_that_falls_short_says_so() -> None:
    group = group_need("R-ASEAN-1/1", ["LAO", "PHL"], "per_member")
    entries = unmatched(problem([group], [offer()]))
    assert {key: entry["code"] for key, entry in entries.items()} == {
        "R-ASEAN-1/1LAO": "LEAST_NOT_REACHED",
        "R-ASEAN-1/1PHL": "LEAST_NOT_REACHED",
    }


def test_takers_are_listed_from_the_offer_worth_most_and_all_counted() -> None:
    rivals = [need(f"R-ALB-{n}/1", priority=1) for n in range(TAKERS_SHOWN + 3)]
    offers = [offer("O-AUS-1", units=TAKERS_SHOWN + 2), offer("O-AUS-2", states=["PHL"])]
    worth = strategy(urgency__priority__1=50, affinity__coverage__named_state=5, affinity__domain__fit=1)
    entry = unmatched(problem([*rivals, need(priority=5)], offers, worth))["R-PHL-1/1"]
    assert entry["code"] == "OUTBID"
    assert (entry["takers"], len(entry["taken_by"])) == (TAKERS_SHOWN + 3, TAKERS_SHOWN)
    assert entry["taken_by"][0]["offer"] == "O-AUS-2"


def rests_on(of_need: Json, of_offer: Json) -> list[str]:
    """Unstated facts of the only pairing."""
    (pairing,) = solve(Problem.from_document(problem([need(**of_need)], [offer(**of_offer)]))).document["pairings"]
    return [f"{entry['record']} {entry['fact']} {entry['basis']}" for entry in pairing["rests_on"]]


def test_a_pairing_names_the_facts_that_nobody_stated() -> None:
    need_basis = {"units": "assumed", "modalities": "inferred"}
    assert rests_on({"basis": need_basis}, {"basis": {"domains": "inferred"}}) == [
        "need modalities inferred",
        "need units assumed",
        "offer domains inferred",
    ]


def test_a_pairing_rests_on_the_consent_of_its_beneficiaries() -> None:
    assert rests_on({"basis": {"consent": "assumed"}}, {}) == ["need consent assumed"]


def test_a_pairing_rests_on_the_delivery_only_of_a_need_that_is_for_several() -> None:
    assumed: Json = {"delivery": "joint", "basis": {"delivery": "assumed"}}
    assert rests_on(assumed, {}) == []
    assert rests_on(assumed | {"states": ["LAO", "PHL"]}, {}) == ["need delivery assumed"]


def test_a_pairing_rests_on_the_priority_only_where_it_earns_points() -> None:
    document = problem([need(basis={"priority": "assumed"})], [offer()], strategy(affinity__domain__fit=1))
    (pairing,) = solve(Problem.from_document(document)).document["pairings"]
    assert pairing["rests_on"] == []
    document["strategy"] = strategy(urgency__priority__3=30)
    (pairing,) = solve(Problem.from_document(document)).document["pairings"]
    assert pairing["rests_on"] == [{"record": "need", "fact": "priority", "basis": "assumed"}]


def test_a_language_counts_only_where_the_offer_insists_on_one() -> None:
    silent: Json = {"basis": {"languages": "not_stated"}}
    assert rests_on(silent, {"languages": ["en"]}) == []
    assert rests_on(silent, {"languages": ["en"], "language_required": True}) == ["need languages not_stated"]
