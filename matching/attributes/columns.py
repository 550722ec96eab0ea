"""Needs as columns: a million of them are read in one pass and held as codes of the values that occur.

Each different value of a field is validated once, by the record's own field. A record that is not of the plainest form
is read by the record type itself, so that every fault is found and said as it would be of one need alone.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import islice
from json import JSONEncoder
from operator import itemgetter, lt
from typing import Any, overload

import numpy as np
from numpy.typing import NDArray
from pydantic import ValidationError

from matching.attributes.records import Need
from matching.canonical import canonical
from matching.documents import LONGEST_NAME, faults_of
from matching.errors import Fault

Codes = NDArray[np.int32]

AT_ONCE = 20_000
"""Records read together: bounds what is held of them beside the columns."""

TEXTS = ("id", "request")
"""Fields that differ from need to need: kept as they are, not coded."""

CODED: dict[str, frozenset[type]] = {
    "requester": frozenset({str}),
    "states": frozenset({list, tuple}),
    "domain": frozenset({str}),
    "modalities": frozenset({list, tuple}),
    "scopes": frozenset({list, tuple}),
    "languages": frozenset({list, tuple}),
    "units": frozenset({int}),
    "priority": frozenset({int}),
    "date": frozenset({str, type(None)}),
    "waiting_since": frozenset({str, type(None)}),
    "wanted_from": frozenset({str, type(None)}),
    "wanted_by": frozenset({str, type(None)}),
    "served_before": frozenset({bool}),
    "action_plan": frozenset({bool}),
    "named": frozenset({bool}),
    "delivery": frozenset({str, type(None)}),
    "least": frozenset({int, type(None)}),
    "basis": frozenset({dict}),
}
"""The other fields, with the types a plain value has: among these, values that are equal are all valid or none is."""

_FIELDS = frozenset(Need.model_fields)
_DEFAULTS = {name: field.get_default(call_default_factory=True) for name, field in Need.model_fields.items()}
_PLAIN = {"id": "-", "request": "-", "requester": "-", "states": [], "domain": "-", "units": 1, "priority": 1}
"""A valid need, in which one value at a time is tried."""


class NotPlain(Exception):
    """A record has to be read by its type: it is wrong, or right in an unusual form."""


@dataclass(frozen=True)
class Column:
    """One field of all needs: ``values[code[i]]`` is that of need ``i``, ``given[code[i]]`` as the record has it."""

    values: tuple[Any, ...]
    given: tuple[Any, ...]
    code: Codes

    def numbers(self, of: Callable[[Any], int]) -> NDArray[np.int64]:
        """A whole number of each need, made of its value."""
        return np.array([of(value) for value in self.values], dtype=np.int64)[self.code]

    def which(self, of: Callable[[Any], bool]) -> NDArray[np.bool_]:
        """Whether something holds of each need's value."""
        return np.array([of(value) for value in self.values], dtype=bool)[self.code]

    def ordered(self, order: NDArray[np.int64]) -> "Column":
        """The column of the needs at the given positions, values that are equal written once."""
        place: dict[str, int] = {}
        keys = [repr(value) for value in self.values]
        merged = np.array([place.setdefault(key, len(place)) for key in keys], dtype=np.int32)
        first = np.unique(merged, return_index=True)[1].tolist()
        code = merged[self.code[order]] if len(merged) else self.code
        return Column(tuple(self.values[n] for n in first), tuple(self.given[n] for n in first), code)


class Needs(Sequence[Need]):
    """Needs by position, each made when it is asked for; and the columns they are made of."""

    def __init__(self, ids: Sequence[str], requests: Sequence[str], columns: Mapping[str, Column]) -> None:
        self.ids, self._requests, self._columns = ids, requests, columns

    @classmethod
    def none(cls) -> "Needs":
        """No need at all."""
        return NeedReader().read(())

    def __len__(self) -> int:
        return len(self.ids)

    @overload
    def __getitem__(self, position: int) -> Need: ...
    @overload
    def __getitem__(self, position: slice) -> Sequence[Need]: ...
    def __getitem__(self, position: int | slice) -> Need | Sequence[Need]:
        if isinstance(position, slice):
            return [self[number] for number in range(*position.indices(len(self)))]
        facts = {name: column.values[column.code[position]] for name, column in self._columns.items()}
        return Need.model_construct(id=self.ids[position], request=self._requests[position], **facts)

    def column(self, name: str) -> Column:
        """One of the coded fields."""
        return self._columns[name]

    def given(self, position: int, name: str) -> Any:
        """A field of one need as its record has it: sets in the order and number in which it names their members."""
        column = self._columns[name]
        return column.given[column.code[position]]

    def coded_as(self, others: "Needs", names: Iterable[str]) -> "Needs":
        """The same needs, with values of some fields coded as in others. Raises ValueError where one occurs in none."""
        columns = dict(self._columns)
        for name in names:
            own, known = self._columns[name], others.column(name)
            place = np.array([known.values.index(value) for value in own.values], dtype=np.int32)
            columns[name] = Column(known.values, known.given, place[own.code])
        return Needs(self.ids, self._requests, columns)

    def replaced(self, one: "Needs") -> "Needs":
        """These needs, sorted by id, with another one in the place of that with its id, or beside them."""
        kept = np.array([n for n, reference in enumerate(self.ids) if reference != one.ids[0]], dtype=np.int64)
        columns = {}
        for name, column in self._columns.items():
            new = one.column(name)
            codes = np.append(column.code[kept], new.code + np.int32(len(column.values)))
            columns[name] = Column(column.values + new.values, column.given + new.given, codes)
        ids = [*(self.ids[n] for n in kept.tolist()), *one.ids]
        requests = [*(self._requests[n] for n in kept.tolist()), *one._requests]
        return Needs(ids, requests, columns).in_order()

    def in_order(self) -> "Needs":
        """The same needs sorted by id."""
        order = range(len(self)) if all(map(lt, self.ids, self.ids[1:])) else _by_name(self.ids)
        positions = np.array(order, dtype=np.int64)
        columns = {name: column.ordered(positions) for name, column in self._columns.items()}
        return Needs([self.ids[n] for n in order], [self._requests[n] for n in order], columns)

    def canonical(self) -> Iterator[bytes]:
        """The canonical JSON of the list of needs, in parts."""
        texts = {
            name: [f'"{name}":{_json(value)}' for value in column.values] for name, column in self._columns.items()
        }
        encode = JSONEncoder(ensure_ascii=False).encode
        names = sorted([*self._columns, *TEXTS])
        for start in range(0, len(self), AT_ONCE):
            part = slice(start, start + AT_ONCE)
            lists = {
                name: [texts[name][code] for code in column.code[part].tolist()]
                for name, column in self._columns.items()
            }
            lists["id"] = [f'"id":{encode(reference)}' for reference in self.ids[part]]
            lists["request"] = [f'"request":{encode(reference)}' for reference in self._requests[part]]
            needs = map(",".join, zip(*(lists[name] for name in names), strict=True))
            yield (("," if start else "") + "{" + "},{".join(needs) + "}").encode()


