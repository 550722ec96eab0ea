"""The optimum of a document by HiGHS, written straight from the issue's words: it shares nothing with the engine."""

from collections.abc import Iterable, Mapping
from fractions import Fraction
from math import ceil
from typing import Any

import numpy as np
from scipy.optimize import Bounds, LinearConstraint, milp

Json = dict[str, Any]
Row = Mapping[int, float]

SLOPES = {"state": [40, 24, 14, 8, 4, 0], "group": [0]}


class Oracle:
    """A document as a mixed-integer programme."""

    def __init__(self, document: Json) -> None:
        self.document = document
        self.upper: list[float] = []
        self.rows: list[tuple[Row, float, float]] = []
        forbidden = {(each["need"], each["offer"]) for each in document.get("forbidden", [])}
        units = {need["id"]: need["units"] for need in document["needs"]}
        self.x = {
            (each["need"], each["offer"]): (self.variable(min(units[each["need"]], _cap(each))), each["points"])
            for each in document["pairs"]
            if (each["need"], each["offer"]) not in forbidden
        }
        self.states = {state["id"]: state for state in document.get("states", [])}
        for need in document["needs"]:
            if need["state"] is not None:
                self.states.setdefault(need["state"], {"id": need["state"]})
        self.asked = {
            name: sum(need["units"] for need in document["needs"] if need["state"] == name) for name in self.states
        }
        self.limits()
        self.conditions()

    def variable(self, most: float) -> int:
        self.upper.append(most)
        return len(self.upper) - 1

    def of_need(self, name: str) -> list[int]:
        return [x for (need, _), (x, _) in self.x.items() if need == name]

    def of_state(self, name: str) -> list[int]:
        return [x for need in self.document["needs"] if need["state"] == name for x in self.of_need(need["id"])]

    def of_group(self, name: str) -> list[int]:
        return [x for state in self.states.values() if state.get("group") == name for x in self.of_state(state["id"])]

    def keep(self, variables: Iterable[int], least: float, most: float) -> None:
        self.rows.append((dict.fromkeys(variables, 1.0), least, most))

    def limits(self) -> None:
        document = self.document
        for need in document["needs"]:
            self.keep(self.of_need(need["id"]), need.get("least", 0), need["units"])
        for offer in document["offers"]:
            given = [x for (_, by), (x, _) in self.x.items() if by == offer["id"]]
            self.keep(given, offer.get("least", 0), offer["units"])
        for provider in document.get("providers", []):
            own = {offer["id"] for offer in document["offers"] if offer.get("provider") == provider["id"]}
            self.keep((x for (_, by), (x, _) in self.x.items() if by in own), *_range(provider))
        for state in self.states.values():
            self.keep(self.of_state(state["id"]), *_range(state))
        for group in document.get("regional_groups", []):
            self.keep(self.of_group(group["id"]), *_range(group))
        for pin in document.get("pinned", []):
            self.keep([self.x[pin["need"], pin["offer"]][0]], pin["units"], np.inf)

    def conditions(self) -> None:
        units = {need["id"]: need["units"] for need in self.document["needs"]}
        for group in self.document.get("groups", []):
            served, full = self.variable(1), {}
            for need in group["needs"]:
                full[need] = self.variable(1)
                self.rows.append(({**dict.fromkeys(self.of_need(need), 1.0), full[need]: -units[need]}, 0, 0))
                self.rows.append(({full[need]: 1, served: -1}, -np.inf, 0))
            least = group.get("least") or len(group["needs"])
            self.rows.append(({**dict.fromkeys(full.values(), 1.0), served: -least}, 0, np.inf))
        for pair in self.document.get("substitutes", []):
            used = [self.variable(1) for _ in pair]
            for need, yes in zip(pair, used, strict=True):
                self.rows.append(({**dict.fromkeys(self.of_need(need), 1.0), yes: -units[need]}, -np.inf, 0))
            self.keep(used, 0, 1)

    def points(self) -> Row:
        return {x: points for x, points in self.x.values()}

    def fairness(self) -> Row:
        """Points, and a yes/no for each unit that earns a slope."""
        worth = dict(self.points())
        slopes = {**SLOPES, **self.document.get("fairness", {})}
        for name, state in self.states.items():
            earned = [_slope(slopes["state"], state.get("received", 0) + n) for n in range(1, self.asked[name] + 1)]
            worth |= self.earning(self.of_state(name), earned)
        for group in {state["group"] for state in self.states.values() if state.get("group")}:
            asking = [s for s in self.states.values() if s.get("group") == group and self.asked[s["id"]]]
            total = sum(self.asked[state["id"]] for state in asking)
            earned = [_slope(slopes["group"], ceil(n / len(asking))) for n in range(1, total + 1)]
            worth |= self.earning(self.of_group(group), earned)
        return worth

    def earning(self, units: list[int], earned: list[int]) -> dict[int, float]:
        steps = [self.variable(1) for _ in earned]
        self.rows.append(({**dict.fromkeys(units, 1.0), **dict.fromkeys(steps, -1.0)}, 0, 0))
        return dict(zip(steps, earned, strict=True))

    def shares(self) -> list[tuple[Fraction, Row]]:
        """For each share that a State can have, ascending: how many States have as much or more."""
        asking = [name for name, asked in self.asked.items() if asked]
        values = sorted({Fraction(n, self.asked[name]) for name in asking for n in range(1, self.asked[name] + 1)})
        reached: list[tuple[Fraction, Row]] = []
        for value in values:
            yes = {name: self.variable(1) for name in asking}
            for name, reaches in yes.items():
                least = ceil(value * self.asked[name])
                self.rows.append(({**dict.fromkeys(self.of_state(name), 1.0), reaches: -least}, 0, np.inf))
            reached.append((value, dict.fromkeys(yes.values(), 1.0)))
        return reached

    def best(self) -> list[Any] | None:
        """The values of the objective; None where nothing is feasible. Shares of leximin are fractions, ascending."""
        objective = self.document["objective"]
        if objective == "leximin":
            return self.best_shares()
        if objective == "most_needs_served":
            levels: list[Row] = [dict.fromkeys(self.points(), 1.0), self.points()]
        else:
            levels = [self.fairness() if objective == "equal_treatment" else self.points()]
        return self.lexicographic(levels)

    def best_shares(self) -> list[Any] | None:
        reached = self.shares()
        found = self.lexicographic([*(row for _, row in reached), self.points()])
        if found is None:
            return None
        *counts, points = found
        n_asking = sum(1 for asked in self.asked.values() if asked)
        values = [Fraction(0), *(value for value, _ in reached)]
        drops = [*(before - after for before, after in zip([n_asking, *counts], [*counts, 0], strict=True))]
        return [value for value, states in zip(values, drops, strict=True) for _ in range(states)] + [points]

    def lexicographic(self, levels: list[Row]) -> list[int] | None:
        values: list[int] = []
        for level in levels:
            value = self.maximum(level)
            if value is None:
                return None
            values.append(value)
            self.rows.append((level, value, np.inf))
        return values

    def maximum(self, level: Row) -> int | None:
        number = len(self.upper)
        if not number:
            return 0 if all(least <= 0 for _, least, _ in self.rows) else None
        matrix = np.zeros((len(self.rows), number))
        for at, (row, _, _) in enumerate(self.rows):
            matrix[at, list(row)] = list(row.values())
        cost = np.zeros(number)
        cost[list(level)] = [-value for value in level.values()]
        limits = LinearConstraint(matrix, [row[1] for row in self.rows], [row[2] for row in self.rows])
        answer = milp(
            cost,
            constraints=limits,
            integrality=np.ones(number, dtype=np.int64),
            bounds=Bounds(0, self.upper),
            options={"mip_rel_gap": 0},
        )
        if answer.status == 2:
            return None
        assert answer.success, answer.message
        return round(-answer.fun)


def best(document: Json) -> list[Any] | None:
    """The values of the document's objective at its optimum, None where it is infeasible."""
    return Oracle(document).best()


def _cap(pair: Json) -> float:
    return float("inf") if pair.get("units") is None else float(pair["units"])


def _range(record: Json) -> tuple[float, float]:
    most = record.get("most")
    return record.get("least", 0), np.inf if most is None else most


def _slope(slopes: list[int], n: int) -> int:
    return slopes[min(n, len(slopes)) - 1] if slopes else 0
