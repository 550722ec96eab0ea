"""Problem: the engine's inputs, validated once, put in canonical order, then frozen."""

import hashlib
from bisect import bisect_left
from collections.abc import Iterable, Mapping
from functools import cached_property
from typing import Any

import numpy as np
from pydantic import ValidationError

from matching.attributes.columns import NeedReader, Needs
from matching.attributes.consistency import contradictions
from matching.attributes.records import Domain, Offer, ProblemDocument, Related, State
from matching.attributes.rows import Row, Rows
from matching.attributes.strategy import Strategy
from matching.canonical import canonical
from matching.documents import Document, faults_of
from matching.errors import Fault, InvalidProblem, InvalidStrategy


class Problem:
    """A validated problem in canonical order. Any order of any list of a document gives an equal problem.

    ``needs``, ``offers``, ``states`` and ``domains`` are sorted by id; ``rows`` follow needs, then members. ``record``
    is everything but the needs.
    """

    def __init__(self, record: ProblemDocument, needs: Needs, strategy: Strategy, rows: Rows | None = None) -> None:
        """``rows`` of the needs, where they are known."""
        self.record = record
        self.strategy = strategy
        self.needs = needs
        self.offers: tuple[Offer, ...] = record.offers
        self.states: tuple[State, ...] = record.states
        self.domains: tuple[Domain, ...] = record.domains
        self.rows = Rows(needs) if rows is None else rows

    @classmethod
    def from_document(cls, document: Mapping[str, Any]) -> "Problem":
        """Validate and sort a document. Raises InvalidProblem with every fault found, pointers into the document."""
        needs = document.get("needs") if isinstance(document, Mapping) else None
        if not isinstance(needs, list | tuple):
            return cls._of(_record(document), Needs.none(), document)
        return cls.from_records(document, needs)

    @classmethod
    def from_records(cls, document: Mapping[str, Any], needs: Iterable[Mapping[str, Any]]) -> "Problem":
        """The same of a document and its needs, which may be a stream: they are read once and not kept."""
        reader = NeedReader()
        read = reader.read(needs)
        try:
            record = _record({**document, "needs": []})
        except InvalidProblem as error:
            raise InvalidProblem(sorted([*reader.faults, *error.faults], key=_place_of_list)) from error
        if reader.faults:
            raise InvalidProblem(reader.faults)
        return cls._of(record, read, document)

    @classmethod
    def of(cls, record: ProblemDocument, needs: Needs) -> "Problem":
        """The problem of records each of which is valid; raises InvalidProblem where they contradict each other."""
        return cls._of(record, needs, record.model_dump(mode="json", by_alias=True, include={"offers"}))

    @classmethod
    def _of(cls, record: ProblemDocument, needs: Needs, document: Mapping[str, Any]) -> "Problem":
        try:
            strategy = Strategy.from_document(record.strategy)
        except InvalidStrategy as error:
            faults = [fault._replace(pointer="/strategy" + fault.pointer) for fault in error.faults]
            raise InvalidProblem(faults) from error
        faults = list(contradictions(record, needs, strategy, document))
        if faults:
            raise InvalidProblem(faults)
        return cls(_sorted(record), needs.in_order(), strategy)

    @cached_property
    def document(self) -> dict[str, Any]:
        """The canonical document, strategy included."""
        needs = [need.model_dump(mode="json") for need in self.needs]
        return {**self._without_needs, "needs": needs, "strategy": self.strategy.document}

    @cached_property
    def _without_needs(self) -> dict[str, Any]:
        said = self.record.model_dump(mode="json", by_alias=True, exclude={"needs", "strategy"})
        return {name: part for name, part in said.items() if part or name not in SAID_IF_ANY}

    @cached_property
    def input_hash(self) -> str:
        """SHA-256 of the canonical problem and strategy: {"problem": …, "strategy": …}."""
        digest = hashlib.sha256(b'{"problem":{')
        for number, name in enumerate(sorted([*self._without_needs, "needs"])):
            digest.update(("," if number else "").encode() + canonical(name) + b":")
            if name == "needs":
                digest.update(b"[")
                for part in self.needs.canonical():
                    digest.update(part)
                digest.update(b"]")
            else:
                digest.update(canonical(self._without_needs[name]))
        digest.update(b'},"strategy":' + canonical(self.strategy.document) + b"}")
        return digest.hexdigest()

    def position_of_need(self, reference: str) -> int:
        """Position of a need by its id, without a table of all of them. Raises KeyError for an unknown one."""
        position = bisect_left(self.needs.ids, reference)
        if position == len(self.needs) or self.needs.ids[position] != reference:
            raise KeyError(reference)
        return position

    @cached_property
    def need_of(self) -> dict[str, int]:
        """Position of each need by its id."""
        return {reference: position for position, reference in enumerate(self.needs.ids)}

    @cached_property
    def offer_of(self) -> dict[str, int]:
        """Position of each offer by its id."""
        return {offer.id: position for position, offer in enumerate(self.offers)}

    @cached_property
    def state_of(self) -> dict[str, State]:
        """Each State by its id."""
        return {state.id: state for state in self.states}

    @cached_property
    def row_of(self) -> dict[tuple[str, str | None], int]:
        """Position of each row by need id and member."""
        needs = self.rows.need.tolist()
        return {(self.needs.ids[need], self.rows.member_of(row)): row for row, need in enumerate(needs)}

    @cached_property
    def members_of(self) -> dict[int, list[int]]:
        """Rows of each need that is delivered per member, by the need's position."""
        members: dict[int, list[int]] = {}
        for row in np.flatnonzero(self.rows.member >= 0).tolist():
            members.setdefault(int(self.rows.need[row]), []).append(row)
        return members

    def least_members(self, need: int) -> int:
        """How many members of a per-member need must be served if any is."""
        return int(self.rows.least_members[need])

    @cached_property
    def asking(self) -> dict[str, int]:
        """Units asked by each State that asks for itself; joint activities stand outside."""
        rows = self.rows
        counted = np.flatnonzero(rows.counts_for_state)
        units = np.zeros(len(rows.sets), dtype=np.int64)
        np.add.at(units, rows.set[counted], rows.units[counted])
        return {rows.sets[number][0]: int(units[number]) for number in np.unique(rows.set[counted]).tolist()}

    def counts_for_state(self, row: Row) -> bool:
        """Whether units of a row count as received by one State: joint activities and unnamed requesters do not."""
        return not self.rows.joint[row.need] and len(row.beneficiaries) == 1


