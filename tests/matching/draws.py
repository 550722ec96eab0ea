"""Hypothesis strategies: small problems full of ties, groups, pins, exclusions and receipts."""

from typing import Any

from hypothesis import strategies as st

from tests.matching.builders import DECISION, STATES, Json, number, problem, strategy

LEAVES = ["OP3C.BOR", "OP3C.DET", "OP3D.LEG", "OP3C", "UNSPEC"]
MODALITIES = ["EQP", "LEG", "TRN"]
SCOPES = ["biological", "chemical", "nuclear"]
LANGUAGES = ["en", "fr"]
GROUPS = ["ASEAN", "BSEC", "CARICOM"]
REGIONS = ["142", "150", "035", "029", "419"]
WINDOWS = [
    {},
    {},
    {"wanted_by": "2014-01-01"},
    {"wanted_by": "2015-04-30"},
    {"wanted_from": "2015-07-01", "wanted_by": None},
]
PROVIDERS = ["state:AUS", "state:ALB", "organization:IAEA"]


def some(codes: list[str], most: int = 2) -> st.SearchStrategy[list[str]]:
    """A few different codes, often none."""
    return st.lists(st.sampled_from(codes), max_size=most, unique=True)


@st.composite
def needs(draw: st.DrawFn, number_of: int, free: bool) -> Json:
    """A need, national or of a group. A free one fails hardly any rule."""
    state = draw(st.sampled_from(sorted(STATES)))
    delivery = draw(st.sampled_from([None, None, None, "joint", "per_member", "per_member"]))
    states, requester, least = [state], f"state:{state}", None
    if delivery:
        states = draw(st.lists(st.sampled_from(sorted(STATES)), min_size=int(free), max_size=3, unique=True))
        requester = "group:CARICOM"
        least = draw(st.sampled_from([None, 1, 2, 3]))
    return {
        "id": f"R-{number_of}/1",
        "request": f"R-{number_of}",
        "requester": requester,
        "states": states,
        "domain": "OP3C.BOR" if free else draw(st.sampled_from(LEAVES)),
        "modalities": draw(some(MODALITIES)),
        "scopes": [] if free else draw(some(SCOPES)),
        "languages": draw(some(LANGUAGES)),
        "units": draw(st.sampled_from([1, 1, 2, 3] if delivery is None else [1, 1, 2])),
        "priority": draw(st.integers(1, 5)),
        "date": draw(st.sampled_from([None, "2014-05-01", "2013-12-31"])),
        "waiting_since": draw(st.sampled_from([None, "2015-01-01", "2014-12-31", "2004-10-28"])),
        **({} if free else draw(st.sampled_from(WINDOWS))),
        "served_before": draw(st.booleans()),
        "action_plan": draw(st.booleans()),
        "named": free or draw(st.sampled_from([True] * 9 + [False])),
        "delivery": delivery,
        "least": least,
        "basis": draw(st.sampled_from([{}, {"units": "assumed"}, {"languages": "not_stated"}])),
    }


@st.composite
def offers(draw: st.DrawFn, number_of: int, free: bool) -> Json:
    """An offer. A free one may serve nearly every free need."""
    if free:
        return {
            "id": f"O-{number_of}",
            "provider": draw(st.sampled_from(PROVIDERS)),
            "domains": [draw(st.sampled_from(["OP3C.BOR", "OP3C", "OP3D.LEG"]))],
            "languages": draw(some(LANGUAGES)),
            "worldwide": True,
            "states": draw(some(sorted(STATES), 1)),
            "units": draw(st.sampled_from([0, 1, 1, 2, 2, 3, 4])),
            "preferred_states": draw(some(["PHL", "LAO"], 1)),
        }
    return {
        "id": f"O-{number_of}",
        "provider": draw(st.sampled_from(PROVIDERS)),
        "domains": draw(st.lists(st.sampled_from(LEAVES), max_size=3, unique=True)),
        "modalities": draw(some(MODALITIES)),
        "scopes": draw(some(SCOPES)),
        "languages": draw(some(LANGUAGES)),
        "language_required": draw(st.sampled_from([False, False, True])),
        "worldwide": draw(st.sampled_from([True, True, False])),
        "states": draw(some(sorted(STATES))),
        "groups": draw(some(GROUPS, 1)),
        "regions": draw(some(REGIONS, 1)),
        "except": draw(st.sampled_from([[], [], ["PHL"]])),
        "units": draw(st.sampled_from([0, 1, 1, 2, 2, 3])),
        "valid_from": draw(st.sampled_from([None, None, None, "2015-05-15"])),
        "valid_until": draw(st.sampled_from([None, None, None, "2015-05-31"])),
        "requires_groups": draw(st.sampled_from([[], [], [], ["ASEAN"]])),
        "preferred_domains": draw(some(["OP3C.BOR", "OP3D.LEG"], 1)),
        "preferred_states": draw(some(["PHL", "LAO"], 1)),
        "record": {"delivered": draw(st.integers(0, 2)), "failed": draw(st.integers(0, 1))},
        "basis": draw(st.sampled_from([{}, {"domains": "inferred", "languages": "not_stated"}])),
    }


