"""The optimum that a stored result holds, ready for questions without a new solve."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from matching.attributes.problem import Problem
from matching.attributes.profiles import judge, model_of
from matching.attributes.result import Solved
from matching.model import Allocation, Model, Outcome
from matching.pairs import modelling as pairs
from matching.pairs.document import PairsProblem


def recalled(problem: Problem, result: Mapping[str, Any]) -> Solved:
    """What was solved, from a problem and its result as parsed JSON, which is optimal and was checked."""
    listed = result["pairings"]
    row = [problem.row_of[each["need"], each["member"]] for each in listed]
    offer = [problem.offer_of[each["offer"]] for each in listed]
    compiled = model_of(judge(problem))
    return Solved(compiled, _outcome(compiled.model, row, offer, result, listed))


def recalled_pairs(problem: PairsProblem, answer: Mapping[str, Any]) -> tuple[Model, Outcome]:
    """The same for a problem of given pairs."""
    listed = answer["pairs"]
    need = [problem.need_of[each["need"]] for each in listed]
    offer = [problem.offer_of[each["offer"]] for each in listed]
    model = pairs.model(problem)
    return model, _outcome(model, need, offer, answer, listed)


def _outcome(
    model: Model, need: Sequence[int], offer: Sequence[int], result: Mapping[str, Any], listed: Sequence[Any]
) -> Outcome:
    columns = (need, offer, [each["units"] for each in listed])
    rows, of, units = (np.array(column, dtype=np.int64) for column in columns)
    order = np.lexsort((of, rows))
    rows, of, units = rows[order], of[order], units[order]
    allocation = Allocation(rows, of, units, model.points(rows, model.cell(rows, of)))
    return Outcome("optimal", allocation, tuple(result["objective"]), tuple(result["bound"]))
