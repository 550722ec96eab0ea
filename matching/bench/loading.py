"""Problem files of either form as models, a million needs without holding their documents."""

import gzip
import json
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import IO, Any

from matching.attributes.problem import Problem
from matching.attributes.profiles import Compiled, judge, model_of
from matching.bench.clock import Clock
from matching.cli.endings import WrongInput
from matching.cli.reading import GZIP, document, unusable
from matching.errors import InvalidDocument
from matching.model import Fairness, Model, Objective
from matching.pairs.document import PairsProblem, is_pair_form
from matching.pairs.modelling import model as model_of_pairs

NEEDS_BELOW = '"needs":['
"""How the first line of a file ends that has its needs last, one to a line."""


@dataclass(frozen=True)
class Loaded:
    """A model, what its problem is compiled to where that is of attributes, and how many pairs may be."""

    model: Model
    compiled: Compiled | None
    n_pairs: int


def load(path: str) -> Problem | PairsProblem:
    """The problem in a file. Raises WrongInput."""
    try:
        with _opened(path) as lines:
            first = lines.readline().rstrip()
            if first.endswith(NEEDS_BELOW):
                return Problem.from_records(json.loads(first + "]}"), _needs(lines))
        given = document(path)
        return (PairsProblem if is_pair_form(given) else Problem).from_document(given)
    except OSError as error:
        raise WrongInput(f"{path}: {(error.strerror or str(error)).lower()}") from error
    except InvalidDocument as error:
        raise unusable(path, error.faults) from error


def compiled(problem: Problem | PairsProblem, objective: Objective, clock: Clock) -> Loaded:
    """The model of a problem for an objective, which need not be its own."""
    if isinstance(problem, PairsProblem):
        with clock.stage("equal rows"):
            model = model_of_pairs(problem)
        slopes = Fairness(problem.fairness.state, problem.fairness.group)
        return Loaded(_aiming(model, objective, slopes), None, len(problem.pairs.need))
    with clock.stage("rules"):
        judged = judge(problem)
    with clock.stage("points"):
        made = model_of(judged)
    fairness = problem.strategy.fairness
    slopes = Fairness(tuple(fairness.state.value), tuple(fairness.group.value))
    model = _aiming(made.model, objective, slopes)
    return Loaded(model, replace(made, model=model), judged.eligibility.n_pairs)


def _aiming(model: Model, objective: Objective, slopes: Fairness) -> Model:
    return replace(model, objective=objective, fairness=slopes if objective == "equal_treatment" else Fairness())


def _opened(path: str) -> IO[str]:
    with open(path, "rb") as file:
        packed = file.read(len(GZIP)) == GZIP
    return gzip.open(path, "rt", encoding="utf-8") if packed else open(path, encoding="utf-8")


def _needs(lines: IO[str]) -> Iterator[Any]:
    for line in lines:
        need = line.strip().removesuffix(",")
        if need == "]}":
            return
        yield json.loads(need)
