"""Records drawn at random to be previewed: needs and offers of a problem document, more of them or otherwise."""

import random
from collections.abc import Callable
from typing import Literal

from tests.matching.builders import STATES, Json, offer
from tests.matching.draws import LANGUAGES, LEAVES, MODALITIES, PROVIDERS

Kind = Literal["need", "offer"]
Change = tuple[Kind, Json]
"""What is previewed: a need or an offer, as a document has it."""


def new_need(draw: random.Random, document: Json) -> Change:
    """A need of a State that may ask for something else already."""
    state = draw.choice(sorted(STATES))
    like = draw.choice(document["needs"])
    new = _asked_otherwise(draw, like) | {"id": "R-NEW/1", "request": "R-NEW", "states": [state]}
    return "need", new | {"requester": f"state:{state}", "delivery": None, "least": None, "named": True}


def changed_need(draw: random.Random, document: Json) -> Change:
    """A need of the problem that asks for something else."""
    return "need", _asked_otherwise(draw, draw.choice(document["needs"]))


def need_for_more_or_fewer(draw: random.Random, document: Json) -> Change:
    """A need of the problem for another number of units."""
    return "need", draw.choice(document["needs"]) | {"units": draw.randint(1, 4)}


def new_offer(draw: random.Random, document: Json) -> Change:
    """An offer, most of them of whatever the problem's offers are like."""
    like = draw.choice(document["offers"] or [offer()])
    return "offer", _given_otherwise(draw, like) | {"id": "O-NEW", "provider": draw.choice(PROVIDERS)}


def changed_offer(draw: random.Random, document: Json) -> Change:
    """An offer of the problem for something else."""
    return "offer", _given_otherwise(draw, draw.choice(document["offers"] or [offer()]))


def more_or_fewer_units(draw: random.Random, document: Json) -> Change:
    """An offer of the problem with another number of units."""
    return "offer", draw.choice(document["offers"] or [offer()]) | {"units": draw.randint(0, 4)}


CHANGES: tuple[Callable[[random.Random, Json], Change], ...] = (
    new_need,
    changed_need,
    need_for_more_or_fewer,
    new_offer,
    changed_offer,
    more_or_fewer_units,
)


def with_record(document: Json, kind: Kind, record: Json) -> Json:
    """The document with the record in the place of that with its id, or beside the others."""
    others = [each for each in document[f"{kind}s"] if each["id"] != record["id"]]
    return {**document, f"{kind}s": [*others, record]}


def _asked_otherwise(draw: random.Random, need: Json) -> Json:
    return need | {
        "domain": draw.choice([need["domain"], *LEAVES]),
        "modalities": draw.choice([need["modalities"], draw.sample(MODALITIES, 1)]),
        "languages": draw.choice([need["languages"], draw.sample(LANGUAGES, 1)]),
        "units": draw.choice([need["units"], 1, 2, 3]),
        "priority": draw.randint(1, 5),
        "date": draw.choice([need["date"], None, "2013-01-01"]),
    }


def _given_otherwise(draw: random.Random, like: Json) -> Json:
    return like | {
        "domains": draw.choice([like["domains"], draw.sample(LEAVES, draw.randint(1, 3))]),
        "states": draw.choice([like.get("states", []), draw.sample(sorted(STATES), 2)]),
        "worldwide": draw.choice([like["worldwide"], True, False]),
        "languages": draw.choice([like.get("languages", []), draw.sample(LANGUAGES, 1)]),
        "units": draw.choice([like["units"], 1, 2, 5]),
    }
