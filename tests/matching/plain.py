"""Rules and terms of one pair, written plainly: the oracle of the arrays. Shares no code with the engine."""

from datetime import date
from decimal import ROUND_HALF_EVEN, Decimal
from typing import Any

from tests.matching.builders import Json


def row_states(need: Json, member: str | None) -> list[str]:
    """Beneficiaries of a need or of one member's part of it."""
    if not need.get("named", True):
        return []
    return [member] if member else list(dict.fromkeys(need["states"]))


def relatedness(document: Json, need: str, offer: str) -> Decimal:
    """Relatedness of two domains under a problem's record and strategy."""
    strategy = document["strategy"]
    if "UNSPEC" in (need, offer):
        return Decimal(0)
    if need == offer:
        return Decimal(1)
    parent = {d["id"]: d["parent"] for d in document["domains"]}
    value = Decimal(0)
    if parent[need] == offer or parent[offer] == need:
        value = Decimal(str(strategy["relatedness"]["parent_child"]["value"]))
    elif parent[need] and parent[need] == parent[offer]:
        value = Decimal(str(strategy["relatedness"]["same_parent"]["value"]))
    for pair in document["relatedness"]:
        if {pair["a"], pair["b"]} == {need, offer}:
            value = Decimal(pair["weight"])
    for pair in strategy["relatedness"]["pairs"]:
        if {pair["a"], pair["b"]} == {need, offer}:
            value = Decimal(str(pair["value"]))
    enough = value >= Decimal(str(strategy["rules"]["least_relatedness"]["value"]))
    return value if enough and strategy["rules"]["related_domains"]["value"] else Decimal(0)


def closeness(offer: Json, state: Json) -> str | None:
    """The closest way in which an offer covers a State."""
    if state["id"] in offer.get("except", []):
        return None
    if state["id"] in offer.get("states", []):
        return "named_state"
    if set(offer.get("groups", [])) & set(state["groups"]):
        return "named_group"
    if {state["subregion"], state.get("intermediate_region")} & set(offer.get("regions", [])):
        return "subregion"
    if state["region"] in offer.get("regions", []):
        return "region"
    return "worldwide" if offer.get("worldwide") else None


def excluded(document: Json, party: str, offer: Json) -> bool:
    """Whether either side has excluded the other."""
    return any(
        {exclusion["by"], exclusion["other"]} == {party, offer["provider"]}
        and exclusion["offer"] in (None, offer["id"])
        for exclusion in document["exclusions"]
    )


def usable_states(document: Json, need: Json, member: str | None, offer: Json) -> dict[str, list[str]]:
    """Beneficiaries left after each rule about beneficiaries, in order."""
    states = {state["id"]: state for state in document["states"]}
    covered = [code for code in row_states(need, member) if closeness(offer, states[code])]
    helped = [code for code in covered if offer["provider"] != f"state:{code}"]
    meeting = [code for code in helped if set(offer.get("requires_groups", [])) <= set(states[code]["groups"])]
    allowed = [code for code in meeting if not excluded(document, f"state:{code}", offer)]
    return {"COVERAGE": covered, "PROVIDER_IS_REQUESTER": helped, "CONDITION": meeting, "EXCLUSION": allowed}


def first_failing(document: Json, need: Json, member: str | None, offer: Json) -> str | None:
    """The first rule that a pair fails."""
    pair = {"need": need["id"], "offer": offer["id"]}
    usable = usable_states(document, need, member, offer)
    if need.get("delivery") == "joint" and need.get("named", True):
        least = need.get("least") or max(1, len(set(need["states"])))
    else:
        least = 1
    delivery = document["delivery"]
    first = max(filter(None, (delivery["from"], offer.get("valid_from"), need.get("wanted_from"))))
    by = need.get("wanted_by") if (need.get("wanted_by") or "") >= delivery["from"] else None
    last = min(filter(None, (delivery["until"], offer.get("valid_until"), by)))
    fails = {
        "OFFER_NOT_SPECIFIC": not set(offer["domains"]) - {"UNSPEC"},
        "DOMAIN": not any(relatedness(document, need["domain"], domain) for domain in offer["domains"]),
        "COVERAGE_NOT_STATED": not any(offer.get(k) for k in ("worldwide", "states", "groups", "regions")),
        "COVERAGE": len(usable["COVERAGE"]) < least,
        "PROVIDER_IS_REQUESTER": len(usable["PROVIDER_IS_REQUESTER"]) < least or offer["provider"] == need["requester"],
        "MODALITY": disjoint(need, offer, "modalities"),
        "SCOPE": disjoint(need, offer, "scopes"),
        "LANGUAGE": offer.get("language_required", False) and disjoint(need, offer, "languages"),
        "VALIDITY": first > last,
        "CONDITION": len(usable["CONDITION"]) < least,
        "EXCLUSION": len(usable["EXCLUSION"]) < least or excluded(document, need["requester"], offer),
        "DECLINED": pair in document["declined"],
        "FORBIDDEN": pair in document["forbidden"],
        "CAPACITY": offer["units"] == 0,
    }
    off = {entry["rule"] for entry in document["strategy"]["rules"]["switched_off"]}
    return next((rule for rule, failed in fails.items() if failed and rule not in off), None)


