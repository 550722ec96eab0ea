"""The optimum that a stored result holds, ready for questions without a new solve."""

from collections.abc import Mapping
from typing import Any

import numpy as np

from matching.model import Allocation, Outcome
from matching.problem import Problem
from matching.profiles import judge, model_of
from matching.result import Solved


def recalled(problem: Problem, result: Mapping[str, Any]) -> Solved:
    """What was solved, from a problem and its result as parsed JSON, which is optimal and was checked."""
    listed = result["pairings"]
    row = [problem.row_of[each["need"], each["member"]] for each in listed]
    offer = [problem.offer_of[each["offer"]] for each in listed]
    columns = (row, offer, [each["units"] for each in listed], [each["points"] for each in listed])
    need, of, units, points = (np.array(column, dtype=np.int64) for column in columns)
    order = np.lexsort((of, need))
    allocation = Allocation(need[order], of[order], units[order], points[order])
    outcome = Outcome("optimal", allocation, tuple(result["objective"]), tuple(result["bound"]))
    return Solved(model_of(judge(problem)), outcome)
