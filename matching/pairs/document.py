"""PairsProblem: a problem whose pairs and points are given, validated once, put in canonical order, then frozen."""

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, TypeVar

import numpy as np
from pydantic import ValidationError

from matching.arrays import Ints
from matching.canonical import sha256
from matching.documents import Document, faults_of
from matching.errors import Fault, InvalidProblem
from matching.model import UNLIMITED, Objective
from matching.pairs.columns import Pairs, read, rising
from matching.pairs.consistency import contradicted_pins, contradictions
from matching.pairs.records import (
    Fairness,
    NeedGroup,
    PairNeed,
    PairOffer,
    PairPin,
    PairsRecord,
    PairState,
    Provider,
    RegionalGroup,
)

ATTRIBUTES = frozenset({"strategy", "domains", "delivery", "cut_off"})
"""Members that only the attribute form has."""

#: Code of a fault -> what to do about it, where the fault alone does not say so.
MENDS = {
    "int_type": "write it without a point, an exponent or quotes",
    "float_type": "give seconds as a number",
    "finite_number": "leave it out for no limit",
    "string_unicode": "write whole characters, not halves of a pair",
    "string_pattern_mismatch": "for instance 2015-Q1",
    "literal_error": "write one of these",
    "greater_than_equal": "raise it",
    "greater_than": "raise it",
    "less_than_equal": "lower it",
    "string_too_short": "give a name",
    "string_too_long": "shorten it",
    "too_short": "list them, or leave the whole out",
}

Record = TypeVar("Record", PairNeed, PairOffer, PairState, RegionalGroup, Provider, NeedGroup)


def is_pair_form(document: Any) -> bool:
    """Whether a document gives pairs (or gives neither pairs nor anything that only the attribute form has)."""
    return not isinstance(document, dict) or "pairs" in document or ATTRIBUTES.isdisjoint(document)


@dataclass(frozen=True)
class PairsProblem:
    """A validated problem of given pairs. Any order of any list, and either form of pairs, gives an equal problem.

    Records are sorted by id; ``states`` are those listed and those that needs name. ``pairs`` hold positions in
    ``needs`` and ``offers``, sorted by need, then offer; pairs that are forbidden are still among them.
    """

    objective: Objective
    needs: Sequence[PairNeed]
    offers: Sequence[PairOffer]
    pairs: Pairs
    groups: Sequence[NeedGroup]
    states: Sequence[PairState]
    regional_groups: Sequence[RegionalGroup]
    providers: Sequence[Provider]
    fairness: Fairness
    pinned: Sequence[PairPin]
    forbidden: Sequence[tuple[str, str]]
    substitutes: Sequence[tuple[str, str]]
    quarter: str | None
    time_limit_s: float | None

    @classmethod
    def from_document(cls, document: Any) -> "PairsProblem":
        """Validate and sort parsed JSON. Raises InvalidProblem with every fault found, pointers into the document."""
        if not isinstance(document, Mapping):
            raise InvalidProblem([Fault("", "model_type", "is not an object; give needs, offers and pairs")])
        record, faults = _record(document)
        if record is None:
            raise InvalidProblem(faults)
        needs, offers = [need.id for need in record.needs], [offer.id for offer in record.offers]
        faults = list(contradictions(record))
        pairs, unusable = read(record.pairs, needs, offers)
        faults += unusable
        if pairs is not None and not faults:
            faults += contradicted_pins(record, pairs)
        if pairs is None or faults:
            raise InvalidProblem(faults)
        return _sorted(record, pairs)

    @cached_property
    def need_of(self) -> dict[str, int]:
        """Position of each need by its id."""
        return {need.id: position for position, need in enumerate(self.needs)}

    @cached_property
    def offer_of(self) -> dict[str, int]:
        """Position of each offer by its id."""
        return {offer.id: position for position, offer in enumerate(self.offers)}

    @cached_property
    def state_of(self) -> dict[str, int]:
        """Position of each State by its id."""
        return {state.id: position for position, state in enumerate(self.states)}

    @cached_property
    def group_ids(self) -> list[str]:
        """Ids of the regional groups that States are in, sorted: the order of the model's."""
        return sorted({state.group for state in self.states if state.group is not None})

    @cached_property
    def input_hash(self) -> str:
        """SHA-256 of the canonical problem: what is not said, or said as the default is, left out; no time limit."""
        said = {
            "needs": [_said(need) for need in self.needs],
            "offers": [_said(offer) for offer in self.offers],
            "pairs": _hash_of_pairs(self.pairs),
        }
        may_be_empty = {
            "groups": [_said_group(group) for group in self.groups],
            "states": _telling(self.states),
            "regional_groups": _telling(self.regional_groups),
            "providers": _telling(self.providers),
            "fairness": _said(self.fairness),
            "pinned": [_said(pin) for pin in self.pinned],
            "forbidden": [{"need": need, "offer": offer} for need, offer in self.forbidden],
            "substitutes": [list(pair) for pair in self.substitutes],
            "quarter": self.quarter,
        }
        parts = {name: part for name, part in may_be_empty.items() if part}
        return sha256({"format": "matching/1", "objective": self.objective, **said, **parts})


