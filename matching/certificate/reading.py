"""Reading: a problem of the pair form as columns, straight from its document and from nothing that solves it."""

from array import array
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import accumulate, repeat
from typing import Any, NamedTuple

from matching.certificate.steps import Steps

Document = Mapping[str, Any]

NOBODY = -1
"""Position of the State, regional group or provider of what has none."""


class Unreadable(Exception):
    """The document is no problem of the pair form; the text says where."""


@dataclass(frozen=True)
class Things:
    """Things of one kind in the order of the document: their ids, and the least and most units that each may have."""

    ids: Sequence[str]
    least: Sequence[int]
    most: Sequence[int]

    @cached_property
    def at(self) -> dict[str, int]:
        """Position of each id."""
        return {name: position for position, name in enumerate(self.ids)}


class Group(NamedTuple):
    """Needs (positions) of which at least ``least`` are served in full and each other one in full or not, or none."""

    name: str
    needs: Sequence[int]
    least: int


@dataclass(frozen=True)
class Pairs:
    """Pairs by need: those of need ``i`` are ``start[i]:start[i + 1]``; those that no unit can use are left out.

    ``most`` units of a pair may be used; ``pinned`` ones, by position of need and offer, must be.
    """

    start: Sequence[int]
    offer: Sequence[int]
    points: Sequence[int]
    most: Sequence[int]
    pinned: Mapping[tuple[int, int], int]

    def position(self, need: int, offer: int) -> int | None:
        """Where the pair stands, None if there is no such pair."""
        try:
            return self.offer.index(offer, self.start[need], self.start[need + 1])
        except ValueError:
            return None

    @cached_property
    def held(self) -> frozenset[int]:
        """Needs with a pinned pair."""
        return frozenset(need for need, _ in self.pinned)


@dataclass(frozen=True)
class Reading:
    """A whole problem. ``state``, ``provider`` and ``group`` give positions, NOBODY for none."""

    objective: str
    needs: Things
    state: Sequence[int]
    offers: Things
    provider: Sequence[int]
    states: Things
    group: Sequence[int]
    received: Sequence[int]
    groups: Things
    providers: Things
    pairs: Pairs
    state_slopes: Sequence[int]
    group_slopes: Sequence[int]
    bundles: Sequence[Group]
    substitutes: Sequence[tuple[int, int]]

    @cached_property
    def asked(self) -> Sequence[int]:
        """Units asked by each State."""
        return sums(self.state, self.needs.most, len(self.states.ids))

    @cached_property
    def n_asking(self) -> Sequence[int]:
        """How many States of each regional group ask for something."""
        return sums(self.group, [int(units > 0) for units in self.asked], len(self.groups.ids))

    @cached_property
    def steps(self) -> Steps:
        """The weights of the steps of States."""
        return Steps(self.asked)

    @property
    def has_conditions(self) -> bool:
        """Whether some of it lies beyond what prices can prove."""
        return bool(self.bundles or self.substitutes)


DEFAULT_OBJECTIVE = "equal_treatment"
DEFAULT_STATE_SLOPES = (40, 24, 14, 8, 4, 0)
DEFAULT_GROUP_SLOPES = (0,)


def read(document: Document) -> Reading:
    """The problem of a document. Raises Unreadable where it is none; it is not validated beyond that."""
    try:
        return _read(document)
    except (AttributeError, IndexError, KeyError, OverflowError, TypeError, ValueError) as error:
        raise Unreadable(f"this is no problem of the pair form: {type(error).__name__} {error}") from error


