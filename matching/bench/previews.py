"""Previews of drawn records, timed, and compared with new solves of the whole problem."""

import random
from collections import Counter
from collections.abc import Callable
from statistics import median
from time import perf_counter, process_time
from typing import Any

from matching.attributes.problem import Problem
from matching.attributes.replaced import with_need, with_offer
from matching.bench.clock import Clock
from matching.bench.loading import Loaded, compiled
from matching.insight.edits import NotWarm
from matching.insight.preview import Part, Preview, Previews, gained
from matching.insight.warm import Warm
from matching.model import Outcome
from matching.optimise import optimise

Json = dict[str, Any]
SEED = 1540


class Drawn:
    """Records drawn from those of a problem, so that what is previewed is like what is there."""

    def __init__(self, problem: Problem, draw: random.Random) -> None:
        self._problem, self._draw = problem, draw

    def new_need(self) -> Json:
        """What one State asks for, asked by another one."""
        asked, state = self._need(), self._need()
        asker = {name: state[name] for name in ("requester", "states", "named")}
        more = {"id": "R-NEW/1", "request": "R-NEW", "priority": self._draw.randint(1, 5)}
        return asked | asker | more | {"delivery": state["delivery"], "least": state["least"]}

    def changed_need(self) -> Json:
        """A need for another subject, or as urgent as another one is."""
        other = self._need()
        return self._need() | {"domain": other["domain"], "priority": other["priority"]}

    def need_for_other_units(self) -> Json:
        """A need for up to two units more, or one fewer."""
        need = self._need()
        return need | {"units": max(1, need["units"] + self._draw.choice([-1, 1, 2]))}

    def new_offer(self) -> Json:
        """An offer like one that is there."""
        return self._offer() | {"id": "O-NEW"}

    def changed_offer(self) -> Json:
        """An offer for the subjects of another one."""
        return self._offer() | {"domains": self._offer()["domains"]}

    def offer_of_other_units(self) -> Json:
        """An offer of up to three units more or fewer."""
        offer = self._offer()
        return offer | {"units": max(0, offer["units"] + self._draw.choice([-3, -2, -1, 1, 2, 3]))}

    def _need(self) -> Json:
        return self._draw.choice(self._problem.needs).model_dump(mode="json")

    def _offer(self) -> Json:
        return self._draw.choice(self._problem.offers).model_dump(mode="json", by_alias=True)


KINDS: dict[str, Callable[[Drawn], Json]] = {
    "new need": Drawn.new_need,
    "changed need": Drawn.changed_need,
    "need, other units": Drawn.need_for_other_units,
    "new offer": Drawn.new_offer,
    "changed offer": Drawn.changed_offer,
    "offer, other units": Drawn.offer_of_other_units,
}


def measured(loaded: Loaded, outcome: Outcome, number: int, *, again: bool) -> Json:
    """Seconds until previews can be asked for, and of ``number`` of them, by kind.

    Where ``again``, also how many of them are as a new solve of the whole problem says.
    """
    assert loaded.compiled is not None
    problem = loaded.compiled.judged.facts.problem
    began = process_time()
    previews = Previews(loaded.compiled, Warm(loaded.model, outcome))
    cold = process_time() - began
    drawn = Drawn(problem, random.Random(SEED))  # noqa: S311 - a measurement, no secrets
    seconds: dict[str, list[float]] = {kind: [] for kind in KINDS}
    said: Counter[str] = Counter()
    for turn in range(number):
        kind = list(KINDS)[turn % len(KINDS)]
        record = KINDS[kind](drawn)
        is_need = "need" in kind
        began = perf_counter()
        try:
            found = previews.need(record) if is_need else previews.offer(record)
        except NotWarm:
            said["not warm"] += 1
            continue
        seconds[kind].append(perf_counter() - began)
        said["warm"] += 1
        if again:
            changed = with_need(problem, record) if is_need else with_offer(problem, record)
            equal = _as_solved(loaded, outcome, changed, found, record["id"] if is_need else None)
            said["equal" if equal else "DIFFERENT"] += 1
    taken = [each for of in seconds.values() for each in of]
    by_kind = {kind: [median(of), max(of)] for kind, of in seconds.items() if of}
    return {
        "preview": {
            "edits": number, "cold_s": cold, "median_s": median(taken), "worst_s": max(taken), "kinds": by_kind, **said
        }
    }  # fmt: skip


def _as_solved(loaded: Loaded, before: Outcome, changed: Problem, found: Preview, need: str | None) -> bool:
    """Whether a preview says what a new solve of the changed problem says: value, gain, and who has more or fewer."""
    model = loaded.model
    anew = compiled(changed, model.objective, Clock())
    outcome = optimise(anew.model)
    gain = gained(model.objective, before.objective, outcome.objective)
    assert loaded.compiled is not None
    was, is_ = _served(loaded.compiled.judged.facts.problem, before), _served(changed, outcome)
    changes = {
        part: (was.get(part, 0), is_.get(part, 0))
        for part in was.keys() | is_.keys()
        if was.get(part, 0) != is_.get(part, 0) and part[0] != need
    }
    units = sum(of for (name, _), of in is_.items() if name == need)
    said = sum(of for *_, of in found.pairings) if need is not None else units
    return (found.objective, found.gain, found.changes, said) == (outcome.objective, gain, changes, units)


def _served(problem: Problem, outcome: Outcome) -> dict[Part, int]:
    """Units of each need that has some."""
    units = outcome.allocation.of_needs(len(problem.rows))
    rows = units.nonzero()[0].tolist()
    ids, of = problem.needs.ids, problem.rows.need
    return {(ids[of[row]], problem.rows.member_of(row)): int(units[row]) for row in rows}
