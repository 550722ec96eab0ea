"""The filters and orders of the list of answers."""

from typing import Any

from sqlalchemy import ColumnElement, Select

from app.answers.models import Answer, AnswerState
from app.filters import RecordsQuery, one_of, order_of, recorded, standing
from app.offers.models import Offer
from app.paging import Codes, OneOf
from app.parties.models import Party
from app.requests.models import Need, Request
from app.schemas import RecordStatus


class AnswersQuery(RecordsQuery):
    """Filters of the answers: codes of one filter mean OR, several filters mean AND."""

    state: OneOf[AnswerState]
    status: OneOf[RecordStatus]
    need: Codes
    request: Codes
    offer: Codes
    provider: Codes


def filtered(statement: Select[Any], query: AnswersQuery) -> tuple[Select[Any], list[ColumnElement[Any]], bool]:
    """``statement`` with the filters of ``query``, its keys of order, and whether they descend."""
    statement = standing(recorded(statement, Answer, query), Answer, query.status)
    statement = one_of(statement, {Answer.state: query.state, Need.reference: query.need, Offer.reference: query.offer})
    if query.request:
        statement = statement.join(Request, Request.id == Need.request_id).where(Request.reference.in_(query.request))
    if query.provider:
        statement = statement.join(Party, Party.id == Offer.provider_id).where(Party.reference.in_(query.provider))
    return statement, *order_of(Answer, query.sort)