def _record(document: Mapping[str, Any]) -> tuple[PairsRecord | None, list[Fault]]:
    try:
        return PairsRecord.model_validate(document), []
    except ValidationError as error:
        return None, [_mended(fault) for fault in faults_of(error, PairsRecord)]


def _mended(fault: Fault) -> Fault:
    mend = MENDS.get(fault.code)
    return fault._replace(detail=f"{fault.detail}; {mend}") if mend else fault


def _sorted(record: PairsRecord, pairs: Pairs) -> PairsProblem:
    need_place, offer_place = _places([n.id for n in record.needs]), _places([o.id for o in record.offers])
    sorted_pairs = _sorted_pairs(
        Pairs(need_place[pairs.need], offer_place[pairs.offer], pairs.points, pairs.most), len(record.offers)
    )
    listed = {state.id for state in record.states}
    named = {need.state for need in record.needs if need.state is not None}
    others = [PairState(id=name) for name in named - listed]
    return PairsProblem(
        objective=record.objective,
        needs=_by_id(record.needs),
        offers=_by_id(record.offers),
        pairs=sorted_pairs,
        groups=[
            group.model_copy(update={"needs": tuple(sorted(group.needs)), "least": group.least or len(group.needs)})
            for group in _by_id(record.groups)
        ],
        states=_by_id([*record.states, *others]),
        regional_groups=_by_id(record.regional_groups),
        providers=_by_id(record.providers),
        fairness=record.fairness,
        pinned=sorted(record.pinned, key=lambda pin: (pin.need, pin.offer)),
        forbidden=sorted({(pair.need, pair.offer) for pair in record.forbidden}),
        substitutes=sorted(set(record.substitutes)),
        quarter=record.quarter,
        time_limit_s=record.time_limit_s,
    )


def _sorted_pairs(pairs: Pairs, n_offers: int) -> Pairs:
    keys = pairs.need * n_offers + pairs.offer
    if rising(keys):
        return pairs
    order = np.argsort(keys)
    return Pairs(pairs.need[order], pairs.offer[order], pairs.points[order], pairs.most[order])


def _by_id(records: Iterable[Record]) -> list[Record]:
    return sorted(records, key=lambda record: record.id)


def _places(ids: Sequence[str]) -> Ints:
    """Where each id stands among all of them, sorted."""
    place = np.empty(len(ids), dtype=np.int64)
    place[sorted(range(len(ids)), key=ids.__getitem__)] = np.arange(len(ids))
    return place


def _said(record: Document) -> dict[str, Any]:
    return record.model_dump(mode="json", exclude_defaults=True, exclude_none=True)


def _said_group(group: NeedGroup) -> dict[str, Any]:
    said = _said(group)
    return {name: part for name, part in said.items() if name != "least" or part != len(group.needs)}


def _telling(records: Iterable[PairState | RegionalGroup | Provider]) -> list[dict[str, Any]]:
    """Records that say something beside their id."""
    return [said for said in map(_said, records) if len(said) > 1]


def _hash_of_pairs(pairs: Pairs) -> str:
    """SHA-256 of the columns need, offer, points and units (-1 where unlimited), each value 8 bytes, least first."""
    units = np.where(pairs.most == UNLIMITED, -1, pairs.most)
    digest = hashlib.sha256()
    for column in (pairs.need, pairs.offer, pairs.points, units):
        digest.update(column.astype("<i8").data)
    return digest.hexdigest()
