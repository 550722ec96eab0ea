"""Small problems of the pair form drawn at random: every objective, quota and condition, with ties and pins."""

import random
from collections.abc import Sequence
from typing import Any

Json = dict[str, Any]

OBJECTIVES = ("points", "equal_treatment", "most_needs_served", "leximin")


def drawn_document(
    draw: random.Random, objectives: Sequence[str] = OBJECTIVES, quotas: bool = True, conditions: bool = False
) -> Json:
    """A document of at most four needs and three offers; most have a solution."""
    return _Drawn(draw, quotas).document(draw.choice(objectives), conditions)


class _Drawn:
    def __init__(self, draw: random.Random, quotas: bool) -> None:
        self._draw, self._quotas = draw, quotas
        self._states = [f"S{number}" for number in range(draw.randint(1, 3))]
        self._groups = [f"G{number}" for number in range(draw.randint(0, 2))]
        self._providers = [f"P{number}" for number in range(draw.randint(0, 2))]

    def document(self, objective: str, conditions: bool) -> Json:
        draw = self._draw
        needs = [
            self._limited({"id": f"N{n}", "state": draw.choice([*self._states, None]), "units": draw.randint(1, 3)})
            for n in self._shuffled(range(draw.randint(1, 4)))
        ]
        offers = [
            self._limited({"id": f"O{n}", "units": draw.randint(0, 3), "provider": self._of(self._providers)})
            for n in self._shuffled(range(draw.randint(1, 3)))
        ]
        pairs = [
            self._capped({"need": need["id"], "offer": offer["id"], "points": draw.choice([0, 1, 1, 2, 5, -2])})
            for need in needs
            for offer in offers
            if draw.random() < 0.8
        ]
        document: Json = {
            "format": "matching/1",
            "objective": objective,
            "needs": needs,
            "offers": offers,
            "pairs": self._shuffled(pairs),
            "quarter": "2015-Q2",
            "states": [self._state(name) for name in self._states if draw.random() < 0.8],
            "providers": [{"id": name, **self._range()} for name in self._providers],
        }
        used = {state.get("group") for state in document["states"]} - {None}
        document["regional_groups"] = [{"id": name, **self._range()} for name in self._groups if name in used]
        if draw.random() < 0.5:
            document["fairness"] = {"state": self._slopes(), "group": self._slopes()}
        self._decide(document)
        if conditions:
            self._condition(document)
        return document

    def _decide(self, document: Json) -> None:
        """Pins and forbidden pairs."""
        draw = self._draw
        for pair in document["pairs"]:
            if self._quotas and draw.random() < 0.08:
                document.setdefault("forbidden", []).append({"need": pair["need"], "offer": pair["offer"]})
            elif self._quotas and draw.random() < 0.08 and pair.get("units") != 0:
                pin = {"need": pair["need"], "offer": pair["offer"], "units": 1}
                if not any(other["offer"] == pair["offer"] for other in document.get("pinned", [])):
                    document.setdefault("pinned", []).append(pin)

    def _condition(self, document: Json) -> None:
        draw = self._draw
        left = self._shuffled([need["id"] for need in document["needs"]])
        for number in range(draw.randint(0, 2)):
            taken, left = left[: draw.randint(1, 3)], left[3:]
            if taken:
                group = {"id": f"B{number}", "needs": taken, "least": draw.randint(1, len(taken))}
                document.setdefault("groups", []).append(group)
        names = [need["id"] for need in document["needs"]]
        if len(names) > 1 and draw.random() < 0.4:
            document["substitutes"] = [draw.sample(names, 2)]

    def _state(self, name: str) -> Json:
        return {"id": name, "group": self._of(self._groups), "received": self._draw.randint(0, 2), **self._range()}

    def _limited(self, record: Json) -> Json:
        least = 1 if self._quotas and record["units"] and self._draw.random() < 0.12 else 0
        return {**record, "least": least} if least else record

    def _capped(self, pair: Json) -> Json:
        return {**pair, "units": self._draw.randint(0, 2)} if self._quotas and self._draw.random() < 0.15 else pair

    def _range(self) -> Json:
        if not self._quotas or self._draw.random() < 0.7:
            return {}
        most = self._draw.randint(1, 4)
        return {"most": most, "least": self._draw.choice([0, 0, 1])}

    def _of(self, names: Sequence[str]) -> str | None:
        return self._draw.choice([*names, *names, None])

    def _slopes(self) -> list[int]:
        return sorted((self._draw.choice([0, 1, 2, 3, 6]) for _ in range(self._draw.randint(0, 4))), reverse=True)

    def _shuffled(self, items: Any) -> list[Any]:
        return self._draw.sample(list(items), len(items))
