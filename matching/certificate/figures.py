"""What an answer says of its own pairs: total, units, objective, and what each State was served."""

from collections.abc import Iterator, Mapping, Sequence
from math import lcm
from typing import Any

from matching.certificate.proposal import Defect, Proposal


def objective(proposal: Proposal) -> list[int]:
    """The value of each level of the problem's objective, in lexicographic order."""
    name = proposal.reading.objective
    if name == "equal_treatment":
        return [proposal.points + proposal.fairness]
    if name == "most_needs_served":
        return [proposal.units, proposal.points]
    if name == "leximin":
        return [*shares(proposal), proposal.points]
    return [proposal.points]


def shares(proposal: Proposal) -> list[int]:
    """Units served over units asked, of each State that asks, ascending, as multiples of one fraction: 1 over the least
    common multiple of all that is asked."""
    asking = [(served, asked) for served, asked in zip(proposal.of_state, proposal.reading.asked, strict=True) if asked]
    whole = lcm(*(asked for _, asked in asking))
    return sorted(served * (whole // asked) for served, asked in asking)


def wrong_figures(proposal: Proposal, answer: Mapping[str, Any]) -> Iterator[Defect]:
    """Every figure that is not what the pairs come to."""
    if answer["total"] != proposal.points:
        yield Defect("WRONG_TOTAL", f"points times units sum to {proposal.points}", "/total")
    if answer["units"] != proposal.units:
        yield Defect("WRONG_UNITS", f"the units sum to {proposal.units}", "/units")
    if answer["served"] != served(proposal):
        yield Defect("WRONG_SERVED", "units served and asked by State are others", "/served")
    if answer["objective"] and answer["objective"] != (worth := objective(proposal)):
        yield Defect("WRONG_OBJECTIVE", f"these pairs are worth {worth}", "/objective")


def served(proposal: Proposal) -> dict[str, Sequence[int]]:
    """Units served and units asked of each State that asks."""
    reading = proposal.reading
    figures = zip(reading.states.ids, proposal.of_state, reading.asked, strict=True)
    return {state: [units, asked] for state, units, asked in figures if asked}
