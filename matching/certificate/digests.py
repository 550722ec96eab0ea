"""The hashes that an answer carries, computed again from the problem's document and the answer's."""

import hashlib
import sys
from array import array
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from matching.canonical import sha256
from matching.certificate.reading import (
    DEFAULT_GROUP_SLOPES,
    DEFAULT_OBJECTIVE,
    DEFAULT_STATE_SLOPES,
    Document,
    columns_of,
)

NOT_HASHED = ("certificate", "result_hash", "bound", "solver_bound")
"""What stands beside an answer: its own hash, and claims about other answers."""

UNSAID: Mapping[str, Any] = {"least": 0, "received": 0}


def hash_of_problem(document: Document) -> str:
    """SHA-256 of a problem, the same for every order of its lists and for whatever it leaves unsaid."""
    fairness = document.get("fairness") or {}
    slopes = {
        name: list(fairness[name])
        for name, default in (("state", DEFAULT_STATE_SLOPES), ("group", DEFAULT_GROUP_SLOPES))
        if name in fairness and tuple(fairness[name]) != default
    }
    optional = {
        **{name: _by_id(document, name, telling=True) for name in ("states", "regional_groups", "providers")},
        "groups": _groups(document),
        "pinned": sorted(map(dict, document.get("pinned") or ()), key=_pair),
        "forbidden": [
            {"need": need, "offer": offer} for need, offer in _distinct(map(_pair, document.get("forbidden") or ()))
        ],
        "substitutes": _distinct(document.get("substitutes") or ()),
        "fairness": slopes,
        "quarter": document.get("quarter"),
    }
    return sha256(
        {
            "format": "matching/1",
            "objective": document.get("objective") or DEFAULT_OBJECTIVE,
            "needs": _by_id(document, "needs"),
            "offers": _by_id(document, "offers"),
            "pairs": _hash_of_pairs(document),
            **{name: value for name, value in optional.items() if value},
        }
    )


def hash_of_answer(answer: Document) -> str:
    """SHA-256 of what an answer decides."""
    return sha256({name: value for name, value in answer.items() if name not in NOT_HASHED})


def _by_id(document: Document, name: str, telling: bool = False) -> list[dict[str, Any]]:
    """Records sorted by id without what is unsaid; with ``telling``, without those that say nothing but their id."""
    said = [
        {key: value for key, value in record.items() if value is not None and UNSAID.get(key) != value}
        for record in document.get(name) or ()
    ]
    return sorted((record for record in said if not telling or len(record) > 1), key=lambda record: str(record["id"]))


def _groups(document: Document) -> list[dict[str, Any]]:
    groups = []
    for record in document.get("groups") or ():
        group = {"id": record["id"], "needs": sorted(record["needs"])}
        if record.get("least") not in (None, len(record["needs"])):
            group["least"] = record["least"]
        groups.append(group)
    return sorted(groups, key=lambda group: str(group["id"]))


def _pair(record: Document) -> tuple[str, str]:
    return record["need"], record["offer"]


def _distinct(pairs: Iterable[Sequence[str]]) -> list[list[str]]:
    return [list(pair) for pair in sorted({tuple(pair) for pair in pairs})]


def _hash_of_pairs(document: Document) -> str:
    """SHA-256 of the columns need, offer, points and cap (-1 for none), each value 8 bytes, least first.

    Pairs are sorted by need, then offer, which are positions in their lists sorted by id.
    """
    need, offer, points, caps = columns_of(document)
    need_rank, offer_rank = (_ranks([record["id"] for record in document[name]]) for name in ("needs", "offers"))
    need, offer = [need_rank[at] for at in need], [offer_rank[at] for at in offer]
    width = len(offer_rank)
    order = sorted(range(len(need)), key=lambda n: need[n] * width + offer[n])
    digest = hashlib.sha256()
    for column in (need, offer, points, caps or [None] * len(need)):
        values = array("q", [-1 if (value := column[n]) is None else value for n in order])
        if sys.byteorder == "big":
            values.byteswap()
        digest.update(values.tobytes())
    return digest.hexdigest()


def _ranks(ids: Sequence[str]) -> list[int]:
    """The place of each id among all when sorted."""
    ranks = [0] * len(ids)
    for rank, at in enumerate(sorted(range(len(ids)), key=ids.__getitem__)):
        ranks[at] = rank
    return ranks
