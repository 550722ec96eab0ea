"""What every maker of records works with, and what all records have in common."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, NamedTuple

from app.generator.draw import Draw
from app.generator.leanings import Leanings, leanings
from app.generator.plan import Plan
from app.generator.world import World, world

#: Shares of the records that are confidential, and that are withdrawn.
CONFIDENTIAL = 0.04
WITHDRAWN = 0.02


class Line(NamedTuple):
    """One thing to post: a path of the API, and the body."""

    resource: str
    body: dict[str, Any]


@dataclass(frozen=True)
class Setting:
    """A plan, the world that it plays in, and who tends to what there."""

    plan: Plan
    world: World
    leanings: Leanings

    @classmethod
    def of(cls, plan: Plan) -> "Setting":
        """The setting of ``plan`` in the world of the shipped reference data."""
        found = world(plan.starts_on, plan.ends_on)
        return cls(plan, found, leanings(found))

    def stream(self, name: str) -> Draw:
        """The stream of draws called ``name``."""
        return Draw(self.plan.seed, name)


def recorded(reference: str, dated_on: date, said: str, draw: Draw) -> dict[str, Any]:
    """What every body begins with. ``synthetic`` and the summary mark the record as made up wherever it is read."""
    body: dict[str, Any] = {"reference": reference}
    if draw.chance(CONFIDENTIAL):
        body["classification"] = "confidential"
    body |= {
        "dated_on": dated_on.isoformat(),
        "document": f"Synthetic document {reference}",
        "synthetic": True,
        "summary": f"Synthetic record: {said}.",
    }
    return body


def stated(facts: Mapping[str, Any]) -> dict[str, Any]:
    """``facts`` without those that say nothing: what is not sent is not stated."""
    return {name: value for name, value in facts.items() if value not in (None, [], {}, False)}


def day_within(share: float, first: date, last: date) -> date:
    """The day that lies at ``share`` (from 0 to 1) of the way from ``first`` to ``last``."""
    return first + timedelta(days=int(share * ((last - first).days + 1)))


def withdrawal(line: Line, plan: Plan, reason: str, draw: Draw) -> Line:
    """The withdrawal of the record that ``line`` submits, on a day that is not before the record's own."""
    dated_on = date.fromisoformat(line.body["dated_on"])
    on = dated_on + timedelta(days=draw.between(0, (plan.ends_on - dated_on).days))
    return Line(
        f"{line.resource}/{line.body['reference']}/withdraw", {"reason": reason, "withdrawn_on": on.isoformat()}
    )
