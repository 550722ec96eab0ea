"""``matching explain``: who was next in line, what would help, which offers rest, as JSON with codes."""

import argparse
import json
from collections.abc import Mapping
from typing import Any

from matching.cli.endings import STATUS, WrongInput
from matching.cli.reading import document, named, unusable
from matching.errors import InvalidDocument

Json = dict[str, Any]


def declare(parser: argparse.ArgumentParser) -> None:
    """The arguments of the command."""
    parser.add_argument("problem", help="the problem file (.json or .json.gz), or - for standard input")
    parser.add_argument("result", nargs="?", help="its result, to save solving it again")
    parser.add_argument("--need", metavar="ID", help="only what is said of this need")
    parser.add_argument("--offer", metavar="ID", help="only what is said of this offer")
    parser.add_argument(
        "--firmness", action="store_true", help="also how firm each pairing is if weights vary, which takes many solves"
    )


def run(arguments: argparse.Namespace) -> int:
    """Explain, print the explanation, and return the exit code of the result's status."""
    from matching.pairs.document import is_pair_form

    if arguments.problem == arguments.result == "-":
        raise WrongInput("problem and result cannot both be standard input; name a file for one of them")
    given = document(arguments.problem)
    result = None if arguments.result is None else document(arguments.result)
    by_pairs = is_pair_form(given)
    if by_pairs and arguments.firmness:
        path = named(arguments.problem)
        raise WrongInput(f"--firmness varies the weights of a strategy; {path} gives points instead, so leave it out")
    try:
        status, said, known = _pairs(given, result) if by_pairs else _attributes(given, result, arguments.firmness)
    except InvalidDocument as error:
        raise unusable(arguments.problem, error.faults) from error
    except _Unsound as unsound:
        path = named(arguments.result)
        raise WrongInput(f"{path} is not a sound result of this problem; `matching verify` says why") from unsound
    for name in ("need", "offer"):
        wanted = getattr(arguments, name)
        if wanted is not None and wanted not in known[name]:
            raise WrongInput(f"there is no {name} {wanted} in {named(arguments.problem)}")
    print(json.dumps(_about(said, arguments.need, arguments.offer), ensure_ascii=False))
    return STATUS[status]


class _Unsound(Exception):
    """What was given as the result of a problem is none."""


Explained = tuple[str, Json, Mapping[str, Any]]
"""The status of the result, the explanation, and the known ids of needs and offers."""


def _attributes(given: Any, result: Any, firmness: bool) -> Explained:
    import matching
    from matching.insight.explanation import Missing, explanation, unexplained
    from matching.insight.recall import recalled
    from matching.studies.solved_again import firmness_of, with_firmness

    problem = matching.Problem.from_document(given)
    known = {"need": problem.need_of, "offer": problem.offer_of}
    if result is None:
        found = matching.solve(problem)
        status, solved = found.document["status"], found.solved
    else:
        if matching.check(problem, result):
            raise _Unsound
        status = result["status"]
        solved = recalled(problem, result) if status == "optimal" else None
    said = unexplained(Missing.NOT_OPTIMAL) if solved is None else explanation(solved.compiled, solved.outcome)
    return status, with_firmness(said, firmness_of(solved)) if firmness else said, known


def _pairs(given: Any, result: Any) -> Explained:
    """Of given pairs nothing is known but their points: who was next in line, and no change that would help."""
    from matching.certificate import check_answer
    from matching.insight.edits import NotWarm
    from matching.insight.explanation import FORMAT, Missing
    from matching.insight.in_line import Called, next_in_line
    from matching.insight.recall import recalled_pairs
    from matching.insight.warm import Warm
    from matching.optimise import optimise
    from matching.pairs import modelling as pairs
    from matching.pairs.document import PairsProblem

    problem = PairsProblem.from_document(given)
    known = {"need": problem.need_of, "offer": problem.offer_of}
    if result is None:
        model = pairs.model(problem)
        outcome = optimise(model)
        status: str = outcome.status
    else:
        if not check_answer(given, result).sound:
            raise _Unsound
        status = result["status"]
        if status == "optimal":
            model, outcome = recalled_pairs(problem, result)
    if status != "optimal":
        return status, {"format": FORMAT, "pairings": [], "missing": {"pairings": Missing.NOT_OPTIMAL}}, known
    warm = Warm(model, outcome)
    called = Called(lambda need: {"need": problem.needs[need].id}, [offer.id for offer in problem.offers])
    said: Json = {"format": FORMAT, "conditions_kept": warm.conditions_kept, "pairings": [], "missing": {}}
    try:
        said["pairings"] = list(next_in_line(warm, called))
    except NotWarm:
        said["missing"] = {"pairings": Missing.TOO_LARGE}
    return status, said, known


def _about(said: Json, need: str | None, offer: str | None) -> Json:
    """The entries about a need, an offer or both; those about neither are left out."""
    if need is None and offer is None:
        return said

    def meant(entry: Json) -> bool:
        needs = entry.get("needs", [entry.get("need")])
        return need in (None, *needs) and offer in (None, entry.get("offer"))

    return {
        name: [entry for entry in part if meant(entry)] if isinstance(part, list) else part
        for name, part in said.items()
    }
