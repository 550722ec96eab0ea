"""``matching verify``: whether an answer keeps the rules, tells the truth and is the best, from the problem alone."""

import argparse
import json
from typing import Any

from matching.cli.endings import DONE, FAILED, WrongInput
from matching.cli.reading import document, unusable
from matching.errors import InvalidDocument


def declare(parser: argparse.ArgumentParser) -> None:
    """The arguments of the command."""
    parser.add_argument("problem", help="the problem file")
    parser.add_argument("result", help="the answer to check; either file may be gzip, and one of them -")
    parser.add_argument("--json", action="store_true", help="print the verdict as JSON")


def run(arguments: argparse.Namespace) -> int:
    """Check, print what was found, and return 0 where nothing is wrong."""
    from matching.pairs.document import is_pair_form

    if arguments.problem == arguments.result == "-":
        raise WrongInput("problem and result cannot both be standard input; name a file for one of them")
    problem, result = document(arguments.problem), document(arguments.result)
    check = _pairs if is_pair_form(problem) else _attributes
    sound, verdict, sentences = check(arguments.problem, problem, result)
    print(json.dumps(verdict, ensure_ascii=False) if arguments.json else sentences)
    return DONE if sound else FAILED


Checked = tuple[bool, dict[str, Any], str]
"""Whether nothing is wrong, the verdict as JSON, and in sentences."""


def _pairs(path: str, problem: Any, result: Any) -> Checked:
    from matching.certificate import check_answer, explained
    from matching.pairs.document import PairsProblem

    try:
        PairsProblem.from_document(problem)
    except InvalidDocument as error:
        raise unusable(path, error.faults) from error
    verdict = check_answer(problem, result)
    return verdict.sound, verdict.document, explained(verdict, result)


def _attributes(path: str, given: Any, result: Any) -> Checked:
    import matching

    try:
        problem = matching.Problem.from_document(given)
    except InvalidDocument as error:
        raise unusable(path, error.faults) from error
    defects = matching.check(problem, result)
    lines = [f"{defect.code} at {defect.where or '/'}: {defect.message}" for defect in defects]
    sentences = "\n".join(["The result is NOT sound.", *lines]) if lines else "The result is sound."
    return not defects, {"sound": not defects, "defects": [defect._asdict() for defect in defects]}, sentences
