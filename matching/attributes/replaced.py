"""A problem with one need or one offer more, or with another one in the place of that with its id."""

from collections.abc import Iterable, Mapping
from typing import Any

from pydantic import ValidationError

from matching.attributes import consistency
from matching.attributes.columns import NeedReader, Needs
from matching.attributes.problem import Problem
from matching.attributes.records import Offer
from matching.documents import faults_of
from matching.errors import Fault, InvalidProblem

Record = Mapping[str, Any]


def with_need(problem: Problem, record: Record) -> Problem:
    """The problem with a need as a document has it.

    Raises InvalidProblem, as `need_of` does and for what else of the problem no longer holds.
    """
    needs = problem.needs.replaced(need_of(problem, record))
    return Problem.of(problem.record, needs)


def with_offer(problem: Problem, record: Record) -> Problem:
    """The problem with an offer as a document has it.

    Raises InvalidProblem, as `offer_of` does and for what else of the problem no longer holds.
    """
    new = offer_of(problem, record)
    others = [offer for offer in problem.offers if offer.id != new.id]
    offers = tuple(sorted([*others, new], key=lambda offer: offer.id))
    return Problem.of(problem.record.model_copy(update={"offers": offers}), problem.needs)


def need_of(problem: Problem, record: Record) -> Needs:
    """A need as a document has it. Raises InvalidProblem, with pointers into ``{"need": record}``."""
    reader = NeedReader()
    needs = reader.read([record])
    _refuse("/need", (fault._replace(pointer=fault.pointer.removeprefix("/needs/0")) for fault in reader.faults))
    _refuse("/need", consistency.of_need(problem.record, needs))
    return needs


def offer_of(problem: Problem, record: Record) -> Offer:
    """An offer as a document has it. Raises InvalidProblem, with pointers into ``{"offer": record}``."""
    try:
        offer = Offer.model_validate(dict(record))
    except ValidationError as error:
        _refuse("/offer", faults_of(error, Offer))
        raise
    _refuse("/offer", consistency.of_offer(problem.record, offer, record))
    return offer


def _refuse(place: str, faults: Iterable[Fault]) -> None:
    found = [fault._replace(pointer=place + fault.pointer) for fault in faults]
    if found:
        raise InvalidProblem(found)
