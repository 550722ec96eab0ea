"""Facts of one need, or of one offer, beside a problem: what is there stands, and only what is new is worked out."""

from dataclasses import replace

from matching.attributes.columns import Needs
from matching.attributes.excerpt import excerpt
from matching.attributes.facts import Facts
from matching.attributes.records import Offer
from matching.attributes.scoring import Scoring

CODED = ("states", "domain", "requester", "modalities", "scopes", "languages")
"""Fields of needs whose different values tables are about."""

OF_VALUES = (
    "domain_codes", "specific", "fit", "states", "set_states", "coverage_stated", "kind", "covered", "helped",
    "meeting", "allowed", "n_covered", "n_helped", "n_meeting", "n_allowed", "requester_excluded",
    "language_required", "offer_days", "offer_units",
)  # fmt: skip
"""Tables of offers, and of offers by values of needs: the same whichever needs have the values."""

OVERLAPS = ("modalities", "scopes", "languages")

OF_ROWS = ("domain_codes", "row_domain", "states", "set_states", "sets_of_one", "row_days", "never_served", "asking")
"""What is known of rows, whatever the offers are."""


def beside_offers(facts: Facts, scoring: Scoring, needs: Needs) -> tuple[Facts, Scoring]:
    """Facts and scores of other needs with all offers of a problem. Values that occur in none of its own cost time."""
    problem = facts.problem
    try:
        needs = needs.coded_as(problem.needs, CODED)
    except ValueError:
        found = Facts(excerpt(problem, needs, problem.offers))
        return found, Scoring(found)
    found = Facts(excerpt(problem, needs, problem.offers))
    for name in OF_VALUES:
        setattr(found, name, getattr(facts, name))
    for name in OVERLAPS:
        setattr(found, name, replace(getattr(facts, name), row_set=found.of_rows(name)))
    requesters, _, provider = facts.parties
    setattr(found, "parties", (requesters, found.of_rows("requester"), provider))  # noqa: B010 - worked out once
    return found, scoring.of(found)


def beside_needs(facts: Facts, offer: Offer) -> Facts:
    """Facts of another offer with all needs of a problem."""
    found = Facts(excerpt(facts.problem, facts.problem.needs, [offer]))
    for name in OF_ROWS:
        setattr(found, name, getattr(facts, name))
    return found
