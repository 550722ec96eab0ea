"""Problems of given pairs in a few words."""

import random
from typing import Any

Json = dict[str, Any]


def need(name: str, units: Any = 1, state: str | None = "A", **more: Any) -> Json:
    """A need."""
    return {"id": name, "state": state, "units": units, **more}


def offer(name: str, units: Any = 1, **more: Any) -> Json:
    """An offer."""
    return {"id": name, "units": units, **more}


def pair(of: str, by: str, points: Any = 1, **more: Any) -> Json:
    """A pair that may be."""
    return {"need": of, "offer": by, "points": points, **more}


def problem(needs: list[Json], offers: list[Json], pairs: Any, objective: str = "points", **more: Any) -> Json:
    """A document."""
    return {"needs": needs, "offers": offers, "pairs": pairs, "objective": objective, **more}


def small(**more: Any) -> Json:
    """Two needs of two States and two offers, all pairs but one."""
    return problem(
        [need("n1", 2, "A"), need("n2", 1, "B")],
        [offer("o1", 2), offer("o2", 1)],
        [pair("n1", "o1", 5), pair("n1", "o2", -3), pair("n2", "o1", 7)],
        **more,
    )


def as_columns(document: Json) -> Json:
    """The same document with its pairs as columns."""
    needs = {each["id"]: position for position, each in enumerate(document["needs"])}
    offers = {each["id"]: position for position, each in enumerate(document["offers"])}
    pairs = document["pairs"]
    columns = {
        "need": [needs[each["need"]] for each in pairs],
        "offer": [offers[each["offer"]] for each in pairs],
        "points": [each["points"] for each in pairs],
    }
    if any("units" in each for each in pairs):
        columns["units"] = [each.get("units") for each in pairs]
    return {**document, "pairs": columns}


def shuffled(document: Json, dice: random.Random) -> Json:
    """The same document with every list in another order."""
    lists = ("needs", "offers", "pairs", "groups", "states", "regional_groups", "providers", "pinned", "forbidden")
    changed = {name: dice.sample(document[name], len(document[name])) for name in lists if name in document}
    if "groups" in changed:
        changed["groups"] = [
            {**group, "needs": dice.sample(group["needs"], len(group["needs"]))} for group in changed["groups"]
        ]
    keys = dice.sample([*document], len(document))
    return {key: changed.get(key, document[key]) for key in keys}
