"""What a certificate proves of the problem: the prices it lists, read, and the bound they give for every level."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from matching.certificate.bound import Prices, Replies, Worth, bound
from matching.certificate.figures import shares
from matching.certificate.proposal import Defect, Proposal, is_a
from matching.certificate.reading import Reading, Things

FORMAT = "matching-certificate/1"

Entry = Mapping[str, Any]


@dataclass
class Proof:
    """``bound`` is in lexicographic order, None where nothing is proved; ``defects`` say why, or what is malformed."""

    bound: list[int] | None = None
    defects: list[Defect] = field(default_factory=list)


def prove(proposal: Proposal, certificate: Entry, replies: Replies | None = None) -> Proof:
    """What the certificate of a feasible proposal proves that none exceeds; for ``replies`` see `bound`."""
    proof = Proof(defects=list(_faults_of_form(proposal.reading, certificate)))
    if not proof.defects:
        try:
            proof.bound = PROVERS[proposal.reading.objective](_Levels(proposal, certificate["levels"], replies))
        except _Unproved as error:
            proof.defects.append(Defect(error.code, str(error), error.where))
    return proof


class _Unproved(Exception):
    """The certificate does not prove what it should."""

    def __init__(self, code: str, message: str, where: str) -> None:
        super().__init__(message)
        self.code, self.where = code, where


def _faults_of_form(reading: Reading, certificate: Entry) -> Iterator[Defect]:
    if certificate.get("format") != FORMAT:
        yield Defect("FORM", f"the format of a certificate is {FORMAT}", "/certificate/format")
    levels = certificate.get("levels")
    if not is_a(levels, list) or not all(is_a(entry, dict) for entry in levels):
        yield Defect("FORM", "levels list objects", "/certificate/levels")
        return
    if len(levels) != LEVELS[reading.objective]:
        detail = f"{reading.objective} needs prices for {LEVELS[reading.objective]} levels"
        yield Defect("FORM", detail, "/certificate/levels")
    for number, entry in enumerate(levels):
        where = f"/certificate/levels/{number}"
        weights = entry.get("weights")
        if not is_a(weights, list) or len(weights) != 2 or not all(is_a(weight, int) for weight in weights):
            yield Defect("FORM", "weights are two whole numbers", f"{where}/weights")
        yield from _faults_of_prices(reading, entry, where)


def _faults_of_prices(reading: Reading, entry: Entry, where: str) -> Iterator[Defect]:
    for name, things in _kinds(reading).items():
        prices = entry.get(name)
        if not is_a(prices, dict):
            yield Defect("FORM", f"prices of {name} are an object", f"{where}/{name}")
            continue
        for key, price in prices.items():
            at = f"{where}/{name}/{key.replace('~', '~0').replace('/', '~1')}"
            if key not in things.at:
                yield Defect("UNKNOWN_PRICE", f"there is nothing called {key} to have a price", at)
            elif not is_a(price, int) or not price:
                yield Defect("FORM", "a price is a whole number other than 0", at)


def _kinds(reading: Reading) -> dict[str, Things]:
    return {
        "offers": reading.offers,
        "providers": reading.providers,
        "states": reading.states,
        "groups": reading.groups,
    }


def _prices(reading: Reading, entry: Entry) -> Prices:
    return Prices(*([entry[name].get(key, 0) for key in things.ids] for name, things in _kinds(reading).items()))


@dataclass(frozen=True)
class _Levels:
    """The prices for each level of the objective of one proposal's problem."""

    proposal: Proposal
    entries: Sequence[Entry]
    replies: Replies | None

    def expect(self, *weights: Sequence[int | None]) -> None:
        """Each level has the weights expected of it, where None expects none in particular."""
        for level, expected in enumerate(weights):
            given = self.entries[level]["weights"]
            if any(weight is not None and weight != own for weight, own in zip(expected, given, strict=True)):
                detail = "the prices are for another objective"
                raise _Unproved("WRONG_WEIGHTS", detail, f"/certificate/levels/{level}/weights")

    def bound(self, level: int, worth: Worth) -> int:
        """The bound that the prices of a level give."""
        prices = _prices(self.proposal.reading, self.entries[level])
        found = bound(self.proposal.reading, worth, prices, self.replies)
        if found is None:
            detail = "a need, offer, provider, State or regional group cannot keep its own limits"
            raise _Unproved("NOTHING_FITS", detail, f"/certificate/levels/{level}")
        return found


def _of_points(levels: _Levels) -> list[int]:
    levels.expect((0, 1))
    return [levels.bound(0, Worth(points=1))]


def _of_units_then_points(levels: _Levels) -> list[int]:
    """Nothing has more units than the first level says. What has so many has at most the points that are left of the
    second level when these units are taken off."""
    levels.expect((1, 0), (None, 1))
    weight = int(levels.entries[1]["weights"][0])
    units = levels.bound(0, Worth(units=1))
    return [units, levels.bound(1, Worth(units=weight, points=1)) - weight * units]


def _of_shares_then_points(levels: _Levels) -> list[int] | None:
    """Likewise with the weights of States' steps in the place of units: where none weigh more, no shares are fairer.

    None where conditions may be what keeps steps below their bound: then nothing is proved of the shares.
    """
    levels.expect((1, 0), (None, 1))
    proposal, weight = levels.proposal, int(levels.entries[1]["weights"][0])
    steps = levels.bound(0, Worth(steps=1))
    if steps != proposal.steps and proposal.reading.has_conditions:
        return None
    if steps != proposal.steps:
        detail = f"the steps weigh {proposal.steps}, and the prices prove no bound below {steps}"
        raise _Unproved("NOT_PROVED", detail, "/certificate/levels/0")
    return [*shares(proposal), levels.bound(1, Worth(points=1, steps=weight)) - weight * steps]


LEVELS = {"points": 1, "equal_treatment": 1, "most_needs_served": 2, "leximin": 2}
PROVERS = {
    "points": _of_points,
    "equal_treatment": _of_points,
    "most_needs_served": _of_units_then_points,
    "leximin": _of_shares_then_points,
}
