"""A run of the attribute form, checked from the pairs that its rules and weights gave.

The rules and the points need the whole engine; what Python alone can check is everything that follows from them.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from matching.canonical import hash_of_result, sha256
from matching.certificate.digests import hash_of_answer, hash_of_problem
from matching.certificate.proposal import Defect
from matching.certificate.reading import columns_of

NOT_DERIVED = (
    "Taken as given, from pairs.json: which pairs are eligible, and their points. Not looked at: the terms of these "
    "points, and the reasons stated for what is unserved. `matching verify` derives both again, with the whole engine."
)

Json = Mapping[str, Any]


def name_of(need: str, member: str | None) -> str:
    """What a need, or one member's part of it, is called among pairs and in the draw."""
    return f"{need}|{member}" if member else need


def answer_in_pairs(pairs: Json, result: Json) -> dict[str, Any]:
    """The answer to the problem of these pairs that a result amounts to."""
    listed = [
        {
            "need": name_of(pairing["need"], pairing["member"]),
            "offer": pairing["offer"],
            "units": pairing["units"],
        }
        for pairing in result["pairings"]
    ]
    kept = ("status", "total", "objective", "bound", "solver_bound", "units", "certificate", "reason")
    asked: dict[str, int] = {}
    for need in pairs["needs"]:
        if need["state"] is not None:
            asked[need["state"]] = asked.get(need["state"], 0) + need["units"]
    answer = {
        **{name: result[name] for name in kept if result.get(name) is not None},
        # A quota may lower what a need can have, and so what counts as asked.
        "served": {state: [units, asked.get(state, 0)] for state, (units, _) in result["served"].items()},
        "pairs": sorted(listed, key=lambda pair: (pair["need"], pair["offer"])),
        "input_hash": hash_of_problem(pairs),
    }
    return {**answer, "result_hash": hash_of_answer(answer)}


def wrong_figures_of_run(problem: Json, strategy: Any, pairs: Json, result: Json) -> Iterator[Defect]:
    """Hashes of a result, and the points of its pairings, that are not those of its problem."""
    if result.get("input_hash") != sha256({"problem": problem, "strategy": strategy}):
        yield Defect("INPUT_HASH", "this is not a result of this problem and strategy", "/input_hash")
    if result.get("result_hash") != hash_of_result(result):
        yield Defect("RESULT_HASH", "the result is not the one that was hashed", "/result_hash")
    need, offer, points, _ = columns_of(pairs)
    needs, offers = ([record["id"] for record in pairs[name]] for name in ("needs", "offers"))
    worth = {(needs[i], offers[j]): p for i, j, p in zip(need, offer, points, strict=True)}
    for number, pairing in enumerate(result["pairings"]):
        pair = name_of(pairing["need"], pairing["member"]), pairing["offer"]
        if pairing["points"] != worth.get(pair):
            yield Defect("WRONG_POINTS", f"{pair[0]} with {pair[1]} is worth {worth.get(pair)}", f"/pairings/{number}")