def _read(document: Document) -> Reading:
    needs, offers = _things(document["needs"]), _things(document["offers"])
    listed = {record["id"]: record for record in document.get("states") or ()}
    states = _named(listed.values(), (record["state"] for record in document["needs"]))
    regional = _named(document.get("regional_groups") or (), (record.get("group") for record in states.values()))
    providers = _named(document.get("providers") or (), (record.get("provider") for record in document["offers"]))
    state = _positions((record["state"] for record in document["needs"]), states)
    group = _positions((record.get("group") for record in states.values()), regional)
    provider = _positions((record.get("provider") for record in document["offers"]), providers)
    asked = sums(state, needs.most, len(states))
    fairness = document.get("fairness") or {}
    objective = document.get("objective") or DEFAULT_OBJECTIVE
    equal = objective == "equal_treatment"
    return Reading(
        objective=objective,
        needs=needs,
        state=state,
        offers=offers,
        provider=provider,
        states=_limited(states, asked),
        group=group,
        received=[record.get("received") or 0 for record in states.values()],
        groups=_limited(regional, sums(group, asked, len(regional))),
        providers=_limited(providers, sums(provider, offers.most, len(providers))),
        pairs=_pairs(document, needs, offers),
        state_slopes=tuple(fairness.get("state", DEFAULT_STATE_SLOPES)) if equal else (),
        group_slopes=tuple(fairness.get("group", DEFAULT_GROUP_SLOPES)) if equal else (),
        bundles=[_group(record, needs) for record in document.get("groups") or ()],
        substitutes=[(needs.at[a], needs.at[b]) for a, b in document.get("substitutes") or ()],
    )


def _things(records: Sequence[Document]) -> Things:
    return Things(
        [record["id"] for record in records],
        [record.get("least") or 0 for record in records],
        [record["units"] for record in records],
    )


def _named(records: Iterable[Document], names: Iterable[str | None]) -> dict[str, Document]:
    """What is listed, then what is only named."""
    found = {record["id"]: record for record in records}
    for name in names:
        if name is not None:
            found.setdefault(name, {})
    return found


def _limited(records: Mapping[str, Document], ceiling: Sequence[int]) -> Things:
    """Where nothing is stated the least is none and the most is the ceiling, which nothing could exceed anyhow."""
    stated = [record.get("most") for record in records.values()]
    most = [top if value is None else min(value, top) for value, top in zip(stated, ceiling, strict=True)]
    return Things(list(records), [record.get("least") or 0 for record in records.values()], most)


def _positions(names: Iterable[str | None], records: Mapping[str, Document]) -> list[int]:
    at = {name: position for position, name in enumerate(records)}
    return [NOBODY if name is None else at[name] for name in names]


def _group(record: Document, needs: Things) -> Group:
    members = [needs.at[name] for name in record["needs"]]
    least = record.get("least")
    return Group(record["id"], members, len(members) if least is None else least)


def sums(position: Iterable[int], units: Iterable[int], length: int) -> list[int]:
    """Units added up by position, from 0 to ``length`` - 1; those at NOBODY are left out."""
    total = [0] * length
    for at, number in zip(position, units, strict=False):
        if at != NOBODY:
            total[at] += number
    return total


def _pairs(document: Document, needs: Things, offers: Things) -> Pairs:
    need, offer, points, caps = columns_of(document)
    forbidden = {(needs.at[pair["need"]], offers.at[pair["offer"]]) for pair in document.get("forbidden") or ()}
    most = [min(needs.most[i], offers.most[j]) for i, j in zip(need, offer, strict=True)]
    if caps is not None:
        most = [own if cap is None else min(own, cap) for own, cap in zip(most, caps, strict=True)]
    used = [n for n, pair in enumerate(zip(need, offer, strict=True)) if most[n] > 0 and pair not in forbidden]
    start = list(accumulate(sums([need[n] for n in used], repeat(1), len(needs.ids)), initial=0))
    order = sorted(used, key=need.__getitem__)
    placed = [array("q", [column[n] for n in order]) for column in (offer, points, most)]
    pinned = {(needs.at[pin["need"]], offers.at[pin["offer"]]): pin["units"] for pin in document.get("pinned") or ()}
    return Pairs(start, placed[0], placed[1], placed[2], pinned)


def columns_of(
    document: Document,
) -> tuple[Sequence[int], Sequence[int], Sequence[int], Sequence[int | None] | None]:
    """Pairs, given in either form, as positions of needs and of offers, points, and caps where any is stated."""
    pairs: Any = document["pairs"]
    if isinstance(pairs, Mapping):
        return pairs["need"], pairs["offer"], pairs["points"], pairs.get("units")
    need_at, offer_at = (
        {record["id"]: position for position, record in enumerate(document[name])} for name in ("needs", "offers")
    )
    return (
        [need_at[pair["need"]] for pair in pairs],
        [offer_at[pair["offer"]] for pair in pairs],
        [pair["points"] for pair in pairs],
        [pair.get("units") for pair in pairs],
    )
