"""A solved model kept warm: what edits would change, exactly, without solving again.

An edit is one arc or one node more or less in the circulation of the optimum, and is followed by as many shortest
paths as it moves units. Nothing is kept: each question is answered against the same optimum.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

from matching.insight.circulation import Circulation
from matching.insight.edits import Edit
from matching.insight.ledger import Ledger, Pair
from matching.insight.rerouting import Impossible
from matching.insight.trial import Trial
from matching.model import Model, Outcome


@dataclass(frozen=True)
class Effect:
    """What edits would change.

    ``objective`` is the new optimum, and ``gain`` how much more it is worth than the present one, level by level; under
    leximin the first level weighs States' shares (`weighing.Ladder`). ``served`` are the units before and after of each
    need that would receive more or fewer, ``pairs`` those of each pair. Value and needs served are those of a new
    solve; where offers tie, it may give other units to the same needs.
    """

    objective: tuple[int, ...]
    gain: tuple[int, ...]
    served: dict[int, tuple[int, int]]
    pairs: dict[Pair, tuple[int, int]]

    @property
    def displaced(self) -> dict[int, int]:
        """Units lost by each need that would receive fewer."""
        return {need: before - after for need, (before, after) in self.served.items() if after < before}


class Warm:
    """The optimum of a model, ready for questions; not for several threads at once.

    Needs of bundles and substitutes stay as they are served (`Circulation`), which ``conditions_kept`` tells. Raises
    SolverFailed where the outcome is not the canonical optimum of the model.
    """

    def __init__(self, model: Model, outcome: Outcome) -> None:
        self.model, self.outcome = model, outcome
        self.circulation = Circulation(model, outcome.allocation)

    @property
    def conditions_kept(self) -> bool:
        """Whether there are needs that no answer changes, although a new solve might."""
        return bool(self.model.conditions.needs)

    def effect(self, *edits: Edit) -> Effect | None:
        """What these edits, carried out in order, would change; None where one cannot be within leasts and mosts.

        Raises NotWarm where only solving again can tell.
        """
        with self._tried(edits) as told:
            if told is None:
                return None
            return Effect(told.objective(self.outcome.objective), told.levels(), told.served(), told.pairs())

    def gain(self, *edits: Edit) -> tuple[int, ...] | None:
        """How much more the optimum would be worth with these edits, level by level, as in `effect`."""
        with self._tried(edits) as told:
            return None if told is None else told.levels()

    def served(self, *edits: Edit) -> dict[int, tuple[int, int]] | None:
        """Units before and after of each need that would receive more or fewer with these edits, as in `effect`."""
        with self._tried(edits) as told:
            return None if told is None else told.served()

    @contextmanager
    def _tried(self, edits: Sequence[Edit]) -> Iterator[Ledger | None]:
        trial = Trial(self.circulation)
        try:
            yield trial.ledger if _possible(trial, edits) else None
        finally:
            trial.take_back()


def _possible(trial: Trial, edits: Sequence[Edit]) -> bool:
    try:
        for edit in edits:
            trial.apply(edit)
        trial.close()
    except Impossible:
        return False
    return True
