"""Problem: the engine's inputs, validated once, put in canonical order, then frozen."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from pydantic import ValidationError

from matching.canonical import canonical, sha256
from matching.consistency import contradictions
from matching.documents import Document, faults_of
from matching.errors import InvalidProblem, InvalidStrategy
from matching.records import Domain, Need, Offer, ProblemDocument, Related, State
from matching.strategy import Strategy


@dataclass(frozen=True, slots=True)
class Row:
    """What is served as one: a need, or one member's part of a need that is delivered per member.

    ``need`` is a position in the problem's needs. ``beneficiaries`` are State ids, empty where the requester is not
    named. ``least`` of them must be served by any offer that serves the row.
    """

    need: int
    member: str | None
    beneficiaries: tuple[str, ...]
    least: int
    units: int


class Problem:
    """A validated problem in canonical order. Any order of any list of a document gives an equal problem.

    ``needs``, ``offers``, ``states`` and ``domains`` are sorted by id; ``rows`` follow needs, then members.
    """

    def __init__(self, record: ProblemDocument, strategy: Strategy) -> None:
        self.record = record
        self.strategy = strategy
        self.needs: tuple[Need, ...] = record.needs
        self.offers: tuple[Offer, ...] = record.offers
        self.states: tuple[State, ...] = record.states
        self.domains: tuple[Domain, ...] = record.domains
        self.rows: tuple[Row, ...] = tuple(
            row for position, need in enumerate(self.needs) for row in _rows(position, need)
        )

    @classmethod
    def from_document(cls, document: Mapping[str, Any]) -> "Problem":
        """Validate and sort a document. Raises InvalidProblem with every fault found, pointers into the document."""
        try:
            record = ProblemDocument.model_validate(document)
        except ValidationError as error:
            raise InvalidProblem(faults_of(error, ProblemDocument)) from error
        try:
            strategy = Strategy.from_document(record.strategy)
        except InvalidStrategy as error:
            faults = [fault._replace(pointer="/strategy" + fault.pointer) for fault in error.faults]
            raise InvalidProblem(faults) from error
        faults = list(contradictions(record, strategy, document))
        if faults:
            raise InvalidProblem(faults)
        return cls(_sorted(record), strategy)

    @cached_property
    def document(self) -> dict[str, Any]:
        """The canonical document, strategy included."""
        return {**self.record.model_dump(mode="json", by_alias=True), "strategy": self.strategy.document}

    @cached_property
    def input_hash(self) -> str:
        """SHA-256 of the canonical problem and strategy."""
        problem = {key: value for key, value in self.document.items() if key != "strategy"}
        return sha256({"problem": problem, "strategy": self.strategy.document})

    @cached_property
    def need_of(self) -> dict[str, int]:
        """Position of each need by its id."""
        return {need.id: position for position, need in enumerate(self.needs)}

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
        return {(self.needs[row.need].id, row.member): position for position, row in enumerate(self.rows)}

    @cached_property
    def members_of(self) -> dict[int, list[int]]:
        """Rows of each need that is delivered per member, by the need's position."""
        members: dict[int, list[int]] = {}
        for position, row in enumerate(self.rows):
            if row.member is not None:
                members.setdefault(row.need, []).append(position)
        return members

    def least_members(self, need: int) -> int:
        """How many members of a per-member need must be served if any is."""
        return self.needs[need].least or len(self.needs[need].states)

    @cached_property
    def asking(self) -> dict[str, int]:
        """Units asked by each State that asks for itself; joint activities stand outside."""
        asked: dict[str, int] = {}
        for row in self.rows:
            if self.counts_for_state(row):
                state = row.beneficiaries[0]
                asked[state] = asked.get(state, 0) + row.units
        return asked

    def counts_for_state(self, row: Row) -> bool:
        """Whether units of a row count as received by one State: joint activities and unnamed requesters do not."""
        return self.needs[row.need].delivery != "joint" and len(row.beneficiaries) == 1


def _rows(position: int, need: Need) -> Iterator[Row]:
    named = need.states if need.named else ()
    if need.delivery == "per_member" and need.states:
        for state in need.states:
            yield Row(position, state, (state,) if need.named else (), 1, need.units)
    else:
        least = need.least if need.delivery == "joint" and need.least else max(1, len(named))
        yield Row(position, None, named, least, need.units)


def _sorted(record: ProblemDocument) -> ProblemDocument:
    """The record with every list in its canonical order and no pair twice."""
    return record.model_copy(
        update={
            **{name: tuple(sorted(getattr(record, name), key=lambda item: item.id)) for name in WITH_IDS},
            **{name: _distinct(getattr(record, name)) for name in WITHOUT_IDS},
            "relatedness": _distinct(map(_one_way, record.relatedness)),
        }
    )


WITH_IDS = ("states", "domains", "needs", "offers")
WITHOUT_IDS = ("exclusions", "declined", "earlier", "pinned", "forbidden")


def _distinct(items: Iterable[Document]) -> tuple[Document, ...]:
    by_content = {canonical(item.model_dump(mode="json")): item for item in items}
    return tuple(by_content[content] for content in sorted(by_content))


def _one_way(pair: Related) -> Related:
    return pair if pair.a < pair.b else pair.model_copy(update={"a": pair.b, "b": pair.a})
