"""The needs of a request as rows: made from what was sent, held to the code lists and to each other."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from app.classification import Basis
from app.identifiers import uuid7
from app.problems import Fault, pointer
from app.records import Row
from app.reference.vocabulary import UNSPECIFIED, Vocabulary
from app.requests.schemas import NeedAmend, NeedFact, NeedSubmit

#: Fact -> the column that states it.
FACTS: dict[NeedFact, str] = {
    "domain": "domain_code",
    "modalities": "modalities",
    "scopes": "scopes",
    "languages": "languages",
    "units": "units",
    "priority": "priority",
    "delivery": "delivery",
}
SETS = ("modalities", "scopes", "languages")
#: Columns that are content besides the facts.
TERMS = ("wanted_from", "wanted_by", "description", "least")
CONTENT = ("number", *FACTS.values(), *TERMS, "basis", "withdrawn_on")

#: What a need is taken to say of a fact of which its source says nothing.
ASSUMED: dict[NeedFact, int] = {"units": 1, "priority": 3}
#: A need's number has four digits at most.
LAST_NUMBER = 9999


@dataclass(frozen=True)
class Audience:
    """For whom the needs of a request are: how many, and whether they are to be served together or one by one."""

    n_beneficiaries: int
    of_group: bool

    @property
    def several(self) -> bool:
        """Whether a need must say how it is delivered."""
        return self.of_group or self.n_beneficiaries > 1


def need_row(request: Row, number: int, body: NeedSubmit | NeedAmend) -> Row:
    """A new need of ``request`` as a row; ``body`` names its domain."""
    row: Row = {"id": uuid7(), "request_id": request["id"], "number": number, "withdrawn_on": body.withdrawn_on}
    row |= {name: getattr(body, name) for name in TERMS}
    row |= {column: getattr(body, fact) for fact, column in FACTS.items()}
    settle(row, body.basis)
    return row


def changed_need(before: Row, body: NeedAmend) -> Row:
    """The need ``before`` with what ``body`` changes."""
    given = body.model_fields_set
    row = before | {name: getattr(body, name) for name in (*TERMS, "withdrawn_on") if name in given}
    row |= {column: getattr(body, fact) for fact, column in FACTS.items() if fact in given}
    changed = [fact for fact in FACTS if fact in given or fact in body.basis]
    settle(row, before["basis"] | {fact: body.basis.get(fact, Basis.STATED) for fact in changed})
    return row


def stated(row: Mapping[str, Any], fact: NeedFact) -> bool:
    """Whether the need says anything of ``fact``."""
    return row[FACTS[fact]] not in (None, [], UNSPECIFIED)


def settle(row: Row, basis: Mapping[NeedFact, str]) -> None:
    """Bring ``row`` into its stored form: sets sorted, what can be assumed assumed, a basis for each fact.

    A fact of which ``basis`` says nothing is stated.
    """
    for name in SETS:
        row[name] = sorted(row[name])
    rests_on = dict(basis)
    for fact, value in ASSUMED.items():
        if row[FACTS[fact]] is None:
            row[FACTS[fact]] = value
            rests_on[fact] = Basis.ASSUMED.value
    row["basis"] = {
        fact: str(rests_on.get(fact, Basis.STATED.value)) if stated(row, fact) else Basis.NOT_STATED.value
        for fact in FACTS
    }


def need_faults(
    body: NeedSubmit | NeedAmend, row: Row, place: Sequence[str | int], words: Vocabulary, before: Mapping[str, Any]
) -> Iterator[Fault]:
    """What is wrong with the need ``row`` that ``body`` makes; what it had ``before`` may stay although retired."""
    if row["domain_code"] is None:
        yield Fault(pointer(*place, "domain"), "missing", "is required")
    else:
        yield from words.fault("domains", row["domain_code"], (*place, "domain"), before.get("domain_code"))
    yield from words.faults("modalities", body.modalities, (*place, "modalities"), before.get("modalities", ()))
    yield from words.faults("weapon-scopes", body.scopes, (*place, "scopes"), before.get("scopes", ()))
    if len(set(body.languages)) < len(body.languages):
        yield Fault(pointer(*place, "languages"), "repeated_code", "give each language once")
    for fact in body.basis:
        if not stated(row, fact) or (fact in ASSUMED and getattr(body, fact) is None and not before):
            detail = f"says on what {fact} rests, but none is given"
            yield Fault(pointer(*place, "basis", fact), "fact_not_given", detail)
    if row["wanted_from"] and row["wanted_by"] and row["wanted_by"] < row["wanted_from"]:
        detail = f"must not be before wanted_from, {row['wanted_from']}"
        yield Fault(pointer(*place, "wanted_by"), "ends_before_it_begins", detail)


def audience_faults(row: Mapping[str, Any], place: Sequence[str | int], audience: Audience) -> Iterator[Fault]:
    """What is wrong with how the need is delivered to ``audience``."""
    if audience.several:
        if row["delivery"] is None:
            detail = "is required where a need has several beneficiaries: joint (one for all) or per_member (one each)"
            yield Fault(pointer(*place, "delivery"), "missing", detail)
        if row["least"] is not None and row["least"] > audience.n_beneficiaries:
            detail = f"{row['least']} is more than the request has beneficiaries, {audience.n_beneficiaries}"
            yield Fault(pointer(*place, "least"), "more_than_beneficiaries", detail)
        return
    for name in ("delivery", "least"):
        if row[name] is not None:
            detail = "is only for needs with several beneficiaries; leave it out"
            yield Fault(pointer(*place, name), "single_beneficiary", detail)
