"""The matching engine: a problem document in, the best pairings out, each with its reasons. Pure and exact.

problem = Problem.from_document(document)
result = solve(problem)
defects = check(problem, result.document)

Problems of given pairs are solved as a document, `solve_document`, or as arrays, `solve_pairs`.
"""

import sys
from importlib import import_module
from types import ModuleType
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from matching import reference
    from matching.answer import solve_document
    from matching.arrays import PairsSolution, solve_pairs
    from matching.certificate import Defect
    from matching.check import check, verdict
    from matching.codes import Obstacle, Reason, Rule, Term
    from matching.errors import (
        Fault,
        InvalidDocument,
        InvalidProblem,
        InvalidStrategy,
        MatchingError,
        SolverFailed,
    )
    from matching.pairs_document import PairsProblem
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
    "PairsProblem",
    "PairsSolution",
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
    "solve_document",
    "solve_pairs",
    "verdict",
]

_MODULES = {
    "answer": ("solve_document",),
    "arrays": ("PairsSolution", "solve_pairs"),
    "certificate": ("Defect",),
    "check": ("check", "verdict"),
    "codes": ("Obstacle", "Reason", "Rule", "Term"),
    "errors": ("Fault", "InvalidDocument", "InvalidProblem", "InvalidStrategy", "MatchingError", "SolverFailed"),
    "pairs_document": ("PairsProblem",),
    "problem": ("Problem",),
    "result": ("Result",),
    "solve": ("solve",),
    "strategy": ("Strategy",),
}
_HOME = {name: module for module, names in _MODULES.items() for name in names}


def __getattr__(name: str) -> Any:
    """Import what is asked for when it is asked for: a command that solves nothing need not load the solvers."""
    if name == "reference":
        return import_module("matching.reference")
    if name not in _HOME:
        raise AttributeError(f"module 'matching' has no attribute {name!r}")
    found = getattr(import_module(f"matching.{_HOME[name]}"), name)
    globals()[name] = found
    return found


class _Package(ModuleType):
    """`matching.solve` and `matching.check` are functions, although modules of these names are imported too."""

    def __setattr__(self, name: str, value: Any) -> None:
        if not (name in _HOME and isinstance(value, ModuleType)):
            super().__setattr__(name, value)


sys.modules[__name__].__class__ = _Package
