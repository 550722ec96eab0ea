"""Rows: what is served as one, a need or one member's part of a need that is delivered per member."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import overload

import numpy as np

from matching.arrays import Bools, Ints
from matching.attributes.columns import Needs


@dataclass(frozen=True, slots=True)
class Row:
    """What is served as one.

    ``need`` is a position in the problem's needs. ``beneficiaries`` are State ids, empty where the requester is not
    named. ``least`` of them must be served by any offer that serves the row.
    """

    need: int
    member: str | None
    beneficiaries: tuple[str, ...]
    least: int
    units: int


class Rows(Sequence[Row]):
    """The rows of needs in canonical order, by need, then member; each made when it is asked for.

    As arrays: ``need`` of each row, ``first`` row of each need, ``member`` (position among its need's States, -1 where
    the need is one row), ``units``, ``least`` and ``set``, a position in ``sets`` of beneficiaries.
    """

    def __init__(self, needs: Needs) -> None:
        self._needs = needs
        states, delivery = needs.column("states"), needs.column("delivery")
        self._n_states = states.numbers(len)
        self.delivered_per_member = delivery.which(lambda value: value == "per_member") & (self._n_states > 0)
        self.joint = delivery.which(lambda value: value == "joint")
        n_rows = np.where(self.delivered_per_member, self._n_states, 1)
        self.need = np.repeat(np.arange(len(needs), dtype=np.int64), n_rows)
        self.first = np.cumsum(n_rows) - n_rows
        self.member = np.where(
            self.delivered_per_member[self.need], np.arange(len(self.need)) - self.first[self.need], -1
        )
        self.units = needs.column("units").numbers(int)[self.need]
        self.sets, self.set = self._beneficiaries()

    def _beneficiaries(self) -> tuple[list[tuple[str, ...]], Ints]:
        """Different sets of beneficiaries, and which is each row's."""
        states, named = self._needs.column("states"), self._needs.column("named").which(bool)
        place: dict[tuple[str, ...], int] = {(): 0}
        whole = np.array([place.setdefault(codes, len(place)) for codes in states.values], dtype=np.int64)
        of_row = np.where(named, whole[states.code], 0)[self.need] if len(self._needs) else self.need
        members = np.flatnonzero((self.member >= 0) & named[self.need])
        codes = states.code[self.need[members]]
        for code in np.unique(codes).tolist():
            alone = [place.setdefault((state,), len(place)) for state in states.values[code]]
            chosen = members[codes == code]
            of_row[chosen] = np.array(alone, dtype=np.int64)[self.member[chosen]]
        return list(place), of_row

    def __len__(self) -> int:
        return len(self.need)

    @overload
    def __getitem__(self, position: int) -> Row: ...
    @overload
    def __getitem__(self, position: slice) -> Sequence[Row]: ...
    def __getitem__(self, position: int | slice) -> Row | Sequence[Row]:
        if isinstance(position, slice):
            return [self[number] for number in range(*position.indices(len(self)))]
        return Row(
            int(self.need[position]),
            self.member_of(position),
            self.sets[self.set[position]],
            int(self.least[position]),
            int(self.units[position]),
        )

    @cached_property
    def least(self) -> Ints:
        """How many beneficiaries of each row an offer has to serve."""
        size = np.array([max(1, len(codes)) for codes in self.sets], dtype=np.int64)[self.set]
        stated = self._needs.column("least").numbers(lambda least: least or 0)[self.need]
        joint = self.joint[self.need] & (stated > 0)
        return np.where(self.member >= 0, 1, np.where(joint, stated, size))

    @cached_property
    def counts_for_state(self) -> Bools:
        """Rows whose units count as received by one State: joint activities and unnamed requesters do not."""
        one = np.array([len(codes) == 1 for codes in self.sets], dtype=bool)[self.set]
        return one & ~self.joint[self.need]

    @cached_property
    def least_members(self) -> Ints:
        """Of each need, how many members must be served if any is."""
        stated = self._needs.column("least").numbers(lambda least: least or 0)
        return np.where(stated > 0, stated, self._n_states)

    def member_of(self, position: int) -> str | None:
        """The member whose part of a need a row is, if it is one."""
        member = int(self.member[position])
        return self._states(position)[member] if member >= 0 else None

    def _states(self, position: int) -> tuple[str, ...]:
        column = self._needs.column("states")
        states: tuple[str, ...] = column.values[column.code[self.need[position]]]
        return states

    def names(self) -> list[str]:
        """What each row is drawn by: its need, and its member if it is one."""
        ids = self._needs.ids
        names = [ids[need] for need in self.need.tolist()]
        for row in np.flatnonzero(self.member >= 0).tolist():
            names[row] += f"|{self.member_of(row)}"
        return names

    def of(self, need: int, member: str | None) -> int:
        """The row of a need, or of one member of it. Raises KeyError where there is none."""
        first = int(self.first[need])
        if not self.delivered_per_member[need]:
            if member is not None:
                raise KeyError(member)
            return first
        states = self._states(first)
        if member is None or member not in states:
            raise KeyError(member)
        return first + states.index(member)