def _json(value: Any) -> str:
    """A field's value as canonical JSON."""
    return canonical(value.isoformat() if isinstance(value, date) else value).decode()


def _by_name(ids: Sequence[str]) -> list[int]:
    """Positions of the ids when sorted."""
    return sorted(range(len(ids)), key=ids.__getitem__)


class _Values(dict[Any, int]):
    """Code of each value of a field, by the value as given; a new one is validated by the field."""

    def __init__(self, name: str) -> None:
        super().__init__()
        self._name = name
        self.values_read: list[Any] = []

    def __missing__(self, key: Any) -> int:
        given = dict(key) if self._name == "basis" else key
        try:
            need = Need.model_validate({**_PLAIN, self._name: given})
        except ValidationError as error:
            raise NotPlain from error
        self.values_read.append(getattr(need, self._name))
        self[key] = code = len(self)
        return code


class NeedReader:
    """Reads one list of needs, some at a time; ``faults`` are all that it has, with pointers into the list."""

    def __init__(self) -> None:
        self.faults: list[Fault] = []
        self._ids: list[str] = []
        self._requests: list[str] = []
        self._values = {name: _Values(name) for name in CODED}
        self._codes: dict[str, list[Codes]] = {name: [] for name in CODED}

    def read(self, records: Iterable[Any]) -> Needs:
        """The needs in the order given; they are all there where no fault was found."""
        left, start = iter(records), 0
        while chunk := list(islice(left, AT_ONCE)):
            try:
                self._take(chunk)
            except (NotPlain, TypeError):
                self._take_one_by_one(chunk, start)
            start += len(chunk)
        columns = {
            name: Column(
                tuple(values.values_read),
                tuple(values),
                np.concatenate(self._codes[name] or [np.zeros(0, dtype=np.int32)]),
            )
            for name, values in self._values.items()
        }
        return Needs(self._ids, self._requests, columns)

    def _take(self, chunk: list[Any]) -> None:
        """Add records of plain form; raises NotPlain or TypeError and adds none where one has another."""
        if not set(map(type, chunk)) <= {dict} or not set().union(*chunk) <= _FIELDS:
            raise NotPlain
        codes = {}
        given = dict(zip(_ORDER, _by_field(chunk), strict=True))
        for name in TEXTS:
            _require_names(given[name])
        for name, types in CODED.items():
            if not set(map(type, given[name])) <= types:
                raise NotPlain
            keys = map(_KEYS[name], given[name]) if name in _KEYS else given[name]
            codes[name] = np.array(list(map(self._values[name].__getitem__, keys)), dtype=np.int32)
        self._ids += given["id"]
        self._requests += given["request"]
        for name, column in codes.items():
            self._codes[name].append(column)

    def _take_one_by_one(self, chunk: list[Any], start: int) -> None:
        read = []
        for position, record in enumerate(chunk, start):
            try:
                read.append(Need.model_validate(record).model_dump(mode="json"))
            except ValidationError as error:
                self.faults += [
                    fault._replace(pointer=f"/needs/{position}{fault.pointer}") for fault in faults_of(error, Need)
                ]
        if len(read) == len(chunk):
            self._take(read)


_KEYS: dict[str, Callable[[Any], Any]] = {
    **dict.fromkeys(("states", "modalities", "scopes", "languages"), tuple),
    "basis": lambda basis: tuple(basis.items()),
}
"""What stands for values that cannot be looked up themselves."""


_ORDER = (*TEXTS, *CODED)
_everything = itemgetter(*_ORDER)


def _by_field(chunk: Sequence[Mapping[str, Any]]) -> list[tuple[Any, ...]]:
    """The values of each field of ``_ORDER``; what a record leaves out has its default, or no valid value."""
    try:
        return list(zip(*map(_everything, chunk), strict=True))
    except KeyError:
        return [tuple([record.get(name, _DEFAULTS[name]) for record in chunk]) for name in _ORDER]


def _require_names(texts: Sequence[Any]) -> None:
    """Raise NotPlain unless all are valid names."""
    if set(map(type, texts)) != {str} or min(map(len, texts)) < 1 or max(map(len, texts)) > LONGEST_NAME:
        raise NotPlain
    try:
        "".join(texts).encode()
    except UnicodeEncodeError as error:
        raise NotPlain from error
