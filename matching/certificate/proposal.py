"""Proposal: what an answer proposes, as positions, with the units of everything added up."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, NamedTuple, TypeGuard, TypeVar

from matching.certificate.bound import runs
from matching.certificate.reading import Reading, sums

Kind = TypeVar("Kind")


class Defect(NamedTuple):
    """One thing wrong with an answer. ``where`` is a JSON pointer into it, ``code`` is stable."""

    code: str
    message: str
    where: str


class Chosen(NamedTuple):
    """One entry of an answer's pairs: positions of need and offer, units, and where the pair stands in the problem
    (None: there is no such pair)."""

    need: int
    offer: int
    units: int
    pair: int | None


FORM: Mapping[str, type] = {
    "status": str,
    "total": int,
    "objective": list,
    "bound": list,
    "units": int,
    "pairs": list,
    "served": dict,
    "input_hash": str,
    "result_hash": str,
}
OPTIONAL: Mapping[str, type] = {"solver_bound": list, "reason": dict, "certificate": dict}


def faults_of_form(answer: Any) -> Iterator[Defect]:
    """What keeps a document from being an answer at all."""
    if not isinstance(answer, dict):
        yield Defect("FORM", "an answer is an object", "")
        return
    for name, kind in FORM.items():
        if not is_a(answer.get(name), kind):
            yield Defect("FORM", f"{name} is missing or of the wrong type", f"/{name}")
    for name, kind in OPTIONAL.items():
        if answer.get(name) is not None and not is_a(answer[name], kind):
            yield Defect("FORM", f"{name} is of the wrong type", f"/{name}")
    for name in ("objective", "bound", "solver_bound"):
        values = answer.get(name)
        if isinstance(values, list) and not all(is_a(value, int) for value in values):
            yield Defect("FORM", f"{name} lists whole numbers", f"/{name}")
    yield from _faults_of_pairs(answer.get("pairs"))
    if is_a(answer.get("served"), dict):
        for state, figures in answer["served"].items():
            if not is_a(figures, list) or len(figures) != 2 or not all(is_a(figure, int) for figure in figures):
                yield Defect("FORM", f"of {state}, units served and asked are two whole numbers", "/served")


def _faults_of_pairs(pairs: Any) -> Iterator[Defect]:
    for number, pair in enumerate(pairs if isinstance(pairs, list) else ()):
        texts = isinstance(pair, dict) and all(isinstance(pair.get(name), str) for name in ("need", "offer"))
        if not texts or not is_a(pair.get("units"), int) or pair["units"] < 1:
            yield Defect("FORM", "a pair names its need and offer and has at least one unit", f"/pairs/{number}")


def is_a(value: Any, kind: type[Kind]) -> TypeGuard[Kind]:
    """Whether a JSON value is of a type; true and false are no numbers."""
    return isinstance(value, kind) and not isinstance(value, bool)


def faults_of_names(reading: Reading, pairs: Sequence[Mapping[str, Any]]) -> Iterator[Defect]:
    """Pairs of what does not exist, repeated, or out of order."""
    last: tuple[str, str] | None = None
    for number, pair in enumerate(pairs):
        key = pair["need"], pair["offer"]
        if key[0] not in reading.needs.at:
            yield Defect("UNKNOWN_NEED", f"there is no need {key[0]}", f"/pairs/{number}/need")
        if key[1] not in reading.offers.at:
            yield Defect("UNKNOWN_OFFER", f"there is no offer {key[1]}", f"/pairs/{number}/offer")
        if last is not None and key == last:
            yield Defect("DUPLICATE", f"{key[0]} with {key[1]} is there twice", f"/pairs/{number}")
        if last is not None and key < last:
            yield Defect("ORDER", "pairs are sorted by need, then offer", f"/pairs/{number}")
        last = key


@dataclass(frozen=True)
class Proposal:
    """The pairs of an answer to a problem."""

    reading: Reading
    chosen: Sequence[Chosen]

    @classmethod
    def of(cls, reading: Reading, pairs: Sequence[Mapping[str, Any]]) -> "Proposal":
        """The proposal of pairs whose needs and offers all exist."""
        named = [(reading.needs.at[pair["need"]], reading.offers.at[pair["offer"]], pair["units"]) for pair in pairs]
        return cls(reading, [Chosen(*pair, reading.pairs.position(*pair[:2])) for pair in named])

    @cached_property
    def _units(self) -> Sequence[int]:
        return [pair.units for pair in self.chosen]

    @cached_property
    def of_need(self) -> Sequence[int]:
        """Units of each need."""
        return sums([pair.need for pair in self.chosen], self._units, len(self.reading.needs.ids))

    @cached_property
    def of_offer(self) -> Sequence[int]:
        """Units of each offer."""
        return sums([pair.offer for pair in self.chosen], self._units, len(self.reading.offers.ids))

    @cached_property
    def of_provider(self) -> Sequence[int]:
        """Units of each provider."""
        return sums(self.reading.provider, self.of_offer, len(self.reading.providers.ids))

    @cached_property
    def of_state(self) -> Sequence[int]:
        """Units of each State."""
        return sums(self.reading.state, self.of_need, len(self.reading.states.ids))

    @cached_property
    def of_group(self) -> Sequence[int]:
        """Units of each regional group."""
        return sums(self.reading.group, self.of_state, len(self.reading.groups.ids))

    @property
    def units(self) -> int:
        """All units."""
        return sum(self._units)

    @property
    def points(self) -> int:
        """Points times units, over the pairs that exist."""
        return sum(pair.units * self.reading.pairs.points[pair.pair] for pair in self.chosen if pair.pair is not None)

    @property
    def fairness(self) -> int:
        """What States and regional groups earn beside points."""
        reading = self.reading
        of_states = (
            runs(reading.state_slopes, before, 1, units)
            for before, units in zip(reading.received, self.of_state, strict=True)
        )
        of_groups = (
            runs(reading.group_slopes, 0, max(1, n_asking), units)
            for n_asking, units in zip(reading.n_asking, self.of_group, strict=True)
        )
        return sum(units * slope for earned in (*of_states, *of_groups) for units, slope in earned)

    @property
    def steps(self) -> int:
        """What the steps that States take weigh."""
        return sum(self.reading.steps.together(state, units) for state, units in enumerate(self.of_state))