def disjoint(need: Json, offer: Json, name: str) -> bool:
    """Both sides state codes and share none."""
    wanted, given = set(need.get(name, [])), set(offer.get(name, []))
    return bool(wanted and given and not wanted & given)


def whole(number: Decimal) -> int:
    """Rounded to a whole number, half to even."""
    return int(number.quantize(Decimal(1), rounding=ROUND_HALF_EVEN))


def terms(document: Json, need: Json, member: str | None, offer: Json) -> dict[str, int]:
    """Terms of an eligible pair, those of no points left out."""
    urgency, affinity = document["strategy"]["urgency"], document["strategy"]["affinity"]
    states = {state["id"]: state for state in document["states"]}
    beneficiaries = row_states(need, member)
    n_states = Decimal(len(beneficiaries))
    usable = usable_states(document, need, member, offer)["EXCLUSION"]
    of_domain = [relatedness(document, need["domain"], domain) for domain in offer["domains"]]
    domain_weight = value(affinity["domain"]["weights"].get(need["domain"], {"value": 1}))
    record = offer.get("record") or {"delivered": 0, "failed": 0}
    coverage = Decimal(0)
    for code in usable:
        weight = value(affinity["coverage"]["region_weights"].get(states[code]["subregion"], {"value": 1}))
        coverage += weight * value(affinity["coverage"][closeness(offer, states[code]) or ""])
    exact = {
        "priority": value(urgency["priority"][str(need["priority"])]),
        "waiting": value(urgency["waiting"]["per_quarter"])
        * min(quarters_waited(document, need), urgency["waiting"]["cap"]["value"]),
        "never_served": value(urgency["never_served"]) * (not need.get("served_before")),
        **{
            name: value(urgency[name]) * sum(bool(states[code].get(name)) for code in beneficiaries) / n_states
            for name in ("ldc", "lldc", "sids")
        },
        "action_plan": value(urgency["action_plan"]) * bool(need.get("action_plan")),
        "domain": domain_weight * max(of_domain) * value(affinity["domain"]["fit"]),
        "coverage": coverage / n_states,
        "modality": value(affinity["modality"]) * share_met(need, offer, "modalities"),
        "scope": value(affinity["scope"]) * share_met(need, offer, "scopes"),
        "language": value(affinity["language"])
        * bool(set(need.get("languages", [])) & set(offer.get("languages", []))),
        "preferred_domain": value(affinity["preferred_domain"])
        * (need["domain"] in offer.get("preferred_domains", [])),
        "preferred_state": value(affinity["preferred_state"])
        * len(set(beneficiaries) & set(offer.get("preferred_states", [])))
        / n_states,
        "record": value(affinity["record"]) * record["delivered"] / (record["delivered"] + record["failed"] + 1),
        "earlier": value(affinity["earlier"]) * ({"need": need["id"], "offer": offer["id"]} in document["earlier"]),
    }
    rounded = {term: whole(Decimal(points)) for term, points in exact.items()}
    return {term: points for term, points in rounded.items() if points}


def value(number: Any) -> Decimal:
    """The value of a number of a strategy."""
    return Decimal(str(number["value"]))


def share_met(need: Json, offer: Json, name: str) -> Decimal:
    """Share of the codes wanted that the offer has."""
    wanted = set(need.get(name, []))
    return Decimal(len(wanted & set(offer.get(name, [])))) / max(1, len(wanted))


def quarters_waited(document: Json, need: Json) -> int:
    """Calendar quarters from the one in which the need began to wait to the run's."""
    if not need.get("waiting_since"):
        return 0
    since = date.fromisoformat(need["waiting_since"])
    year, quarter = map(int, document["quarter"].split("-Q"))
    return max(0, (year - since.year) * 4 + quarter - (since.month + 2) // 3)
