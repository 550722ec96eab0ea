"""The terms of an offer as a row: made from what was sent, held to the code lists and to each other."""

from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any

from app.classification import Basis
from app.offers.schemas import OfferAmend, OfferFact, OfferSubmit, OfferTerms
from app.parties.roll import Roll
from app.problems import Fault, pointer
from app.records import Origin, Row, amended_row, dating_faults, hash_of, new_row
from app.reference.vocabulary import UNSPECIFIED, Vocabulary
from app.schemas import GivenBasis

#: Columns that hold a set of codes: stored sorted, so that their order is no content.
SETS = (
    "partners", "domains", "modalities", "scopes", "languages", "coverage_states", "coverage_groups",
    "coverage_regions", "coverage_excepted", "requires_groups", "preferred_domains", "preferred_states",
)  # fmt: skip

#: Fact -> the columns that state it.
FACTS: dict[OfferFact, tuple[str, ...]] = {
    "domains": ("domains",),
    "modalities": ("modalities",),
    "scopes": ("scopes",),
    "languages": ("languages",),
    "coverage": ("worldwide", "coverage_states", "coverage_groups", "coverage_regions"),
    "capacity": ("capacity_per_quarter", "capacity_total"),
    "validity": ("valid_from", "valid_until"),
}

TERMS = tuple(name for name in OfferTerms.model_fields if name != "basis")

#: What an offer whose source says nothing of its capacity is taken to have, in a quarter.
ASSUMED_CAPACITY = 1


def offer_row(body: OfferSubmit, words: Vocabulary, roll: Roll, origin: Origin | None) -> tuple[Row, list[Fault]]:
    """A new offer as a row with its provider's reference, and what is wrong with it."""
    row = new_row(body, origin)
    row |= {name: getattr(body, name) for name in TERMS}
    provider = roll.parties.get(body.provider)
    row |= {"reference": body.reference, "provider": body.provider, "provider_id": provider.id if provider else None}
    faults = [*roll.party_fault(body.provider, ["provider"]), *_claims(row, body.basis), *_faults(row, words, roll, {})]
    settle(row, {fact: body.basis.get(fact, Basis.STATED) for fact in FACTS})
    return row, faults


def changed_row(before: Row, body: OfferAmend, words: Vocabulary, roll: Roll) -> tuple[Row, list[Fault]]:
    """The offer ``before`` with what ``body`` changes, and what is wrong with it."""
    given = body.model_fields_set
    row = amended_row(before, body, TERMS)
    if before["basis"]["capacity"] == Basis.ASSUMED and "capacity_total" in given:
        # What was assumed for want of any figure does not outlive the first figure.
        row["capacity_per_quarter"] = body.capacity_per_quarter
    faults = [*_claims(row, body.basis), *_faults(row, words, roll, before)]
    basis = dict(before["basis"])
    for fact, columns in FACTS.items():
        if fact in body.basis or given.intersection(columns):
            basis[fact] = body.basis.get(fact, Basis.STATED)
    settle(row, basis)
    return row, faults


def stated(row: Row, fact: OfferFact) -> bool:
    """Whether the offer says anything of ``fact``; a capacity of 0 does."""
    return any(
        value is not None and value is not False and value not in ([], [UNSPECIFIED])
        for value in (row[name] for name in FACTS[fact])
    )


def settle(row: Row, basis: Mapping[str, str]) -> None:
    """Bring ``row`` into its stored form: sets sorted, capacity assumed where none is given, a basis for each fact."""
    for name in SETS:
        row[name] = sorted(row[name])
    if not stated(row, "capacity"):
        row["capacity_per_quarter"] = ASSUMED_CAPACITY
        basis = {**basis, "capacity": Basis.ASSUMED}
    row["basis"] = {fact: str(basis[fact]) if stated(row, fact) else Basis.NOT_STATED.value for fact in FACTS}


def digest(row: Row) -> str:
    """The content hash of the offer."""
    return hash_of(row, ("reference", "provider", *TERMS, "basis"))


def _faults(row: Row, words: Vocabulary, roll: Roll, kept: Mapping[str, Any]) -> Iterator[Fault]:
    yield from term_faults(row, words, roll, kept)
    yield from dating_faults(row)


def _claims(row: Row, basis: Mapping[OfferFact, GivenBasis]) -> Iterator[Fault]:
    for fact in basis:
        if not stated(row, fact):
            yield Fault(pointer("basis", fact), "fact_not_given", f"says on what {fact} rests, but none is given")


def term_faults(row: Row, words: Vocabulary, roll: Roll, kept: Mapping[str, Any]) -> Iterator[Fault]:
    """What is wrong with the codes and terms of ``row``; what it ``kept`` may stay although retired since."""
    for name, codes in (("domains", "domains"), ("modalities", "modalities"), ("scopes", "weapon-scopes"),
                        ("coverage_regions", "regions"), ("preferred_domains", "domains")):  # fmt: skip
        yield from words.faults(codes, row[name], [name], kept.get(name, ()))
    for name in ("coverage_states", "coverage_excepted", "preferred_states"):
        yield from roll.state_faults(row[name], [name], kept.get(name, ()))
    for name in ("coverage_groups", "requires_groups"):
        yield from roll.group_faults(row[name], [name], kept.get(name, ()))
    yield from roll.parties_faults(row["partners"], ["partners"], kept.get("partners", ()))
    yield from _contradictions(row)


def _contradictions(row: Row) -> Iterator[Fault]:
    named = [*row["coverage_states"], *row["coverage_groups"], *row["coverage_regions"]]
    if UNSPECIFIED in row["domains"] and len(row["domains"]) > 1:
        yield Fault("/domains", "unspecified_stands_alone", f"{UNSPECIFIED} stands alone; leave it out")
    if row["provider"] in row["partners"]:
        yield Fault("/partners", "partner_is_provider", f"{row['provider']} is the provider, not a partner of itself")
    if row["language_required"] and not row["languages"]:
        yield Fault("/language_required", "no_language", "needs languages, one at least")
    if row["worldwide"] and named:
        yield Fault(
            "/worldwide", "worldwide_stands_alone", "is everywhere already; leave out States, groups and regions"
        )
    if row["coverage_excepted"] and not (row["worldwide"] or named):
        yield Fault("/coverage_excepted", "no_coverage", "excepts from a coverage that is not given")
    if both := sorted({*row["coverage_states"]} & {*row["coverage_excepted"]}):
        yield Fault("/coverage_excepted", "covered_and_excepted", f"{both[0]} is also in coverage_states")
    if ends_before(row["valid_from"], row["valid_until"]):
        yield Fault("/valid_until", "ends_before_it_begins", f"must not be before valid_from, {row['valid_from']}")


def ends_before(begin: date | None, end: date | None) -> bool:
    """Whether a period has both ends known and the wrong way round."""
    return begin is not None and end is not None and end < begin
