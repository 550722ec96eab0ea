"""The matching engine: a problem document in, the best pairings out, each with its reasons. Pure and exact.

problem = Problem.from_document(document)
result = solve(problem)
defects = check(problem, result.document)

Problems of given pairs are solved as a document, `solve_document`, or as arrays, `solve_pairs`.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from matching.attributes import reference
    from matching.attributes.check import check, verdict
    from matching.attributes.problem import Problem
    from matching.attributes.result import Result
    from matching.attributes.solve import solve
    from matching.attributes.strategy import Strategy
    from matching.certificate import Defect
    from matching.codes import Obstacle, Reason, Rule, Term
    from matching.errors import (
        Fault,
        InvalidDocument,
        InvalidProblem,
        InvalidStrategy,
        MatchingError,
        SolverFailed,
        TooLarge,
    )
    from matching.pairs.answer import solve_document
    from matching.pairs.arrays import PairsSolution, solve_pairs
    from matching.pairs.document import PairsProblem

__all__ = [
    "Defect",
    "Fault",
    "InvalidDocument",
    "InvalidProblem",
    "InvalidStrategy",
    "MatchingError",
    "Obstacle",
    "PairsProblem",
    "PairsSolution",
    "Problem",
    "Reason",
    "Result",
    "Rule",
    "SolverFailed",
    "Strategy",
    "Term",
    "TooLarge",
    "check",
    "reference",
    "solve",
    "solve_document",
    "solve_pairs",
    "verdict",
]

_MODULES = {
    "pairs.answer": ("solve_document",),
    "pairs.arrays": ("PairsSolution", "solve_pairs"),
    "certificate": ("Defect",),
    "attributes.check": ("check", "verdict"),
    "codes": ("Obstacle", "Reason", "Rule", "Term"),
    "errors": (
        "Fault",
        "InvalidDocument",
        "InvalidProblem",
        "InvalidStrategy",
        "MatchingError",
        "SolverFailed",
        "TooLarge",
    ),
    "pairs.document": ("PairsProblem",),
    "attributes.problem": ("Problem",),
    "attributes.result": ("Result",),
    "attributes.solve": ("solve",),
    "attributes.strategy": ("Strategy",),
}
_HOME = {name: module for module, names in _MODULES.items() for name in names}


def __getattr__(name: str) -> Any:
    """Import what is asked for when it is asked for: a command that solves nothing need not load the solvers."""
    if name == "reference":
        return import_module("matching.attributes.reference")
    if name not in _HOME:
        raise AttributeError(f"module 'matching' has no attribute {name!r}")
    found = getattr(import_module(f"matching.{_HOME[name]}"), name)
    globals()[name] = found
    return found
