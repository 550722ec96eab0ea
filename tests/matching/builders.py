"""Problem documents in a few words: everything not said is the plainest there is."""

from pathlib import Path
from typing import Any

import yaml

import app.strategies

Json = dict[str, Any]

STATES: dict[str, Json] = {
    "ALB": {"regional_group": "EASTERN_EUROPE", "region": "150", "subregion": "039", "groups": ["BSEC", "CEFTA"]},
    "ARM": {"regional_group": "EASTERN_EUROPE", "region": "142", "subregion": "145", "groups": ["BSEC", "EAEU"]},
    "FJI": {"regional_group": "ASIA_PACIFIC", "region": "009", "subregion": "054", "groups": ["PIF"], "sids": True},
    "JAM": {
        "regional_group": "GRULAC",
        "region": "019",
        "subregion": "419",
        "intermediate_region": "029",
        "groups": ["CARICOM"],
        "sids": True,
    },
    "LAO": {
        "regional_group": "ASIA_PACIFIC",
        "region": "142",
        "subregion": "035",
        "groups": ["ASEAN"],
        "ldc": True,
        "lldc": True,
    },
    "PHL": {"regional_group": "ASIA_PACIFIC", "region": "142", "subregion": "035", "groups": ["ASEAN"]},
}
DOMAINS = {"OP3C": None, "OP3C.BOR": "OP3C", "OP3C.DET": "OP3C", "OP3D": None, "OP3D.LEG": "OP3D", "OP6": None}


def number(value: Any, decision: Json | None = None) -> Json:
    """A number of a strategy."""
    return {"value": value, "reason": "set by a test", "decision": decision}


DECISION = {"symbol": "S/2015/1", "date": "2015-01-05"}


URGENCY = ("never_served", "ldc", "lldc", "sids", "action_plan")
CLOSENESS = ("named_state", "named_group", "subregion", "region", "worldwide")
AFFINITY = ("modality", "scope", "language", "preferred_domain", "preferred_state", "record", "earlier")


def strategy(**changes: Any) -> Json:
    """A strategy without any points. A change is a path joined by two underscores, and the value that stands there."""
    nothing: Json = number(0)
    document: Json = {
        "name": "test",
        "title": "Test",
        "objective": "points",
        "rules": {
            "least_relatedness": number("0.6"),
            "related_domains": number(True),
            "declined_quarters": number(4),
            "switched_off": [],
        },
        "relatedness": {"same_parent": number("0.5"), "parent_child": number("0.8"), "pairs": []},
        "urgency": {
            "priority": {str(level): nothing for level in range(1, 6)},
            "waiting": {"per_quarter": nothing, "cap": number(20)},
            **dict.fromkeys(URGENCY, nothing),
        },
        "affinity": {
            "domain": {"fit": nothing, "weights": {}},
            "coverage": {
                **dict.fromkeys(CLOSENESS, nothing),
                "region_weights": {},
            },
            **dict.fromkeys(AFFINITY, nothing),
        },
        "fairness": {"state": number([0]), "group": number([0])},
    }
    for path, value in changes.items():
        *steps, last = path.split("__")
        here = document
        for step in steps:
            here = here[step]
        here[last] = value if not isinstance(here.get(last), dict) or isinstance(value, dict) else number(value)
    return document


def default_strategy() -> Json:
    """The strategy that the service ships."""
    text = (Path(app.strategies.__file__).parent / "data" / "default.yaml").read_text(encoding="utf-8")
    document: Json = yaml.safe_load(text)
    return document


def need(reference: str = "R-PHL-1/1", state: str | None = None, /, **facts: Any) -> Json:
    """A national need, of the State in its reference unless another is given."""
    state = state or reference.split("-")[1]
    request = reference.split("/")[0]
    return {
        "id": reference,
        "request": request,
        "requester": f"state:{state}",
        "states": [state],
        "domain": "OP3C.BOR",
        "units": 1,
        "priority": 3,
        **facts,
    }


def group_need(reference: str, states: list[str], delivery: str, **facts: Any) -> Json:
    """A need of a group submission."""
    group = reference.split("-")[1]
    return need(reference, requester=f"group:{group}", states=states, delivery=delivery, **facts)


def offer(reference: str = "O-AUS-1", /, **facts: Any) -> Json:
    """A worldwide offer of one unit, of the State in its reference."""
    provider = reference.split("-")[1]
    return {
        "id": reference,
        "provider": f"state:{provider}",
        "domains": ["OP3C.BOR"],
        "worldwide": True,
        "units": 1,
        **facts,
    }


def problem(needs: list[Json], offers: list[Json], strategy_document: Json | None = None, **parts: Any) -> Json:
    """A problem document of the first quarter of 2015, among the States and domains above."""
    received = parts.pop("received", {})
    return {
        "format": "matching/1",
        "quarter": "2015-Q1",
        "cut_off": "2015-04-01T03:59:59.999999Z",
        "delivery": {"from": "2015-04-01", "until": "2015-06-30"},
        "states": [{"id": code, **facts, "received": received.get(code, 0)} for code, facts in STATES.items()],
        "domains": [{"id": code, "parent": parent} for code, parent in DOMAINS.items()],
        "relatedness": [],
        "needs": needs,
        "offers": offers,
        "exclusions": [],
        "declined": [],
        "earlier": [],
        "pinned": [],
        "forbidden": [],
        "strategy": strategy_document or strategy(affinity__domain__fit=60),
        **parts,
    }