@st.composite
def strategies(draw: st.DrawFn, least_points: int = -2) -> Json:
    """A strategy of small numbers, so that ties and worthless pairs are common."""
    points = st.integers(least_points, 4)
    slopes = st.lists(st.integers(0, 6), min_size=1, max_size=4).map(lambda values: sorted(values, reverse=True))
    closeness = sorted(draw(st.lists(st.integers(0, 3), min_size=5, max_size=5)))
    kinds = ("worldwide", "region", "subregion", "named_group", "named_state")
    changes: dict[str, Any] = {
        "objective": draw(st.sampled_from(["points", "equal_treatment", "equal_treatment"])),
        "affinity__domain__fit": draw(st.integers(3, 8)),
        "urgency__priority__1": draw(points),
        "urgency__priority__3": draw(points),
        "urgency__waiting": {"per_quarter": number("0.5"), "cap": number(draw(st.integers(0, 3)))},
        "urgency__never_served": draw(points),
        "urgency__sids": number(draw(st.integers(0, 2)), DECISION),
        "affinity__modality": draw(points),
        "affinity__language": draw(points),
        "affinity__preferred_state": draw(st.integers(0, 2)),
        "affinity__record": draw(st.integers(0, 2)),
        "affinity__earlier": draw(st.integers(0, 2)),
        "affinity__coverage__region_weights": draw(st.sampled_from([{}, {"035": number("1.5", DECISION)}])),
        "rules__switched_off": draw(st.sampled_from([[], [], [{"rule": "MODALITY", "reason": "set by a test"}]])),
        "fairness__state": draw(slopes),
        "fairness__group": draw(slopes),
    }
    changes |= {f"affinity__coverage__{kind}": value for kind, value in zip(kinds, closeness, strict=True)}
    return strategy(**changes)


@st.composite
def problems(
    draw: st.DrawFn, most_needs: int = 4, most_offers: int = 3, pins: bool = True, least_points: int = -2
) -> Json:
    """A problem document, small enough for exhaustive search."""
    free = draw(st.sampled_from([True, True, False]))
    listed = [draw(needs(number_of, free)) for number_of in range(draw(st.integers(1, most_needs)))]
    given = [draw(offers(number_of, free)) for number_of in range(draw(st.integers(int(free), most_offers)))]
    pairs = [{"need": n["id"], "offer": o["id"]} for n in listed for o in given]
    few = st.lists(st.sampled_from(pairs), max_size=1) if pairs else st.just([])
    forbidden = draw(few)
    pinned = []
    of_need = {entry["id"]: entry for entry in listed}
    possible = [pair for pair in pairs if pair not in forbidden and of_need[pair["need"]]["states"]]
    if pins and possible and draw(st.sampled_from([False, False, free])):
        pair = draw(st.sampled_from(possible))
        chosen = of_need[pair["need"]]
        member = draw(st.sampled_from(chosen["states"])) if chosen["delivery"] == "per_member" else None
        pinned = [{**pair, "units": draw(st.integers(1, 2)), "member": member}]
    exclusions = [
        {"by": "organization:IAEA", "other": f"state:{draw(st.sampled_from(sorted(STATES)))}", "offer": None}
        for _ in range(draw(st.integers(0, 1)))
    ]
    return problem(
        listed,
        given,
        draw(strategies(least_points)),
        received={code: draw(st.integers(0, 2)) for code in ("PHL", "ARM")},
        relatedness=[{"a": "OP3C.BOR", "b": "OP3D.LEG", "weight": "0.60"}],
        exclusions=exclusions,
        declined=draw(few),
        earlier=draw(few),
        forbidden=forbidden,
        pinned=pinned,
    )
