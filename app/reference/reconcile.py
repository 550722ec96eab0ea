"""Bringing a table to what a newer list says, row by row, so that only what differs is written and logged."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field

from sqlalchemy import ColumnElement, Table, and_, insert, select, true, update
from sqlalchemy.orm import Session

from app.records import Row


@dataclass
class Changes:
    """How many rows of a list were added, amended or retired, and how many stayed as they were."""

    added: int = 0
    amended: int = 0
    retired: int = 0
    unchanged: int = 0


@dataclass(frozen=True)
class Target:
    """A table, the columns that tell its rows apart, and what becomes of a row that is listed no more.

    ``gone`` gives the columns to set on such a row, none if it has been dealt with. ``fresh`` are columns of new
    rows only; ``among`` restricts which existing rows the list is about.
    """

    table: Table
    key: Sequence[str]
    gone: Callable[[Row], Row]
    fresh: Row = field(default_factory=dict)
    among: ColumnElement[bool] = field(default_factory=true)


def reconcile(session: Session, target: Target, rows: Iterable[Row]) -> Changes:
    """Insert new rows, amend those that differ, set ``gone`` on those that are missing; nothing is deleted."""
    changes = Changes()
    existing = {
        tuple(row[name] for name in target.key): dict(row)
        for row in session.execute(select(target.table).where(target.among)).mappings()
    }
    added: list[Row] = []
    for row in rows:
        found = existing.pop(tuple(row[name] for name in target.key), None)
        if found is None:
            added.append(row | target.fresh)
        elif differing := {name: value for name, value in row.items() if found[name] != value}:
            _amend(session, target, found, differing)
            changes.amended += 1
        else:
            changes.unchanged += 1
    if added:
        session.execute(insert(target.table), added)
        changes.added = len(added)
    for found in existing.values():
        if gone := target.gone(found):
            _amend(session, target, found, gone)
            changes.retired += 1
    return changes


def _amend(session: Session, target: Target, row: Row, values: Row) -> None:
    columns = target.table.c
    session.execute(update(target.table).where(and_(*(columns[name] == row[name] for name in target.key))), values)
