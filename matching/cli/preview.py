"""``matching preview``: what one need or offer, new or changed, would change, as JSON."""

import argparse
import json
from typing import Any, Literal

from matching.cli.endings import STATUS, WrongInput
from matching.cli.reading import document, named, unusable
from matching.errors import InvalidDocument

Json = dict[str, Any]
Kind = Literal["need", "offer"]

FORMAT = "matching-preview/1"


def declare(parser: argparse.ArgumentParser) -> None:
    """The arguments of the command."""
    parser.add_argument("problem", help="a problem file of needs and offers with their attributes, or -")
    parser.add_argument("result", nargs="?", help="its result, to save solving it again")
    record = parser.add_mutually_exclusive_group(required=True)
    for kind in ("need", "offer"):
        text = f"a file with one {kind} as a problem has it; one with a known id stands in that one's place"
        record.add_argument(f"--{kind}", metavar="FILE", help=text)


def run(arguments: argparse.Namespace) -> int:
    """Print what the record would change, and return the exit code of the problem with it."""
    from matching.pairs.document import is_pair_form

    kind: Kind = "need" if arguments.need is not None else "offer"
    path = arguments.need or arguments.offer
    if [arguments.problem, arguments.result, path].count("-") > 1:
        raise WrongInput("only one of the files can be standard input; name the others")
    given = document(arguments.problem)
    if is_pair_form(given):
        name = named(arguments.problem)
        raise WrongInput(
            f"{name} gives pairs, not attributes to judge a {kind} by; change its pairs and solve it again"
        )
    result, record = None if arguments.result is None else document(arguments.result), document(path)
    if not isinstance(record, dict):
        raise WrongInput(f"{named(path)} holds no {kind}; it has to be one JSON object")
    said = _previewed(arguments, given, result, kind, record, path)
    print(json.dumps({"format": FORMAT, **said}, ensure_ascii=False))
    return STATUS[said["status"]]


def _previewed(arguments: argparse.Namespace, given: Any, result: Any, kind: Kind, record: Json, path: str) -> Json:
    import matching

    try:
        problem = matching.Problem.from_document(given)
    except InvalidDocument as error:
        raise unusable(arguments.problem, error.faults) from error
    if result is not None and matching.check(problem, result):
        name = named(arguments.result)
        raise WrongInput(f"{name} is not a sound result of this problem; `matching verify` says why")
    try:
        return _said(problem, result, kind, record)
    except InvalidDocument as error:
        faults = [fault._replace(pointer=fault.pointer.removeprefix(f"/{kind}")) for fault in error.faults]
        raise unusable(path, faults) from error


def _said(problem: Any, result: Any, kind: Kind, record: Json) -> Json:
    """What there is to say of a record: warm where that is exact, else by a new solve."""
    import matching
    from matching.attributes.replaced import with_need, with_offer
    from matching.insight.anew import compared
    from matching.insight.edits import NotWarm
    from matching.insight.preview import Preview, Previews
    from matching.insight.recall import recalled
    from matching.insight.warm import Warm

    before = matching.solve(problem).document if result is None else result
    if before["status"] != "optimal":
        return {"status": before["status"]}

    def told(method: str, preview: Preview) -> Json:
        return {
            "status": "optimal",
            "method": method,
            "objective": preview.objective,
            "gain": preview.gain,
            "pairings": [
                {"need": need, "member": member, "offer": offer, "units": units}
                for need, member, offer, units in preview.pairings
            ],
            "changes": [
                {"need": need, "member": member, "before": was, "after": is_}
                for (need, member), (was, is_) in preview.changes.items()
            ],
        }

    solved = recalled(problem, before)
    previews = Previews(solved.compiled, Warm(solved.compiled.model, solved.outcome))
    try:
        return told("warm", previews.need(record) if kind == "need" else previews.offer(record))
    except NotWarm:
        after = matching.solve((with_need if kind == "need" else with_offer)(problem, record)).document
    if after["status"] != "optimal":
        return {"status": after["status"], "method": "solved"}
    objective = problem.strategy.objective
    return told("solved", compared(kind, record["id"], objective, before, after))
