"""The matching engine: a problem document in, the best pairings out, each with its reasons. Pure and exact.

problem = Problem.from_document(document)
result = solve(problem)
defects = check(problem, result.document)
"""

from matching import reference
from matching.check import Defect, check
from matching.codes import Obstacle, Reason, Rule, Term
from matching.errors import (
    Fault,
    InvalidDocument,
    InvalidProblem,
    InvalidStrategy,
    MatchingError,
    SolverFailed,
)
from matching.problem import Problem
from matching.result import Result
from matching.solve import solve
from matching.strategy import Strategy

__all__ = [
    "Defect",
    "Fault",
    "InvalidDocument",
    "InvalidProblem",
    "InvalidStrategy",
    "MatchingError",
    "Obstacle",
    "Problem",
    "Reason",
    "Result",
    "Rule",
    "SolverFailed",
    "Strategy",
    "Term",
    "check",
    "reference",
    "solve",
]
