"""What the lists of all kinds of record have in common: filters on what every record states, and the orders."""

from datetime import date
from typing import Any, Literal

from pydantic import Field
from sqlalchemy import ColumnElement, Select, func, or_

from app.classification import Classification
from app.paging import Codes, OneOf, PageQuery
from app.records import table_of
from app.schemas import Day, RecordStatus

Sort = Literal["reference", "dated_on", "-dated_on", "updated_at", "-updated_at", "recorded_at", "-recorded_at"]


class RecordsQuery(PageQuery):
    """Filters of every list of records: codes of one filter mean OR, several filters mean AND."""

    reference: Codes
    classification: OneOf[Classification]
    synthetic: bool | None = Field(None, description="True: made-up records only; false: none of them")
    dated_from: Day | None = Field(None, description="Document of this day or later")
    dated_until: Day | None = Field(None, description="Document of this day or earlier")
    sort: Sort = Field("reference", description="Order, - for descending; the reference decides between equals")


def recorded(statement: Select[Any], model: type[Any], query: RecordsQuery) -> Select[Any]:
    """``statement`` on ``model`` with the filters that every list of records has."""
    columns = table_of(model).c
    if query.reference:
        statement = statement.where(columns.reference.in_(query.reference))
    if query.classification:
        statement = statement.where(columns.classification.in_(query.classification))
    if query.synthetic is not None:
        statement = statement.where(columns.synthetic == query.synthetic)
    if query.dated_from:
        statement = statement.where(columns.dated_on >= query.dated_from)
    if query.dated_until:
        statement = statement.where(columns.dated_on <= query.dated_until)
    return statement


def standing(statement: Select[Any], model: type[Any], wanted: list[RecordStatus]) -> Select[Any]:
    """``statement`` on ``model``, only open or withdrawn records where ``wanted`` says so."""
    withdrawn_on = table_of(model).c.withdrawn_on
    clauses = {RecordStatus.OPEN: withdrawn_on.is_(None), RecordStatus.WITHDRAWN: withdrawn_on.is_not(None)}
    return statement.where(or_(*(clauses[status] for status in wanted))) if wanted else statement


def one_of(statement: Select[Any], wanted: dict[Any, list[Any]]) -> Select[Any]:
    """``statement`` where each column of ``wanted`` has one of the values given for it, if any are."""
    for column, values in wanted.items():
        if values:
            statement = statement.where(column.in_(values))
    return statement


def order_of(model: type[Any], sort: Sort) -> tuple[list[ColumnElement[Any]], bool]:
    """Keys of the order ``sort`` of a list of ``model``, the unique reference last, and whether they descend.

    A record without a date comes before all others: it counts as early as can be.
    """
    columns = table_of(model).c
    name = sort.removeprefix("-")
    keys: list[ColumnElement[Any]] = [columns.reference]
    if name == "dated_on":
        keys.insert(0, func.coalesce(columns.dated_on, date.min))
    elif name != "reference":
        keys.insert(0, columns[name])
    return keys, sort.startswith("-")