def _record(document: Mapping[str, Any]) -> ProblemDocument:
    try:
        return ProblemDocument.model_validate(document)
    except ValidationError as error:
        raise InvalidProblem(faults_of(error, ProblemDocument)) from error


_LISTS = list(ProblemDocument.model_fields)


def _place_of_list(fault: Fault) -> int:
    """Where in a document the list with the fault stands, what is unknown last."""
    name = fault.pointer.split("/")[1] if fault.pointer else ""
    return _LISTS.index(name) if name in _LISTS else len(_LISTS)


def _sorted(record: ProblemDocument) -> ProblemDocument:
    """The record with every list in its canonical order and no pair twice."""
    return record.model_copy(
        update={
            **{name: tuple(sorted(getattr(record, name), key=lambda item: item.id)) for name in WITH_IDS},
            **{name: _distinct(getattr(record, name)) for name in WITHOUT_IDS},
            "relatedness": _distinct(map(_one_way, record.relatedness)),
            "substitutes": tuple(sorted(record.substitutes)),
        }
    )


WITH_IDS = ("states", "domains", "offers", "providers")
WITHOUT_IDS = ("exclusions", "declined", "earlier", "pinned", "forbidden")
SAID_IF_ANY = ("substitutes", "providers")
"""Lists that the canonical document has only where there is something in them."""


def _distinct(items: Iterable[Document]) -> tuple[Document, ...]:
    by_content = {canonical(item.model_dump(mode="json")): item for item in items}
    return tuple(by_content[content] for content in sorted(by_content))


def _one_way(pair: Related) -> Related:
    return pair if pair.a < pair.b else pair.model_copy(update={"a": pair.b, "b": pair.a})
